"""Roads between a bot and what it stands on, that can be cut: as a proxy, or as a network interface of its own."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from time import monotonic
from uuid import uuid4


@dataclass
class Road:
    """Leads to a port of this machine. While it is cut nothing comes through, and neither end notices."""

    to: int
    host: str = "127.0.0.1"
    port: int = 0
    calls: list[float] = field(default_factory=list)
    """When a message was sent along it."""

    def __post_init__(self) -> None:
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._traffic: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        self._is_open.clear()

    def mend(self) -> None:
        self._is_open.set()

    @asynccontextmanager
    async def built(self) -> AsyncIterator["Road"]:
        server = await asyncio.start_server(self._lead, self.host, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for each in self._traffic:
                each.cancel()

    async def _lead(self, from_bot: asyncio.StreamReader, to_bot: asyncio.StreamWriter) -> None:
        await self._is_open.wait()
        answers, questions = await asyncio.open_connection("127.0.0.1", self.to)
        for reader, writer, counted in ((from_bot, questions, True), (answers, to_bot, False)):
            task = asyncio.create_task(self._carry(reader, writer, counted=counted))
            self._traffic.add(task)
            task.add_done_callback(self._traffic.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool) -> None:
        try:
            while data := await reader.read(65536):
                await self._is_open.wait()
                if counted:
                    self.calls += [monotonic()] * data.count(b"/sendMessage")
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@dataclass(frozen=True)
class Island:
    """A network namespace of Linux with two interfaces: one towards the database, one towards Telegram."""

    name: str
    database: str
    telegram: str
    """Addresses of our ends."""

    @property
    def command(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    def cut(self) -> None:
        _ip("link", "set", f"{self.name}d", "down")

    def mend(self) -> None:
        _ip("link", "set", f"{self.name}d", "up")


@contextmanager
def island() -> Iterator[Island]:
    """Raises CalledProcessError or OSError where this machine does not permit it."""
    name = f"obm{uuid4().hex[:8]}"
    made = Island(name, "10.213.77.1", "10.213.78.1")
    _ip("netns", "add", name)
    try:
        for ours, address in ((f"{name}d", made.database), (f"{name}t", made.telegram)):
            _ip("link", "add", ours, "type", "veth", "peer", "name", f"{ours}x", "netns", name)
            _ip("address", "add", f"{address}/24", "dev", ours)
            _ip("link", "set", ours, "up")
            _ip("-n", name, "address", "add", f"{address}0/24", "dev", f"{ours}x")
            _ip("-n", name, "link", "set", f"{ours}x", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield made
    finally:
        for ours in (f"{name}d", f"{name}t"):
            subprocess.run(["ip", "link", "delete", ours], check=False, capture_output=True)  # noqa: S607
        _ip("netns", "delete", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)  # noqa: S607
