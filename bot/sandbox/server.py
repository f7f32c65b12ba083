"""The sandbox as a whole: a pretend Telegram, served over HTTP on one port."""

from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox.api import BotApi
from bot.sandbox.control import Control, guarded
from bot.sandbox.files import MOST_UPLOADED
from bot.sandbox.site import add_page
from bot.sandbox.world import World

# No bot of Telegram's has such a token, so it may be printed and committed.
SANDBOX_TOKEN = "1000000001:sandbox-token-that-opens-nothing"  # noqa: S105 - opens nothing


class Sandbox(World):
    """A local Telegram for one bot.

    >>> async with Sandbox() as sandbox:  # doctest: +SKIP
    ...     olena = sandbox.add_person("Olena", "uk")
    ...     message = await olena.ask("/start")
    """

    def __init__(
        self,
        token: str = SANDBOX_TOKEN,
        *,
        username: str = "obmin_sandbox_bot",
        name: str = "Obmin",
        cast: bool = True,
        transcript_limit: int | None = None,
        privacy: bool = True,
    ) -> None:
        """`cast`: with the four people of the page. `transcript_limit`: messages kept in each chat."""
        super().__init__(
            bot_id=int(token.partition(":")[0]),
            username=username,
            name=name,
            transcript_limit=transcript_limit,
            privacy=privacy,
        )
        self.token = token
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._api = BotApi(self, token)
        if cast:
            self.add_person("Olena", "uk", person_id=500_000_001, username="olena_home", role="family")
            self.add_person("Taras", "en", person_id=500_000_002, username="taras_news", role="journalist")
            self.add_person("Marko", "uk", person_id=500_000_003, username="marko_desk", role="staff")
            self.add_person("Iryna", "ru", person_id=500_000_004, username="iryna_desk", role="staff")

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listens, and sets `url`; port 0 takes a free one. OSError when the port is taken."""
        application = web.Application(middlewares=[guarded], client_max_size=MOST_UPLOADED * 2)
        self._api.add_routes(application)
        Control(self).add_routes(application)
        add_page(application)
        # The access log would hold the token, and an open event stream must not hold up the end.
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound
        self.url = f"http://{f'[{shown}]' if ':' in shown else shown}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        runner, self._runner = self._runner, None
        await self._api.webhook.stop()
        self.mailbox.interrupt()
        self.streams.close()
        if runner:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        if self._runner is None:
            await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
