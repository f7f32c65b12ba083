"""What a restored database had not sent yet when its backup was made, and the decision about it.

It may have gone out since. So it stays held until an operator decides whether to send or drop it. Corrections of
copies that were sent are different: they edit what is there, and a wrong text must not stay.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Subquery, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.delivery import lease
from bot.desk import audit, staff
from bot.errors import ObminError
from models.delivery import Broadcast, Delivery, Outcome
from models.desk import PostRevision, State


class Undecided(ObminError):
    """What was unsent in the backup may have gone out since, and nobody has decided what to do with it."""


class NotRestored(ObminError):
    """There is nothing to decide: this database was not restored from a backup."""


class Decision(StrEnum):
    SEND = "send"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Unsent:
    copies: int
    oldest: datetime | None
    unfinished: int
    """Posts some of whose copies were not even made yet."""
    scheduled: int
    """Posts whose hour had not come then; it may have been changed since."""
    corrections: int
    """Copies still to be edited, whatever is decided."""

    def is_undecided(self) -> bool:
        return bool(self.copies or self.unfinished or self.scheduled)


def _first_told(made_at: datetime) -> Subquery:
    """Broadcasts begun before that moment which are not those of corrections."""
    told, earlier = aliased(Broadcast), aliased(Broadcast)
    first = ~exists().where(earlier.post_id == told.post_id, earlier.id < told.id)
    query = select(told.id, told.post_id).join(PostRevision, PostRevision.id == told.revision_id)
    return query.where(PostRevision.released_at <= made_at, first).subquery()


def _copies(made_at: datetime) -> tuple[ColumnElement[bool], ...]:
    posts = select(_first_told(made_at).c.post_id)
    return Delivery.outcome == Outcome.PENDING, Delivery.post_id.in_(posts)


def _unfinished(made_at: datetime) -> tuple[ColumnElement[bool], ...]:
    return Broadcast.done.is_(False), Broadcast.id.in_(select(_first_told(made_at).c.id))


def _scheduled() -> tuple[ColumnElement[bool], ...]:
    return (PostRevision.state == State.SCHEDULED,)


async def find(session: AsyncSession, made_at: datetime) -> Unsent:
    async def count(*where: ColumnElement[bool]) -> int:
        return await session.scalar(select(func.count()).where(*where)) or 0

    return Unsent(
        copies=await count(*_copies(made_at)),
        oldest=await session.scalar(select(func.min(Delivery.due_at)).where(*_copies(made_at))),
        unfinished=await count(*_unfinished(made_at)),
        scheduled=await count(*_scheduled()),
        corrections=await count(Delivery.message_id.is_not(None), Delivery.due_at.is_not(None)),
    )


async def drop(session: AsyncSession, made_at: datetime) -> None:
    """None of it goes out: copies may have arrived, scheduled posts go back to review."""
    for change in (
        update(Delivery).where(*_copies(made_at)).values(outcome=Outcome.UNCERTAIN, due_at=None),
        update(Broadcast).where(*_unfinished(made_at)).values(done=True),
        update(PostRevision).where(*_scheduled()).values(state=State.SUBMITTED, approved_by=None, release_at=None),
    ):
        # Otherwise the session would be told of each changed row.
        await session.execute(change, execution_options={"synchronize_session": False})


async def resume(session: AsyncSession, decision: Decision | None) -> None:
    """Resumes sending; raises `Undecided` if something was unsent and nobody has decided what to do with it."""
    if made_at := await lease.restored_to(session):
        await staff.lock(session)
        found = await find(session, made_at)
        if decision is None and found.is_undecided():
            raise Undecided(told(found, made_at))
        if decision is Decision.DROP:
            await drop(session, made_at)
        note = {"unsent": decision or "none", "copies": found.copies, "scheduled": found.scheduled}
        await audit.note(session, staff.SERVER, "resume", "database", **note)
    elif decision:
        raise NotRestored("--unsent applies only after a restore, and this database was not restored.")
    await lease.resume(session)


def told(found: Unsent, made_at: datetime) -> str:
    """For the operator."""
    lines = [f"Restored from a backup of {made_at:%d %B %Y, %H:%M} UTC: nothing is sent until you say so."]
    if found.copies:
        lines.append(
            f"Copies that were not sent then: {found.copies}, the oldest due at {found.oldest:%d %B, %H:%M}."
        )
    if found.unfinished:
        lines.append(f"Posts of which not even all copies had been made: {found.unfinished}.")
    if found.scheduled:
        lines.append(f"Posts that were scheduled: {found.scheduled}; if dropped, they go back to review.")
    if found.is_undecided():
        lines += [
            "All this may have gone out after the backup was made. Decide what to do with it:",
            "  obmin delivery resume --unsent drop   it does not go out; nobody gets anything twice",
            "  obmin delivery resume --unsent send   it goes out; those who already got it get it again",
        ]
    else:
        lines.append("Nothing waits to be sent. To go on: obmin delivery resume")
    if found.corrections:
        lines.append(f"Copies that still have to be corrected: {found.corrections}; they will be in either case.")
    return "\n".join(lines)
