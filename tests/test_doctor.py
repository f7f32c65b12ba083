"""`obmin doctor`: each thing that can be wrong is found and named, with what to do about it."""

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import text, update

from bot import i18n
from bot.bench import stage
from bot.database import Database
from bot.delivery import lease
from bot.desk import record, staff
from bot.doctor import database as of_database
from bot.doctor import examine, house, telegram
from bot.doctor.finding import Finding, State, clock, ok, wrong
from bot.doctor_cli import table
from bot.i18n import today_in_kyiv
from bot.opening import open_vault, ready_database
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import Settings
from bot.web import WEBHOOK_PATH
from models.delivery import Delivery
from tests.readers import crowd, follow, outcomes, release
from tests.terminal import command

PAGE = 4096
"""Bytes, of SQLite."""
OURS = "https://bot.example.org"


class Patient:
    """A bot that is well, with a database and the sandbox as Telegram, until a test makes it ill."""

    def __init__(self, url: str, sandbox: Sandbox) -> None:
        self.settings: dict[str, Any] = {
            "database_url": url,
            "bot_token": SecretStr(SANDBOX_TOKEN),
            "bot_api_url": sandbox.url,
        }
        self.database = Database(Settings(**self.settings).database)

    async def findings(self, **settings: object) -> dict[str, Finding]:
        """But for the catalogues, which take long to read."""
        told = Settings(**{**self.settings, **settings})
        found = [*await telegram.examine(told), *await of_database.examine(told), house.disk(told)]
        return {finding.check: finding for finding in found}

    async def state(self, check: str, **settings: object) -> tuple[State, str]:
        """With what was found; whatever is not well comes with what to do."""
        finding = (await self.findings(**settings))[check]
        assert bool(finding.mend) == (finding.state is not State.OK)
        return finding.state, finding.found


@pytest.fixture
async def patient(sqlite_url: str, sandbox: Sandbox) -> AsyncIterator[Patient]:
    async with well(sqlite_url, sandbox) as patient:
        yield patient


@pytest.fixture
async def either(url: str, sandbox: Sandbox) -> AsyncIterator[Patient]:
    """On each of the databases."""
    async with well(url, sandbox) as patient:
        yield patient


@asynccontextmanager
async def well(url: str, sandbox: Sandbox) -> AsyncIterator[Patient]:
    async with ready_database(url) as database:
        await open_vault(Settings(), database)
        async with database.write() as session:
            await record.mark_checked(session, today_in_kyiv())
            await session.execute(text("UPDATE courier_lease SET holder = 'x', until = '2999-01-01 00:00:00'"))
    patient = Patient(url, sandbox)
    yield patient
    await patient.database.close()


async def test_who_is_well_is_told_so(either: Patient) -> None:
    findings = await examine(Settings(**either.settings))
    assert {finding.state for finding in findings} == {State.OK}
    assert findings[0].found == "@obmin_sandbox_bot"
    clocks = [finding.found for finding in findings if finding.check == "clock"]
    assert clocks == [
        "agrees with the Bot API server",
        *["agrees with PostgreSQL"] * (not either.database.is_sqlite),
    ]


# Telegram


async def test_a_wrong_token_is_found_and_not_shown(patient: Patient) -> None:
    finding = (await patient.findings(bot_token=SecretStr("123:wrong-token")))["token"]
    assert finding.state is State.WRONG
    assert "BOT_TOKEN" in finding.mend
    assert "wrong-token" not in finding.found + finding.mend


async def test_a_server_that_cannot_be_reached_is_found(patient: Patient, sandbox: Sandbox) -> None:
    state, found = await patient.state("token", bot_api_url="http://127.0.0.1:9")
    assert state is State.WRONG
    assert SANDBOX_TOKEN not in found
    sandbox.faults.configure({"server_error": {"share": 1}})
    assert await patient.state("token") == (State.WRONG, f"{sandbox.url} answers with 502")
    assert (await patient.state("token", bot_token=None))[0] is State.WARNING


async def test_a_webhook_elsewhere_is_found(patient: Patient, sandbox: Sandbox) -> None:
    assert await patient.state("webhook") == (State.OK, "none: the bot polls")
    assert await patient.state("webhook", webhook_url=OURS) == (State.WRONG, "Telegram has none")
    webhook = sandbox._api.webhook
    webhook.set("http://127.0.0.1:9/somebody-else")
    elsewhere = "updates go to 127.0.0.1, not to WEBHOOK_URL"
    assert await patient.state("webhook", webhook_url=OURS) == (State.WRONG, elsewhere)
    assert await patient.state("webhook") == (State.WRONG, "updates go to 127.0.0.1, and WEBHOOK_URL is not set")


async def test_a_webhook_that_fails_is_found(patient: Patient, sandbox: Sandbox) -> None:
    ours = "http://127.0.0.1:9"
    sandbox._api.webhook.set(ours + WEBHOOK_PATH)
    assert await patient.state("webhook", webhook_url=ours) == (State.OK, "updates come to 127.0.0.1")
    sandbox.mailbox.allow(["poll"])
    assert (await patient.state("webhook", webhook_url=ours))[0] is State.WARNING
    sandbox.mailbox.allow([])
    for _ in range(101):
        sandbox.mailbox.put_raw({})
    async with asyncio.timeout(30):
        while True:
            state, found = await patient.state("webhook", webhook_url=ours)
            if state is State.WARNING:
                break
            await asyncio.sleep(0.05)
    assert "Connection failed" in found
    assert (await patient.state("waiting updates", webhook_url=ours)) == (State.WARNING, "101 wait with Telegram")


async def test_a_channel_that_cannot_be_posted_in_is_found(patient: Patient, sandbox: Sandbox) -> None:
    ours = sandbox.add_channel("News", "obmin_news")
    sandbox.add_channel("Not ours", "not_ours", member=False)
    private = sandbox.add_channel("Left", member=False)
    mute = sandbox.add_channel("May not post", posts=False)
    group = sandbox.add_group("Families", sandbox.person("Olena"))
    for name, state, found in (
        ("@Obmin_News", State.OK, "the bot may post in @Obmin_News"),
        (str(ours.id), State.OK, f"the bot may post in {ours.id}"),
        ("obmin_news", State.WRONG, "obmin_news: Bad Request: chat not found"),
        ("@obmin_newz", State.WRONG, "@obmin_newz: Bad Request: chat not found"),
        ("@not_ours", State.WRONG, "@not_ours: Bad Request: member list is inaccessible"),
        (str(private.id), State.WRONG, f"{private.id}: Forbidden: bot is not a member of the channel chat"),
        (str(mute.id), State.WRONG, f"the bot may not post in {mute.id}"),
        (str(group.id), State.WARNING, f"{group.id} is no channel, but of the type group"),
    ):
        assert await patient.state("channel uk", channel_uk=name) == (state, found)
    mend = (await patient.findings(channel_en="@not_ours"))["channel en"].mend
    assert "CHANNEL_EN" in mend


@pytest.mark.parametrize(("ahead", "state"), [(-15, State.WARNING), (15, State.WARNING), (90, State.WRONG)])
async def test_a_wrong_clock_is_found(patient: Patient, sandbox: Sandbox, ahead: float, state: State) -> None:
    sandbox.faults.configure({"clock": ahead})
    assert (await patient.state("clock"))[0] is state
    # PostgreSQL's clock is this machine's, so only what is made of a difference can be shown.
    assert clock("PostgreSQL", -ahead).state is state


# The database


async def test_a_database_that_is_not_there_is_not_made(patient: Patient, tmp_path: Path) -> None:
    state, _ = await patient.state("database", database_url=f"sqlite:///{tmp_path}/nowhere.db")
    assert state is State.WARNING
    assert not (tmp_path / "nowhere.db").exists()
    state, _ = await patient.state("database", database_url="postgresql://obmin@127.0.0.1:9/obmin")
    assert state is State.WRONG


async def test_another_schema_is_found(either: Patient) -> None:
    for revision, state in (("9999", State.WRONG), ("0007", State.WARNING)):
        async with either.database.write() as session:
            await session.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))  # noqa: S608
        assert (await either.state("schema"))[0] is state


async def test_a_damaged_file_is_found(sqlite_url: str, sandbox: Sandbox, tmp_path: Path) -> None:
    patient = Patient(sqlite_url, sandbox)
    assert (await patient.state("integrity"))[0] is State.OK
    file = tmp_path / "obmin.db"
    with closing(sqlite3.connect(file)) as file_open:
        file_open.execute("PRAGMA journal_mode = DELETE")
        (root,) = file_open.execute("SELECT rootpage FROM sqlite_master WHERE name = 'statement'").fetchone()
    with file.open("r+b") as damaged:
        damaged.seek((root - 1) * PAGE)
        damaged.write(b"\xff" * PAGE)
    assert (await patient.state("integrity"))[0] is State.WRONG
    file.write_bytes(b"no database" * 1000)
    assert (await patient.state("database"))[0] is State.WRONG
    await patient.database.close()


async def test_a_log_that_grows_is_found(
    sqlite_url: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(of_database, "LARGE_LOG", 100)
    database = Patient(sqlite_url, sandbox).database
    async with database.write() as session:
        await session.execute(text("UPDATE record_version SET number = 2"))
    assert (await Patient(sqlite_url, sandbox).state("write-ahead log"))[0] is State.WARNING
    await database.close()


async def test_another_key_is_found(patient: Patient) -> None:
    other = SecretStr("MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=")
    assert (await patient.state("vault", vault_key=other))[0] is State.WRONG
    key = Path("data/vault.key")
    key.chmod(0o644)
    assert "chmod 600" in (await patient.findings())["vault"].mend
    key.unlink()
    assert "Bring the key back" in (await patient.findings())["vault"].mend
    async with patient.database.write() as session:
        await session.execute(text("DELETE FROM vault_mark"))
    assert (await patient.state("vault"))[0] is State.OK
    assert not key.exists()


async def test_late_copies_are_found_with_what_holds_them_up(either: Patient, sandbox: Sandbox) -> None:
    vault = await open_vault(Settings(), either.database)
    await follow(either.database, vault, crowd(sandbox, 3))
    post = await release(either.database)

    await stage.fan_out(either.database)
    assert await either.state("deliveries") == (State.OK, "3 copies are due")
    async with either.database.write() as session:
        old = datetime.now(UTC) - timedelta(minutes=5)
        await session.execute(update(Delivery).values(due_at=old))
    state, found = await either.state("deliveries")
    assert state is State.WRONG
    assert found.startswith("3 copies are due, the oldest for 3")
    assert sum((await outcomes(either.database, post)).values()) == 3


async def test_a_courier_that_does_not_send_is_found(patient: Patient) -> None:
    async with patient.database.write() as session:
        await session.execute(text("UPDATE courier_lease SET until = '2020-01-01 00:00:00'"))
    assert await patient.state("courier") == (State.WARNING, "no running bot sends")
    async with patient.database.write() as session:
        await staff.freeze(session, "server")
    assert await patient.state("courier") == (State.WARNING, "frozen by server")
    async with patient.database.write() as session:
        await lease.halt(session, "Unauthorized")
    assert await patient.state("courier") == (State.WRONG, "halted: Unauthorized")


async def test_an_old_record_is_found(patient: Patient) -> None:
    async with patient.database.write() as session:
        await record.mark_checked(session, today_in_kyiv() - timedelta(days=3))
    assert (await patient.state("record"))[0] is State.WARNING


async def test_many_questions_without_an_answer_are_found(patient: Patient) -> None:
    today = today_in_kyiv()
    async with patient.database.write() as session:
        for days, topic, count in ((0, "unknown", 30), (0, "doubtful", 25), (9, "unknown", 500)):
            day = today - timedelta(days=days)
            row = f"INSERT INTO unanswered VALUES ('{day}', '{topic}', 'uk', {count})"  # noqa: S608
            await session.execute(text(row))
    told = f"55 questions in 7 days, 55 of them on {today}"
    assert await patient.state("unanswered") == (State.WARNING, told)


# This machine


@pytest.mark.parametrize(("free", "state"), [(10**7, State.WRONG), (5 * 10**8, State.WARNING), (10**11, State.OK)])
async def test_a_full_disk_is_found(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert (await patient.state("disk"))[0] is state


def test_a_catalogue_that_is_not_whole_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def states() -> dict[str, tuple[State, str]]:
        return {finding.check: (finding.state, finding.found) for finding in house.catalogues()}

    copy = tmp_path / "locales"
    shutil.copytree(i18n.LOCALES, copy)
    monkeypatch.setattr(i18n, "LOCALES", copy)
    monkeypatch.setattr(house, "LOCALES", copy)
    catalogue = copy / "uk" / "LC_MESSAGES" / "obmin.po"
    whole = catalogue.read_text()

    catalogue.write_text(whole.replace("%(day)s", "%(dya)s"))
    state, found = states()["language uk"]
    assert state is State.WRONG
    assert "are not whole" in found
    catalogue.write_text(whole[: len(whole) // 2] + '\nmsgid "broken')
    assert (states()["language uk"])[0] is State.WRONG
    catalogue.unlink()
    assert states()["language uk"] == (State.WRONG, "cannot be read: FileNotFoundError")
    assert states()["language ru"][0] is State.OK


# The command


def test_the_table_shows_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(width=100)
    console.print(table([ok("token", "@bot"), wrong("disk [full]", "0 GB", "Make room.")]))
    first, second = capsys.readouterr().out.splitlines()[1:]
    assert first.split() == ["ok", "token", "@bot"]
    assert re.split(r"\s{2,}", second.strip()) == ["wrong", "disk [full]", "0 GB", "Make room."]


async def test_the_command_is_for_programs_too(sqlite_url: str, sandbox: Sandbox) -> None:
    told = {"DATABASE_URL": sqlite_url, "BOT_TOKEN": SANDBOX_TOKEN, "BOT_API_URL": sandbox.url}
    ended = await command("doctor", "--json", **{**told, "BOT_TOKEN": "123:wrong-token"})
    assert ended.code == 1
    assert "wrong-token" not in ended.out + ended.err
    findings = {each["check"]: each for each in json.loads(ended.out)}
    assert findings["token"]["state"] == "wrong"
    assert findings["record"]["state"] == "warning"
