"""Who wants to be told once when an answer changes, and whether it has.

What was answered is not kept: the record is versioned, so the earlier answer is written again and compared.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.find import answer
from bot.answers.load import load
from bot.answers.texts import differ
from bot.understanding.question import Question, unpacked
from bot.vault import Vault
from models.people import Reader, Watch
from models.record import RecordVersion

TOLD_AT_ONCE = 30


async def watched_in(session: AsyncSession, chats: Collection[bytes]) -> dict[bytes, set[str]]:
    """The questions, packed, that are watched in chats with these indexes."""
    query = select(Reader.chat_index, Watch.question).join(Reader).where(Reader.chat_index.in_(chats))
    found: dict[bytes, set[str]] = {}
    for chat, question in await session.execute(query):
        found.setdefault(chat, set()).add(question)
    return found


async def watched(session: AsyncSession, reader: Reader) -> list[Question]:
    query = select(Watch.question).where(Watch.reader_id == reader.id).order_by(Watch.id)
    return [unpacked(packed) for packed in await session.scalars(query)]


async def watch(session: AsyncSession, vault: Vault, chat_id: int, question: Question, *, wanted: bool) -> None:
    """Of a reader who has a language."""
    here = Reader.chat_index.in_(vault.indexes(chat_id))
    # Locked, so that two presses at once are one after the other.
    reader = await session.scalar(select(Reader.id).where(here).with_for_update())
    if reader is None:
        return
    await session.execute(delete(Watch).where(Watch.reader_id == reader, Watch.question == question.packed()))
    if wanted:
        version = await session.get_one(RecordVersion, 1)
        session.add(Watch(reader_id=reader, question=question.packed(), known_at=version.changed_at))


async def stop_watching(session: AsyncSession, vault: Vault, chat_id: int) -> None:
    readers = select(Reader.id).where(Reader.chat_index.in_(vault.indexes(chat_id)))
    await session.execute(delete(Watch).where(Watch.reader_id.in_(readers)))


async def any_older(session: AsyncSession) -> bool:
    """Whether somebody watches an answer that was given before the newest change of the record."""
    version = await session.get_one(RecordVersion, 1)
    return await session.scalar(select(Watch.id).where(Watch.known_at < version.changed_at).limit(1)) is not None


async def changed(session: AsyncSession, today: date) -> list[tuple[Question, datetime]]:
    """The questions whose answer has changed since it was given. The others move on to the newest version."""
    version = await session.get_one(RecordVersion, 1)
    query = select(Watch.question, Watch.known_at).where(Watch.known_at < version.changed_at).distinct()
    record = await load(session)
    found = []
    for packed, known_at in (await session.execute(query)).all():
        question = unpacked(packed)
        before = await load(session, known_at)
        if differ(answer(before, question, today), answer(record, question, today), question.language):
            found.append((question, known_at))
        else:
            await session.execute(
                update(Watch)
                .where(Watch.question == packed, Watch.known_at == known_at)
                .values(known_at=version.changed_at)
            )
    return found


async def know_all(session: AsyncSession) -> None:
    """Nobody is told, perhaps a second time, of what has changed so far: only of what changes from now on."""
    version = await session.get_one(RecordVersion, 1)
    await session.execute(
        update(Watch).where(Watch.known_at < version.changed_at).values(known_at=version.changed_at)
    )


async def some_to_tell(
    session: AsyncSession, question: Question, known_at: datetime, after: int
) -> Sequence[tuple[int, bytes, bytes]]:
    """The next watches after one, each with the seal and the index of its chat."""
    query = (
        select(Watch.id, Reader.chat_sealed, Reader.chat_index)
        .join(Reader)
        .where(Watch.question == question.packed(), Watch.known_at == known_at, Watch.id > after)
        .order_by(Watch.id)
        .limit(TOLD_AT_ONCE)
    )
    return [(watch, sealed, index) for watch, sealed, index in await session.execute(query)]


async def told(session: AsyncSession, watches: Sequence[int]) -> None:
    await session.execute(delete(Watch).where(Watch.id.in_(watches)))
