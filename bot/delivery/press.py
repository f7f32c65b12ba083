"""What journalists follow in addition to the usual choice: kinds of posts, sides, officials, exchanges, searches.

Each is a short key. A saved search is its stems, and only such as stand in the record or in a post: so the name of
a captive, which stands in neither, is never kept.
"""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.subscriptions import drop_unfitting, drop_unsent
from bot.errors import ObminError
from bot.vault import Vault
from models.desk import Kind
from models.people import Reader, Subscription
from models.record import Side

MOST = 20
"""Subscriptions of one reader."""
LONGEST = 140
OTHERS = "others"
"""The side of those who speak for neither."""
SIDES = (*Side, OTHERS)
SEARCH = "search:"


class TooMany(ObminError):
    """A reader has as many subscriptions as there may be."""


def of_kind(kind: Kind) -> str:
    return f"kind:{kind}"


def of_side(side: str) -> str:
    return f"side:{side}"


def of_speaker(key: str) -> str:
    return f"speaker:{key}"


def of_search(stems: Iterable[str]) -> str:
    """The same for the same words in any order; of very many words the first that there is room for."""
    chosen: list[str] = []
    for stem in dict.fromkeys(stems):
        if len(SEARCH) + len(" ".join([*chosen, stem])) <= LONGEST:
            chosen.append(stem)
    return SEARCH + " ".join(sorted(chosen))


def stems_of(what: str) -> tuple[str, ...]:
    """Of a saved search; none of anything else."""
    return tuple(what.removeprefix(SEARCH).split(" ")) if what.startswith(SEARCH) else ()


async def subscriptions(session: AsyncSession, vault: Vault, chat_id: int) -> tuple[str, ...]:
    """Oldest first."""
    query = select(Subscription.what).join(Reader).where(Reader.chat_index.in_(vault.indexes(chat_id)))
    return tuple(await session.scalars(query.order_by(Subscription.id)))


async def subscribe(session: AsyncSession, vault: Vault, chat_id: int, what: str) -> None:
    """Of a reader who has a language; a second time it does nothing. Raises `TooMany`."""
    here = Reader.chat_index.in_(vault.indexes(chat_id))
    # Locked, so that two presses at once are one after the other.
    reader = await session.scalar(select(Reader.id).where(here).with_for_update())
    if reader is None:
        return
    chosen = await subscriptions(session, vault, chat_id)
    if what in chosen:
        return
    if len(chosen) >= MOST:
        raise TooMany
    session.add(Subscription(reader_id=reader, what=what))


async def unsubscribe(session: AsyncSession, vault: Vault, chat_id: int, what: str) -> None:
    readers = select(Reader.id).where(Reader.chat_index.in_(vault.indexes(chat_id)))
    await session.execute(
        delete(Subscription).where(Subscription.reader_id.in_(readers), Subscription.what == what)
    )
    await drop_unsent(session, vault, chat_id)
    await drop_unfitting(session, vault, chat_id)


async def searches(session: AsyncSession) -> list[str]:
    """Every saved search, once."""
    query = select(Subscription.what).where(Subscription.what.startswith(SEARCH)).distinct()
    return list(await session.scalars(query))
