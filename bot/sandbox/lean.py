"""A Bot API that takes every message and keeps none: as fast as Python can, for benchmarks.

`python -m bot.sandbox.lean 0.04` prints its address and answers every call after 40 ms.
"""

import asyncio
import itertools
import sys

_NUMBERS = itertools.count(1)
_ME = b'{"ok":true,"result":{"id":1000000001,"is_bot":true,"first_name":"Obmin","username":"obmin_lean_bot"}}'
_MESSAGE = '{{"ok":true,"result":{{"message_id":{},"date":1,"chat":{{"id":1,"type":"private"}},"text":"x"}}}}'


class LeanApi(asyncio.Protocol):
    """HTTP/1.1 with Content-Length, kept alive; nothing else is asked of it."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
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
            del self._received[: end + 4 + length]
            body = _ME if b"/getme " in head else _MESSAGE.format(next(_NUMBERS)).encode()
            asyncio.get_running_loop().call_later(self._latency, self._answer, body)

    def _answer(self, body: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(head.encode() + body)


async def serve(latency: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: LeanApi(latency), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
