"""The pictures of charts, drawn in a thread and kept."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from bot.press.pictures import Picture

KEPT = 200
"""Pictures, some fifty kilobytes each."""


class Charts:
    """Draws each picture once. It names the version of the record, so another version is another picture."""

    def __init__(self) -> None:
        self._kept: dict[Picture, asyncio.Future[bytes]] = {}
        # One thread: matplotlib is not made for several.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="charts")

    async def png(self, picture: Picture) -> bytes:
        """Those who ask for the same at once wait for the same drawing."""
        if picture not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[picture] = asyncio.get_running_loop().run_in_executor(self._thread, _drawn, picture)
        drawing = self._kept[picture]
        try:
            return await asyncio.shield(drawing)
        except Exception:
            self._kept.pop(picture, None)
            raise


def _drawn(picture: Picture) -> bytes:
    # The library takes long to load, so it is loaded here, in the thread, when the first chart is asked for.
    from bot.press.drawing import draw

    return draw(picture)
