"""Posts on their way to release: nothing goes out by one person alone, and nothing unseen."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.database import Database
from bot.desk import posts, review
from bot.desk.posts import fingerprint
from bot.desk.refusals import (
    Changed,
    FactsRefused,
    Frozen,
    Incomplete,
    InThePast,
    NotNow,
    NotThere,
    OwnPost,
)
from bot.opening import ready_database
from models.delivery import Broadcast
from models.desk import Importance, Kind, PostRevision, State
from models.record import RECORD, StageName
from tests.newsroom import AGREED, SOURCE, TEXTS, WHY, Cast, hire_all, newsroom, told

HOUR = timedelta(hours=1)


@pytest.fixture
async def cast(database: Database) -> AsyncIterator[Cast]:
    async with newsroom(database) as room:
        yield await hire_all(room)


@pytest.fixture
async def anywhere(url: str) -> AsyncIterator[Cast]:
    """The cast, on each of the two databases."""
    async with ready_database(url) as database, newsroom(database) as room:
        yield await hire_all(room)


# From a draft to the record


async def test_p15_what_another_person_approves_is_released_and_changes_the_record(anywhere: Cast) -> None:
    post = await anywhere.marko.submits()
    before = datetime.now(UTC)
    assert await told(anywhere.room, post) is None
    released = await anywhere.iryna.approves(post)
    assert released.state is State.RELEASED
    assert released.released_at
    assert released.approved_by not in (None, released.written_by)
    claim = await told(anywhere.room, post)
    assert claim
    assert claim.stage
    assert claim.gist
    assert (claim.stage.stage, claim.gist.original, claim.gist.texts) == (StageName.AGREED, "uk", TEXTS)
    assert [cited.url for cited in claim.sources] == [SOURCE.url]
    assert await told(anywhere.room, post, before) is None
    async with anywhere.room.database.read() as session:
        assert [each.id for each in await posts.latest_released(session, 5)] == [post.id]


async def test_what_the_record_refuses_is_not_submitted_and_leaves_nothing_behind(anywhere: Cast) -> None:
    draft = await anywhere.marko.writes(facts=AGREED.model_copy(update={"speaker": "nobody"}))
    before = await rows_of_the_record(anywhere)
    with pytest.raises(FactsRefused, match="the record refuses"):
        await anywhere.marko.does(review.submit, draft.id)
    assert await rows_of_the_record(anywhere) == before
    assert (await anywhere.room.now(draft)).state is State.DRAFT
    await anywhere.marko.changes(draft, facts=AGREED)
    await anywhere.marko.does(review.submit, draft.id)
    assert await rows_of_the_record(anywhere) == before


async def rows_of_the_record(cast: Cast) -> list[int | None]:
    async with cast.room.database.read() as session:
        return [await session.scalar(select(func.count()).select_from(table)) for table in RECORD]


async def test_a_draft_says_what_it_lacks(cast: Cast) -> None:
    draft = await cast.marko.does(posts.draft, Kind.COMPLETED)
    with pytest.raises(Incomplete) as refused:
        await cast.marko.does(review.submit, draft.id)
    assert refused.value.missing == ("text", "source", "stage")
    assert (await cast.room.now(draft)).state is State.DRAFT
    released = await cast.iryna.approves(await cast.marko.submits())
    with pytest.raises(Incomplete) as refused:
        await cast.marko.corrects(released, why={})
    assert refused.value.missing == ("why",)


async def test_a_change_of_the_record_alone_needs_no_text(cast: Cast) -> None:
    draft = await cast.marko.does(posts.draft, Kind.PROGRESS, to_readers=False)
    await cast.marko.changes(draft, facts=AGREED)
    post = await cast.marko.does(review.submit, draft.id)
    await cast.iryna.approves(post)
    assert await told(cast.room, post)


async def test_only_an_urgent_post_goes_with_a_language_missing(cast: Cast) -> None:
    some = {"uk": TEXTS["uk"]}
    post = await cast.marko.submits(texts=some)
    for incomplete in (False, True):
        with pytest.raises(Incomplete) as refused:
            await cast.iryna.approves(post, incomplete=incomplete)
        assert refused.value.missing == ("text in en", "text in ru")
    urgent = await cast.marko.submits(texts=some, importance=Importance.URGENT)
    with pytest.raises(Incomplete):
        await cast.iryna.approves(urgent)
    released = await cast.iryna.approves(urgent, incomplete=True)
    assert (released.state, released.incomplete_allowed) == (State.RELEASED, True)


async def test_what_is_sent_back_is_told_why_and_can_be_submitted_again(cast: Cast) -> None:
    post = await cast.marko.submits()
    back = await cast.iryna.does(review.send_back, post.id, "Which day?")
    assert (back.state, back.remark) == (State.DRAFT, "Which day?")
    assert (await cast.marko.changes(post, texts=TEXTS)).remark is None
    assert (await cast.marko.does(review.submit, post.id)).state is State.SUBMITTED


async def test_what_is_discarded_or_was_never_there_is_left_alone(cast: Cast) -> None:
    draft = await cast.marko.writes()
    await cast.marko.does(posts.discard, draft.id)
    with pytest.raises(NotNow):
        await cast.marko.changes(draft, texts=TEXTS)
    with pytest.raises(NotNow):
        await cast.iryna.approves(draft)
    with pytest.raises(NotNow):
        await cast.marko.does(posts.correct, draft.post_id)
    with pytest.raises(NotThere):
        await cast.marko.does(review.submit, 1000)
    with pytest.raises(NotThere):
        await cast.marko.does(posts.correct, 1000)


# Two people


async def test_p15_neither_writer_nor_last_changer_approves(anywhere: Cast) -> None:
    iryna, petro, oksana = anywhere.iryna, anywhere.petro, anywhere.oksana
    post = await iryna.submits()
    with pytest.raises(OwnPost):
        await iryna.approves(post)
    await petro.does(review.take_over, post.id)
    await petro.does(review.submit, post.id)
    for own in (iryna, petro):
        with pytest.raises(OwnPost):
            await own.approves(post)
    assert (await oksana.approves(post)).state is State.RELEASED


async def test_p15_the_database_itself_asks_for_another_person(anywhere: Cast) -> None:
    post = await anywhere.marko.writes()
    await anywhere.iryna.changes(post, texts=TEXTS)
    await anywhere.room.by_hand("UPDATE post_revision SET release_at = '2026-01-01 00:00:00'")
    for change in (
        "approved_by = written_by",
        "approved_by = changed_by",
        "looked_by = written_by",
        "looked_by = changed_by",
        "approved_by = 3, looked_by = 3",
        "state = 'scheduled'",
        "state = 'released', released_at = release_at",
        "state = 'released', approved_by = 4",
    ):
        with pytest.raises(IntegrityError):
            await anywhere.room.by_hand(f"UPDATE post_revision SET {change}")  # noqa: S608
    await anywhere.room.by_hand("UPDATE post_revision SET looked_by = 3, approved_by = 4")


async def test_p16_what_changed_after_it_was_shown_is_not_approved(anywhere: Cast) -> None:
    shown = await anywhere.marko.submits()
    await anywhere.iryna.does(review.send_back, shown.id, "Once more")
    await anywhere.marko.changes(shown, texts={**TEXTS, "en": "Something else."})
    now = await anywhere.marko.does(review.submit, shown.id)
    with pytest.raises(Changed):
        await anywhere.iryna.approves(shown)
    assert (await anywhere.iryna.approves(now)).texts["en"] == "Something else."


def test_p16_each_part_of_a_post_makes_another_fingerprint() -> None:
    parts = {
        "id": 1,
        "kind": Kind.PROGRESS,
        "importance": Importance.ORDINARY,
        "withdraws": False,
        "to_readers": True,
        "texts": TEXTS,
        "why": {},
        "facts": AGREED.as_json(),
        "photo": None,
    }
    others = {
        "id": 2,
        "kind": Kind.COMPLETED,
        "importance": Importance.URGENT,
        "withdraws": True,
        "to_readers": False,
        "texts": {"uk": TEXTS["uk"]},
        "why": WHY,
        "facts": {},
        "photo": "file",
    }
    changed = {fingerprint(PostRevision(**(parts | {name: other}))) for name, other in others.items()}
    assert len(changed | {fingerprint(PostRevision(**parts))}) == len(parts) + 1


async def test_what_was_released_is_never_changed_or_deleted(anywhere: Cast) -> None:
    post = await anywhere.iryna.approves(await anywhere.marko.submits())
    for change in ("UPDATE post_revision SET remark = 'x'", "DELETE FROM post_revision"):
        with pytest.raises(DBAPIError, match="what was released is never changed or deleted"):
            await anywhere.room.by_hand(change)
    for attempt in (
        anywhere.marko.changes(post, texts={}),
        anywhere.marko.does(posts.discard, post.id),
        anywhere.petro.does(review.take_over, post.id),
        anywhere.petro.approves(post),
    ):
        with pytest.raises(NotNow):
            await attempt


# Later


async def test_what_is_scheduled_is_released_in_its_time_and_not_while_frozen(anywhere: Cast) -> None:
    room, post = anywhere.room, await anywhere.marko.submits()
    scheduled = await anywhere.iryna.approves(post, at=datetime.now(UTC) + HOUR)
    assert (scheduled.state, scheduled.released_at) == (State.SCHEDULED, None)
    await review.release_due(room.database)
    assert (await room.now(post)).state is State.SCHEDULED
    assert await told(room, post) is None
    room.clock.shift(HOUR)
    await room.freezes()
    await review.release_due(room.database)
    assert (await room.now(post)).state is State.SCHEDULED
    await room.thaws("iryna")
    await room.thaws("petro")
    await review.release_due(room.database)
    assert (await room.now(post)).state is State.RELEASED
    assert await told(room, post)
    *_, approved, freeze, _, _, released = await room.trail()
    assert [approved.actor, freeze.act, released.actor] == ["iryna", "freeze", "schedule"]
    assert approved.details["fingerprint"] == released.details["fingerprint"] == fingerprint(post)


async def test_what_is_taken_off_the_schedule_needs_another_approval(cast: Cast) -> None:
    post = await cast.marko.submits()
    await cast.iryna.approves(post, at=datetime.now(UTC) + HOUR)
    back = await cast.marko.does(review.unschedule, post.id)
    assert (back.state, back.approved_by, back.release_at) == (State.SUBMITTED, None, None)
    cast.room.clock.shift(2 * HOUR)
    await review.release_due(cast.room.database)
    assert (await cast.room.now(post)).state is State.SUBMITTED
    assert (await cast.petro.approves(post)).state is State.RELEASED
    with pytest.raises(NotNow):
        await cast.marko.does(review.unschedule, post.id)


async def test_nothing_is_scheduled_for_the_past_or_while_frozen(cast: Cast) -> None:
    post = await cast.marko.submits()
    with pytest.raises(InThePast):
        await cast.iryna.approves(post, at=datetime.now(UTC))
    await cast.room.freezes()
    with pytest.raises(Frozen):
        await cast.iryna.approves(post, at=datetime.now(UTC) + HOUR)


class PowerCut(Exception):
    """Before a statement."""


async def test_p04_a_release_and_the_decision_to_deliver_it_are_one(anywhere: Cast) -> None:
    shown = await anywhere.marko.submits()
    engine = anywhere.room.database.engine.sync_engine
    left = 0

    def cut(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise PowerCut

    event.listen(engine, "before_cursor_execute", cut)
    for statements in itertools.count():
        left = statements
        try:
            await anywhere.iryna.approves(shown)
        except PowerCut:
            left = 1000
            async with anywhere.room.database.read() as session:
                assert (await session.get_one(PostRevision, shown.id)).state is State.SUBMITTED
                assert await session.scalar(select(func.count()).select_from(Broadcast)) == 0
        else:
            break
    event.remove(engine, "before_cursor_execute", cut)
    assert statements > 5
    async with anywhere.room.database.read() as session:
        assert (await session.get_one(PostRevision, shown.id)).state is State.RELEASED
        assert await session.scalar(select(func.count()).select_from(Broadcast)) == 1
