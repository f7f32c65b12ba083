"""A question in, a reply out; the same question within one version of the record is written once."""

from datetime import date

from bot.answers import find, texts
from bot.answers.facts import Exchange, Record
from bot.answers.load import Shelf
from bot.answers.texts import Reply
from bot.database import Database
from bot.understanding import Question

KEPT = 5_000
"""Replies, a few kilobytes each: more than the questions of a busy day, and a bound against odd periods."""


class Answers:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._shelf = Shelf()
        self._kept: dict[Question, Reply] = {}
        self._kept_for: tuple[int, date] | None = None

    async def current(self, today: date) -> tuple[Exchange, ...]:
        return find.current(await self.record(), today)

    async def reply(self, question: Question, today: date) -> Reply:
        record = await self.record()
        if self._kept_for != (record.version, today) or len(self._kept) >= KEPT:
            self._kept = {}
            self._kept_for = (record.version, today)
        asked = find.relevant(question)
        if asked not in self._kept:
            self._kept[asked] = texts.reply(find.answer(record, asked, today), asked.language)
        return self._kept[asked]

    async def record(self) -> Record:
        """As it is now."""
        async with self._database.read() as session:
            return await self._shelf.record(session)
