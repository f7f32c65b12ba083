"""One copy on its way to Telegram: what is sent, or edited, and what its row says afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import aiohttp
import structlog

from bot import metrics
from bot.delivery import bodies
from bot.delivery.bodies import Request
from bot.delivery.decisions import Decision, Verdict, of_answer, of_error
from bot.delivery.limiter import Budget
from bot.delivery.outbox import Copy, Settled
from bot.delivery.transport import JSON
from bot.vault import Vault
from bot.zones import clock
from models.delivery import Outcome
from models.desk import Importance, PostRevision

log = structlog.get_logger()

MOST_UNCLEAR = 2
PAUSE_AFTER_UNCLEAR = timedelta(seconds=5)
MOST_DOUBLED = 6
"""So often this pause is doubled before an unclear edit is repeated: to five minutes."""
PREPARED = 1000
"""Bodies that are kept."""

Paid = Literal["never", "urgent", "always"]


@dataclass
class Carrier:
    http: aiohttp.ClientSession
    vault: Vault
    api: str
    """The address of the bot's methods, token included."""
    budget: Budget
    channels: Mapping[str, int | str]
    paid: Paid
    bot: str | None
    """The bot's name: posts in channels link to it."""
    _prepared: dict[tuple[object, ...], Request] = field(default_factory=dict)
    _with_photo: set[int | None] = field(default_factory=set)
    """Revisions whose copies turned out to have a photograph."""
    _bar: str | None = None
    """Telegram's id of the grey bar, once it has been sent."""

    def is_paid(self, revision: PostRevision) -> bool:
        return self.paid == "always" or (self.paid == "urgent" and revision.importance is Importance.URGENT)

    async def carry(self, copy: Copy, revision: PostRevision) -> Verdict:
        if copy.message_id is None and revision.withdraws:
            return Verdict(Decision.TAKEN_BACK)
        if copy.channel:
            return await self._to_channel(copy.channel, copy, revision)
        if copy.chat_sealed and copy.chat_index:
            return await self._to(self.vault.open(copy.chat_sealed, copy.chat_index), copy, revision)
        return Verdict(Decision.GONE, why="the reader has left")

    async def _to_channel(self, channel: str, copy: Copy, revision: PostRevision) -> Verdict:
        """It is the operator's own: that it cannot be written to is a mistake, and no reader has left."""
        setting = f"CHANNEL_{channel.upper()}"
        chat = self.channels.get(channel)
        if chat is None:
            return Verdict(Decision.REFUSED, why=f"{setting} is not set")
        verdict = await self._to(chat, copy, revision)
        if verdict.decision in (Decision.GONE, Decision.MOVED, Decision.REFUSED):
            return Verdict(Decision.REFUSED, why=f"{setting}: {verdict.why}")
        return verdict

    async def _to(self, chat: int | str, copy: Copy, revision: PostRevision) -> Verdict:
        if copy.message_id is None:
            return await self._send(chat, copy, revision)
        verdict = await self._edit(chat, copy, copy.message_id, revision)
        if verdict.decision is Decision.CANNOT_EDIT:
            await self.budget.broadcast(paid=self.is_paid(revision))
            return await self._send(chat, copy, revision)
        if verdict.decision not in (Decision.SENT, Decision.UNCHANGED):
            return verdict
        kept = Verdict(Decision.SENT, message_id=copy.message_id)
        if not revision.material:
            return kept
        await self.budget.broadcast(paid=self.is_paid(revision))
        told = await self._tell(chat, copy, copy.message_id, revision)
        return kept if told.decision in (Decision.SENT, Decision.REFUSED) else told

    async def _send(self, chat: int | str, copy: Copy, revision: PostRevision) -> Verdict:
        bot, silent, paid = self._bot_for(copy), _is_silent(copy, revision), self.is_paid(revision)
        new = self._once(
            (revision.id, copy.language, bot, "new", silent, paid),
            lambda: bodies.new_message(revision, copy.language, bot=bot, silent=silent, paid=paid),
        )
        return await self._call(new.method, new.to(chat))

    async def _edit(self, chat: int | str, copy: Copy, message: int, revision: PostRevision) -> Verdict:
        if not (revision.withdraws and copy.revision_sent in self._with_photo):
            bot = self._bot_for(copy)
            edit = self._once(
                (revision.id, copy.language, bot, "edit"),
                lambda: bodies.edit(revision, copy.language, bot=bot),
            )
            verdict = await self._call(edit.method, edit.to(chat, editing=message))
            if verdict.decision is not Decision.NO_TEXT:
                return verdict
            # Most copies of a revision are alike, so a withdrawal asks only once. Of a correction each is asked:
            # one that has never had a photograph must not get a bar.
            self._with_photo.add(copy.revision_sent)
            await self.budget.broadcast(paid=self.is_paid(revision))
        return await self._cover(chat, copy, message, revision)

    async def _cover(self, chat: int | str, copy: Copy, message: int, revision: PostRevision) -> Verdict:
        """An edit that puts the bar in the place of a photograph."""
        bot, bar = self._bot_for(copy), self._bar
        edit = self._once(
            (revision.id, copy.language, bot, "bar", bar),
            lambda: bodies.edit_with_bar(revision, copy.language, bot=bot, bar=bar),
        )
        verdict = await self._call(edit.method, edit.to(chat, editing=message))
        self._bar = self._bar or verdict.photo
        return verdict

    async def _tell(self, chat: int | str, copy: Copy, message: int, revision: PostRevision) -> Verdict:
        """The short reply to a copy that was corrected, or taken back."""
        bot, silent, paid = self._bot_for(copy), _is_silent(copy, revision), self.is_paid(revision)
        notice = self._once(
            (revision.id, copy.language, bot, "notice", silent, paid),
            lambda: bodies.notice(revision, copy.language, bot=bot, silent=silent, paid=paid),
        )
        return await self._call(notice.method, notice.to(chat, answering=message))

    def _bot_for(self, copy: Copy) -> str | None:
        return self.bot if copy.channel else None

    def _once(self, name: tuple[object, ...], prepare: Callable[[], Request]) -> Request:
        if name not in self._prepared:
            if len(self._prepared) > PREPARED:
                self._prepared.clear()
            self._prepared[name] = prepare()
        return self._prepared[name]

    async def _call(self, method: str, body: bytes | aiohttp.FormData) -> Verdict:
        metrics.sending("broadcast")
        kind = JSON if isinstance(body, bytes) else None
        try:
            async with self.http.post(
                f"{self.api}/{method}", data=body, headers=kind, allow_redirects=False
            ) as response:
                verdict = of_answer(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            return of_error(error)
        if verdict.decision is Decision.LATER:
            metrics.refused("broadcast")
        if verdict.decision is Decision.UNCLEAR and method.startswith("edit"):
            return replace(verdict, decision=Decision.EDIT_UNCLEAR)
        return verdict


def _is_silent(copy: Copy, revision: PostRevision) -> bool:
    return revision.importance is not Importance.URGENT and _is_quiet(copy)


def _is_quiet(copy: Copy) -> bool:
    """Whether it is one of the reader's quiet hours; they may go over midnight."""
    first, last = copy.quiet_from, copy.quiet_to
    if first is None or last is None or first == last:
        return False
    hour = datetime.now(clock(copy.zone)).hour
    return first <= hour < last if first < last else hour >= first or hour < last


def settled(copy: Copy, revision: PostRevision, verdict: Verdict) -> Settled:
    """What a verdict makes of the row."""
    now = datetime.now(UTC)
    has = {"message_id": copy.message_id, "revision_sent": copy.revision_sent, "tried": revision.id}
    standing = Outcome.SENT if copy.message_id is not None else Outcome.PENDING
    match verdict.decision:
        case Decision.SENT | Decision.UNCHANGED:
            message_id = verdict.message_id or copy.message_id
            return Settled(copy.id, copy.post_id, Outcome.SENT, None, revision.id, message_id, tried=revision.id)
        case Decision.LATER:
            due = now + timedelta(seconds=verdict.retry_after)
            return Settled(copy.id, copy.post_id, standing, due, attempts=copy.attempts, **has)
        case Decision.AT_ONCE | Decision.MOVED | Decision.HALT:
            due = now + timedelta(seconds=1)
            return Settled(copy.id, copy.post_id, standing, due, attempts=copy.attempts, **has)
        case Decision.EDIT_UNCLEAR:
            due = now + PAUSE_AFTER_UNCLEAR * 2 ** min(copy.attempts, MOST_DOUBLED)
            return Settled(copy.id, copy.post_id, standing, due, attempts=copy.attempts + 1, **has)
        case Decision.UNCLEAR if copy.attempts + 1 < MOST_UNCLEAR:
            due = now + PAUSE_AFTER_UNCLEAR
            return Settled(copy.id, copy.post_id, standing, due, attempts=copy.attempts + 1, **has)
        case Decision.UNCLEAR:
            return Settled(copy.id, copy.post_id, Outcome.UNCERTAIN, None, attempts=copy.attempts + 1, **has)
        case Decision.GONE:
            return Settled(copy.id, copy.post_id, Outcome.BLOCKED, None, attempts=copy.attempts, **has)
        case Decision.TAKEN_BACK if copy.attempts:
            # The one whose answer did not come may have arrived.
            return Settled(copy.id, copy.post_id, Outcome.UNCERTAIN, None, attempts=copy.attempts, **has)
        case Decision.TAKEN_BACK:
            return Settled(copy.id, copy.post_id, None)
        case _:
            log.error("Telegram refuses a message", why=verdict.why)
            return Settled(copy.id, copy.post_id, Outcome.FAILED, None, attempts=copy.attempts, **has)
