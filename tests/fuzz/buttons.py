"""Whatever a button carries is one of ours, which can be answered, or an old one."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date

from bot.answers import find, texts
from bot.answers.facts import Record
from bot.answers.load import load
from bot.opening import ready_database
from bot.understanding import Question
from handlers import keyboards
from handlers.desk import routes

TODAY = date(2025, 6, 8)


@contextmanager
def target() -> Iterator[Callable[[bytes], None]]:
    record = asyncio.run(starting_record())

    def press(data: bytes) -> None:
        carried = data.decode(errors="replace")
        routes.parse(carried)
        with suppress(keyboards.OldButton):
            match keyboards.parse(carried):
                case keyboards.TurnPage(_, question):
                    answer(record, question)
                case keyboards.Ask(topic, language):
                    answer(record, Question(topic, language, None, 1.0))

    yield press


def answer(record: Record, question: Question) -> None:
    asked = find.relevant(question)
    assert texts.reply(find.answer(record, asked, TODAY), asked.language).pages


async def starting_record() -> Record:
    async with ready_database("sqlite+aiosqlite:///:memory:") as database, database.read() as session:
        return await load(session)
