"""The stage: a database with the starting record, the sandbox as Telegram, and the real bot between them."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings as hypothesis_settings
from telegram import Bot

from bot.answers.facts import Record
from bot.answers.load import load
from bot.app import build, serve, services_of
from bot.database import Database
from bot.opening import open_vault, ready_database
from bot.sandbox import SANDBOX_TOKEN, Person, Sandbox
from bot.settings import Settings
from handlers.context import Services
from tests.ports import free_port


def _refuse_the_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """No test may reach beyond this machine, whatever library it goes through."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise PermissionError(f"a test wants to connect to {host}")


sys.addaudithook(_refuse_the_outside)

# A slow machine is no failure, and each run tells the same; `make audit` looks for what is new.
hypothesis_settings.register_profile("obmin", deadline=None, derandomize="OBMIN_LONG" not in os.environ)
hypothesis_settings.load_profile("obmin")


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of this machine, and no file outside the test's own folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def fill(url: str) -> None:
    async def with_the_starting_record() -> None:
        async with ready_database(url):
            pass

    asyncio.run(with_the_starting_record())


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the starting record, made once and copied for each test."""
    file = tmp_path_factory.mktemp("filled") / "obmin.db"
    fill(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(filled: Path, tmp_path: Path) -> str:
    file = tmp_path / "obmin.db"
    shutil.copy(filled, file)
    return f"sqlite+aiosqlite:///{file}"


@dataclass(frozen=True)
class PostgreSQL:
    """A server of our own on this machine."""

    tools: Path
    folder: Path
    port: int

    def __call__(self, copy_of: str = "template1") -> str:
        """The address of a new database in it, empty if it is a copy of nothing."""
        name = f"obmin_{uuid4().hex}"
        server = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "obmin"]
        self.tool("createdb", *server, "--template", copy_of.rpartition("/")[2], name)
        return f"postgresql+asyncpg://obmin@127.0.0.1:{self.port}/{name}"

    def make(self) -> None:
        data = str(self.folder / "data")
        self.tool(
            "initdb", "-D", data, "-U", "obmin", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
        )

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        )
        self.control("-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def break_down(self) -> None:
        """As if its machine had lost power: transactions stay open, and connections hear nothing."""
        self.control("-m", "immediate", "stop")

    def control(self, *arguments: str) -> None:
        self.tool("pg_ctl", "-D", str(self.folder / "data"), *arguments)

    def tool(self, name: str, *arguments: str) -> None:
        # PostgreSQL refuses to be run by root.
        as_owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*as_owner, str(self.tools / name), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Calling it makes a new, empty database."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    tools = found[-1].parent
    if not (tools / "initdb").exists():
        pytest.skip("PostgreSQL is not installed")
    # Not among pytest's own folders: another run of the tests may clear those away.
    with TemporaryDirectory(prefix="obmin-postgresql-") as name:
        folder = Path(name)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        server = PostgreSQL(tools, folder, free_port())
        server.make()
        server.start()
        yield server
        server.break_down()


@pytest.fixture(scope="session")
def filled_in_postgresql(postgresql: PostgreSQL) -> str:
    """The same as `filled`."""
    fill(url := postgresql())
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A database of each kind, with the starting record."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server(copy_of=request.getfixturevalue("filled_in_postgresql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/empty.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server()


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def record(filled: Path) -> Record:
    """The starting record: no test can change it, so it is read once."""

    async def read() -> Record:
        database = Database(f"sqlite+aiosqlite:///{filled}")
        try:
            async with database.read() as session:
                return await load(session)
        finally:
            await database.close()

    return asyncio.run(read())


@asynccontextmanager
async def talking(
    database: Database, sandbox: Sandbox, settings: Settings | None = None
) -> AsyncIterator[Services]:
    """The real application, polling the sandbox over HTTP."""
    settings = settings or Settings(send_rate=0)
    vault = await open_vault(settings, database)
    services = services_of(settings, database, vault)
    work = asyncio.create_task(serve(build(SANDBOX_TOKEN, sandbox.url, services), settings, vault))
    try:
        yield services
    finally:
        work.cancel()
        await asyncio.wait({work})


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """python-telegram-bot itself, with nothing of ours between it and the sandbox."""
    address = f"{sandbox.url}/bot"
    async with Bot(sandbox.token, base_url=address, base_file_url=f"{sandbox.url}/file/bot") as bot:
        yield bot


@pytest.fixture
async def services(database: Database, sandbox: Sandbox) -> AsyncIterator[Services]:
    async with talking(database, sandbox) as services:
        yield services


@pytest.fixture
def olena(sandbox: Sandbox, services: Services) -> Person:
    """A mother; her Telegram is in Ukrainian."""
    return sandbox.person("Olena")


@pytest.fixture
def taras(sandbox: Sandbox, services: Services) -> Person:
    """A journalist; his Telegram is in English."""
    return sandbox.person("Taras")
