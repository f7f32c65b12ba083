"""The record: filled once, changed by revisions only, refused as a whole when a row is wrong."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from bot.answers.ask import Answers
from bot.answers.load import load
from bot.database import Database, DatabaseUnusable
from bot.desk import record
from bot.desk.record import RecordRefused
from bot.opening import ready_database
from bot.understanding import Question, Topic
from models.record import RECORD, Figure, Handover, What
from tests.situations import TODAY


def lines_of(file: Path, *rows: Mapping[str, object] | str) -> list[record.Line]:
    file.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return list(record.read_lines(file))


async def exported(database: Database) -> list[dict[str, object]]:
    async with database.read() as session:
        return [json.loads(line) async for line in record.export(session)]


async def test_new_database_holds_the_whole_starting_record(empty_url: str) -> None:
    async with ready_database(empty_url) as database, database.read() as session:
        handovers = await session.scalar(select(func.count()).select_from(Handover))
        known = await load(session)
        totals = [count for claim in known.claims for count in claim.counts if count.what is What.RETURNED_TOTAL]
        said = [claim for claim in known.claims if claim.gist and claim.handover is None]
    assert handovers == 77
    assert len(totals) == 8
    assert len(said) == 15


async def test_loading_twice_changes_nothing(url: str) -> None:
    async with ready_database(url) as database:
        before = await exported(database)
        lines = [line for file in record.STARTER.glob("*.jsonl") for line in record.read_lines(file)]
        async with database.write() as session:
            assert await record.load(session, lines) == 0
    async with ready_database(url) as database:
        assert await exported(database) == before


async def test_three_days_are_one_exchange(database: Database) -> None:
    async with database.read() as session:
        known = await load(session)
    (may,) = [exchange for exchange in known.exchanges if exchange.key == "2025-05-23"]
    values = [[count.value for count in day.counts(What.RETURNED_TO_UKRAINE)] for day in may.handovers]
    assert values == [[390], [307], [303]]


async def test_every_text_of_the_record_is_there_in_three_languages(database: Database) -> None:
    for row in await exported(database):
        for field, value in row.items():
            if isinstance(value, dict):
                assert set(value) == {"original", "uk", "en", "ru"}, (row["key"], field)


async def test_a_change_keeps_the_old_revision_and_its_times(url: str) -> None:
    async with ready_database(url) as database:
        (row,) = [row for row in await exported(database) if row["key"] == "2025-05-24-returned_to_ukraine"]
        before = datetime.now(UTC)
        async with database.write() as session:
            line = ("file", 1, json.dumps({**row, "value": 308}))
            assert await record.load(session, [line]) == 1
        async with database.read() as session:
            query = select(Figure).where(Figure.key == row["key"]).order_by(Figure.id)
            old, new = await session.scalars(query)
            assert (old.value, new.value) == (307, 308)
            assert old.until == new.since
            assert new.until is None
            then = await load(session, known_at=before)
            now = await load(session)
        values = [
            exchange.handovers[1].counts(What.RETURNED_TO_UKRAINE)[0].value
            for known in (then, now)
            for exchange in known.exchanges
            if exchange.key == "2025-05-23"
        ]
        assert values == [307, 308]
        assert now.version == then.version


async def test_the_database_itself_refuses_to_overwrite(url: str) -> None:
    async with ready_database(url) as database:
        for table in RECORD:
            for change in (update(table).values(key="other"), delete(table)):
                with pytest.raises(DBAPIError, match="never changed or deleted"):
                    async with database.write() as session:
                        await session.execute(change)


async def test_exported_record_can_be_imported_elsewhere(database: Database, tmp_path: Path) -> None:
    rows = await exported(database)
    other = Database(f"sqlite+aiosqlite:///{tmp_path}/other.db")
    await other.migrate()
    async with other.write() as session:
        assert await record.load(session, lines_of(tmp_path / "all.jsonl", *rows)) == len(rows)
    assert await exported(other) == rows
    await other.close()


TERM = {"kind": "term", "key": "new", "sort": "outlet", "name": {"original": "en", "en": "New"}}
STAGE = {"kind": "stage", "key": "all-for-all", "stage": "agreed", "day": None, "day_withheld_by": None}
SOURCE = {
    "kind": "source",
    "key": "new",
    "url": None,
    "title": None,
    "author": None,
    "publisher": None,
    "published": None,
    "note": None,
}
FIGURE = {
    "kind": "figure",
    "key": "new",
    "statement": "report-2022-03-01",
    "what": "returned_to_ukraine",
    "value": 5,
    "qualifier": "exact",
    "scope": "one_side",
    "side": None,
    "as_of": None,
    "withheld_by": None,
    "our_sum": False,
    "note": None,
}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("{", "the row"),
        ('{"kind": "rumour", "key": "x"}', "the row"),
        ({**TERM, "sort": "friend"}, "sort"),
        ({**TERM, "name": {"original": "en", "uk": "Нове"}}, "name"),
        ({**TERM, "extra": 1}, "extra"),
        ({**TERM, "key": "Not A Key"}, "key"),
        (TERM, "key"),
        ({**FIGURE, "value": -5}, "value"),
        ({**FIGURE, "value": None}, "the row"),
        ({**FIGURE, "qualifier": "withheld", "value": None}, "the row"),
        ({**FIGURE, "as_of": "31 June"}, "as_of"),
        ({**FIGURE, "statement": "nobody-said-it"}, "statement"),
        ({**STAGE, "key": "nobody-said-it"}, "key"),
        ({"kind": "coverage", "key": "other", "complete_to": "2025-05-31", "note": TERM["name"]}, "key"),
        ({**SOURCE, "published": "2025-13"}, "published"),
        ({**SOURCE, "url": "javascript:alert(1)"}, "url"),
    ],
)
async def test_a_wrong_row_is_named_and_nothing_is_loaded(
    database: Database, tmp_path: Path, wrong: Mapping[str, object] | str, named: str
) -> None:
    before = await exported(database)
    lines = lines_of(tmp_path / "rows.jsonl", TERM, "", wrong)
    with pytest.raises(RecordRefused, match=rf"^rows\.jsonl, line 3, {named}: .*Nothing was loaded\.$"):
        async with database.write() as session:
            await record.load(session, lines)
    assert await exported(database) == before


async def test_a_database_of_a_newer_version_is_refused(url: str) -> None:
    async with ready_database(url) as database, database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match=r"newer version of Obmin.*9999"):
        async with ready_database(url):
            pass


async def test_a_check_for_news_is_told_to_readers(database: Database) -> None:
    question = Question(Topic.NEXT_EXCHANGE, "en", None, 1.0)
    answers = Answers(database)
    assert "As of 11 April 2026" in (await answers.reply(question, TODAY)).pages[0]
    async with database.write() as session:
        await record.mark_checked(session, TODAY)
    text = (await answers.reply(question, TODAY)).pages[0]
    assert "Nothing new since 11 April 2026" in text
    assert "looked for news on 22 November 2026" in text
    assert "As of 11 April 2026" in (await answers.reply(question, date(2026, 11, 21))).pages[0]
