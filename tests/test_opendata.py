"""The record as files for newsrooms: every format read back by another's reader, and by us."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from bot.answers.sums import add_up
from bot.cli import cli
from bot.database import Database
from bot.desk import record as record_file
from bot.i18n import LANGUAGES, Language
from bot.opendata.catalogue import TABLES, dictionary, tables
from bot.opendata.document import document
from bot.opendata.edition import Edition, read
from bot.opendata.exports import Format, export, export_all
from bot.opendata.library import Library
from bot.opendata.schema import schema
from bot.opendata.sheets import as_csv, as_xlsx
from bot.opendata.tables import Column, Holds, Table
from bot.opening import ready_database
from bot.record_cli import ExportRefused
from bot.sandbox import Person, Sandbox
from models.record import What

CHANGED = {
    "kind": "source",
    "key": "formula",
    "url": "https://example.org/",
    "title": '=HYPERLINK("https://evil.example/")',
    "author": None,
    "publisher": None,
    "published": None,
    "note": None,
}


@pytest.fixture
async def edition(database: Database) -> Edition:
    async with database.read() as session:
        return await read(session)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def change(database: Database, *changed: dict[str, Any]) -> None:
    async with database.write() as session:
        await record_file.load(session, [("changed", 1, json.dumps(row)) for row in changed])


# What the tables say


def test_what_may_be_added_up_is_our_own_sum(edition: Edition) -> None:
    exchanges = rows(as_csv(tables(edition, "en")[0]))
    handovers = [handover for exchange in edition.record.completed for handover in exchange.handovers]
    for direction, what in (("to_ukraine", What.RETURNED_TO_UKRAINE), ("to_russia", What.RETURNED_TO_RUSSIA)):
        added = [row for row in exchanges if row["direction"] == direction and row["in_our_sum"] == "TRUE"]
        assert sum(int(row["people"]) for row in added) == add_up(handovers, what).people
        assert len({row["handover"] for row in added}) == len(added)


def test_every_handover_has_a_row_in_both_directions(edition: Edition) -> None:
    exchanges = rows(as_csv(tables(edition, "en")[0]))
    for exchange in edition.record.exchanges:
        for handover in exchange.handovers:
            directions = {row["direction"] for row in exchanges if row["handover"] == handover.key}
            assert directions >= {"to_ukraine", "to_russia"} or "both" in directions


def test_accounts_that_differ_are_rows_of_their_own_and_no_number_has_three_names(edition: Edition) -> None:
    exchanges = rows(as_csv(tables(edition, "en")[0]))
    august = [
        (r["direction"], r["people"], r["qualifier"], r["side"]) for r in exchanges if r["day"] == "2025-08-24"
    ]
    assert august == [
        ("to_ukraine", "146", "exact", "russia"),
        ("to_ukraine", "", "not_stated", "ukraine"),
        ("to_russia", "154", "exact", "russia"),
    ]
    unknown = [row for row in exchanges if row["qualifier"] == "unknown"]
    assert unknown
    assert all((row["people"], row["said_by"]) == ("", "") and row["sources"] for row in unknown)
    figures = rows(as_csv(tables(edition, "en")[2]))
    withheld = [
        (row["counts"], row["people"], row["withheld_by"]) for row in figures if row["qualifier"] == "withheld"
    ]
    assert withheld == [("held_russians", "", "ukraine")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_has_its_speaker_its_sources_and_the_version(edition: Edition, language: Language) -> None:
    for table in tables(edition, language):
        for row in rows(as_csv(table)):
            assert row["record_version"] == str(edition.number)
            if row.get("people"):
                assert row["said_by"]
                assert row["sources"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dictionary_has_every_column(edition: Edition, language: Language) -> None:
    of = tables(edition, language)
    assert [table.name for table in of] == list(TABLES)
    told = rows(as_csv(dictionary(of, language)))
    assert [(row["table"], row["column"]) for row in told] == [
        (table.name, column.name) for table in of for column in table.columns
    ]
    assert all(row["meaning"] for row in told)


# Spreadsheets


def of_texts(texts: Iterable[str]) -> Table[str]:
    column: Column[str] = Column("text", Holds.TEXT, "Any text.", lambda row: row)
    return Table("texts", "Texts", "Texts.", (column,), tuple(texts))


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"]
HARMLESS = ["", "a=b", "a,b", 'a "b"', "a\nb", "1 000", "Ґанок", "'"]


def test_no_cell_is_a_formula() -> None:
    told = rows(as_csv(of_texts(FORMULAS)))
    assert [row["text"] for row in told] == [f"'{text}" for text in FORMULAS]
    assert [row["text"] for row in rows(as_csv(of_texts(HARMLESS[1:])))] == HARMLESS[1:]
    book = as_xlsx([of_texts(FORMULAS)], ("About", [("What", "Texts")]), datetime(2026, 1, 1, tzinfo=UTC))
    sheet = openpyxl.load_workbook(io.BytesIO(book))["Texts"]
    assert {cell.data_type for (cell,) in sheet.iter_rows(min_row=2)} == {"s"}


def test_csv_is_what_spreadsheets_know(edition: Edition) -> None:
    content = as_csv(tables(edition, "uk")[0])
    assert content.startswith(b"\xef\xbb\xbfday,direction,people")
    assert content.count(b"\r\n") > 100


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_workbook_opens_with_real_dates_filters_and_a_frozen_header(
    database: Database, language: Language
) -> None:
    library = Library(database)
    file = await export(library, Format.XLSX, language)
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    assert len(book.sheetnames) == len(TABLES) + 2
    edition = await library.edition()
    for name, table in zip(book.sheetnames, tables(edition, language), strict=False):
        sheet = book[name]
        assert isinstance(sheet, Worksheet)
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref
        header, *body = sheet.iter_rows(values_only=True)
        assert list(header) == [column.name for column in table.columns]
        assert [list(row) for row in body] == [
            [
                datetime(cell.year, cell.month, cell.day) if column.holds is Holds.DATE and cell else cell  # type: ignore[union-attr] # noqa: DTZ001
                for column, cell in zip(table.columns, row, strict=True)
            ]
            for row in table.cells()
        ]
    about = book[book.sheetnames[-1]]
    said = " ".join(str(cell) for row in about.iter_rows(values_only=True) for cell in row)
    assert "MIT" in said
    assert f" {edition.number} " in said


# The JSON document


def test_the_document_keeps_to_its_schema(edition: Edition) -> None:
    import jsonschema  # Importing it takes seconds, which every worker would pay.

    jsonschema.Draft202012Validator.check_schema(schema())
    told = json.loads(document(edition))
    validator = jsonschema.Draft202012Validator(
        schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    assert list(validator.iter_errors(told)) == []
    told["exchanges"][0]["handovers"][0]["day"] = "yesterday"
    assert [error.message for error in validator.iter_errors(told)] == ["'yesterday' is not a 'date'"]


def test_the_document_names_its_terms_and_every_source(edition: Edition) -> None:
    told = json.loads(document(edition))
    assert (told["@type"], told["version"]) == ("Dataset", edition.number)
    assert told["@context"]["@vocab"] == "https://schema.org/"
    statements = [
        *told["statements"],
        *(statement for exchange in told["exchanges"] for statement in exchange["statements"]),
        *(s for exchange in told["exchanges"] for h in exchange["handovers"] for s in h["statements"]),
    ]
    assert len(statements) == len(edition.record.claims)
    assert all(key in told["sources"] for statement in statements for key in statement["sources"])
    added = [
        n["value"] for s in statements for n in s["numbers"] if n["in_our_sum"] and n["what"].endswith("ukraine")
    ]
    handovers = [handover for exchange in edition.record.completed for handover in exchange.handovers]
    assert sum(added) == add_up(handovers, What.RETURNED_TO_UKRAINE).people


async def test_an_exported_document_makes_the_same_record_anew(
    edition: Edition, empty_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "record.json"
    file.write_bytes(document(edition))
    database = Database(empty_url)
    try:
        await database.migrate()
        async with database.write() as session:
            await record_file.load(session, record_file.read_lines(file))
        async with database.read() as session:
            anew = await read(session)
    finally:
        await database.close()
    assert sorted(anew.rows) == sorted(edition.rows)
    assert anew.record.exchanges == edition.record.exchanges
    assert anew.record.claims == edition.record.claims


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"record": 5}', "[" * 100_000])
async def test_what_is_no_exported_document_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "record.json"
    file.write_text(text)
    with pytest.raises(record_file.RecordRefused, match="not an exported record"):
        list(record_file.read_lines(file))


# One version at a time


async def test_a_reader_sees_one_version_while_it_changes(url: str) -> None:
    async with ready_database(url) as database:
        async with database.read() as session:
            before = await read(session)
            await change(database, CHANGED)
            session.expunge_all()
            assert (await read(session)).rows == before.rows
        async with database.read() as session:
            after = await read(session)
        assert after.number == before.number + 1
        assert len(after.rows) == len(before.rows) + 1


async def test_a_file_is_made_once_for_a_version(database: Database) -> None:
    library = Library(database)
    first = await export(library, Format.CSV, "uk")
    assert await export(library, Format.CSV, "uk") is first
    await change(database, CHANGED)
    second = await export(library, Format.CSV, "uk")
    assert (second.edition, second.name) == (first.edition + 1, f"obmin-exchanges-uk-v{first.edition + 1}.csv")


@pytest.mark.parametrize("format", Format)
async def test_the_same_record_gives_the_same_bytes(database: Database, format: Format) -> None:
    one = await export_all(Library(database), format, "uk")
    other = await export_all(Library(database), format, "uk")
    assert [file.tag for file in one] == [file.tag for file in other]


# On the server


@pytest.fixture
def command(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`obmin record`, in this process: it starts sooner. The logs of other tests are left alone."""
    monkeypatch.setattr("bot.logs.set_up", lambda level, written: None)
    monkeypatch.setenv("DATABASE_URL", sqlite_url.replace("+aiosqlite", ""))
    return lambda *arguments: CliRunner().invoke(cli, ["record", *map(str, arguments)])


def test_the_record_is_exported_to_a_folder_or_a_file(command: Callable[..., Any], tmp_path: Path) -> None:
    to = tmp_path / "data"
    assert "version 1 of the record" in command("export", "--format", "csv", "--to", to, "--lang", "uk").output
    assert {file.name for file in to.iterdir()} == {
        f"obmin-{name.replace('_', '-')}-uk-v1.csv" for name in (*TABLES, "dictionary")
    }
    command("export", "--format", "json", "--to", to)
    assert json.loads((to / "schema.json").read_text()) == schema()
    command("export", "--format", "xlsx", "--to", tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    command("export", "--to", tmp_path / "a.jsonl")
    assert command("export").output == (tmp_path / "a.jsonl").read_text()
    assert "0 rows were added or revised" in command("import", to / "obmin-record-v1.json").output


def test_what_cannot_be_exported_is_refused(command: Callable[..., Any], tmp_path: Path) -> None:
    for wrong in (["--format", "xlsx"], ["--lang", "de"], ["--format", "pdf"]):
        assert command("export", *wrong).exit_code == 2
    (tmp_path / "file").write_text("not a folder")
    refused = command("export", "--format", "xlsx", "--to", tmp_path / "file" / "a")
    assert isinstance(refused.exception, ExportRefused)
    assert "cannot be written" in str(refused.exception)


# In Telegram


def exported(sandbox: Sandbox, message: dict[str, Any]) -> bytes:
    stored = sandbox.files.get(message["document"]["file_id"])
    assert stored
    return stored.content


async def test_a_journalist_gets_the_record_as_a_document(sandbox: Sandbox, taras: Person) -> None:
    offered = await taras.ask("/export")
    assert "Version 1, as of 11 April 2026" in offered["text"]
    contents = {}
    for label in ("CSV", "XLSX", "JSON"):
        taras.press(offered, label)
        sent = await taras.chat.next_message(lambda message: "document" in message)
        assert "Version 1 of the record" in sent["caption"]
        contents[sent["document"]["file_name"]] = exported(sandbox, sent)
    assert list(contents) == ["obmin-exchanges-en-v1.csv", "obmin-record-en-v1.xlsx", "obmin-record-v1.json"]
    assert rows(contents["obmin-exchanges-en-v1.csv"])[0]["day"] == "2022-03-01"
    assert json.loads(contents["obmin-record-v1.json"])["version"] == 1


async def test_one_upload_serves_all_who_ask_until_the_record_changes(
    sandbox: Sandbox, database: Database, taras: Person, olena: Person
) -> None:
    files = []
    for person in (taras, taras):
        offered = await person.ask("/export")
        person.press(offered, "JSON")
        files.append(await person.chat.next_message(lambda message: "document" in message))
    assert files[0]["document"]["file_id"] == files[1]["document"]["file_id"]
    await change(database, CHANGED)
    offered = await olena.ask("/export")
    assert "Версія 2" in offered["text"]
    olena.press(offered, "JSON")
    changed = await olena.chat.next_message(lambda message: "document" in message)
    assert changed["document"]["file_id"] != files[0]["document"]["file_id"]
    assert "Версія бази: 2" in changed["caption"]
