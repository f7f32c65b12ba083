"""The record as files, in the formats that newsrooms work with."""

import json
from enum import StrEnum
from functools import partial

from bot.i18n import Language, translator
from bot.opendata.catalogue import TABLES, dictionary, tables
from bot.opendata.document import document
from bot.opendata.edition import Edition
from bot.opendata.library import File, Library
from bot.opendata.schema import schema
from bot.opendata.sheets import as_csv, as_xlsx
from bot.opendata.tables import Columns


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSONL = "jsonl"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
    Format.JSONL: "application/jsonl",
}


async def export(library: Library, format: Format, language: Language, table: str = TABLES[0]) -> File:
    """The whole record; as CSV, which holds one table, only `table`."""
    match format:
        case Format.CSV:
            return await library.file(("csv", table, language), partial(_csv, table=table, language=language))
        case Format.XLSX:
            return await library.file(("xlsx", language), partial(_xlsx, language=language))
        case Format.JSON:
            return await library.file("json", _json)
        case Format.JSONL:
            return await library.file("jsonl", _jsonl)


async def export_all(library: Library, format: Format, language: Language) -> list[File]:
    """With everything that a folder should have: for CSV every table and the dictionary, for JSON its schema."""
    match format:
        case Format.CSV:
            return [await export(library, format, language, table) for table in (*TABLES, "dictionary")]
        case Format.JSON:
            return [await export(library, format, language), await library.file("schema", schema_file)]
    return [await export(library, format, language)]


def _file(edition: Edition, name: str, format: Format, content: bytes) -> File:
    """Named after what it holds and its version, so that two of them never pass for the same."""
    return File(
        f"obmin-{name}-v{edition.number}.{format}",
        MEDIA_TYPES[format],
        content,
        edition.number,
        edition.changed_at,
    )


def _csv(edition: Edition, table: str, language: Language) -> File:
    of = {each.name: each for each in tables(edition, language)}
    of["dictionary"] = dictionary(list(of.values()), language)
    return _file(edition, f"{table.replace('_', '-')}-{language}", Format.CSV, as_csv(of[table]))


def _xlsx(edition: Edition, language: Language) -> File:
    of = tables(edition, language)
    content = as_xlsx([*of, dictionary(of, language)], _about(edition, language), edition.changed_at)
    return _file(edition, f"record-{language}", Format.XLSX, content)


def _json(edition: Edition) -> File:
    return _file(edition, "record", Format.JSON, document(edition))


def _jsonl(edition: Edition) -> File:
    return _file(edition, "record", Format.JSONL, "".join(f"{row}\n" for row in edition.rows).encode())


def schema_file(edition: Edition) -> File:
    content = json.dumps(schema(), indent=2).encode()
    return File("schema.json", "application/schema+json", content, edition.number, edition.changed_at)


def _about(edition: Edition, language: Language) -> tuple[str, list[tuple[str, str]]]:
    tr, record = translator(language), edition.record
    columns = Columns(tr, edition)
    lines = [
        (
            tr.gettext("What this is"),
            tr.gettext(
                "Exchanges of prisoners between Ukraine and Russia: who said what, when, in what role, and where "
                "it was published. It holds no names of prisoners."
            ),
        ),
        (tr.gettext("Version of the record"), str(edition.number)),
        (tr.gettext("This version is of"), tr.moment(edition.changed_at)),
        (tr.gettext("Newest entry"), tr.day(edition.as_of)),
        (tr.gettext("How complete it is"), columns.words(record.coverage) or ""),
    ]
    if record.checked_on:
        lines.append((tr.gettext("Last looked for news"), tr.day(record.checked_on)))
    return (
        tr.gettext("About"),
        [
            *lines,
            (
                tr.gettext("Before you add up"),
                tr.gettext(
                    "Where the sides differ, each account is a row of its own. Add up only rows where in_our_sum "
                    "is TRUE, and say what that leaves out: numbers that are withheld, not stated or not known."
                ),
            ),
            (
                tr.gettext("No number"),
                tr.gettext(
                    "Three things, in the column qualifier: withheld is what a side keeps to itself, not_stated "
                    "is what the sides did not say, unknown is what we know nothing of. None of them is zero."
                ),
            ),
            (
                tr.gettext("Licence"),
                tr.gettext(
                    "MIT: use it freely. The facts were published by the sources named in each row: cite those "
                    "pages, and give the version of the record."
                ),
            ),
        ],
    )
