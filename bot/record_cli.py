"""Commands on the record as a file: in, out, and that it was checked."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.desk import posts, record, staff
from bot.errors import ObminError
from bot.i18n import LANGUAGES, Language, today_in_kyiv
from bot.opendata.exports import Format, export_all
from bot.opendata.library import File, Library
from bot.opening import ready_database
from bot.settings import read_settings
from bot.terminal import perform

cli = typer.Typer(help="The record of exchanges as a file.", no_args_is_help=True)


class ExportRefused(ObminError):
    """Files that cannot be written where they should be."""


@cli.command("import")
def import_(file: Path) -> None:
    """Load a file of the record. Once there is staff it becomes a draft, which they review and release."""
    perform(_import(file))


async def _import(file: Path) -> None:
    lines = list(record.read_lines(file))
    async with ready_database(read_settings().database) as database, database.write() as session:
        if await staff.everybody(session):
            draft = await posts.from_file(session, lines)
            print(f"{database.name}: {len(lines)} rows wait in the draft of post {draft.post_id}: /desk")
            return
        changed = await record.load(session, lines)
        print(f"{database.name}: {changed} rows were added or revised, {len(lines) - changed} were known already.")


@cli.command()
def export(
    format: Annotated[Format, typer.Option(help="jsonl and json can be imported again.")] = Format.JSONL,
    to: Annotated[
        Path | None, typer.Option(help="A folder or a file. Without it jsonl and json are printed.")
    ] = None,
    lang: Annotated[str, typer.Option(help="The language of csv and xlsx: uk, en or ru.")] = "en",
) -> None:
    """Write the record as it is now, with a dictionary of what it holds; or print it, one JSON object a line."""
    language = next((code for code in LANGUAGES if code == lang), None)
    if language is None:
        raise typer.BadParameter("--lang is uk, en or ru")
    if to is None and format not in (Format.JSON, Format.JSONL):
        raise typer.BadParameter(f"{format} is written to a folder or a file: add --to")
    perform(_export(format, to, language))


async def _export(format: Format, to: Path | None, language: Language) -> None:
    async with ready_database(read_settings().database) as database:
        files = await export_all(Library(database), format, language)
    if to is None:
        sys.stdout.write(files[0].content.decode())
        return
    for file, path in _placed(files, to):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        except OSError as error:
            raise ExportRefused(f"{path} cannot be written: {error.strerror}.") from error
        print(f"{path}: version {file.edition} of the record")


def _placed(files: list[File], to: Path) -> list[tuple[File, Path]]:
    """A name that ends as the format does is a file; several files need a folder."""
    if not to.is_dir() and to.suffix == Path(files[0].name).suffix:
        return [(files[0], to)]
    return [(file, to / file.name) for file in files]


@cli.command()
def checked() -> None:
    """Say that the sources were looked through today and the record has all of their news."""
    perform(_checked())


async def _checked() -> None:
    today = today_in_kyiv()
    async with ready_database(read_settings().database) as database, database.write() as session:
        await record.mark_checked(session, today)
        print(f"{database.name}: checked on {today}.")
