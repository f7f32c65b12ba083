"""What the database says: whether it is whole and ours, and how deliveries and the record stand."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers import unanswered
from bot.database import Database, known_schemas, newest_schema
from bot.delivery import lease, standing
from bot.desk import record
from bot.desk.staff import frozen_by
from bot.doctor.finding import Finding, clock, ok, warning, wrong
from bot.i18n import today_in_kyiv
from bot.opening import keys_of
from bot.settings import Settings
from bot.vault import Vault, VaultLocked, is_sealed, recognise

LARGE_LOG = 256 * 1024 * 1024
"""Bytes: SQLite empties its log at four megabytes, unless a reader that does not end keeps it from that."""
RECORD_IS_OLD = timedelta(days=2)
MANY_UNANSWERED = 50
"""On one day."""
DAYS = 7


async def examine(settings: Settings) -> list[Finding]:
    database = Database(settings.database)
    try:
        if _is_missing(database):
            mend = "The first `obmin run` makes it. If there should be one, DATABASE_URL is wrong."
            return [warning("database", f"{database.name} is not there", mend)]
        return [finding async for finding in _examined(database, settings)]
    finally:
        await database.close()


def _is_missing(database: Database) -> bool:
    """To be asked first: SQLite would make an empty one."""
    return database.is_sqlite and not Path(str(database.url.database)).exists()


async def _examined(database: Database, settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with asyncio.timeout(10):
            schema = await database.schema()
    except Exception as error:
        # Drivers have errors of their own, and all mean that it cannot be used.
        mend = "Check the server, DATABASE_URL and the rights."
        if database.is_sqlite:
            mend = "Bring back a backup, or set DATABASE_URL to the right file."
        yield wrong("database", f"{database.name} cannot be read: {type(error).__name__}", mend)
        return
    yield ok("database", f"{database.name} answers")
    if schema != newest_schema():
        yield _of_another_version(schema)
        return
    yield ok("schema", schema)
    async with database.read() as session:
        if database.is_sqlite:
            yield await _whole(session)
            yield _log_of(Path(str(database.url.database)))
        else:
            theirs = await session.scalar(text("SELECT clock_timestamp()"))
            yield clock("PostgreSQL", (datetime.now(UTC) - theirs).total_seconds() if theirs else 0)
        yield await _vault(session, settings)
        for finding in await _deliveries(session):
            yield finding
        yield await _record(session)
        yield await _unanswered(session)


def _of_another_version(schema: str | None) -> Finding:
    if schema is not None and schema not in known_schemas():
        mend = "Bring Obmin up to date, or set DATABASE_URL to another database."
        return wrong("schema", f"{schema}, made by a newer version of Obmin; ours is {newest_schema()}", mend)
    found = f"{schema or 'empty'}, ours is {newest_schema()}"
    return warning("schema", found, "The next `obmin run`, or `obmin migrate`, brings it up to date.")


async def _whole(session: AsyncSession) -> Finding:
    told = list(await session.scalars(text("PRAGMA quick_check(1)")))
    if told == ["ok"]:
        return ok("integrity", "SQLite finds the file whole")
    return wrong("integrity", f"SQLite finds damage: {told[0]}", "Stop the bot, and bring back a backup.")


def _log_of(file: Path) -> Finding:
    log = file.with_name(f"{file.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > LARGE_LOG:
        mend = "End the program that keeps the file open for reading (fuser shows it), or start the bot again."
        return warning("write-ahead log", f"{size // 2**20} MB", mend)
    return ok("write-ahead log", f"{size // 2**10} KB")


async def _vault(session: AsyncSession, settings: Settings) -> Finding:
    """Reads only: a database that is not sealed yet stays so."""
    try:
        if not await is_sealed(session):
            return ok("vault", "nothing is sealed yet; the first start makes a key")
        await recognise(session, Vault(*keys_of(settings, may_make=False)))
    except VaultLocked as error:
        return wrong("vault", "the key does not open this database, or is not kept safe", str(error))
    return ok("vault", "the key opens this database, and only its owner can read it")


async def _deliveries(session: AsyncSession) -> list[Finding]:
    due, oldest = await standing.due_now(session), await standing.oldest_due(session)
    late = datetime.now(UTC) - oldest if oldest and due else timedelta()
    halted, frozen = await lease.halted(session), await frozen_by(session)
    findings = []
    if halted:
        mend = "Correct BOT_TOKEN, start the bot again, then: obmin delivery resume"
        if await lease.restored_to(session):
            mend = "Decide what to do with what was unsent: obmin delivery status says how"
        findings.append(wrong("courier", f"halted: {halted}", mend))
    elif frozen:
        mend = "When it is safe, two of the staff run: obmin staff thaw ALIAS CODE"
        findings.append(warning("courier", f"frozen by {frozen}", mend))
    elif await lease.is_held(session):
        findings.append(ok("courier", "a running bot sends"))
    else:
        findings.append(warning("courier", "no running bot sends", "Start the bot: obmin run"))
    if late > standing.STALLED_AFTER:
        mend = "See the line above, the bot's log, and: obmin delivery status"
        found = f"{due} copies are due, the oldest for {int(late.total_seconds())} s"
        findings.append(wrong("deliveries", found, mend))
    else:
        findings.append(ok("deliveries", f"{due} copies are due"))
    return findings


async def _record(session: AsyncSession) -> Finding:
    changed_at, looked_through_on = await record.age(session)
    told = f"looked through on {looked_through_on}, changed on {changed_at:%Y-%m-%d}"
    mend = "Look through the sources, enter what is new at the desk, then: obmin record checked"
    is_old = today_in_kyiv() - looked_through_on > RECORD_IS_OLD
    return warning("record", told, mend) if is_old else ok("record", told)


async def _unanswered(session: AsyncSession) -> Finding:
    since = today_in_kyiv() - timedelta(days=DAYS)
    by_day: Counter[str] = Counter()
    for each in await unanswered.latest(session, DAYS):
        if each.day > since:
            by_day[each.day.isoformat()] += each.count
    told = f"{by_day.total()} questions in {DAYS} days"
    if by_day and max(by_day.values()) >= MANY_UNANSWERED:
        day, most = by_day.most_common(1)[0]
        mend = "See at the desk (/desk) which topics they fall under, and whether a post would help."
        return warning("unanswered", f"{told}, {most} of them on {day}", mend)
    return ok("unanswered", told)
