"""Updates on their way to the bot: the queue, and long polling as Telegram does it."""

import asyncio
from collections import OrderedDict
from itertools import islice

from bot.sandbox.shapes import ApiError, Json

# https://core.telegram.org/bots/api#getupdates: without a list, all but these.
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_LONGEST_POLL = 50


class Mailbox:
    def __init__(self) -> None:
        self._pending: OrderedDict[int, Json] = OrderedDict()
        self._last_id = 0
        self._allowed: frozenset[str] = frozenset()
        self._poller: asyncio.Future[None] | None = None
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def allowed(self) -> list[str]:
        return sorted(self._allowed)

    def allow(self, kinds: list[str]) -> None:
        """The kinds of update that are wanted from now on; none means Telegram's default."""
        self._allowed = frozenset(kinds)

    def put(self, kind: str, content: Json) -> int | None:
        """The id of the new update, or None when the bot does not want this kind."""
        if kind not in self._allowed if self._allowed else kind in _NOT_BY_DEFAULT:
            return None
        return self.put_raw({kind: content})

    def put_raw(self, update: Json) -> int:
        """An update as it is; gets an id unless it has one, which may repeat an earlier one."""
        self._last_id = max(self._last_id + 1, update.get("update_id", 0))
        update_id: int = update.get("update_id", self._last_id)
        self._pending[update_id] = {"update_id": update_id, **update}
        self._wake()
        return update_id

    def confirm(self, update_id: int) -> None:
        self._pending.pop(update_id, None)

    def clear(self) -> None:
        self._pending.clear()

    async def first(self) -> Json:
        """The oldest update, waiting for one if need be; it stays in the queue."""
        while not self._pending:
            self._arrived.clear()
            await self._arrived.wait()
        return next(iter(self._pending.values()))

    async def poll(self, offset: int, limit: int, seconds: int) -> list[Json]:
        """One getUpdates. The one that was waiting before ends with ApiError 409, as at Telegram."""
        self.interrupt(ApiError(409, _CONFLICT))
        if offset < 0:
            offset = max(self._last_id + 1 + offset, 0)
        while self._pending and next(iter(self._pending)) < offset:
            self._pending.popitem(last=False)
        if not self._pending and seconds > 0:
            poller = self._poller = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(min(seconds, _LONGEST_POLL)):
                    await poller
            except TimeoutError:
                pass
            finally:
                if self._poller is poller:
                    self._poller = None
        if not 1 <= limit <= 100:
            limit = 100
        return list(islice(self._pending.values(), limit))

    def interrupt(self, error: ApiError | None = None) -> None:
        """Ends the waiting getUpdates, if there is one: with an error, or with an empty answer."""
        poller, self._poller = self._poller, None
        if poller is None or poller.done():
            return
        if error:
            poller.set_exception(error)
        else:
            poller.set_result(None)

    def _wake(self) -> None:
        self._arrived.set()
        self.interrupt()


_CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
