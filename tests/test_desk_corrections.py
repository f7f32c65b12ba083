"""Corrections and withdrawals: another revision, another approval, and the record follows."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.database import Database
from bot.desk import posts, record, review
from bot.desk.facts import Facts, GivenFigure, GivenSource
from bot.desk.refusals import FactsRefused, NotNow, OwnPost, Refused
from bot.opening import ready_database
from models.desk import Kind, Post, PostRevision, State
from models.record import Side, StageName, What
from tests.newsroom import AGREED, SOURCE, TEXTS, Cast, hire_all, newsroom, told

HOME, TO_RUSSIA = What.RETURNED_TO_UKRAINE, What.RETURNED_TO_RUSSIA
COMPLETED = Facts(
    exchange="new",
    stage=StageName.COMPLETED,
    day=date(2026, 5, 1),
    side=Side.UKRAINE,
    figures=(GivenFigure(what=HOME, value=12), GivenFigure(what=TO_RUSSIA, value=12)),
    sources=(SOURCE, GivenSource(url="https://example.org/more")),
)


@pytest.fixture
async def cast(database: Database) -> AsyncIterator[Cast]:
    async with newsroom(database) as room:
        yield await hire_all(room)


@pytest.fixture
async def anywhere(url: str) -> AsyncIterator[Cast]:
    """The cast, on each of the two databases."""
    async with ready_database(url) as database, newsroom(database) as room:
        yield await hire_all(room)


async def lines(cast: Cast) -> dict[tuple[str, str], dict[str, object]]:
    """The record as it is now."""
    async with cast.room.database.read() as session:
        rows = [json.loads(line) async for line in record.export(session)]
    return {(row["kind"], row["key"]): row for row in rows}


async def test_a_correction_is_another_revision_that_another_person_approves(anywhere: Cast) -> None:
    first = await anywhere.iryna.approves(await anywhere.marko.submits(Kind.COMPLETED, facts=COMPLETED))
    before = datetime.now(UTC)
    better = COMPLETED.model_copy(update={"figures": (GivenFigure(what=HOME, value=14),)})
    second = await anywhere.iryna.corrects(first, facts=better, texts={**TEXTS, "en": "Fourteen came home."})
    assert (second.post_id, second.number, second.kind) == (first.post_id, 2, Kind.COMPLETED)
    with pytest.raises(OwnPost):
        await anywhere.iryna.approves(second)
    waiting = await told(anywhere.room, first)
    assert waiting
    assert [count.value for count in waiting.counts] == [12, 12]
    await anywhere.petro.approves(second)
    now, then = await told(anywhere.room, first), await told(anywhere.room, first, before)
    assert now
    assert then
    assert [(count.what, count.value) for count in now.counts] == [(HOME, 14)]
    assert [(count.what, count.value) for count in then.counts] == [(HOME, 12), (TO_RUSSIA, 12)]
    assert now.gist
    assert now.gist.texts["en"] == "Fourteen came home."
    old = await anywhere.room.now(first)
    assert (old.texts, old.facts, old.state) == (first.texts, first.facts, State.RELEASED)


async def test_a_correction_takes_back_what_it_no_longer_says(anywhere: Cast) -> None:
    before = await lines(anywhere)
    first = await anywhere.iryna.approves(await anywhere.marko.submits(Kind.COMPLETED, facts=COMPLETED))
    added = (await lines(anywhere)).keys() - before.keys()
    assert {kind for kind, _ in added} == {"source", "exchange", "handover", "statement", "stage", "figure"}
    postponed = COMPLETED.model_copy(update={"stage": StageName.POSTPONED, "figures": (), "sources": (SOURCE,)})
    await anywhere.petro.approves(await anywhere.marko.corrects(first, facts=postponed))
    now = await lines(anywhere)
    assert {key for key in now if key not in before} == {
        ("source", "post-1-source-1"),
        ("exchange", "post-1"),
        ("statement", "post-1"),
        ("stage", "post-1"),
    }
    assert {key: now[key] for key in before} == before


async def test_a_withdrawal_takes_everything_back(anywhere: Cast) -> None:
    before = await lines(anywhere)
    first = await anywhere.iryna.approves(await anywhere.marko.submits(Kind.COMPLETED, facts=COMPLETED))
    second = await anywhere.iryna.corrects(first, withdraws=True)
    with pytest.raises(OwnPost):
        await anywhere.iryna.approves(second)
    assert await lines(anywhere) != before
    await anywhere.petro.approves(second)
    assert await lines(anywhere) == before
    async with anywhere.room.database.read() as session:
        assert (await session.get_one(Post, first.post_id)).withdrawn_at
    with pytest.raises(NotNow):
        await anywhere.marko.does(posts.correct, first.post_id)


async def test_one_revision_is_worked_on_at_a_time(cast: Cast) -> None:
    first = await cast.marko.submits()
    with pytest.raises(NotNow):
        await cast.iryna.does(posts.correct, first.post_id)
    await cast.iryna.approves(first)
    second = await cast.marko.does(posts.correct, first.post_id)
    with pytest.raises(NotNow):
        await cast.iryna.does(posts.correct, first.post_id, withdraws=True)
    await cast.marko.does(posts.discard, second.id)
    third = await cast.iryna.does(posts.correct, first.post_id)
    assert third.number == 3
    async with cast.room.database.read() as session:
        assert [each.number for each in await posts.history(session, first.post_id)] == [1, 2, 3]
        before = await posts.released_before(session, third)
    assert before
    assert before.id == first.id


def with_rows(*rows: dict[str, object]) -> Facts:
    return Facts(sources=(SOURCE,), rows=rows)


async def test_a_row_that_was_ours_before_is_as_it_was_after_a_withdrawal(cast: Cast) -> None:
    before = await lines(cast)
    figure = before["figure", "2025-05-24-returned_to_ukraine"]
    post = await cast.marko.submits(facts=with_rows({**figure, "value": 308}))
    first = await cast.iryna.approves(post)
    assert (await lines(cast))["figure", "2025-05-24-returned_to_ukraine"]["value"] == 308
    await cast.petro.approves(await cast.marko.corrects(first, withdraws=True))
    assert await lines(cast) == before


async def test_what_others_refer_to_is_not_withdrawn(cast: Cast) -> None:
    first = await cast.iryna.approves(await cast.marko.submits())
    next_step = AGREED.model_copy(update={"exchange": "post-1", "stage": StageName.POSTPONED})
    await cast.iryna.approves(await cast.marko.submits(facts=next_step))
    with pytest.raises(FactsRefused, match="the record refuses"):
        await cast.marko.corrects(first, withdraws=True)


async def test_a_withdrawal_keeps_what_another_post_has_said_since(cast: Cast) -> None:
    key = ("figure", "2025-05-24-returned_to_ukraine")
    figure = (await lines(cast))[key]
    first = await cast.iryna.approves(await cast.marko.submits(facts=with_rows({**figure, "value": 308})))
    await cast.iryna.approves(await cast.marko.submits(facts=with_rows({**figure, "value": 309})))
    await cast.petro.approves(await cast.marko.corrects(first, withdraws=True))
    assert (await lines(cast))[key]["value"] == 309


async def two_posts_of_one_figure(cast: Cast) -> list[PostRevision]:
    figure = (await lines(cast))["figure", "2025-05-24-returned_to_ukraine"]
    return [
        await cast.iryna.approves(await cast.marko.submits(facts=with_rows({**figure, "value": value})))
        for value in (308, 309)
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_two_withdrawals_take_back_what_two_posts_have_said(cast: Cast, order: tuple[int, ...]) -> None:
    before = await lines(cast)
    released = await two_posts_of_one_figure(cast)
    for number in order:
        await cast.petro.approves(await cast.marko.corrects(released[number], withdraws=True))
    assert await lines(cast) == before


async def test_what_a_correction_has_dropped_does_not_come_again(cast: Cast) -> None:
    before = (await lines(cast))["figure", "2025-05-24-returned_to_ukraine"]
    first, second = await two_posts_of_one_figure(cast)
    await cast.petro.approves(await cast.marko.corrects(first, facts=with_rows()))
    await cast.petro.approves(await cast.marko.corrects(second, withdraws=True))
    assert (await lines(cast))["figure", "2025-05-24-returned_to_ukraine"] == before


async def outdated(cast: Cast) -> tuple[PostRevision, PostRevision]:
    """Two posts wait: the record has come to refuse the first."""
    first = await cast.iryna.approves(await cast.marko.submits())
    next_step = AGREED.model_copy(update={"exchange": "post-1", "stage": StageName.POSTPONED})
    refused, other = await cast.marko.submits(facts=next_step), await cast.marko.submits()
    await cast.iryna.approves(refused, at=datetime.now(UTC) + timedelta(hours=1))
    await cast.iryna.approves(other, at=datetime.now(UTC) + timedelta(hours=1))
    await cast.petro.approves(await cast.marko.corrects(first, withdraws=True))
    return refused, other


async def test_what_the_record_refuses_by_now_is_refused_to_the_reviewer(cast: Cast) -> None:
    refused, _ = await outdated(cast)
    await cast.iryna.does(review.unschedule, refused.id)
    with pytest.raises(Refused):
        await cast.petro.approves(refused)


async def test_one_post_that_cannot_be_released_holds_up_no_other(cast: Cast) -> None:
    refused, other = await outdated(cast)
    cast.room.clock.shift(timedelta(hours=2))
    await review.release_due(cast.room.database)
    assert (await cast.room.now(other)).state is State.RELEASED
    assert (await cast.room.now(refused)).state is not State.RELEASED


async def test_numbers_are_compared_again_when_the_draft_is_submitted(cast: Cast) -> None:
    of_one_day = COMPLETED.model_copy(
        update={"exchange": "2025-05-23", "figures": (GivenFigure(what=HOME, value=12),)}
    )
    later = await cast.marko.writes(
        facts=of_one_day.model_copy(update={"figures": (GivenFigure(what=HOME, value=13),)})
    )
    await cast.iryna.approves(await cast.marko.submits(facts=of_one_day))
    with pytest.raises(FactsRefused):
        await cast.marko.does(review.submit, later.id)
