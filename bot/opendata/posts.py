"""Released posts, as feeds list them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.subscriptions import FOLLOWED
from bot.desk.facts import NEW, Facts
from models.desk import PostRevision, State

NEWEST = 50
"""Posts."""


@dataclass(frozen=True)
class Released:
    """A post as it is now, and when it was first released."""

    post: PostRevision
    published: datetime
    updated: datetime

    @property
    def id(self) -> str:
        """Stays through corrections."""
        return uuid5(NAMESPACE_URL, f"obmin post {self.post.post.code}").urn

    @property
    def exchange(self) -> str | None:
        """The key of the exchange that it is about."""
        key = Facts.model_validate(self.post.facts).exchange
        return f"post-{self.post.post_id}" if key == NEW else key


async def released(session: AsyncSession, kind: str) -> list[Released]:
    """The posts of a kind that changed last, as they are now: corrected ones and withdrawn ones too."""
    times = (
        select(
            PostRevision.post_id,
            func.min(PostRevision.released_at).label("published"),
            func.max(PostRevision.number).label("newest"),
        )
        .where(PostRevision.state == State.RELEASED, PostRevision.to_readers)
        .group_by(PostRevision.post_id)
        .subquery()
    )
    found = await session.execute(
        select(PostRevision, times.c.published)
        .join(times, (times.c.post_id == PostRevision.post_id) & (times.c.newest == PostRevision.number))
        .where(PostRevision.kind.in_(FOLLOWED[kind]))
        .order_by(PostRevision.released_at.desc(), PostRevision.id.desc())
        .limit(NEWEST)
    )
    return [Released(of, published, of.released_at or published) for of, published in found]
