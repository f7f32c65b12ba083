"""A stage for deliveries: readers who follow, posts that are released, and a courier to carry them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import insert, select

from bot.bench import stage
from bot.database import Database
from bot.delivery import standing
from bot.delivery.courier import Courier
from bot.delivery.limiter import Budget
from bot.sandbox import Person, Sandbox
from bot.vault import Vault
from models.delivery import Broadcast, Delivery, Outcome
from models.people import Reader

TEXTS = {"uk": "Обмін відбувся.", "en": "The exchange took place.", "ru": "Обмен состоялся."}
WHY = {"uk": "Уточнили число.", "en": "The number was wrong.", "ru": "Уточнили число."}


async def follow(database: Database, vault: Vault, people: Iterable[Person], **choices: Any) -> None:  # noqa: ANN401
    """Makes readers of people, who follow everything unless told otherwise."""
    rows = [
        {
            "chat_index": vault.index(person.id),
            "chat_sealed": vault.seal(person.id),
            "language": person.language_code or "uk",
            "follows": "all",
        }
        | choices
        for person in people
    ]
    async with database.write() as session:
        await session.execute(insert(Reader), rows)


def crowd(sandbox: Sandbox, count: int, language: str = "en") -> list[Person]:
    return [sandbox.add_person(f"R{number}", language, started=True) for number in range(count)]


async def release(database: Database, of: int | None = None, **content: Any) -> int:  # noqa: ANN401
    """In three languages; a revision of a post is a material correction unless told otherwise."""
    told = {"texts": TEXTS, **({"why": WHY, "material": True} if of else {}), **content}
    return await stage.release(database, of, **told)


@asynccontextmanager
async def courier(
    database: Database,
    vault: Vault,
    sandbox: Sandbox,
    by: str = "",
    **settings: Any,  # noqa: ANN401
) -> AsyncIterator[Courier]:
    """`by`: another address of the sandbox."""
    api = f"{by or sandbox.url}/bot{sandbox.token}"
    carrying = Courier(database, vault, api, Budget(None), **settings)
    work = asyncio.create_task(carrying.run())
    try:
        yield carrying
    finally:
        work.cancel()
        await asyncio.wait({work})


async def outcomes(database: Database, post: int) -> dict[Outcome, int]:
    async with database.read() as session:
        return {outcome: count for outcome, count in (await standing.counts(session, post)).items() if count}


async def carried_out(database: Database, within: float = 30.0) -> None:
    """Waits until no broadcast and no copy has anything left to do."""
    async with asyncio.timeout(within):
        while True:
            async with database.read() as session:
                open_ones = await session.scalar(select(Broadcast.id).where(Broadcast.done.is_(False)).limit(1))
                due = await session.scalar(select(Delivery.id).where(Delivery.due_at.is_not(None)).limit(1))
            if open_ones is None and due is None:
                return
            await asyncio.sleep(0.05)


async def in_hand(carrying: Courier, count: int) -> None:
    """Waits until so many copies are on their way at once."""
    async with asyncio.timeout(30):
        while len(carrying._in_hand) < count:  # noqa: ASYNC110 - by the courier
            await asyncio.sleep(0.02)


def copies(person: Person) -> list[dict[str, Any]]:
    """What the bot has written to somebody, as it stands now."""
    return [message for message in person.chat.messages.values() if message["from"]["is_bot"]]
