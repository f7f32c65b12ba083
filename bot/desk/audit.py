"""The trail of what staff did: each entry carries the hash of all before it, so no byte of it can be changed
unseen. Entries are made inside the transaction of the act they tell of."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.desk import AuditEntry

BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    at: datetime
    actor: str
    act: str
    subject: str
    details: dict[str, Any]


async def note(session: AsyncSession, actor: str, act: str, subject: str, **details: Any) -> None:  # noqa: ANN401
    """Adds an entry. The caller holds the desk's lock, so no other entry can come in between."""
    last = await session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    number = last.id + 1 if last else 1
    entry = {
        "number": number,
        "at": datetime.now(UTC).isoformat(),
        "actor": actor,
        "act": act,
        "subject": subject,
        "details": details,
    }
    told = json.dumps(entry, ensure_ascii=False, sort_keys=True)
    session.add(AuditEntry(id=number, told=told, hash=_chained(last.hash if last else BEGINNING, told)))
    await session.flush()


async def verify(session: AsyncSession) -> tuple[int, int | None]:
    """How many entries hold, and the number of the first one that does not: changed, missing or out of place."""
    before, count = BEGINNING, 0
    async for entry in await session.stream_scalars(select(AuditEntry).order_by(AuditEntry.id)):
        if entry.id != count + 1 or entry.hash != _chained(before, entry.told):
            return count, count + 1
        before, count = entry.hash, count + 1
    return count, None


async def latest(session: AsyncSession, count: int) -> list[Entry]:
    """Newest first."""
    entries = await session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(count))
    read = (json.loads(entry.told) for entry in entries)
    return [Entry(**{**entry, "at": datetime.fromisoformat(entry["at"])}) for entry in read]


async def export(session: AsyncSession) -> AsyncIterator[str]:
    """One JSON object a line: the hash, and the very text that it was made of and that anybody can check."""
    async for entry in await session.stream_scalars(select(AuditEntry).order_by(AuditEntry.id)):
        yield json.dumps({"hash": entry.hash, "told": entry.told}, ensure_ascii=False)


def _chained(before: str, told: str) -> str:
    return hashlib.sha256(f"{before}\n{told}".encode()).hexdigest()
