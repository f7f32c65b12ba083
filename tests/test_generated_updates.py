"""Whatever comes in at the front door, nothing breaks and the bot goes on."""

import asyncio
import json
import logging
import os
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count

import aiohttp
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.answers.ask import Answers
from bot.app import build
from bot.desk import staff
from bot.i18n import LANGUAGES
from bot.opening import open_vault, ready_database
from bot.receiving import taker
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import Settings
from bot.web import SECRET_HEADER, WEBHOOK_PATH, WebServer
from handlers import patience
from handlers.context import App, Context, Services
from models.desk import Role
from tests.test_conversation import NOT_PUBLIC, QUESTIONS
from tests.updates import READER, STAFF, Json, pressed, said, updates

FEW = 600
GENERATED = int(os.environ.get("GENERATED_UPDATES", FEW))
IN_A_ROW = 3
LEFT_OUT = "an update of an unknown form was left out"
A_PROGRAMS_OWN = re.compile(r"Traceback|\b\w+(Error|Exception)\b|has no attribute|NoneType")


class FrontDoor:
    """Where an update comes in, and what came of it."""

    def __init__(self, application: App, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.told: Counter[str] = Counter()
        self._take, self._queue = taker(application), application.update_queue
        self._numbers = count(1)
        self._error: Exception | None = None
        application.add_error_handler(self._broke)

    async def _broke(self, update: object, context: Context) -> None:
        self._error = context.error

    async def hears(self, update: Json) -> None:
        if isinstance(update, dict) and update.get("update_id") == 0:
            update = {**update, "update_id": next(self._numbers)}
        self.sandbox.calls.clear()
        with capture_logs() as logs:
            await self._take(json.loads(json.dumps(update)))
            await self._queue.join()
        self.told.update(entry["event"] for entry in logs)
        if any(entry["log_level"] == "error" for entry in logs):
            raise self._error or AssertionError(logs)
        for call in self.sandbox.calls:
            self.told[call["method"]] += 1
            words = call["arguments"].get("text") or call["arguments"].get("caption") or ""
            assert not A_PROGRAMS_OWN.search(words), words


@asynccontextmanager
async def front_door(url: str) -> AsyncIterator[FrontDoor]:
    """The real application between a database and the sandbox, with a reader and a member of staff."""
    async with Sandbox(transcript_limit=100) as sandbox, ready_database(url) as database:
        sandbox.add_person("Olha", person_id=READER, started=True)
        sandbox.add_person("Marko", person_id=STAFF, started=True)
        sandbox.add_group("Newsroom")
        services = Services(database, await open_vault(Settings(), database), Answers(database))
        async with database.write() as session:
            code = await staff.invite(session, staff.SERVER, Role.ADMIN, "marko")
            await staff.accept(session, services.vault, code, STAFF)
            (marko,) = await staff.everybody(session)
            marko.enrolled, marko.asked = True, None
        await services.staffroom.refresh(database)
        async with build(SANDBOX_TOKEN, sandbox.url, services) as application:
            await application.start()
            yield FrontDoor(application, sandbox)
            await application.stop()


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"1" * 5_000])
async def test_p28_what_is_no_json_is_refused_at_the_webhook(body: bytes) -> None:
    async def take(update: object) -> None:
        raise AssertionError(update)

    web = WebServer("secret", take)
    port = await web.start("127.0.0.1", 0)
    address = f"http://127.0.0.1:{port}{WEBHOOK_PATH}"
    headers = {SECRET_HEADER: "secret", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as http, http.post(address, data=body) as answer:
        assert answer.status == 400
    await web.stop()


# A field that is on its way out is still a field.
@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_p28_no_update_of_any_kind_breaks_the_bot(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One person says it all.
    monkeypatch.setattr(patience, "SOME", 10**9)
    monkeypatch.setattr(patience, "MANY", 10**9)

    @settings(
        max_examples=GENERATED // IN_A_ROW,
        derandomize=GENERATED == FEW,
        database=None,
        deadline=None,
        # They judge how examples are made, which here is slow and large on purpose.
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(updates(), min_size=IN_A_ROW, max_size=IN_A_ROW))
    @example([said(2**52, "when?"), said(2**63, "when?"), said(READER, "\ud83d")])
    @example([pressed(READER, "p:1:latest_exchange:00010101-99991231::uk"), pressed(READER, "l:uk", under=2**62)])
    @example([pressed(READER, "p:1:talks:20250101::uk"), pressed(READER, f"p:{'1' * 5_000}:talks:::uk")])
    @example([pressed(STAFF, ""), pressed(STAFF, "d:open:x"), pressed(STAFF, "d:text:1:xx")])
    @example(
        [pressed(STAFF, "d:kind:progress"), pressed(STAFF, "d:speaker:1:0:999"), pressed(STAFF, "d:checked:1")]
    )
    @example([pressed(STAFF, "d:number:1:exchanged:exact"), said(STAFF, "5000000")])
    @example([pressed(STAFF, "d:rows:1"), said(STAFF, '{"":' * 1_023)])
    @example([pressed(STAFF, "d:rows:1"), said(STAFF, "x" * 4_000), said(STAFF, f'{{"kind": "{"x" * 4_000}"}}')])
    @example(
        [each for code in LANGUAGES for each in (pressed(STAFF, f"d:text:1:{code}"), said(STAFF, "x" * 1_500))]
    )
    def hear(some: list[Json]) -> None:
        for update in some:
            runner.run(door.hears(update))

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        door = runner.run(stack.enter_async_context(front_door(sqlite_url)))
        try:
            hear()
            runner.run(door.hears(said(READER, QUESTIONS["uk"])))
            answer = next(reversed(door.sandbox.person("Olha").chat.messages.values()))
            assert answer["text"].startswith(NOT_PUBLIC["uk"])
        finally:
            runner.run(stack.aclose())
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    # They were worth hearing.
    assert {"sendMessage", "editMessageText", "answerCallbackQuery", LEFT_OUT} <= set(door.told)
