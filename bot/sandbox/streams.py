"""Live events for the chat page: whoever listens gets what happens in one chat, or in all."""

import asyncio
from collections.abc import AsyncGenerator

from bot.sandbox.shapes import Json

_MOST_UNREAD = 1_000


class Streams:
    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[Json | None], int | None] = {}

    def publish(self, event: Json) -> None:
        """A listener who is too slow is let go: the page connects again and reads the transcript."""
        for queue, chat_id in list(self._listeners.items()):
            if chat_id in {None, event["chat_id"]}:
                if queue.full():
                    self._end(queue)
                else:
                    queue.put_nowait(event)

    async def listen(self, chat_id: int | None = None) -> AsyncGenerator[Json, None]:
        queue: asyncio.Queue[Json | None] = asyncio.Queue(_MOST_UNREAD)
        self._listeners[queue] = chat_id
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            self._listeners.pop(queue, None)

    def close(self) -> None:
        for queue in list(self._listeners):
            self._end(queue)

    def _end(self, queue: asyncio.Queue[Json | None]) -> None:
        self._listeners.pop(queue, None)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
