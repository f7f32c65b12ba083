"""Tables as CSV whose cells no spreadsheet runs as formulas, and as an XLSX workbook."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from bot.opendata.tables import Cell, Holds, Table

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""https://owasp.org/www-community/attacks/CSV_Injection"""
WIDTHS = {Holds.TEXT: 24, Holds.NUMBER: 10, Holds.DATE: 12, Holds.YES_OR_NO: 10}
WIDE = 70
LONG_TEXTS = ("gist", "meaning")


def as_csv(table: Table[Any]) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; RFC 4180. A text like a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(column.name for column in table.columns)
    for row in table.cells():
        writer.writerow(_plain(cell) for cell in row)
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case date():
            return cell.isoformat()
        case str() if cell.startswith(BEGINS_A_FORMULA):
            return f"'{cell}"
    return str(cell)


def as_xlsx(tables: Iterable[Table[Any]], about: tuple[str, list[tuple[str, str]]], made_at: datetime) -> bytes:
    """A sheet for each table, and one `about` them all: its title and its lines."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    # The same record gives the same file, byte by byte.
    book.set_properties({"title": about[1][0][1], "created": made_at.astimezone(UTC).replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE6EE"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    for table in tables:
        _fill(book.add_worksheet(table.title), table, bold, day, text)
    title, lines = about
    sheet = book.add_worksheet(title)
    sheet.set_column(0, 0, 28, text)
    sheet.set_column(1, 1, WIDE, text)
    for number, (label, said) in enumerate(lines):
        sheet.write_string(number, 0, label, bold)
        sheet.write_string(number, 1, said, text)
    book.close()
    return out.getvalue()


def _fill(sheet: Worksheet, table: Table[Any], bold: Format, day: Format, text: Format) -> None:
    for number, column in enumerate(table.columns):
        wide = WIDE if column.name in LONG_TEXTS else WIDTHS[column.holds]
        sheet.set_column(number, number, wide)
        sheet.write_string(0, number, column.name, bold)
        sheet.write_comment(0, number, column.meaning, {"x_scale": 2})
    rows = 0
    for rows, row in enumerate(table.cells(), 1):
        for number, cell in enumerate(row):
            match cell:
                case None:
                    pass
                case bool():
                    sheet.write_boolean(rows, number, cell)
                case int():
                    sheet.write_number(rows, number, cell)
                case date():
                    sheet.write_datetime(rows, number, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001 - a day has no zone
                case str():
                    sheet.write_string(rows, number, cell, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, rows, len(table.columns) - 1)
