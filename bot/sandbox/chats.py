"""A chat: its messages, and everything that happened in it, for tests and for the page to wait on."""

import asyncio
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Literal

from bot.sandbox.shapes import Json, bad_request, forbidden, without_nones

EventKind = Literal["message", "edit", "delete", "action", "callback_answer", "inline_answer", "blocked"]
Predicate = Callable[[Json], bool]
PATIENCE = 20.0
"""Seconds until what has not come counts as not coming; a slow machine takes its time."""


class Chat:
    """Messages are never changed in place: an edit puts a new object under the old id.

    What the bot did is kept in order until a `next_…` call takes it, so a test may wait after the fact. With
    `limit`, only so many messages and untaken events are kept.
    """

    def __init__(
        self,
        chat_id: int,
        kind: Literal["private", "group", "supergroup", "channel"],
        publish: Callable[[Json], None],
        *,
        limit: int | None = None,
        **names: str | None,
    ) -> None:
        self.id = chat_id
        self.kind = kind
        self.names = without_nones(names)
        self.messages: OrderedDict[int, Json] = OrderedDict()
        self.members: set[int] = set()
        self.pinned: list[int] = []
        self.migrated_to: int | None = None
        self.blocked = False
        self.reachable = kind != "private"
        self.administered = kind != "channel"
        """Of a channel: whether the bot may post in it."""
        self._limit = limit
        self._last_id = 0
        self._publish = publish
        self._untaken: defaultdict[EventKind, deque[Json]] = defaultdict(lambda: deque(maxlen=limit))
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def json(self) -> Json:
        return {"id": self.id, "type": self.kind, **self.names}

    def check_reachable(self) -> None:
        """Raises the ApiError that a bot gets for writing here."""
        if self.migrated_to:
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.migrated_to)
        if self.blocked and self.kind == "private":
            raise forbidden("bot was blocked by the user")
        if self.blocked:
            raise forbidden(f"bot was kicked from the {self.kind} chat")
        if not self.reachable and self.kind == "channel":
            raise forbidden("bot is not a member of the channel chat")
        if not self.administered:
            raise bad_request("need administrator rights in the channel chat")
        if not self.reachable:
            raise forbidden("bot can't initiate conversation with a user")

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def add(self, message: Json) -> Json:
        self.messages[message["message_id"]] = message
        if self._limit is not None and len(self.messages) > self._limit:
            self.messages.popitem(last=False)
        self._happened("message", message)
        return message

    def replace(self, message: Json) -> Json:
        self.messages[message["message_id"]] = message
        self._happened("edit", message)
        return message

    def remove(self, message_id: int) -> None:
        self._happened("delete", self.messages.pop(message_id))

    def note(self, kind: EventKind, content: Json) -> None:
        """Something that is not a message: a toast, a typing mark, a block."""
        self._happened(kind, content)

    def _happened(self, kind: EventKind, content: Json) -> None:
        by_person = kind in {"message", "edit"} and not content["from"]["is_bot"]
        if not by_person:
            self._untaken[kind].append(content)
        self._publish({"chat_id": self.id, "kind": kind, "content": content})
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def next(self, kind: EventKind, predicate: Predicate | None = None, *, within: float = PATIENCE) -> Json:
        """The next untaken event of a kind, skipping those that do not fit; TimeoutError after `within` s."""
        untaken = self._untaken[kind]
        try:
            async with asyncio.timeout(within):
                while True:
                    while untaken:
                        content = untaken.popleft()
                        if predicate is None or predicate(content):
                            return content
                    await self._anything()
        except TimeoutError:
            raise TimeoutError(f"no {kind} that fits in chat {self.id} within {within} s") from None

    async def next_message(self, predicate: Predicate | None = None, *, within: float = PATIENCE) -> Json:
        """The bot's next message that no one has taken yet."""
        return await self.next("message", predicate, within=within)

    async def next_edit(self, predicate: Predicate | None = None, *, within: float = PATIENCE) -> Json:
        """The next message that the bot edited, as it is after the edit."""
        return await self.next("edit", predicate, within=within)

    async def next_callback_answer(self, *, within: float = PATIENCE) -> Json:
        """`{callback_query_id, text, show_alert, url}` of the next answered press."""
        return await self.next("callback_answer", within=within)

    async def next_inline_answer(self, *, within: float = PATIENCE) -> Json:
        """`{inline_query_id, results, …}` of the next answered inline query."""
        return await self.next("inline_answer", within=within)

    async def wait_for(self, predicate: Predicate, *, within: float = PATIENCE) -> Json:
        """The newest message of the chat, old or new, for which the predicate holds; takes nothing."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for message in reversed(self.messages.values()):
                        if predicate(message):
                            return message
                    await self._anything()
        except TimeoutError:
            raise TimeoutError(f"no message that fits in chat {self.id} within {within} s") from None

    def forget(self) -> None:
        """Counts everything so far as taken."""
        for untaken in self._untaken.values():
            untaken.clear()

    async def _anything(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future
