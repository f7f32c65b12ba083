"""The loop: claim, send or edit, settle. One process at a time sends; others stand by.

A copy keeps its place among the `CONCURRENCY` until its outcome is committed: so a kill repeats at most that many.
No transaction is open while Telegram thinks.
"""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from secrets import token_hex
from time import monotonic

import aiohttp
import structlog

from bot import metrics, telemetry
from bot.database import Database
from bot.delivery import fanout, lease, outbox
from bot.delivery.carrier import Carrier, Paid, settled
from bot.delivery.decisions import Decision, Verdict
from bot.delivery.limiter import PAID_RATE, Budget
from bot.delivery.outbox import Copy, Settled
from bot.delivery.transport import behind_proxy
from bot.desk.staff import frozen_by
from bot.periodically import uninterrupted
from bot.vault import Vault
from models.delivery import LEASE
from models.desk import PostRevision

log = structlog.get_logger()

CONCURRENCY = 600
"""Sends under way at once: with 40 ms of latency, far more than Telegram permits."""
CLAIMED_AT_ONCE = 4000
"""With no limit: about a second of sending."""
CLAIMED_FOR = 0.5
"""Seconds of sending claimed at a time."""
HOLDS_FOR = 1.5
"""Seconds after which a claim is checked again: a freeze does not wait for the end of a pause."""
IDLE = 0.5
"""Seconds between looks for something due."""
SETTLED_EVERY = 0.01
"""Seconds in which outcomes gather for one transaction."""
RENEWED_EVERY = 2.0
TIMEOUT = aiohttp.ClientTimeout(total=20, sock_connect=10)
LONGEST_PUT_OFF = 300.0
"""Seconds that a copy which Telegram keeps putting off waits at most, unless Telegram asks for more."""


@dataclass
class Courier:
    database: Database
    vault: Vault
    api: str
    """The address of the bot's methods, token included."""
    budget: Budget
    channels: Mapping[str, int | str] = field(default_factory=dict)
    paid: Paid = "never"
    bot: str | None = None
    """The bot's name: posts in channels link to it."""
    concurrency: int = CONCURRENCY

    def __post_init__(self) -> None:
        self._name = f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"
        self._ours_until = 0.0
        self._ended: asyncio.Queue[tuple[Settled, Verdict] | None] = asyncio.Queue()
        self._in_hand: set[int] = set()
        self._room = asyncio.Event()
        self._put_off_before: Counter[int] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled; then what is under way ends and is settled, and the lease is given back."""
        connector = aiohttp.TCPConnector(limit=self.concurrency)
        async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, trust_env=behind_proxy()) as http:
            self._carrier = Carrier(http, self.vault, self.api, self.budget, self.channels, self.paid, self.bot)
            holding = asyncio.create_task(self._keep_lease())
            settling = asyncio.create_task(self._keep_settling())
            try:
                while True:
                    if not await self._step():
                        await asyncio.sleep(IDLE)
            finally:
                if self._under_way:
                    await asyncio.wait(self._under_way)
                await self._ended.put(None)
                await settling
                holding.cancel()
                await asyncio.wait({holding})
                await lease.give_back(self.database, self._name)

    async def _step(self) -> bool:
        """One round; whether there was anything to do. A database that fails is tried again."""
        if not self.is_ours():
            return False
        try:
            return await self._round()
        except Exception as error:
            log.error("the courier stumbled, trying again", error=type(error).__name__)
            telemetry.caught(error)
            return False

    async def _round(self) -> bool:
        begun = looked = monotonic()
        claimed = await uninterrupted(self._claim())
        if claimed is None:
            return False
        copies, newest = claimed
        for place, copy in enumerate(copies):
            while len(self._in_hand) >= self.concurrency:
                self._room.clear()
                await self._room.wait()
            revision = newest[copy.post_id]
            await self.budget.broadcast(paid=self._carrier.is_paid(revision))
            if not self.is_ours():
                # Another one sends now: what is left of the claim comes due for it.
                return False
            if (now := monotonic()) - looked > HOLDS_FOR:
                looked, is_old = now, now - begun > LEASE.total_seconds() / 2
                if await uninterrupted(self._gave_back(copies[place:], newest, is_old=is_old)):
                    return True
            self._in_hand.add(copy.id)
            task = asyncio.create_task(self._deliver(copy, revision))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            if self.budget.rate:
                # So that it is on its way before the next one is thought of.
                await asyncio.sleep(0)
        return True

    async def _gave_back(self, rest: list[Copy], newest: Mapping[int, PostRevision], *, is_old: bool) -> bool:
        """Gives back a claim that is old, as readers may have left, or that a freeze or a revision came after."""
        async with self.database.write() as session:
            stopped = await frozen_by(session) or await lease.halted(session)
            now = await outbox.newest_revisions(session, list(newest))
            if not is_old and not stopped and all(now[post].id == known.id for post, known in newest.items()):
                return False
            await outbox.give_back(session, [copy.id for copy in rest])
        return True

    async def _claim(self) -> tuple[list[Copy], dict[int, PostRevision]] | None:
        """What is due now, with the revision of each post; None if nothing may be sent or is due."""
        # Where Telegram is slow, a copy comes due again while its answer is awaited, which may come at any moment.
        in_hand = frozenset(self._in_hand)
        async with self.database.read() as session:
            if await frozen_by(session) or await lease.halted(session):
                return None
            begun, due = await outbox.to_do(session)
        if not begun and not due:
            # An idle courier never locks the database.
            return None
        if begun:
            async with self.database.write() as session:
                await fanout.fan_out(session, self.channels, in_hand)
        async with self.database.write() as session:
            copies = await outbox.claim(session, self._claimable(), in_hand)
            if not begun and not copies:
                # What is due waits for an older copy of the same reader.
                return None
            return copies, await outbox.newest_revisions(session, [copy.post_id for copy in copies])

    def _claimable(self) -> int:
        """No more than can be sent well within a lease."""
        rate = PAID_RATE if self.paid == "always" else self.budget.rate
        return min(CLAIMED_AT_ONCE, max(1, int(CLAIMED_FOR * rate))) if rate else CLAIMED_AT_ONCE

    async def _deliver(self, copy: Copy, revision: PostRevision) -> None:
        self.budget.went(paid=self._carrier.is_paid(revision))
        try:
            verdict = await self._carrier.carry(copy, revision)
        except Exception as error:
            # Whatever it was, the place must be given back, and the copy must not be sent for ever.
            log.error("a copy could not be sent", error=type(error).__name__)
            telemetry.caught(error)
            verdict = Verdict(Decision.UNCLEAR, why=type(error).__name__)
        if verdict.decision is Decision.LATER:
            verdict = self._put_off(copy, verdict)
        else:
            self._put_off_before.pop(copy.id, None)
        await self._ended.put((settled(copy, revision, verdict), verdict))

    def _put_off(self, copy: Copy, verdict: Verdict) -> Verdict:
        """The first time all wait; from the second it is this chat's own trouble, which delays no one else."""
        before = self._put_off_before[copy.id]
        self._put_off_before[copy.id] += 1
        if not before:
            self.budget.refused(verdict.retry_after)
        longer = min(verdict.retry_after * 2**before, LONGEST_PUT_OFF)
        return replace(verdict, retry_after=max(verdict.retry_after, longer))

    async def _keep_settling(self) -> None:
        """Outcomes in groups, until None marks the end."""
        ending = False
        while not ending:
            gathered = [await self._ended.get()]
            await asyncio.sleep(SETTLED_EVERY)
            while not self._ended.empty():
                gathered.append(self._ended.get_nowait())
            ending = None in gathered
            if ended := [each for each in gathered if each is not None]:
                await self._settle(ended)

    async def _settle(self, ended: list[tuple[Settled, Verdict]]) -> None:
        """Until the database takes it: what was sent must not be forgotten."""
        while True:
            try:
                async with self.database.write() as session:
                    await outbox.settle(session, [settled for settled, _ in ended])
                    gone = [settled.id for settled, verdict in ended if verdict.decision is Decision.GONE]
                    if gone:
                        await outbox.readers_are_gone(session, gone)
                    for settled, verdict in ended:
                        if verdict.decision is Decision.MOVED and verdict.moved_to is not None:
                            await outbox.reader_has_moved(session, self.vault, settled.id, verdict.moved_to)
                        if verdict.decision is Decision.HALT:
                            await lease.halt(session, verdict.why)
            except Exception as error:
                log.error("outcomes could not be written, trying again", error=type(error).__name__)
                telemetry.caught(error)
                await asyncio.sleep(IDLE)
                continue
            break
        self._in_hand.difference_update(settled.id for settled, _ in ended)
        self._room.set()
        for settled, verdict in ended:
            if settled.outcome is not None:
                metrics.settled(settled.outcome)
            if verdict.decision is Decision.HALT:
                log.critical("Telegram refuses the token: nothing is sent until it is mended", why=verdict.why)

    def is_ours(self) -> bool:
        """Whether this process is the one that sends."""
        return monotonic() < self._ours_until

    async def _keep_lease(self) -> None:
        while True:
            asked = monotonic()
            held = None
            try:
                held = await uninterrupted(lease.take(self.database, self._name))
            except Exception as error:
                log.warning("the courier's lease could not be renewed", error=type(error).__name__)
            # Counted from before the question, so that ours ends before another one's may begin.
            if held is not None:
                self._ours_until = asked + lease.LASTS.total_seconds() if held else 0.0
            await asyncio.sleep(RENEWED_EVERY)
