"""Whatever a link carries, t.me/…?start=…, it makes nobody staff."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from bot.database import Database
from bot.desk import staff
from bot.desk.refusals import InvitationInvalid
from bot.opening import ready_database
from bot.vault import Vault

VAULT = Vault(bytes(32))


@contextmanager
def target() -> Iterator[Callable[[bytes], None]]:
    stage = ready_database("sqlite+aiosqlite:///:memory:")
    with asyncio.Runner() as runner:
        database = runner.run(stage.__aenter__())
        yield lambda data: runner.run(opened(database, data.decode(errors="replace")))
        runner.run(stage.__aexit__(None, None, None))


async def opened(database: Database, payload: str) -> None:
    with suppress(InvitationInvalid):
        async with database.write() as session:
            await staff.accept(session, VAULT, payload, 1)
    async with database.read() as session:
        assert not await staff.everybody(session)
