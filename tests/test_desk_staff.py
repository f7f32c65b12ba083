"""Who is staff and what each may do: invitations, authenticators, roles, freezing, and the trail of it all."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.desk import posts, review, staff
from bot.desk.refusals import (
    AlreadyStaff,
    CodeAlreadyUsed,
    Frozen,
    InvitationInvalid,
    Locked,
    NameTaken,
    NotAllowed,
    SameThawer,
    WrongCode,
)
from bot.desk.staff import Act
from bot.opening import ready_database
from handlers.desk.staffroom import Staffroom
from models.desk import Invitation, Kind, Role, StaffMember, State
from tests.newsroom import VAULT, Colleague, Newsroom, hire_all, newsroom

WRONG = "not the code"


@pytest.fixture
async def room(database: Database) -> AsyncIterator[Newsroom]:
    async with newsroom(database) as room:
        yield room


# Invitations


async def test_p20_an_invitation_works_once(room: Newsroom) -> None:
    code = await room.invites("marko")
    await room.accepts(code)
    with pytest.raises(InvitationInvalid):
        await room.accepts(code)


async def test_p20_an_invitation_expires(room: Newsroom) -> None:
    code = await room.invites("marko")
    room.clock.shift(staff.INVITATION_LASTS)
    with pytest.raises(InvitationInvalid):
        await room.accepts(code)


async def test_p20_an_invitation_can_be_withdrawn(room: Newsroom) -> None:
    code = await room.invites("marko")
    async with room.database.write() as session:
        assert await staff.withdraw_invitations(session, staff.SERVER, "marko") == 1
        assert await staff.withdraw_invitations(session, staff.SERVER, "marko") == 0
    with pytest.raises(InvitationInvalid):
        await room.accepts(code)


async def test_p20_an_invitation_gives_the_role_and_the_alias_it_was_made_for(room: Newsroom) -> None:
    await room.hires("iryna", Role.REVIEWER)
    async with room.database.read() as session:
        (iryna,) = await staff.everybody(session)
    assert (iryna.alias, iryna.role) == ("iryna", Role.REVIEWER)


async def test_p20_invitations_cannot_be_guessed_nor_read_from_the_database(
    room: Newsroom, sqlite_url: str
) -> None:
    codes = [await room.invites(f"writer {number}") for number in range(20)]
    assert len(set(codes)) == 20
    assert min(len(base64.urlsafe_b64decode(code)) for code in codes) * 8 >= 128
    secret = (await room.accepts(codes[0])).secret
    async with room.database.read() as session:
        invitation = await session.get_one(Invitation, 1)
    file = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    pages = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    # The scanner itself finds what is there.
    assert invitation.code_hash in pages
    for hidden in (*codes, secret):
        assert hidden.encode() not in pages


@pytest.mark.parametrize("guess", ["", "marko", "A" * 32])
async def test_a_guessed_invitation_is_refused(room: Newsroom, guess: str) -> None:
    await room.invites("marko")
    with pytest.raises(InvitationInvalid):
        await room.accepts(guess)


async def test_one_chat_is_one_member_and_one_alias_is_one_person(room: Newsroom) -> None:
    marko = await room.hires("marko")
    with pytest.raises(NameTaken):
        await room.invites("marko")
    code = await room.invites("iryna")
    room.chats = marko.chat_id - 1
    with pytest.raises(AlreadyStaff):
        await room.accepts(code)
    await room.revokes("marko")
    with pytest.raises(NameTaken):
        await room.invites("marko")
    room.chats = marko.chat_id - 1
    assert (await room.accepts(code)).chat_id == marko.chat_id


# Codes


async def test_a_first_right_code_makes_a_member(url: str) -> None:
    async with ready_database(url) as database, newsroom(database) as room:
        marko = await room.accepts(await room.invites("marko"))
        with pytest.raises(NotAllowed):
            await marko.does(posts.draft, Kind.PROGRESS)
        with pytest.raises(WrongCode):
            await room.enrols(marko, WRONG)
        with pytest.raises(NotAllowed):
            await marko.does(posts.draft, Kind.PROGRESS)
        await room.enrols(marko, marko.shown())
        await marko.does(posts.draft, Kind.PROGRESS)
        with pytest.raises(NotAllowed):
            await room.enrols(marko, marko.code())


async def test_p16_a_code_counts_once(url: str) -> None:
    async with ready_database(url) as database, newsroom(database) as room:
        marko, iryna = await room.hires("marko"), await room.hires("iryna", Role.REVIEWER)
        first, second = await marko.submits(), await marko.submits()
        older, code = iryna.code(), iryna.code()
        await iryna.approves(first, code)
        for used in (code, older):
            with pytest.raises(CodeAlreadyUsed):
                await iryna.approves(second, used)
        assert (await room.now(second)).state is State.SUBMITTED
        assert (await iryna.approves(second)).state is State.RELEASED


async def test_a_code_of_another_time_or_person_is_wrong(room: Newsroom) -> None:
    marko = await room.hires("marko")
    iryna, petro = await room.hires("iryna", Role.ADMIN), await room.hires("petro", Role.ADMIN)
    post = await marko.submits()
    old = iryna.code()
    room.clock.shift(2 * staff.STEP)
    for code in (old, petro.code(), WRONG):
        with pytest.raises(WrongCode):
            await iryna.approves(post, code)
    spaced = iryna.code()
    assert (await iryna.approves(post, f"{spaced[:3]} {spaced[3:]}")).state is State.RELEASED


async def test_wrong_codes_lock_out_for_a_while(url: str) -> None:
    async with ready_database(url) as database, newsroom(database) as room:
        marko, iryna = await room.hires("marko"), await room.hires("iryna", Role.REVIEWER)
        post = await marko.submits()
        for _ in range(staff.MOST_WRONG_CODES):
            with pytest.raises(WrongCode):
                await iryna.approves(post, WRONG)
        with pytest.raises(Locked):
            await iryna.approves(post)
        room.clock.shift(staff.LOCKED_FOR - timedelta(seconds=3 * staff.STEP))
        with pytest.raises(Locked):
            await iryna.approves(post)
        room.clock.shift(staff.STEP)
        assert (await iryna.approves(post)).state is State.RELEASED
        assert [entry.actor for entry in await room.trail() if entry.act == "locked out"] == ["iryna"]


async def test_a_right_code_forgives_the_wrong_ones(room: Newsroom) -> None:
    marko, iryna = await room.hires("marko"), await room.hires("iryna", Role.REVIEWER)
    for post in (await marko.submits(), await marko.submits()):
        for _ in range(staff.MOST_WRONG_CODES - 1):
            with pytest.raises(WrongCode):
                await iryna.approves(post, WRONG)
        assert (await iryna.approves(post)).state is State.RELEASED


# Roles


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.WRITER, {Act.WRITE, Act.FREEZE}),
        (Role.REVIEWER, {Act.WRITE, Act.REVIEW, Act.FREEZE, Act.THAW, Act.SEE_AUDIT}),
        (Role.ADMIN, set(Act)),
    ],
)
async def test_each_role_may_do_its_own_acts_alone(room: Newsroom, role: Role, allowed: set[Act]) -> None:
    someone = await room.hires("someone", role)
    async with staff.acting(room.database, VAULT, someone.chat_id) as (_, me):
        for act in Act:
            if act in allowed:
                staff.require(me, act)
            else:
                with pytest.raises(NotAllowed):
                    staff.require(me, act)


async def test_a_writer_reviews_nothing(room: Newsroom) -> None:
    marko, iryna = await room.hires("marko"), await room.hires("iryna")
    post, held = await marko.submits(), await marko.submits(photo="file")
    with pytest.raises(NotAllowed):
        await iryna.approves(post)
    with pytest.raises(NotAllowed):
        await iryna.does(review.clear, held.id, posts.fingerprint(held))
    with pytest.raises(NotAllowed):
        await iryna.does(review.send_back, post.id, "no")
    with pytest.raises(NotAllowed):
        await iryna.does(review.take_over, post.id)


async def test_a_stranger_does_nothing(room: Newsroom) -> None:
    marko = await room.hires("marko")
    draft = await marko.writes()
    stranger = Colleague("marko", 1, marko.secret, room.database, room.clock)
    for attempt in (stranger.writes(), stranger.changes(draft, texts={}), stranger.approves(draft)):
        with pytest.raises(NotAllowed):
            await attempt


async def test_an_older_look_at_who_is_staff_replaces_no_newer_one(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    staffroom, everybody = Staffroom(), staff.everybody
    looked, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly(session: AsyncSession) -> list[StaffMember]:
        found = await everybody(session)
        looked.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr(staff, "everybody", slowly)
    older = asyncio.create_task(staffroom.refresh(room.database))
    await looked.wait()
    monkeypatch.setattr(staff, "everybody", everybody)
    marko = await room.hires("marko")
    newer = asyncio.create_task(staffroom.refresh(room.database))
    await asyncio.wait({newer}, timeout=0.3)
    may_go_on.set()
    await asyncio.gather(older, newer)
    assert staffroom.may_hold(VAULT, marko.chat_id)


async def test_p17_a_revoked_persons_next_act_is_refused_and_drafts_are_kept(url: str) -> None:
    async with ready_database(url) as database, newsroom(database) as room:
        marko, iryna = await room.hires("marko"), await room.hires("iryna", Role.ADMIN)
        post, draft = await marko.submits(), await marko.writes()
        oksana = await room.hires("oksana")
        await room.revokes("marko")
        await room.revokes("iryna")
        with pytest.raises(NotAllowed):
            await iryna.approves(post)
        with pytest.raises(NotAllowed):
            await marko.changes(draft, texts={})
        async with database.read() as session:
            kept = await posts.waiting(session)
            assert [member.alias for member in await staff.everybody(session)] == ["oksana"]
        assert {each.id: each.state for each in kept} == {draft.id: State.DRAFT, post.id: State.SUBMITTED}
        await oksana.does(review.submit, draft.id)


# Freeze


async def test_p18_anyone_freezes_and_two_thaw(url: str) -> None:
    async with ready_database(url) as database, newsroom(database) as room:
        cast = await hire_all(room)
        for anyone in (cast.marko, cast.iryna, cast.oksana):
            post = await cast.marko.submits()
            async with staff.acting(database, VAULT, anyone.chat_id) as (session, me):
                staff.require(me, Act.FREEZE)
                await staff.freeze(session, me.alias)
            with pytest.raises(Frozen):
                await cast.petro.approves(post)
            assert not await room.thaws("iryna")
            with pytest.raises(SameThawer):
                await room.thaws("iryna")
            with pytest.raises(Frozen):
                await cast.petro.approves(post)
            assert await room.thaws("oksana")
            assert (await cast.petro.approves(post)).state is State.RELEASED


async def test_p18_a_new_freeze_needs_two_again(room: Newsroom) -> None:
    await room.freezes("marko")
    assert not await room.thaws("iryna")
    await room.freezes("oksana")
    assert not await room.thaws("petro")
    async with room.database.read() as session:
        assert await staff.frozen_by(session) == "oksana"
    assert await room.thaws("iryna")
