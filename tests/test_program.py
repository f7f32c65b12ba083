"""The program as its operator meets it: its own process, its settings, its one-line refusals, its end."""

import asyncio
import json
import os
import re
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from unittest import mock

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot import app as program
from bot import receiving
from bot.cli import BatchRefused, read_batch
from bot.errors import ObminError
from bot.sandbox import SANDBOX_TOKEN, Sandbox
from bot.settings import SettingRefused, read_settings
from tests.ports import free_port
from tests.terminal import Ended, command

OBMIN = str(Path(sys.executable).parent / "obmin")
ENDS_WITHIN = 10 if "OBMIN_LONG" in os.environ else 30
"""Seconds. Ten are what is promised; a slow machine that does other things besides may take longer."""


def environment(**settings: str) -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", **settings}


async def obmin(*arguments: str, given: str | None = None, **settings: str) -> Ended:
    """Runs a command to its end, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        OBMIN,
        *arguments,
        env=environment(**settings),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(given.encode() if given else None), 60)
    return Ended(process.returncode or 0, out.decode(), err.decode())


@asynccontextmanager
async def running(
    *arguments: str, until: str, by: Sequence[str] = (), **settings: str
) -> AsyncIterator[tuple[Any, str]]:
    """A process that goes on, and what it has printed when it is ready, `until` being in the last line.

    Ends it with SIGTERM. `by` is a command that runs it.
    """
    process = await asyncio.create_subprocess_exec(
        *by,
        OBMIN,
        *arguments,
        env=environment(**settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout
    lines: list[str] = []
    async with asyncio.timeout(60):
        while not lines or until not in lines[-1]:
            line = await process.stdout.readline()
            assert line, "".join(lines)
            lines.append(line.decode())
    try:
        yield process, "".join(lines)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 30)


async def ended_when_told(bot: Any) -> bool:  # noqa: ANN401 - a process
    """In order, after SIGTERM."""
    bot.send_signal(signal.SIGTERM)
    code: int = await asyncio.wait_for(bot.wait(), ENDS_WITHIN)
    return code == 0


def one_line(ended: Ended) -> str:
    assert ended.code == 1
    (line,) = [line for line in ended.err.splitlines() if line.strip()]
    return line


# Running


async def test_it_runs_against_a_bot_api_in_another_process_with_faults_on() -> None:
    async with (
        running("sandbox", until="Start a bot", LISTEN="127.0.0.1:0") as (_, printed),
        aiohttp.ClientSession() as http,
    ):
        url = re.search(r"http://[\d.:]+", printed)[0]  # type: ignore[index]
        faults = {
            "latency": [0, 0.05],
            "too_many_requests": {"share": 0.1, "retry_after": 1},
            "server_error": {"share": 0.1, "status": 502},
            "drop": {"share": 0.1},
            "seed": 7,
        }
        await http.post(f"{url}/control/faults", json=faults)
        async with running("run", until="connected", BOT_TOKEN=SANDBOX_TOKEN, BOT_API_URL=url) as (bot, _):
            people = await (await http.get(f"{url}/control/people")).json()
            taras = next(person for person in people if person["first_name"] == "Taras")
            for number in range(10):
                question = {"text": f"when is the next exchange? {'?' * number}"}
                await http.post(f"{url}/control/people/{taras['id']}/message", json=question)
            async with asyncio.timeout(50):
                answered: list[Any] = []
                while len(answered) < 10:
                    await asyncio.sleep(0.2)
                    shown = await (await http.get(f"{url}/control/chats/{taras['id']}/messages?after=0")).json()
                    answered = [each for each in shown if each.get("text", "").startswith("The date of the next")]
            assert await ended_when_told(bot)


async def test_without_a_token_it_runs_on_the_sandbox_and_prints_its_addresses() -> None:
    async with (
        running("run", until="For newsrooms", LISTEN="127.0.0.1:0") as (_, printed),
        aiohttp.ClientSession() as http,
    ):
        (chat,) = re.findall(r"^Open (http://[\d.:]+)", printed, re.MULTILINE)
        async with http.get(chat) as page:
            assert page.status == 200
        (for_newsrooms,) = re.findall(r"^For newsrooms: (http://[\d.:]+)", printed, re.MULTILINE)
        async with http.get(for_newsrooms) as page:
            assert "<h1>" in await page.text()
    assert Path("data/sandbox.db").exists()
    assert Path("data/vault.key").stat().st_mode & 0o777 == 0o600


async def test_p27_a_webhook_is_taken_with_the_secret_only(sandbox: Sandbox) -> None:
    address = f"127.0.0.1:{free_port()}"
    settings = {
        "BOT_TOKEN": SANDBOX_TOKEN,
        "BOT_API_URL": sandbox.url,
        "WEBHOOK_URL": f"http://{address}",
        "LISTEN": address,
    }
    async with running("run", until="listening", **settings), aiohttp.ClientSession() as http:
        taras = sandbox.person("Taras")
        assert (await taras.ask("/next"))["text"].startswith("The date of the next exchange")
        forged = {"update_id": 1, "message": next(iter(taras.chat.messages.values()))}
        # Which language, the bot asks after the first answer.
        await taras.chat.next_message()
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong\xff"}):
            async with http.post(f"http://{address}/telegram", json=forged, headers=headers) as refused:
                assert refused.status == 403
        with pytest.raises(TimeoutError):
            await taras.chat.next_message(within=1)
        async with http.get(f"http://{address}/healthz") as health:
            assert (await health.json())["status"] == "ok"


async def test_it_waits_for_a_server_that_is_not_there_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    told, port = asyncio.Event(), free_port()
    monkeypatch.setattr(program, "told_to_stop", lambda: told)
    monkeypatch.setattr(program, "tune_garbage_collection", lambda: None)
    monkeypatch.setattr(receiving, "RECONNECT_PAUSE", 0.1)
    monkeypatch.setenv("BOT_TOKEN", SANDBOX_TOKEN)
    monkeypatch.setenv("BOT_API_URL", f"http://127.0.0.1:{port}")
    with capture_logs() as logs:
        work = asyncio.create_task(program.run(read_settings()))
        while not any("cannot be reached" in line["event"] for line in logs):
            assert not work.done()
            await asyncio.sleep(0.02)
    sandbox = Sandbox()
    await sandbox.start("127.0.0.1", port)
    assert (await sandbox.person("Taras").ask("/next"))["text"].startswith("The date of the next exchange")
    told.set()
    await work
    await sandbox.stop()


async def test_a_first_start_killed_at_any_moment_is_made_good_by_the_next() -> None:
    log = Path("data/sandbox.db-wal")
    # When it has just begun, and when the tables are there and the record is not.
    for written in (0, 1):
        process = await asyncio.create_subprocess_exec(OBMIN, "migrate", env=environment())
        while process.returncode is None and not (log.exists() and log.stat().st_size >= written):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        if process.returncode is None:
            process.kill()
        await process.wait()
    assert (await command("migrate")).out == "sqlite:///data/sandbox.db is up to date.\n"
    ended = await command("record", "export")
    starter = Path(__file__).parent.parent / "models" / "starter"
    assert len(ended.out.splitlines()) == sum(len(file.read_text().splitlines()) for file in starter.iterdir())


async def test_a_locked_database_is_one_line(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "obmin.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")
        ended = await command("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/obmin.db?timeout=0.1")
    assert "database is locked" in one_line(ended)


async def test_it_ends_when_told_even_while_the_server_says_nothing(sandbox: Sandbox) -> None:
    sandbox.faults.configure({"latency": 60})
    settings = {"BOT_TOKEN": SANDBOX_TOKEN, "BOT_API_URL": sandbox.url}
    async with running("run", until="the starting record was loaded", **settings) as (bot, _):
        # By then it waits for an answer that will not come in this minute.
        await asyncio.sleep(2)
        assert await ended_when_told(bot)


# Refusals


async def refusal(**settings: str) -> str:
    """What `obmin run` says that it cannot do; that it is one line, a wrong token shows."""
    with mock.patch.dict(os.environ, settings), pytest.raises(ObminError) as error:
        await program.run(read_settings())
    return str(error.value)


async def test_a_wrong_token_is_one_line(sandbox: Sandbox) -> None:
    ended = await obmin("run", BOT_TOKEN="123:wrong", BOT_API_URL=sandbox.url, LOG_LEVEL="ERROR")
    assert "refuses BOT_TOKEN" in one_line(ended)
    assert "wrong" not in ended.err


async def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = await refusal(LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")
    assert "cannot be listened on" in told


async def test_an_unusable_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ended = await command("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/file/obmin.db")
    assert "cannot be made or written" in one_line(ended)
    ended = await command("migrate", DATABASE_URL=f"sqlite:///{tmp_path}")
    assert "cannot be made or written" in one_line(ended)


async def test_a_damaged_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "obmin.db").write_bytes(b"not a database" * 1000)
    ended = await command("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/obmin.db")
    assert "cannot be used" in one_line(ended)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "no-colon"),
        ("BOT_API_URL", "api.telegram.org"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "obmin.db"),
        ("DATABASE_URL", "postgresql://obmin:S3cretpw/obmin"),
        ("WEBHOOK_URL", "example.org"),
        ("LISTEN", "8080"),
        ("LISTEN", "127.0.0.1:99999"),
        ("LISTEN", "127.0.0.1:²"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_malformed_setting_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused, match=name) as refused:
        read_settings()
    assert f"'{value}'" not in str(refused.value)
    assert "S3cret" not in str(refused.value)


async def test_a_malformed_key_is_refused() -> None:
    assert "base64" in await refusal(VAULT_KEY="!", LISTEN="127.0.0.1:0")


async def test_settings_are_read_from_a_file() -> None:
    Path(".env").write_text("BOT_TOKEN=no-colon\nSOMETHING_ELSE=1\n")
    assert "BOT_TOKEN" in await refusal()


# Asking


async def test_ask_prints_the_answer(sqlite_url: str) -> None:
    ended = await command("ask", "коли наступний обмін?", "--lang", "en", DATABASE_URL=sqlite_url)
    assert ended.code == 0
    assert ended.out.startswith("The date of the next exchange has not been made public.")


async def test_ask_json_has_the_agreed_fields(sqlite_url: str) -> None:
    question = "what happened on 19 April 2025?"
    ended = await command("ask", question, "--json", "--today", "2025-06-01", DATABASE_URL=sqlite_url)
    answer = json.loads(ended.out)
    assert list(answer) == ["topic", "language", "period", "confidence", "answer", "sources"]
    assert (answer["topic"], answer["language"]) == ("exchange_history", "en")
    assert answer["period"] == ["2025-04-19", "2025-04-19"]
    assert "277 people" in answer["answer"]
    assert answer["sources"][0]["url"].startswith("http")


async def test_ask_batch_answers_line_for_line(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "text": "коли наступний обмін?"},
        {"id": 2, "text": "how many came home last month", "now": "2025-06-15"},
        {"id": "c", "text": ""},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ended = await command("ask", "--batch", str(file))
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", 2, "c"]
    assert answers[1]["period"] == ["2025-05-01", "2025-05-31"]
    assert all(list(each) == ["id", "topic", "language", "period", "confidence"] for each in answers)
    ended = await obmin("ask", "--batch", "-", given=file.read_text())
    assert len(ended.out.splitlines()) == 3


async def test_a_batch_that_is_not_there_is_one_line() -> None:
    assert "cannot be read" in one_line(await command("ask", "--batch", "nowhere.jsonl"))


@pytest.mark.parametrize("line", ["{", '{"id": 1}', "[]", '{"id": 1, "text": "x", "now": "yesterday"}'])
def test_a_wrong_line_of_a_batch_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": 1, "text": "hello"}\n' + line + "\n")
    with pytest.raises(BatchRefused, match="line 2"):
        read_batch(file)


# The record as a file


async def test_export_and_import(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    file.write_text((await command("record", "export", DATABASE_URL=sqlite_url)).out)
    ended = await command("record", "import", str(file), DATABASE_URL=sqlite_url)
    assert "obmin.db: 0 rows were added or revised" in ended.out
    file.write_text(file.read_text() + '{"kind": "term"}\n')
    ended = await command("record", "import", str(file), DATABASE_URL=sqlite_url)
    assert re.search(r"record\.jsonl, line \d+, key: ", one_line(ended))
    ended = await command("record", "import", "nowhere.jsonl", DATABASE_URL=sqlite_url)
    assert "cannot be read" in one_line(ended)
