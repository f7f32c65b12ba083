"""Strangers call our HTTP server: nothing of theirs is handled, and they learn nothing."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import pytest
from aiohttp.web import Request, Response, get
from structlog.testing import capture_logs

from bot import telemetry, web
from bot.web import HEADERS, LARGEST_UPDATE, SECRET_HEADER, WEBHOOK_PATH, WebServer

SECRET = "a-secret"
FROM_TELEGRAM = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}
UPDATE = json.dumps({"update_id": 1}).encode()


class Outside:
    """The way in, and what was taken."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[object] = []
        self.is_full = False

    async def take(self, update: object) -> None:
        if self.is_full:
            await asyncio.Event().wait()
        self.taken.append(update)

    async def calls(
        self,
        body: bytes = UPDATE,
        headers: dict[str, str] = FROM_TELEGRAM,
        *,
        method: str = "POST",
        path: str = WEBHOOK_PATH,
    ) -> int:
        """The status; whatever it is, the answer has the headers of all answers."""
        address = f"http://127.0.0.1:{self.port}{path}"
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, address, data=BytesIO(body), headers=headers, allow_redirects=False) as answer,
        ):
            shown = {name: answer.headers.get(name) for name in (*HEADERS, "Server")}
            assert shown == {**HEADERS, "Server": "obmin"}
            return answer.status

    async def says(self, request: bytes) -> bytes:
        """What need not be HTTP."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(65_536), 30)
        writer.close()
        return answer


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    outside = Outside()
    server = WebServer(SECRET, outside.take)
    outside.port = await server.start("127.0.0.1", 0)
    yield outside
    await server.stop()


async def test_telegram_is_let_in(outside: Outside) -> None:
    assert await outside.calls() == 200
    assert outside.taken == [{"update_id": 1}]


@pytest.mark.parametrize("secret", ["", "wrong", "a-secre", "a-secret-", "A-SECRET", "\xff"])
async def test_p27_a_call_without_the_secret_is_refused_and_nothing_handled(outside: Outside, secret: str) -> None:
    assert await outside.calls(headers={**FROM_TELEGRAM, SECRET_HEADER: secret}) == 403
    assert await outside.calls(headers={"Content-Type": "application/json"}) == 403
    assert await outside.calls(path=f"{WEBHOOK_PATH}?secret={SECRET}", headers={"Authorization": SECRET}) == 403
    assert outside.taken == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_the_webhook_is_posted_to_only(outside: Outside, method: str) -> None:
    assert await outside.calls(method=method) == 405
    assert outside.taken == []


@pytest.mark.parametrize("content", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_an_update_is_json(outside: Outside, content: str) -> None:
    assert await outside.calls(headers={**FROM_TELEGRAM, "Content-Type": content}) == 415
    assert outside.taken == []


async def test_a_body_has_a_limit(outside: Outside) -> None:
    largest = UPDATE + b" " * (LARGEST_UPDATE - len(UPDATE))
    assert await outside.calls(largest) == 200
    assert await outside.calls(largest + b" ") == 413
    assert len(outside.taken) == 1


async def test_a_small_body_that_grows_is_too_large_all_the_same(outside: Outside) -> None:
    packed = zlib.compress(UPDATE + b" " * (100 * LARGEST_UPDATE))
    assert len(packed) < LARGEST_UPDATE
    assert await outside.calls(packed, {**FROM_TELEGRAM, "Content-Encoding": "deflate"}) == 413
    assert outside.taken == []


async def test_headers_have_a_limit(outside: Outside) -> None:
    for headers in (b"X: " + b"x" * 20_000, b"\r\n".join(b"X%d: x" % number for number in range(1_000))):
        answer = await outside.says(b"POST /telegram HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.0 400")
    assert outside.taken == []


@pytest.mark.parametrize("said", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET / HTTP/9.9", b"X"])
async def test_what_is_no_http_learns_nothing_of_the_program(outside: Outside, said: bytes) -> None:
    answer = await outside.says(said + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 400")
    assert b"Server: obmin\r\n" in answer
    assert b"aiohttp" not in answer.lower()
    assert b"traceback" not in answer.lower()


@pytest.mark.parametrize("path", ["/", "/telegram/", "/..", "/.env", "/data/", "/%2e%2e/data/vault.key"])
async def test_nothing_is_listed_and_no_file_given(outside: Outside, path: str) -> None:
    assert await outside.calls(b"", {}, method="GET", path=path) == 404


async def test_a_call_is_not_held_for_ever(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "LONGEST_CALL", 0.2)
    outside.is_full = True
    assert await outside.calls() == 503
    head = b"POST /telegram HTTP/1.1\r\nHost: x\r\n%s: a-secret\r\n" % SECRET_HEADER.encode()
    head += b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    assert b" 503 " in (await outside.says(head)).splitlines()[0]
    monkeypatch.setattr(web, "LONGEST_CALL", 10)
    outside.is_full = False
    assert await outside.calls() == 200
    assert outside.taken == [{"update_id": 1}]


async def test_a_page_that_fails_is_told_of_without_a_word_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[BaseException] = []
    monkeypatch.setattr(telemetry, "caught", reported.append)

    async def fails(request: Request) -> Response:
        raise KeyError(request.query_string)

    outside, server = Outside(), WebServer(SECRET, None, [get("/page", fails)])
    outside.port = await server.start("127.0.0.1", 0)
    with capture_logs() as told:
        assert await outside.calls(b"", {}, method="GET", path="/page?Perevertailo") == 500
        assert await outside.calls(b"", {}, method="GET", path="/nowhere") == 404
    await server.stop()
    (line,) = told
    assert (line["log_level"], line["error"]) == ("error", "KeyError")
    assert "test_web.py:" in line["at"]
    assert "Perevertailo" not in str(line)
    assert [type(error) for error in reported] == [KeyError]
