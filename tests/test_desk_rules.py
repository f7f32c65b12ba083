"""No sequence of acts, and no race between them, releases what fewer than two people have seen."""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.database import Database
from bot.desk import posts, review, staff
from bot.desk.posts import fingerprint
from bot.desk.refusals import (
    Changed,
    CodeAlreadyUsed,
    Frozen,
    InvitationInvalid,
    Locked,
    NotAllowed,
    NotNow,
    OwnPost,
    WrongCode,
)
from bot.opening import ready_database
from models.desk import PostRevision, Role, State
from tests.newsroom import TEXTS, Cast, Colleague, Newsroom, hire_all, newsroom
from tests.story import ACTS, OPENING, ROLES, STRANGER, Notes, Step, Story

BROKEN = (Changed, CodeAlreadyUsed, Frozen, NotAllowed, NotNow, OwnPost, WrongCode)
"""The rules against which there are attempts in the stories."""
STEPS = st.lists(
    st.builds(
        Step,
        act=st.sampled_from([act for act, (weight, _) in ACTS.items() for _ in range(weight)]),
        who=st.sampled_from([*ROLES, *ROLES, *ROLES, STRANGER]),
        which=st.integers(0, 2),
        sensible=st.sampled_from([*[True] * 7, False]),
        code=st.sampled_from([*["right"] * 8, "old", "replayed", "wrong"]),
        seen=st.sampled_from([*["right"] * 5, "stale"]),
    ),
    min_size=20,
    max_size=35,
)


@asynccontextmanager
async def room_of(file: Path, days: int) -> AsyncIterator[Newsroom]:
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        async with newsroom(database, days) as room:
            yield room
    finally:
        await database.close()


def test_p15_no_sequence_of_acts_releases_what_fewer_than_two_have_seen(tmp_path: Path) -> None:
    """Every story runs on a copy of one file, in which the cast is hired and has begun to work."""
    told: Counter[str] = Counter()
    opening, copy, notes = tmp_path / "opening.db", tmp_path / "copy.db", Notes()
    everybody: list[Colleague] = []

    async def open_up() -> None:
        async with room_of(opening, days=1) as room:
            await room.database.migrate()
            cast = await hire_all(room)
            stranger = replace(cast.marko, alias=STRANGER, chat_id=1)
            everybody.extend((cast.marko, cast.iryna, cast.petro, cast.oksana, stranger))
            await Story(room, everybody, notes, told).tell(OPENING)

    async def tell(steps: list[Step]) -> None:
        shutil.copy(opening, copy)
        async with room_of(copy, days=2) as room:
            people = [replace(each, database=room.database, clock=room.clock) for each in everybody]
            story = Story(room, people, deepcopy(notes), told)
            await story.tell(steps)
            told["released"] += len(story.notes.released)

    @settings(max_examples=40 if "OBMIN_LONG" in os.environ else 20, deadline=None, derandomize=True)
    @given(STEPS)
    def stories(steps: list[Step]) -> None:
        asyncio.run(tell(steps))

    asyncio.run(open_up())
    stories()
    # The stories are worth telling: each act was done, and each rule was tried.
    assert told["released"] > 20
    assert set(+told) >= ACTS.keys() | {rule.__name__ for rule in BROKEN}


# Races: on both databases, acts of the same moment count as one after another.


ROUNDS = 20 if "OBMIN_LONG" in os.environ else 4


@pytest.fixture
async def cast(url: str) -> AsyncIterator[Cast]:
    async with ready_database(url) as database, newsroom(database) as room:
        yield await hire_all(room)


async def race(number: int, *attempts: Awaitable[object]) -> list[type[BaseException] | None]:
    """Why each of them was refused. In every other round the last one begins."""
    turn = -1 if number % 2 else 1
    ends = await asyncio.gather(*attempts[::turn], return_exceptions=True)
    return [type(end) if isinstance(end, BaseException) else None for end in ends[::turn]]


async def entry(cast: Cast, act: str, subject: str, actor: str | None = None) -> int:
    """The number of the one entry of this act in the trail."""
    found = [
        entry.number
        for entry in await cast.room.trail()
        if (entry.act, entry.subject) == (act, subject) and actor in (None, entry.actor)
    ]
    assert len(found) == 1
    return found[0]


async def test_p15_two_approvals_at_once_release_once(cast: Cast) -> None:
    for number in range(ROUNDS):
        post = await cast.marko.submits()
        first, second = cast.petro.code(), cast.oksana.shown()
        ends = await race(number, cast.petro.approves(post, first), cast.oksana.approves(post, second))
        assert sorted(ends, key=str) == [NotNow, None]
        assert await entry(cast, "release", posts.subject(post))


async def test_p16_one_code_at_once_for_two_posts_counts_once(cast: Cast) -> None:
    for number in range(ROUNDS):
        first, second = await cast.marko.submits(), await cast.marko.submits()
        code = cast.petro.code()
        ends = await race(number, cast.petro.approves(first, code), cast.petro.approves(second, code))
        assert sorted(ends, key=str) == [CodeAlreadyUsed, None]
        states = [(await cast.room.now(post)).state for post in (first, second)]
        assert sorted(states) == [State.RELEASED, State.SUBMITTED]


async def test_p16_wrong_codes_at_once_are_all_counted(cast: Cast) -> None:
    post = await cast.marko.submits()
    attempts = (cast.petro.approves(post, "wrong") for _ in range(staff.MOST_WRONG_CODES + 2))
    ends = await race(0, *attempts)
    assert sorted(ends, key=str) == [Locked] * 2 + [WrongCode] * staff.MOST_WRONG_CODES


async def test_p15_an_approval_while_the_post_is_changed_releases_what_was_seen_or_nothing(cast: Cast) -> None:
    async def change(post: PostRevision) -> None:
        await cast.iryna.does(review.take_over, post.id)
        await cast.iryna.changes(post, texts={**TEXTS, "en": "Something that Oksana has not seen."})
        await cast.iryna.does(review.submit, post.id)

    for number in range(ROUNDS):
        post = await cast.marko.submits()
        code = cast.oksana.code()
        approval, changing = await race(number, cast.oksana.approves(post, code), change(post))
        now = await cast.room.now(post)
        if approval is None:
            assert (now.state, fingerprint(now), changing) == (State.RELEASED, fingerprint(post), NotNow)
        else:
            assert approval in (Changed, NotNow)
            assert (now.state, now.approved_by, changing) == (State.SUBMITTED, None, None)


async def test_p17_an_approval_while_the_reviewer_is_revoked_comes_before_or_is_refused(cast: Cast) -> None:
    for number in range(ROUNDS):
        post, alias = await cast.marko.submits(), f"reviewer {number}"
        reviewer = await cast.room.hires(alias, Role.REVIEWER)
        code = reviewer.code()
        approval, revoking = await race(number, reviewer.approves(post, code), cast.room.revokes(alias))
        assert revoking is None
        revoked = await entry(cast, "revoke", alias)
        if approval is None:
            assert await entry(cast, "approve", posts.subject(post), alias) < revoked
        else:
            assert approval is NotAllowed
            assert (await cast.room.now(post)).state is State.SUBMITTED


async def test_p18_an_approval_while_somebody_freezes_comes_before_or_is_refused(cast: Cast) -> None:
    for number in range(ROUNDS):
        post, code = await cast.marko.submits(), cast.petro.code()
        approval, freezing = await race(number, cast.petro.approves(post, code), cast.room.freezes(f"{number}"))
        assert freezing is None
        if approval is None:
            assert await entry(cast, "approve", posts.subject(post)) < await entry(
                cast, "freeze", "desk", f"{number}"
            )
        else:
            assert approval is Frozen
        await cast.room.thaws("iryna")
        await cast.room.thaws("oksana")


async def test_p20_an_invitation_makes_one_of_two_who_come_at_once_staff(cast: Cast) -> None:
    for number in range(ROUNDS):
        code = await cast.room.invites(f"writer {number}")
        ends = await race(number, cast.room.accepts(code), cast.room.accepts(code))
        assert sorted(ends, key=str) == [InvitationInvalid, None]


async def test_what_is_due_is_released_once_by_two_programs(cast: Cast) -> None:
    for number in range(ROUNDS):
        post = await cast.marko.submits()
        await cast.petro.approves(post, at=datetime.now(UTC) + timedelta(hours=1))
        cast.room.clock.shift(timedelta(hours=2))
        database = cast.room.database
        assert await race(number, review.release_due(database), review.release_due(database)) == [None, None]
        assert await entry(cast, "release", posts.subject(post))


async def test_p19_the_trail_holds_when_everybody_acts_at_once(cast: Cast) -> None:
    everybody = (cast.marko, cast.iryna, cast.petro, cast.oksana)
    assert await race(0, *(someone.submits() for someone in everybody for _ in range(4))) == [None] * 16
    assert len(await cast.room.trail()) == 4 * 3 + 16 * 3
