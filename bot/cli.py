"""Every command. One that cannot do its work says so in one line, and ends with exit code 1."""

import json
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import DBAPIError

from bot import app as program
from bot import (
    backup_cli,
    bench,
    database_cli,
    delivery_cli,
    doctor_cli,
    record_cli,
    staff_cli,
    understanding,
    vault_cli,
)
from bot.answers.ask import Answers
from bot.answers.pages import visible
from bot.answers.texts import Reply
from bot.errors import ObminError
from bot.i18n import LANGUAGES, Language, today_in_kyiv
from bot.opening import ready_database
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import read_settings
from bot.terminal import end_with, perform
from bot.understanding import Period, Question

cli = typer.Typer(
    help="Obmin: what is known about exchanges of prisoners, in Telegram.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
cli.command()(backup_cli.backup)
cli.command()(backup_cli.restore)
cli.add_typer(database_cli.cli, name="database")
cli.add_typer(record_cli.cli, name="record")
cli.add_typer(staff_cli.cli, name="staff")
cli.add_typer(bench.cli, name="bench")
cli.add_typer(delivery_cli.cli, name="delivery")
cli.add_typer(staff_cli.audit_cli, name="audit")
cli.add_typer(vault_cli.cli, name="vault")
cli.command()(doctor_cli.doctor)


class BatchRefused(ObminError):
    """A line of a batch file that is not a question."""


def main() -> None:
    try:
        cli()
    except ObminError as error:
        end_with(str(error))
    except DBAPIError as error:
        end_with(f"The database refused: {error.orig}.")


@cli.command()
def run() -> None:
    """Run the bot; without BOT_TOKEN on the sandbox, with a chat page in the browser."""
    perform(program.run(read_settings()))


@cli.command()
def sandbox() -> None:
    """Run only the sandbox: a local Bot API server, for a bot in another process."""
    perform(_sandbox())


async def _sandbox() -> None:
    settings = read_settings()
    server = Sandbox()
    await program.start_listening(server.start(*settings.listen_on), settings)
    print(f"Bot API and chat page: {server.url}", flush=True)
    print(f"Start a bot with BOT_API_URL={server.url} BOT_TOKEN={SANDBOX_TOKEN}", flush=True)
    try:
        await program.told_to_stop().wait()
    finally:
        await server.stop()


@cli.command()
def migrate() -> None:
    """Bring the database up to date, and fill it with the starting record if it is new."""
    perform(_migrate())


async def _migrate() -> None:
    async with ready_database(read_settings().database) as database:
        print(f"{database.name} is up to date.")


@cli.command()
def ask(
    text: Annotated[str | None, typer.Argument(help="The question, in any of the three languages.")] = None,
    lang: Annotated[str | None, typer.Option(help="Answer in uk, en or ru, whatever the question's.")] = None,
    today: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Answer as of this day.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    batch: Annotated[
        Path | None,
        typer.Option(help="Only understand: a file of JSON lines with id, text, now; - is input."),
    ] = None,
) -> None:
    """Print what the bot would answer."""
    if batch:
        return read_batch(batch)
    if text is None:
        raise typer.BadParameter("a question, or --batch FILE, is needed")
    language = next((code for code in LANGUAGES if code == lang), None)
    if lang and language is None:
        raise typer.BadParameter("--lang is uk, en or ru")
    day = today.date() if today else today_in_kyiv()
    question, reply = perform(_ask(text, language, day))
    if as_json:
        print(json.dumps(as_object(question, reply), ensure_ascii=False))
    else:
        print("\n\n".join(visible(page) for page in reply.pages))
    return None


async def _ask(text: str, language: Language | None, today: date) -> tuple[Question, Reply]:
    question = understanding.read(text, today)
    if language:
        question = replace(question, language=language)
    async with ready_database(read_settings().database) as database:
        return question, await Answers(database).reply(question, today)


def understood(question: Question) -> dict[str, Any]:
    return {
        "topic": question.topic,
        "language": question.language,
        "period": days(question.period),
        "confidence": round(question.confidence, 4),
    }


def days(period: Period | None) -> list[str] | None:
    return [period.first.isoformat(), period.last.isoformat()] if period else None


def as_object(question: Question, reply: Reply) -> dict[str, Any]:
    sources = [
        {
            "title": cited.title,
            "publisher": cited.publisher.spoken(question.language)[0] if cited.publisher else None,
            "published": cited.published,
            "url": cited.url,
        }
        for cited in reply.sources
    ]
    answer = "\n\n".join(visible(page) for page in reply.pages)
    return {**understood(question), "answer": answer, "sources": sources}


def read_batch(file: Path) -> None:
    """One line out for one line in, in order."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BatchRefused(f"{file} cannot be read: {error}.") from None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            today = date.fromisoformat(row["now"][:10]) if row.get("now") else today_in_kyiv()
            question = understanding.read(str(row["text"]), today)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BatchRefused(
                f"{file}, line {number}: a JSON object with id, text and perhaps now (a date) is needed "
                f"({type(error).__name__}: {error})."
            ) from None
        print(json.dumps({"id": row.get("id"), **understood(question)}, ensure_ascii=False))
