"""Staff at work, told step by step, while an onlooker takes notes and checks the desk against them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import NamedTuple

import pytest

from bot.desk import audit, posts, review, staff
from bot.desk.posts import fingerprint
from bot.desk.refusals import Refused
from models.desk import PostRevision, Role, State
from tests.newsroom import TEXTS, VAULT, WHY, Colleague, Newsroom

HOUR = timedelta(hours=1)
ROLES = {"marko": Role.WRITER, "iryna": Role.REVIEWER, "petro": Role.REVIEWER, "oksana": Role.ADMIN}
STRANGER = "stranger"
ACTS: dict[str, tuple[int, tuple[State, ...]]] = {
    "write": (4, ()),
    "change": (5, (State.DRAFT,)),
    "submit": (6, (State.DRAFT,)),
    "clear": (7, (State.HELD,)),
    "send_back": (2, (State.SUBMITTED, State.HELD)),
    "take_over": (2, (State.SUBMITTED, State.HELD)),
    "approve": (12, (State.SUBMITTED,)),
    "schedule": (6, (State.SUBMITTED,)),
    "unschedule": (5, (State.SCHEDULED,)),
    "discard": (1, (State.DRAFT,)),
    "correct": (3, (State.RELEASED,)),
    "withdraw": (2, (State.RELEASED,)),
    "hour_goes_by": (2, ()),
    "freeze": (1, ()),
    "thaw": (4, ()),
    "revoke": (3, ()),
    "change_role": (1, ()),
}
"""How often each is tried, relative to the others, and on what it makes sense."""


class Step(NamedTuple):
    act: str
    who: str
    which: int = 0
    """Of the revisions, the newest first."""
    sensible: bool = True
    """Whether it is tried on what it is meant for."""
    code: str = "right"
    seen: str = "right"


OPENING = [
    *(Step("write", who) for who in ("marko", "iryna", "petro", "marko", "marko")),
    *(Step("submit", "marko", 1) for _ in range(4)),
    Step("approve", "oksana"),
    Step("change", "iryna", which=2),
    Step("submit", "iryna"),
    Step("write", "oksana"),
]
"""Where each story begins: a draft, three revisions submitted, one held, and one released."""


@dataclass
class Notes:
    """What an onlooker writes down without asking the desk."""

    roles: dict[str, Role] = field(default_factory=ROLES.copy)
    revoked: str | None = None
    frozen: bool = False
    codes: dict[str, str] = field(default_factory=dict)
    """The last one that counted."""
    shown: dict[int, list[str]] = field(default_factory=dict)
    """The fingerprints of a revision, as it was submitted."""
    hands: dict[int, list[str]] = field(default_factory=dict)
    """Who began a revision, and who changed it after that."""
    approvals: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Who approved a revision, and what."""
    released: set[int] = field(default_factory=set)


class Story:
    def __init__(self, room: Newsroom, people: list[Colleague], notes: Notes, told: Counter[str]) -> None:
        self.room, self.notes, self.told = room, notes, told
        self.people = {each.alias: each for each in people}
        self.revisions: list[PostRevision] = []
        self.numbers = count()

    async def tell(self, steps: list[Step]) -> None:
        await self.look()
        for step in steps:
            await self.take(step)
            await self.look()
        await self.room.trail()

    async def take(self, step: Step) -> None:
        who, states = self.people[step.who], ACTS[step.act][1]
        among = [each for each in self.revisions if each.state in states or not step.sensible]
        try:
            if not states:
                await getattr(self, step.act)(who)
            elif among:
                await getattr(self, step.act)(who, among[step.which % len(among)], step)
            self.told[step.act] += not states or bool(among)
        except Refused as refused:
            self.told[type(refused).__name__] += 1

    async def look(self) -> None:
        """At all that there is: whatever came before, the rules hold."""
        async with self.room.database.read() as session:
            self.revisions = await posts.waiting(session, *State)
            trail = await audit.latest(session, 1000)
        entries = {entry.subject: entry for entry in trail[::-1] if entry.act == "approve"}
        now = {revision.id for revision in self.revisions if revision.state is State.RELEASED}
        assert self.notes.released <= now
        self.notes.released = now
        for revision in self.revisions:
            if revision.state in (State.SCHEDULED, State.RELEASED):
                self.check(revision, entries[posts.subject(revision)])

    def check(self, approved: PostRevision, entry: audit.Entry) -> None:
        who, seen = self.notes.approvals[approved.id]
        assert (entry.actor, entry.details["fingerprint"]) == (who, seen)
        assert fingerprint(approved) == seen
        assert who not in (self.notes.hands[approved.id][0], self.notes.hands[approved.id][-1])
        assert approved.approved_by not in (None, approved.written_by, approved.changed_by, approved.looked_by)

    # Writing

    async def write(self, who: Colleague) -> None:
        written = await who.writes()
        self.notes.hands[written.id] = [who.alias]

    async def change(self, who: Colleague, of: PostRevision, step: Step) -> None:
        photo = "file" if step.which == 2 else None
        text = f"The sides have agreed, {next(self.numbers)}."
        await who.changes(of, texts={**TEXTS, "en": text}, photo=photo)
        self.notes.hands[of.id].append(who.alias)

    async def submit(self, who: Colleague, of: PostRevision, _: Step) -> None:
        await who.does(review.submit, of.id)
        self.notes.shown.setdefault(of.id, []).append(fingerprint(of))

    async def discard(self, who: Colleague, of: PostRevision, _: Step) -> None:
        await who.does(posts.discard, of.id)

    async def correct(self, who: Colleague, of: PostRevision, step: Step) -> None:
        new = await who.does(posts.correct, of.post_id, withdraws=step.act == "withdraw")
        self.notes.hands[new.id] = [who.alias]
        await who.changes(new, why=WHY)

    withdraw = correct

    # Reviewing

    async def clear(self, who: Colleague, of: PostRevision, step: Step) -> None:
        seen = self.seen(of, step)
        await who.does(review.clear, of.id, seen)
        assert seen == fingerprint(of)
        assert who.alias not in (self.notes.hands[of.id][0], self.notes.hands[of.id][-1])

    async def send_back(self, who: Colleague, of: PostRevision, _: Step) -> None:
        await who.does(review.send_back, of.id, "Once more")

    async def take_over(self, who: Colleague, of: PostRevision, _: Step) -> None:
        await who.does(review.take_over, of.id)
        self.notes.hands[of.id].append(who.alias)

    async def approve(self, who: Colleague, of: PostRevision, step: Step) -> None:
        seen, code = self.seen(of, step), self.code(who, step)
        at = datetime.now(UTC) + HOUR if step.act == "schedule" else None
        async with staff.acting(self.room.database, VAULT, who.chat_id) as (session, me):
            await review.approve(session, VAULT, me, of.id, seen, code, at=at)
        assert who.alias != self.notes.revoked
        assert self.notes.roles[who.alias] is not Role.WRITER
        assert not self.notes.frozen
        assert step.code == "right"
        assert self.notes.codes.get(who.alias) != code
        self.notes.codes[who.alias] = code
        self.notes.approvals[of.id] = who.alias, seen
        await self.replay(who, code)

    schedule = approve

    async def replay(self, who: Colleague, code: str) -> None:
        """The next one that waits, with the same code."""
        await self.look()
        for other in self.revisions:
            if other.state is State.SUBMITTED:
                with pytest.raises(Refused) as refused:
                    await who.approves(other, code)
                self.told[refused.typename] += 1
                break

    def seen(self, of: PostRevision, step: Step) -> str:
        stale = [shown for shown in self.notes.shown.get(of.id, []) if shown != fingerprint(of)]
        return fingerprint(of) if step.seen == "right" else stale[-1] if stale else "0" * 16

    def code(self, who: Colleague, step: Step) -> str:
        if step.code == "old":
            old = who.code()
            self.room.clock.shift(2 * staff.STEP)
            return old
        if step.code == "replayed" and who.alias in self.notes.codes:
            return self.notes.codes[who.alias]
        return who.code() if step.code == "right" else "wrong"

    async def unschedule(self, who: Colleague, of: PostRevision, _: Step) -> None:
        await who.does(review.unschedule, of.id)
        del self.notes.approvals[of.id]

    async def hour_goes_by(self, _: Colleague) -> None:
        self.room.clock.shift(HOUR)
        before = self.notes.released
        await review.release_due(self.room.database)
        await self.look()
        assert not self.notes.frozen or self.notes.released == before

    # The desk

    async def freeze(self, who: Colleague) -> None:
        async with staff.acting(self.room.database, VAULT, who.chat_id) as (session, me):
            staff.require(me, staff.Act.FREEZE)
            await staff.freeze(session, me.alias)
        self.notes.frozen = True

    async def thaw(self, who: Colleague) -> None:
        async with staff.acting(self.room.database, VAULT, who.chat_id) as (session, me):
            staff.require(me, staff.Act.THAW)
            self.notes.frozen = not await staff.thaw(session, me.alias)

    async def revoke(self, who: Colleague) -> None:
        """One of them, once."""
        if self.notes.revoked is None and who.alias != STRANGER:
            await self.room.revokes(who.alias)
            self.notes.revoked = who.alias

    async def change_role(self, who: Colleague) -> None:
        if who.alias != STRANGER:
            role = Role.WRITER if self.notes.roles[who.alias] is Role.REVIEWER else Role.REVIEWER
            change = "UPDATE staff_member SET role = :role WHERE alias = :alias"
            await self.room.by_hand(change, role=role, alias=who.alias)
            self.notes.roles[who.alias] = role
