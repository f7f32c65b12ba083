"""A newsroom for tests: colleagues with authenticators of their own, acting at a real desk.

Its clock is a day ahead of the record's, ticks on, and moves when a test or an authenticator moves it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

import pyotp
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.answers.facts import Claim
from bot.answers.load import load
from bot.database import Database
from bot.desk import audit, posts, review, staff
from bot.desk.facts import Facts, GivenSource
from bot.vault import Vault
from models.desk import Kind, PostRevision, Role, StaffMember
from models.record import Side, StageName

P = ParamSpec("P")
T = TypeVar("T")

VAULT = Vault(bytes(range(32)))
TEXTS = {
    "uk": "Сторони домовилися про обмін.",
    "en": "The sides have agreed on an exchange.",
    "ru": "Стороны договорились об обмене.",
}
WHY = {"uk": "Уточнили число.", "en": "The number was made more exact.", "ru": "Уточнили число."}
SOURCE = GivenSource(url="https://example.org/news", title="News")
AGREED = Facts(exchange="new", stage=StageName.AGREED, side=Side.UKRAINE, sources=(SOURCE,))


@dataclass
class Colleague:
    alias: str
    chat_id: int
    secret: str
    database: Database
    clock: time_machine.Traveller

    async def does(
        self,
        act: Callable[Concatenate[AsyncSession, StaffMember, P], Awaitable[T]],
        *args: P.args,
        **values: P.kwargs,
    ) -> T:
        """One act of the desk, in a transaction of its own."""
        async with staff.acting(self.database, VAULT, self.chat_id) as (session, me):
            return await act(session, me, *args, **values)

    def code(self) -> str:
        """What the authenticator shows next."""
        self.clock.shift(staff.STEP)
        return self.shown()

    def shown(self) -> str:
        """What the authenticator shows now."""
        return pyotp.TOTP(self.secret).at(datetime.now(UTC))

    async def writes(self, kind: Kind = Kind.PROGRESS, **parts: Any) -> PostRevision:  # noqa: ANN401
        """A draft with all that it needs."""
        draft = await self.does(posts.draft, kind)
        return await self.changes(draft, **({"texts": TEXTS, "facts": AGREED} | parts))

    async def changes(self, draft: PostRevision, **parts: Any) -> PostRevision:  # noqa: ANN401
        async with staff.acting(self.database, VAULT, self.chat_id) as (session, me):
            return await posts.change(session, me, draft.id, **parts)

    async def submits(self, kind: Kind = Kind.PROGRESS, **parts: Any) -> PostRevision:  # noqa: ANN401
        draft = await self.writes(kind, **parts)
        return await self.does(review.submit, draft.id)

    async def approves(
        self, shown: PostRevision, code: str | None = None, *, at: datetime | None = None, incomplete: bool = False
    ) -> PostRevision:
        """As the revision was when it was shown."""
        code = code or self.code()
        seen = posts.fingerprint(shown)
        async with staff.acting(self.database, VAULT, self.chat_id) as (session, me):
            return await review.approve(session, VAULT, me, shown.id, seen, code, at=at, incomplete=incomplete)

    async def corrects(self, released: PostRevision, *, withdraws: bool = False, **parts: Any) -> PostRevision:  # noqa: ANN401
        """Submits the next revision."""
        draft = await self.does(posts.correct, released.post_id, withdraws=withdraws)
        await self.changes(draft, **({"why": WHY} | parts))
        return await self.does(review.submit, draft.id)


@dataclass
class Newsroom:
    database: Database
    clock: time_machine.Traveller
    chats: int = 7_000_000_000

    async def invites(self, alias: str, role: Role = Role.WRITER) -> str:
        async with self.database.write() as session:
            return await staff.invite(session, staff.SERVER, role, alias)

    async def accepts(self, code: str) -> Colleague:
        """From a new chat, before the first code of the authenticator."""
        self.chats += 1
        async with self.database.write() as session:
            new = await staff.accept(session, VAULT, code, self.chats)
        return Colleague(new.alias, self.chats, new.secret, self.database, self.clock)

    async def enrols(self, new: Colleague, code: str) -> None:
        async with staff.acting(self.database, VAULT, new.chat_id, enrolled=False) as (session, me):
            await staff.enrol(session, VAULT, me, code)

    async def hires(self, alias: str, role: Role = Role.WRITER) -> Colleague:
        new = await self.accepts(await self.invites(alias, role))
        await self.enrols(new, new.shown())
        return new

    async def revokes(self, alias: str) -> None:
        async with self.database.write() as session:
            assert await staff.revoke(session, staff.SERVER, alias)

    async def freezes(self, alias: str = "marko") -> None:
        async with self.database.write() as session:
            await staff.freeze(session, alias)

    async def thaws(self, alias: str) -> bool:
        async with self.database.write() as session:
            return await staff.thaw(session, alias)

    async def now(self, revision: PostRevision) -> PostRevision:
        """The revision as it is now."""
        async with self.database.read() as session:
            return await posts.revision(session, revision.id)

    async def trail(self) -> list[audit.Entry]:
        """Oldest first; the chain of hashes holds."""
        async with self.database.read() as session:
            count, broken = await audit.verify(session)
            assert broken is None
            return (await audit.latest(session, count))[::-1]

    async def by_hand(self, statement: str, **values: object) -> None:
        """Past all the rules of the desk, with those of the database alone."""
        async with self.database.write() as session:
            await session.execute(text(statement), values)


@dataclass
class Cast:
    """Marko writes; Iryna and Petro review too; Oksana is an admin."""

    room: Newsroom
    marko: Colleague
    iryna: Colleague
    petro: Colleague
    oksana: Colleague


async def hire_all(room: Newsroom) -> Cast:
    return Cast(
        room,
        await room.hires("marko"),
        await room.hires("iryna", Role.REVIEWER),
        await room.hires("petro", Role.REVIEWER),
        await room.hires("oksana", Role.ADMIN),
    )


@asynccontextmanager
async def newsroom(database: Database, days: int = 1) -> AsyncIterator[Newsroom]:
    """That many days from now, at a moment when authenticators have just begun to show another code."""
    nine = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    with time_machine.travel(nine + timedelta(days=days)) as clock:
        yield Newsroom(database, clock)


async def told(room: Newsroom, post: PostRevision, at: datetime | None = None) -> Claim | None:
    """What the record has of a post, now or as it was ours at a moment."""
    async with room.database.read() as session:
        record = await load(session, at)
    return next((claim for claim in record.claims if claim.key == f"post-{post.post_id}"), None)
