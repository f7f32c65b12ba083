"""How long a search takes in a record of very many exchanges."""

import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert, select

from bot.answers.ask import Answers
from bot.database import Database
from bot.i18n import LANGUAGES, translator
from bot.opening import ready_database
from bot.search import Search, read
from bot.search.listing import listing
from bot.search.offers import offers
from models.base import Wording
from models.record import (
    Exchange,
    Figure,
    Handover,
    Qualifier,
    RecordVersion,
    Scope,
    Side,
    Source,
    Statement,
    StatementSort,
    Term,
    TermSort,
    What,
)

TODAY = date(2026, 6, 1)
DAYS = 4_000
"""Over which the exchanges are spread."""
ON_A_PAGE = 10
QUERIES = {
    "a name": ("Umerov", "Зеленський", "Мединского", "Лубінець"),
    "a name and a time": ("Umerov May 2025", "Зеленський травень 2024", "Мединский 2023", "Medinsky 2 June"),
    "a word found everywhere": ("обмін", "exchange", "обмена"),
    "many such words": ("обмін військовополонені Україна", "exchange prisoners Ukraine Russia"),
    "a number": ("303", "250"),
    "a time": ("травень 2025", "2 June 2024", "2022"),
    "a mistyped letter": ("Умероов", "Зеленскьий", "Medinksy"),
    "words that are nowhere together": ("Umerov станція обмін", "exchange zebra Medinsky"),
    "nonsense": ("asdfghjk", "停戦"),
}


@asynccontextmanager
async def many_exchanges(count: int, url: str | None) -> AsyncIterator[Database]:
    """The starting record and that many more exchanges, made of its own words: at `url` or in a temporary file."""
    with TemporaryDirectory() as folder:
        async with ready_database(url or f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}") as database:
            async with database.write() as session:
                said = [gist for gist in await session.scalars(select(Statement.gist)) if gist]
                people = list(await session.scalars(select(Term.key).where(Term.sort == TermSort.PERSON)))
                for table, rows in _made(count, said, people).items():
                    await session.execute(insert(table), rows)
                (await session.get_one(RecordVersion, 1)).number += 1
            yield database


def _made(count: int, said: list[Wording], people: list[str]) -> dict[Any, list[dict[str, Any]]]:
    dice = random.Random(1)  # noqa: S311 - the same record each time
    words = {code: sorted({word for gist in said for word in gist.texts[code].split()}) for code in LANGUAGES}
    now = datetime.now(UTC)

    def row(key: str, **values: object) -> dict[str, object]:
        return {"key": key, "since": now, "until": None, **values}

    def gist() -> Wording:
        return Wording("en", {code: " ".join(dice.choices(words[code], k=15)) for code in LANGUAGES})

    made: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (Source, Exchange, Handover, Statement, Figure)
    }
    for number in range(count):
        day = TODAY - timedelta(days=dice.randrange(DAYS))
        key = f"bench-{number}"
        made[Source].append(
            row(
                key,
                url=f"https://example.org/{day}/{number}",
                title=gist().texts["en"],
                author=None,
                publisher=None,
                published=day.isoformat(),
                note=None,
            )
        )
        made[Exchange].append(row(key, name=None, round=None))
        lists: dict[str, list[str]] = {"categories": [], "mediators": []}
        made[Handover].append(row(key, exchange=key, day=day, place=gist(), confirmed=True, **lists))
        for sort, speaker in ((StatementSort.REPORT, None), (StatementSort.CLAIM, dice.choice(people))):
            of = {
                "speaker": speaker,
                "role": None,
                "side": None,
                "said_on": day if speaker else None,
                "topic": None,
                "exchange": key,
                "handover": None if speaker else key,
                "round": None,
                "relayed_by": [],
                "sources": [key],
            }
            made[Statement].append(row(f"{key}-{sort}", sort=sort, gist=gist(), **of, **lists))
        made[Figure].append(
            row(
                key,
                statement=f"{key}-{StatementSort.REPORT}",
                what=What.RETURNED_TO_UKRAINE,
                value=dice.randrange(1, 400),
                qualifier=Qualifier.EXACT,
                scope=Scope.ONE_SIDE,
                side=Side.UKRAINE,
                as_of=None,
                withheld_by=None,
                our_sum=False,
                note=None,
            )
        )
    return made


Told = dict[str, tuple[float, float]]
"""Milliseconds: the median and the 95th percentile, by kind of query."""


async def measured(count: int, times: int, url: str | None) -> tuple[float, Told, Told]:
    """Seconds until the entries are made, and how long lists and inline offers take, each query `times` times."""
    async with many_exchanges(count, url) as database:
        answers = Answers(database)
        search = Search(database, answers)
        await answers.record()
        start = time.perf_counter()
        await search.shown(TODAY)
        made = time.perf_counter() - start

        async def a_list(text: str) -> None:
            sought = read(text, TODAY, "uk")
            found = await search.find(sought, TODAY, 0, ON_A_PAGE)
            listing(found, sought, await search.shown(TODAY), 1, translator(sought.language))

        async def inline(text: str) -> None:
            await offers(search, answers, text, TODAY, "uk", "", "bot")

        return made, await _timed(a_list, times), await _timed(inline, times)


async def _timed(ask: Callable[[str], Awaitable[None]], times: int) -> Told:
    told = {}
    every: list[float] = []
    for kind, queries in QUERIES.items():
        took = []
        for _ in range(times):
            for text in queries:
                start = time.perf_counter()
                await ask(text)
                took.append(1000 * (time.perf_counter() - start))
        told[kind] = statistics.median(took), statistics.quantiles(took, n=20)[-1]
        every += took
    return told | {"all": (statistics.median(every), statistics.quantiles(every, n=20)[-1])}
