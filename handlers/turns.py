"""The updates of one chat are handled one after another, in the order in which they came; chats go side by side.

So a press is never written down after the /stop or /forget that came after it. `flood` comes before this: what it
leaves out waits for nothing.
"""

import asyncio
from weakref import WeakValueDictionary

from telegram import Update

UPDATES_AT_ONCE = 128


class Turns:
    """First the chat's turn, then one of the places: an update that waits for another of its chat takes none."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(UPDATES_AT_ONCE)
        self._chats: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._begun: dict[int, asyncio.Lock] = {}

    async def wait(self, update: Update, _context: object) -> None:
        """What is typed inline comes from no chat: of it nothing is written, and it is kept in no order."""
        chat = update.effective_chat
        turn = self._chats.setdefault(chat.id, asyncio.Lock()) if chat else asyncio.Lock()
        await turn.acquire()
        try:
            await self._places.acquire()
        except asyncio.CancelledError:
            turn.release()
            raise
        self._begun[update.update_id] = turn

    async def wait_for_none(self, _update: Update, _context: object) -> None:
        """A freeze must not wait, least of all for a Telegram that does not answer."""

    def end(self, update_id: int) -> None:
        """Whatever became of the update, and whether or not its turn had come."""
        if turn := self._begun.pop(update_id, None):
            self._places.release()
            turn.release()
