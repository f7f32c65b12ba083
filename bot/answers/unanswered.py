"""How often the bot had no answer, by day, topic and language: counts for staff, and nobody's words."""

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.dialect import upsert
from bot.understanding import Question, Topic
from models.desk import Unanswered

KEPT_FOR = timedelta(days=90)


class Tally:
    """Counts in memory, so that a night of questions is a few rows, written now and then."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[date, str, str]] = Counter()

    def add(self, question: Question, today: date) -> None:
        if question.options or question.topic in (Topic.UNKNOWN, Topic.CIVILIANS_AND_CHILDREN):
            self._counts[today, question.counted_as, question.language] += 1

    async def write(self, database: Database, today: date) -> None:
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            async with database.write() as session:
                await _write(session, counts, today)
        except Exception:
            # They are written together with the next.
            self._counts += counts
            raise


async def _write(session: AsyncSession, counts: Counter[tuple[date, str, str]], today: date) -> None:
    for (day, topic, language), count in sorted(counts.items()):
        await session.execute(
            upsert(session, Unanswered)
            .values(day=day, topic=topic, language=language, count=count)
            .on_conflict_do_update(
                index_elements=["day", "topic", "language"], set_={"count": Unanswered.count + count}
            )
        )
    await session.execute(delete(Unanswered).where(Unanswered.day < today - KEPT_FOR))


async def latest(session: AsyncSession, days: int) -> list[Unanswered]:
    """Newest day first."""
    query = select(Unanswered).order_by(Unanswered.day.desc(), Unanswered.count.desc())
    found = list(await session.scalars(query))
    shown = sorted({each.day for each in found}, reverse=True)[:days]
    return [each for each in found if each.day in shown]
