"""A question in, a reply out; the same question within one version of the record is written once."""

from datetime import date

from bot.answers import find, texts
from bot.answers.facts import Exchange, Record
from bot.answers.load import Shelf
from bot.answers.texts import Reply
from bot.database import Database
from bot.press.as_of import published_by
from bot.understanding import Question

KEPT = 5_000
"""Replies, a few kilobytes each: more than the questions of a busy day, and a bound against odd periods."""


class Answers:
    def __init__(self, database: Database) -> None:
        self._shelf = Shelf()
        self._records = database.together(self._shelf.records)
        self._kept: dict[tuple[Question, date | None], Reply] = {}
        self._kept_for: tuple[int, date] | None = None

    async def current(self, today: date) -> tuple[Exchange, ...]:
        return find.current(await self.record(), today)

    async def reply(self, question: Question, today: date, as_of: date | None = None) -> Reply:
        """As of an earlier day, if one was chosen and the answer comes from the record."""
        record = await self.record()
        if self._kept_for != (record.version, today) or len(self._kept) >= KEPT:
            self._kept = {}
            self._kept_for = (record.version, today)
        asked = find.relevant(question)
        key = asked, as_of
        if key not in self._kept:
            self._kept[key] = _written(record, asked, today, as_of)
        return self._kept[key]

    async def record(self) -> Record:
        """As it is now."""
        record = await self._records.get(None)
        assert record is not None  # noqa: S101 - for the type checker
        return record


def _written(record: Record, asked: Question, today: date, as_of: date | None) -> Reply:
    if as_of is None or not (asked.options or asked.topic in find.FINDERS):
        return texts.reply(find.answer(record, asked, today), asked.language)
    past = published_by(record, as_of)
    return texts.reply(find.answer(past, asked, as_of), asked.language, as_of)
