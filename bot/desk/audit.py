"""The trail of what staff did: each entry carries the hash of all before it, so no byte of it can be changed
unseen. Entries are made inside the transaction of the act they tell of."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.desk import AuditEntry

BEGINNING = "0" * 64


async def note(session: AsyncSession, actor: str, act: str, subject: str, **details: Any) -> None:  # noqa: ANN401
    """Adds an entry. The caller holds the desk's lock, so no other entry can come in between."""
    last = await session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        id=last.id + 1 if last else 1,
        at=datetime.now(UTC),
        actor=actor,
        act=act,
        subject=subject,
        details=details,
    )
    entry.hash = _chained(entry, last.hash if last else BEGINNING)
    session.add(entry)
    await session.flush()


async def verify(session: AsyncSession) -> tuple[int, int | None]:
    """How many entries hold, and the number of the first one that does not: changed, missing or out of place."""
    before, count = BEGINNING, 0
    async for entry in await session.stream_scalars(select(AuditEntry).order_by(AuditEntry.id)):
        if entry.id != count + 1 or entry.hash != _chained(entry, before):
            return count, count + 1
        before, count = entry.hash, count + 1
    return count, None


async def latest(session: AsyncSession, count: int) -> list[AuditEntry]:
    return list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(count)))


async def export(session: AsyncSession) -> AsyncIterator[str]:
    """One JSON object a line, with the hash that makes the next one follow from it."""
    async for entry in await session.stream_scalars(select(AuditEntry).order_by(AuditEntry.id)):
        yield _canonical(entry, hash=entry.hash)


def _chained(entry: AuditEntry, before: str) -> str:
    return hashlib.sha256(f"{before}\n{_canonical(entry)}".encode()).hexdigest()


def _canonical(entry: AuditEntry, **more: str) -> str:
    told = {
        "number": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "act": entry.act,
        "subject": entry.subject,
        "details": entry.details,
    }
    return json.dumps(told | more, ensure_ascii=False, sort_keys=True)
