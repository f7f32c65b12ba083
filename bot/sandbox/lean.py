"""A Bot API that takes every message and keeps none: as fast as Python can, for benchmarks.

`python -m bot.sandbox.lean 0.04 30` prints its address, answers every call after 40 ms, and with 429 what is more
than 30 messages in a second; 0 permits all. `/counts` tells how many those were, and how fast the others came.
"""

import asyncio
import itertools
import json
import sys
from collections import deque
from collections.abc import Callable

POLLED_EVERY = 0.005
"""Seconds that a call for updates is held open."""

_NUMBERS = itertools.count(1)
_ME = b'{"ok":true,"result":{"id":1000000001,"is_bot":true,"first_name":"Obmin","username":"obmin_lean_bot"}}'
_TRUE = b'{"ok":true,"result":true}'
_MESSAGE = '{{"ok":true,"result":{{"message_id":{},"date":1,"chat":{{"id":1,"type":"private"}},"text":"x"}}}}'
_REFUSAL = b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1",'
_REFUSAL += b'"parameters":{"retry_after":1}}'


class Rate:
    """No second, wherever it begins, holds more messages than permitted."""

    def __init__(self, permitted: float) -> None:
        self._permitted = permitted
        self._lately: deque[float] = deque()
        self._first = self._taken = self._refused = 0.0

    def counts(self) -> bytes:
        seconds = self._lately[-1] - self._first if self._lately else 0.0
        told = {"refused": self._refused, "a_second": (self._taken - 1) / seconds if seconds else 0.0}
        return json.dumps({"ok": True, "result": told}).encode()

    def take(self) -> bool:
        if not self._permitted:
            return True
        now = asyncio.get_running_loop().time()
        while self._lately and self._lately[0] <= now - 1:
            self._lately.popleft()
        if len(self._lately) >= self._permitted:
            self._refused += 1
            return False
        self._first = self._first or now
        self._taken += 1
        self._lately.append(now)
        return True


class LeanApi(asyncio.Protocol):
    """HTTP/1.1 with Content-Length, kept alive; nothing else is asked of it."""

    def __init__(
        self,
        latency: float,
        rate: Rate,
        heard: Callable[[bytes], None] | None = None,
        updates: Callable[[], bytes] | None = None,
    ) -> None:
        """`heard` is given the body of each message, as it comes; `updates` gives a list of what is new."""
        self._latency = latency
        self._rate = rate
        self._heard = heard
        self._updates = updates
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end]).lower()
            _, _, rest = head.partition(b"content-length:")
            length = int(rest.split(b"\r\n", 1)[0] or 0)
            if len(self._received) < end + 4 + length:
                return
            if self._heard and (b"/send" in head or b"/edit" in head):
                self._heard(bytes(self._received[end + 4 : end + 4 + length]))
            del self._received[: end + 4 + length]
            body, status = self._reply_to(head)
            pause = POLLED_EVERY if b"/getupdates?" in head else self._latency
            asyncio.get_running_loop().call_later(pause, self._answer, status, body)

    def _reply_to(self, head: bytes) -> tuple[bytes, str]:
        if b"/getme " in head:
            return _ME, "200 OK"
        if b"/getupdates?" in head and self._updates:
            return b'{"ok":true,"result":' + self._updates() + b"}", "200 OK"
        if b"/counts " in head:
            return self._rate.counts(), "200 OK"
        if b"/send" not in head and b"/edit" not in head:
            return _TRUE, "200 OK"
        if self._rate.take():
            return _MESSAGE.format(next(_NUMBERS)).encode(), "200 OK"
        return _REFUSAL, "429 Too Many Requests"

    def _answer(self, status: str, body: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(head.encode() + body)


async def serve(latency: float, permitted: float) -> None:
    rate = Rate(permitted)
    server = await asyncio.get_running_loop().create_server(lambda: LeanApi(latency, rate), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), float(sys.argv[2])))
