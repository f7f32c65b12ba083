"""What a reader chose: the language, which updates, how often, and when they make no sound."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import LANGUAGES, Language
from bot.vault import Vault
from models.delivery import LEASE, Delivery, Outcome
from models.desk import Kind
from models.people import Reader, Subscription

ALL = "all"
ABOUT_EXCHANGES = (Kind.ANNOUNCEMENT, Kind.PROGRESS, Kind.COMPLETED)
FOLLOWED: dict[str, tuple[Kind, ...]] = {
    ALL: tuple(Kind),
    "exchanges": ABOUT_EXCHANGES,
    "talks": (Kind.TALKS,),
    "advisories": (Kind.ADVISORY,),
}
"""What can be followed, besides one exchange: "exchange:" and its key."""
ONE = "exchange:"


def follows_post(kind: Kind, exchange: str | None) -> ColumnElement[bool]:
    """Whether a reader wants a post of this kind, about this exchange."""
    lists = [name for name, kinds in FOLLOWED.items() if kind in kinds]
    wanted = Reader.follows.in_(lists)
    return or_(wanted, Reader.follows == f"{ONE}{exchange}") if exchange else wanted


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
    """Of a chat that has not chosen a language yet: what it will be sent needs one."""
    if await chosen_language(session, vault, chat_id) is None:
        await choose_language(session, vault, chat_id, language)


async def choose_language(session: AsyncSession, vault: Vault, chat_id: int, language: Language) -> None:
    known = update(Reader).where(Reader.chat_index.in_(vault.indexes(chat_id))).values(language=language)
    if (await session.execute(known.returning(Reader.id))).first():
        return
    # Two presses at once must not make two readers, nor an error of one of them.
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite_insert(Reader) if on_sqlite else postgresql_insert(Reader)
    await session.execute(
        insert.values(
            chat_index=vault.index(chat_id), chat_sealed=vault.seal(chat_id), language=language
        ).on_conflict_do_update(index_elements=[Reader.chat_index], set_={"language": language})
    )


async def choose(session: AsyncSession, vault: Vault, chat_id: int, **settings: str | int | None) -> None:
    """Sets `follows`, `pace`, `digest_hour`, `quiet_from`, `quiet_to` or `zone` of a reader who has a language."""
    here = Reader.chat_index.in_(vault.indexes(chat_id))
    await session.execute(update(Reader).where(here).values(**settings))
    if "follows" in settings:
        await drop_unsent(session, vault, chat_id)


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


def gets_updates() -> ColumnElement[bool]:
    """Whether a reader wants any."""
    return or_(Reader.follows.is_not(None), Reader.id.in_(select(Subscription.reader_id)))


async def come_back(session: AsyncSession, vault: Vault, chat_id: int) -> bool:
    """The reader can be written to again. Whether they were gone."""
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
