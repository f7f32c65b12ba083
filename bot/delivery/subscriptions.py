"""What a reader chose: the language, which updates, how often, and when they make no sound."""

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialect import upsert
from bot.i18n import LANGUAGES, Language
from bot.vault import Vault
from models.delivery import LEASE, Broadcast, Delivery, Outcome
from models.desk import Kind, PostRevision
from models.people import Reader, Subscription

ABOUT_EXCHANGES = (Kind.ANNOUNCEMENT, Kind.PROGRESS, Kind.COMPLETED)


class Follows(StrEnum):
    """What can be followed, besides one exchange."""

    ALL = "all"
    EXCHANGES = "exchanges"
    TALKS = "talks"
    ADVISORIES = "advisories"


FOLLOWED: dict[str, tuple[Kind, ...]] = {
    Follows.ALL: tuple(Kind),
    Follows.EXCHANGES: ABOUT_EXCHANGES,
    Follows.TALKS: (Kind.TALKS,),
    Follows.ADVISORIES: (Kind.ADVISORY,),
}


def of_exchange(key: str) -> str:
    """How it is written that one exchange is followed."""
    return f"exchange:{key}"


def follows_post(kind: Kind, exchange: str | None) -> ColumnElement[bool]:
    """Whether a reader wants a post of this kind, about this exchange."""
    return Reader.follows.in_(_fitting(kind, exchange))


def _fitting(kind: Kind, exchange: str | None) -> list[str]:
    """What can be followed, and has such a post in it."""
    lists = [name for name, kinds in FOLLOWED.items() if kind in kinds]
    return [*lists, of_exchange(exchange)] if exchange else lists


async def reader(session: AsyncSession, vault: Vault, chat_id: int) -> Reader | None:
    return await session.scalar(select(Reader).where(Reader.chat_index.in_(vault.indexes(chat_id))))


async def chosen_language(session: AsyncSession, vault: Vault, chat_id: int) -> Language | None:
    chosen = await chosen_languages(session, vault.indexes(chat_id))
    return next(iter(chosen.values()), None)


async def chosen_languages(session: AsyncSession, chats: Collection[bytes]) -> dict[bytes, Language]:
    """By the chats' indexes; only of those who chose."""
    query = select(Reader.chat_index, Reader.language).where(Reader.chat_index.in_(chats))
    known: dict[str, Language] = {code: code for code in LANGUAGES}
    return {chat: known[code] for chat, code in await session.execute(query)}


async def become_reader(session: AsyncSession, vault: Vault, chat_id: int, language: Language) -> None:
    """Gives a new chat its language. One that is known has just pressed a button, so it can be written to."""
    here = Reader.chat_index.in_(vault.indexes(chat_id))
    if not (await session.execute(update(Reader).where(here).values(blocked=False).returning(Reader.id))).first():
        await choose_language(session, vault, chat_id, language)


async def choose_language(session: AsyncSession, vault: Vault, chat_id: int, language: Language) -> None:
    chosen = {"language": language, "blocked": False}
    known = update(Reader).where(Reader.chat_index.in_(vault.indexes(chat_id))).values(chosen)
    if (await session.execute(known.returning(Reader.id))).first():
        return
    # Two presses at once must not make two readers, nor an error for one of them.
    await session.execute(
        upsert(session, Reader)
        .values(chat_index=vault.index(chat_id), chat_sealed=vault.seal(chat_id), **chosen)
        .on_conflict_do_update(index_elements=[Reader.chat_index], set_=chosen)
    )


async def choose(session: AsyncSession, vault: Vault, chat_id: int, **settings: str | int | None) -> None:
    """Sets `follows`, `pace`, `digest_hour`, `quiet_from`, `quiet_to` or `zone` of a reader who has a language."""
    here = Reader.chat_index.in_(vault.indexes(chat_id))
    await session.execute(update(Reader).where(here).values(**settings))
    if "follows" in settings:
        await drop_unsent(session, vault, chat_id)
        await drop_unfitting(session, vault, chat_id)


async def stop(session: AsyncSession, vault: Vault, chat_id: int) -> None:
    """At once, with everything that waits for this reader."""
    readers = select(Reader.id).where(Reader.chat_index.in_(vault.indexes(chat_id)))
    await session.execute(delete(Subscription).where(Subscription.reader_id.in_(readers)))
    await choose(session, vault, chat_id, follows=None)


async def drop_unsent(session: AsyncSession, vault: Vault, chat_id: int) -> None:
    """What waits for its hour for a reader who follows nothing any more.

    What is due now may be on its way, and a correction must find its row: the courier drops it if it is not.
    """
    here = Reader.chat_index.in_(vault.indexes(chat_id))
    readers = select(Reader.id).where(here, ~gets_updates())
    unsent = Delivery.outcome == Outcome.PENDING, Delivery.message_id.is_(None)
    waits = Delivery.due_at > datetime.now(UTC) + LEASE
    await session.execute(delete(Delivery).where(Delivery.reader_id.in_(readers), *unsent, waits))


async def drop_unfitting(session: AsyncSession, vault: Vault, chat_id: int) -> None:
    """What waits for the hour of a digest and is not among what the reader follows now."""
    here = Reader.chat_index.in_(vault.indexes(chat_id))
    # What is due now may be on its way, and a claim made meanwhile moves it a little further than one lease.
    waits = Delivery.due_at > datetime.now(UTC) + 2 * LEASE
    unsent = Delivery.outcome == Outcome.PENDING, Delivery.message_id.is_(None), waits
    query = (
        select(Delivery.id, Reader.follows, PostRevision.kind, PostRevision.facts, Broadcast.matching)
        .join(Reader, Reader.id == Delivery.reader_id)
        .join(Broadcast, Broadcast.post_id == Delivery.post_id)
        .join(PostRevision, PostRevision.id == Broadcast.revision_id)
        .where(here, *unsent, Broadcast.matching.is_not(None))
    )
    wanted = select(Subscription.what).join(Reader, Reader.id == Subscription.reader_id).where(here)
    chosen = set(await session.scalars(wanted))
    unfitting = [
        copy
        for copy, follows, kind, facts, matching in await session.execute(query)
        if follows not in _fitting(kind, facts.get("exchange")) and chosen.isdisjoint(matching)
    ]
    await session.execute(delete(Delivery).where(Delivery.id.in_(unfitting), *unsent))


def gets_updates() -> ColumnElement[bool]:
    """Whether a reader wants any."""
    return or_(Reader.follows.is_not(None), Reader.id.in_(select(Subscription.reader_id)))


async def come_back(session: AsyncSession, vault: Vault, chat_id: int) -> bool:
    """The reader can be written to again. Returns whether they were gone."""
    here = Reader.chat_index.in_(vault.indexes(chat_id)), Reader.blocked.is_(True)
    found = await session.scalar(select(Reader.id).where(*here))
    if found is None:
        return False
    await session.execute(update(Reader).where(Reader.id == found).values(blocked=False))
    return True


async def copies(session: AsyncSession, reader: Reader) -> int:
    """How many updates have a row for this reader, with the number of the message that was sent."""
    return await session.scalar(select(func.count()).where(Delivery.reader_id == reader.id)) or 0


async def forget(session: AsyncSession, vault: Vault, chat_id: int) -> None:
    """Everything that is kept of a reader."""
    readers = select(Reader.id).where(Reader.chat_index.in_(vault.indexes(chat_id)))
    await session.execute(delete(Delivery).where(Delivery.reader_id.in_(readers)))
    await session.execute(delete(Reader).where(Reader.chat_index.in_(vault.indexes(chat_id))))


async def followers(session: AsyncSession) -> dict[str, int]:
    """How many readers get updates, by language."""
    follow = and_(gets_updates(), Reader.blocked.is_(False))
    query = select(Reader.language, func.count()).where(follow).group_by(Reader.language)
    return dict((await session.execute(query)).all())
