"""Who is staff, what each may do, and the code from an authenticator that proves it is still the same person."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.desk import audit
from bot.desk.refusals import (
    AlreadyStaff,
    CodeAlreadyUsed,
    InvitationInvalid,
    Locked,
    NameTaken,
    NotAllowed,
    SameThawer,
    WrongCode,
)
from bot.i18n import Language
from bot.vault import Vault
from models.desk import Desk, Invitation, Role, StaffMember

INVITATION_BYTES = 24
"""192 bits; a deep link carries 64 characters at most."""
INVITATION_LASTS = timedelta(hours=48)
STEP = 30
"""Seconds that a code stands for (RFC 6238)."""
CLOCKS_DIFFER = 1
"""Steps by which a telephone's clock may be wrong, either way."""
MOST_WRONG_CODES = 5
LOCKED_FOR = timedelta(minutes=15)
SERVER = "server"
"""The actor of the commands on the server."""


SCHEDULE = "schedule"
"""The actor of a release whose time has come; the entry before it says who approved it."""
OTHER_ACTORS = (SERVER, SCHEDULE)
"""Names in the trail that no person may have."""


class Act(StrEnum):
    WRITE = "write"
    REVIEW = "review"
    FREEZE = "freeze"
    THAW = "thaw"
    MANAGE_STAFF = "manage staff"
    SEE_AUDIT = "see audit"


MAY: Mapping[Role, frozenset[Act]] = {
    Role.WRITER: frozenset({Act.WRITE, Act.FREEZE}),
    Role.REVIEWER: frozenset({Act.WRITE, Act.REVIEW, Act.FREEZE, Act.THAW, Act.SEE_AUDIT}),
    Role.ADMIN: frozenset(Act),
}
"""Who may do what. That nobody approves what they wrote is up to the database, not to roles."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a new member needs once, and what is never shown again."""

    alias: str
    secret: str
    address: str
    """An otpauth:// address, for a QR code."""


@asynccontextmanager
async def acting(
    database: Database, vault: Vault, chat_id: int, *, enrolled: bool = True
) -> AsyncIterator[tuple[AsyncSession, StaffMember]]:
    """One transaction of the member behind a chat. A wrong code is counted, even though the act is refused.

    Raises `NotAllowed` for whoever is not, or no longer, staff. `enrolled=False` is for those who are about to
    show their first code.
    """
    here = StaffMember.chat_index.in_(vault.indexes(chat_id))
    async with _acting(database, here, enrolled) as acts:
        yield acts


@asynccontextmanager
async def acting_as(database: Database, alias: str) -> AsyncIterator[tuple[AsyncSession, StaffMember]]:
    """The same on the server, where the member is named and must show a code."""
    async with _acting(database, StaffMember.alias == alias, enrolled=True) as acts:
        yield acts


@asynccontextmanager
async def _acting(
    database: Database, which: ColumnElement[bool], enrolled: bool
) -> AsyncIterator[tuple[AsyncSession, StaffMember]]:
    wrong: WrongCode | None = None
    async with database.write() as session:
        await lock(session)
        found = await session.scalar(select(StaffMember).where(which, StaffMember.revoked_on.is_(None)))
        if found is None or found.enrolled is not enrolled:
            raise NotAllowed
        try:
            yield session, found
        except WrongCode as error:
            wrong = error
    if wrong:
        raise wrong


async def lock(session: AsyncSession) -> Desk:
    """Lets this transaction act alone at the desk until it ends."""
    return await session.get_one(Desk, 1, with_for_update=True)


async def of_chat(session: AsyncSession, vault: Vault, chat_id: int) -> StaffMember | None:
    """The member behind a chat, perhaps not enrolled yet; nobody who was revoked."""
    here = StaffMember.chat_index.in_(vault.indexes(chat_id))
    return await session.scalar(select(StaffMember).where(here, StaffMember.revoked_on.is_(None)))


async def memberships(session: AsyncSession, vault: Vault, chat_id: int) -> list[StaffMember]:
    """Every membership that the person behind a chat ever had, the present one last."""
    query = select(StaffMember).where(StaffMember.chat_index.in_(vault.indexes(chat_id))).order_by(StaffMember.id)
    return list(await session.scalars(query))


def require(member: StaffMember, act: Act) -> None:
    if member.revoked_on or not member.enrolled or act not in MAY[member.role]:
        raise NotAllowed(act)


async def allow(session: AsyncSession, member: StaffMember, act: Act) -> None:
    """How every act begins: alone at the desk, and within the member's role."""
    await lock(session)
    require(member, act)


# Invitations


async def invite(session: AsyncSession, actor: str, role: Role, alias: str) -> str:
    """The code of a link that makes one person staff. It is shown once: only its hash is kept."""
    await lock(session)
    taken = await session.scalar(select(StaffMember.id).where(StaffMember.alias == alias))
    if taken or not alias or alias.casefold() in OTHER_ACTORS:
        raise NameTaken(alias)
    code = secrets.token_urlsafe(INVITATION_BYTES)
    expires_at = datetime.now(UTC) + INVITATION_LASTS
    session.add(Invitation(code_hash=_hash(code), alias=alias, role=role, expires_at=expires_at))
    await audit.note(session, actor, "invite", alias, role=role, expires_at=expires_at.isoformat())
    return code


async def withdraw_invitations(session: AsyncSession, actor: str, alias: str) -> int:
    """Closes those of an alias that were not used; returns how many."""
    await lock(session)
    open_ones = list(
        await session.scalars(select(Invitation).where(Invitation.alias == alias, Invitation.closed_at.is_(None)))
    )
    for invitation in open_ones:
        invitation.closed_at = datetime.now(UTC)
    if open_ones:
        await audit.note(session, actor, "withdraw invitation", alias)
    return len(open_ones)


async def accept(
    session: AsyncSession, vault: Vault, code: str, chat_id: int, language: Language = "uk"
) -> Enrolment:
    """Uses up the invitation. The person is staff only when a first code shows that the authenticator works."""
    await lock(session)
    invitation = await session.scalar(select(Invitation).where(Invitation.code_hash == _hash(code)))
    now = datetime.now(UTC)
    if invitation is None or invitation.closed_at or invitation.expires_at <= now:
        raise InvitationInvalid
    if await of_chat(session, vault, chat_id):
        raise AlreadyStaff
    secret = pyotp.random_base32()
    new = StaffMember(
        alias=invitation.alias,
        role=invitation.role,
        chat_index=vault.index(chat_id),
        chat_sealed=vault.seal(chat_id),
        language=language,
        secret_sealed=vault.seal_secret(secret.encode(), vault.index(chat_id)),
        joined_on=now.date(),
        asked={"act": "enrol"},
    )
    invitation.closed_at = now
    session.add(new)
    try:
        await session.flush()
    except IntegrityError:
        raise NameTaken(invitation.alias) from None
    await audit.note(session, new.alias, "accept invitation", new.alias, role=new.role)
    address = pyotp.TOTP(secret).provisioning_uri(name=new.alias, issuer_name="Obmin")
    return Enrolment(new.alias, secret, address)


async def enrol(session: AsyncSession, vault: Vault, new: StaffMember, code: str) -> None:
    await lock(session)
    await check_code(session, vault, new, code)
    new.enrolled, new.asked = True, None
    await audit.note(session, new.alias, "enrol", new.alias, role=new.role)


async def revoke(session: AsyncSession, actor: str, alias: str) -> StaffMember | None:
    """Ends a membership at once; drafts stay. None if there is no such member."""
    desk = await lock(session)
    gone = await session.scalar(
        select(StaffMember).where(StaffMember.alias == alias, StaffMember.revoked_on.is_(None))
    )
    if gone is None:
        return None
    gone.revoked_on, gone.asked = datetime.now(UTC).date(), None
    if desk.thaw_asked_by == alias:
        desk.thaw_asked_by = None
    await audit.note(session, actor, "revoke", alias, role=gone.role)
    return gone


async def everybody(session: AsyncSession) -> list[StaffMember]:
    """Those who are staff now."""
    query = select(StaffMember).where(StaffMember.revoked_on.is_(None)).order_by(StaffMember.id)
    return list(await session.scalars(query))


async def aliases(session: AsyncSession) -> dict[int, str]:
    """Of all who ever were staff, by id."""
    return dict((await session.execute(select(StaffMember.id, StaffMember.alias))).all())


# Codes


async def check_code(session: AsyncSession, vault: Vault, member: StaffMember, code: str) -> None:
    """Takes a code from the authenticator, once; to be called before anything else is changed (see `acting`)."""
    now = datetime.now(UTC)
    if member.locked_until and member.locked_until > now:
        raise Locked
    step = _step_of(vault.open_secret(member.secret_sealed, member.chat_index).decode(), code, now)
    if step is None:
        member.wrong_codes += 1
        if member.wrong_codes >= MOST_WRONG_CODES:
            member.wrong_codes, member.locked_until = 0, now + LOCKED_FOR
            await audit.note(session, member.alias, "locked out", member.alias)
        raise WrongCode
    if step <= member.last_step:
        raise CodeAlreadyUsed
    member.last_step, member.wrong_codes, member.locked_until = step, 0, None


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    totp = pyotp.TOTP(secret, interval=STEP)
    present = int(now.timestamp()) // STEP
    for step in range(present - CLOCKS_DIFFER, present + CLOCKS_DIFFER + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), "".join(code.split()).encode()):
            return step
    return None


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


# Freeze


async def freeze(session: AsyncSession, actor: str) -> None:
    """Stops publishing and delivery at once, until two people thaw it."""
    desk = await lock(session)
    desk.frozen_by, desk.thaw_asked_by = actor, None
    await audit.note(session, actor, "freeze", "desk")


async def thaw(session: AsyncSession, actor: str) -> bool:
    """Whether this was the second of two; raises `SameThawer` for one person twice."""
    desk = await lock(session)
    if desk.frozen_by is None:
        return True
    if desk.thaw_asked_by is None:
        desk.thaw_asked_by = actor
        await audit.note(session, actor, "ask to thaw", "desk")
        return False
    if desk.thaw_asked_by == actor:
        raise SameThawer
    desk.frozen_by = desk.thaw_asked_by = None
    await audit.note(session, actor, "thaw", "desk")
    return True


async def frozen_by(session: AsyncSession) -> str | None:
    return await session.scalar(select(Desk.frozen_by))
