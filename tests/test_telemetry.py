"""Errors and traces leave the house, and logs are written: with kind and place, and nothing of a person."""

import asyncio
import itertools
import json
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog.testing
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot import logs, telemetry
from bot.database import Database
from bot.periodically import begun, periodically
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import SettingRefused, read_settings
from bot.telemetry import LibraryMissing, reporting
from tests.conftest import talking
from tests.test_program import ended_when_told, running

NAME, CHAT = "Перевертайло", 7_394_000_123
PLANTED = (NAME.encode(), NAME.encode("ascii", "backslashreplace"), str(CHAT).encode())


@dataclass
class Collector:
    """Where Sentry's and OpenTelemetry's libraries send, over real HTTP."""

    address: str = ""
    got: list[tuple[str, bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        # aiohttp has unpacked it already.
        self.got.append((request.path, await request.read()))
        return web.json_response({})

    @property
    def dsn(self) -> str:
        return self.address.replace("://", "://key@") + "/1"

    @property
    def endpoint(self) -> str:
        return f"{self.address}/v1/traces"

    def events(self) -> list[dict[str, Any]]:
        """What Sentry was told: of each envelope the lines that are events."""
        lines = [line for path, body in self.got if "envelope" in path for line in body.splitlines()]
        return [told for told in map(json.loads, lines) if "exception" in told]

    def spans(self) -> list[Any]:
        found = []
        for path, body in self.got:
            if path == "/v1/traces":
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    found += [span for scope in resource.scope_spans for span in scope.spans]
        return found


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    collector = Collector()
    application = web.Application()
    application.router.add_route("*", "/{any:.*}", collector.take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield collector
    await runner.cleanup()


async def end(block: Any) -> None:  # noqa: ANN401 - a context manager
    """In a thread, for it waits for the collector, which is here."""
    await asyncio.to_thread(block.__exit__, None, None, None)


async def test_an_error_reaches_sentry_without_a_word_of_it(
    database: Database, sandbox: Sandbox, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = reporting(collector.dsn, None)
    block.__enter__()
    asked = sandbox.add_person(NAME, "uk", person_id=CHAT, started=True)

    async def fails(question: object, *_: object) -> None:
        name, chat = NAME, CHAT
        try:
            raise KeyError(f"{name} in {chat}")
        except KeyError as error:
            error.add_note(f"asked by {name}")
            raise ValueError(f"{name} was not found for {chat}") from error

    async with talking(database, sandbox) as services:
        monkeypatch.setattr(services.answers, "reply", fails)
        for _ in range(3):
            await asked.ask(f"шукаю {NAME}")
    await end(block)
    assert not [form for form in PLANTED for _, body in collector.got if form in body]
    # The same error again is not told again.
    (told,) = collector.events()
    assert set(told) <= {"event_id", "timestamp", "platform", "level", "release", "exception"}
    cause, error = told["exception"]["values"]
    assert (cause["type"], error["type"]) == ("KeyError", "ValueError")
    assert set(error) == {"type", "module", "stacktrace"}
    assert error["stacktrace"]["frames"][-1]["filename"].endswith("test_telemetry.py")
    assert {name for frame in error["stacktrace"]["frames"] for name in frame} == {
        "filename",
        "function",
        "module",
        "lineno",
    }


async def test_periodic_work_that_fails_reaches_sentry(collector: Collector) -> None:
    times = itertools.count()
    failed_before = asyncio.Event()

    async def work() -> None:
        if next(times):
            failed_before.set()
        raise RuntimeError(NAME)

    block = reporting(collector.dsn, None)
    block.__enter__()
    task = asyncio.create_task(periodically(0.01, work))
    await failed_before.wait()
    task.cancel()
    await end(block)
    (told,) = collector.events()
    assert told["exception"]["values"][0]["type"] == "RuntimeError"
    # Afterwards nothing is sent any more.
    telemetry.caught(ValueError())
    await asyncio.sleep(0.1)
    assert len(collector.events()) == 1


async def test_what_takes_time_reaches_opentelemetry(
    database: Database, sandbox: Sandbox, collector: Collector
) -> None:
    block = reporting(None, collector.endpoint)
    block.__enter__()
    asked = sandbox.add_person(NAME, "en", person_id=CHAT, started=True)
    async with talking(database, sandbox):
        await asked.ask(f"when is the next exchange, I wait for {NAME}")
    await end(block)
    spans = {span.name: span for span in collector.spans()}
    assert {attribute.key for attribute in spans["update"].attributes} == {"kind"}
    assert {attribute.key for attribute in spans["answer"].attributes} == {"topic", "language"}
    assert spans["answer"].parent_span_id == spans["update"].span_id
    assert not [form for form in PLANTED for _, body in collector.got if form in body]


async def test_a_span_does_not_keep_an_error(collector: Collector) -> None:
    block = reporting(None, collector.endpoint)
    block.__enter__()
    with pytest.raises(ValueError, match=NAME), telemetry.span("update", kind="message"):
        raise ValueError(NAME)
    await end(block)
    (span,) = collector.spans()
    assert not span.events
    assert not [form for form in PLANTED for _, body in collector.got if form in body]


async def test_the_program_tells_both_and_its_logs_are_json_when_set(
    sandbox: Sandbox, collector: Collector
) -> None:
    settings = {"SENTRY_DSN": collector.dsn, "OTEL_ENDPOINT": collector.endpoint, "LOG_FORMAT": "json"}
    server = {"BOT_TOKEN": SANDBOX_TOKEN, "BOT_API_URL": sandbox.url, "LOG_LEVEL": "DEBUG"}
    async with running("run", until="connected", **server, **settings) as (bot, printed):
        await sandbox.person("Taras").ask("/next")
        bot.terminate()
        told, _ = await asyncio.wait_for(bot.communicate(), 30)
    assert bot.returncode == 0
    assert "update" in {span.name for span in collector.spans()}
    lines = [json.loads(line) for line in (printed + told.decode()).splitlines()]
    assert {"event", "level", "timestamp"} <= set(lines[0])
    assert {"the starting record was loaded", "connected", "stopping"} <= {line["event"] for line in lines}


async def test_it_ends_in_time_when_nobody_takes_what_it_tells(sandbox: Sandbox) -> None:
    settings = {"SENTRY_DSN": "http://key@127.0.0.1:9/1", "OTEL_ENDPOINT": "http://127.0.0.1:9/v1/traces"}
    async with running("run", until="connected", BOT_TOKEN=SANDBOX_TOKEN, BOT_API_URL=sandbox.url, **settings) as (
        bot,
        _,
    ):
        await sandbox.person("Taras").ask("/next")
        assert await ended_when_told(bot)


@pytest.mark.parametrize(
    ("library", "setting"), [("sentry_sdk", "SENTRY_DSN"), ("opentelemetry", "OTEL_ENDPOINT")]
)
def test_a_library_that_is_missing_is_named_in_one_line(
    library: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith((library, "bot.telemetry."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    dsn, endpoint = ("http://key@127.0.0.1:9/1", None) if library == "sentry_sdk" else (None, "http://127.0.0.1:9")
    with (
        pytest.raises(LibraryMissing, match=f"{setting} needs .* -r {telemetry.LOCK}; .* LOCK={telemetry.LOCK}"),
        reporting(dsn, endpoint),
    ):
        pass


async def test_the_libraries_are_loaded_only_when_set() -> None:
    seen = "import sys, bot.cli; print([name for name in sys.modules if name in ('sentry_sdk', 'opentelemetry')])"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", seen, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert out.decode().strip() == "[]"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SENTRY_DSN", "https://sentry.example.org/1"),
        ("SENTRY_DSN", "key@sentry.example.org"),
        ("SENTRY_DSN", "https://key@[sentry/1"),
        ("OTEL_ENDPOINT", "localhost:4318"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "ключ-шістнадцять-літер"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_malformed_setting_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused, match=name) as refused:
        read_settings()
    assert value not in str(refused.value)


# Logs


@pytest.fixture
def _logs_left_alone() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.usefixtures("_logs_left_alone")
@pytest.mark.parametrize("written", ["json", "console"])
def test_a_logged_exception_keeps_its_words(written: logs.Format, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("DEBUG", written)
    try:
        raise ValueError(f"{NAME} in {CHAT}")
    except ValueError:
        structlog.get_logger("own").exception("ours")
        logging.getLogger("somebody.elses").exception("theirs")
    told = capsys.readouterr().err
    assert "ours" in told
    assert "theirs" in told
    assert told.count("ValueError") == 2
    assert "test_telemetry.py:" in told
    assert not [form for form in PLANTED if form in told.encode()]


async def test_work_beside_the_updates_that_fails_is_told_of_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[BaseException] = []
    monkeypatch.setattr(telemetry, "caught", reported.append)

    async def work() -> None:
        raise RuntimeError(NAME)

    with structlog.testing.capture_logs() as told:
        await asyncio.wait({begun(work())})
        await asyncio.sleep(0)
    (line,) = told
    assert (line["log_level"], line["error"]) == ("error", "RuntimeError")
    assert NAME not in str(line)
    assert [type(error) for error in reported] == [RuntimeError]
