"""Our own HTTP server: the webhook that Telegram calls, whether we live, and whether a post is ours."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.verify_page import VerifyPage

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
LARGEST_UPDATE = 1024 * 1024
"""Bytes; Telegram's updates are a few kilobytes."""

WEBHOOK_PATH = "/telegram"


class WebServer:
    """Takes updates at `/telegram`, if it is given a taker, and answers `/health` and `/verify/CODE`."""

    def __init__(
        self, secret: str, take: Callable[[object], Awaitable[None]] | None, verify_page: VerifyPage
    ) -> None:
        self._secret = secret
        self._take = take
        app = web.Application(client_max_size=LARGEST_UPDATE)
        app.router.add_get("/health", self._health)
        app.router.add_get("/verify/{code}", verify_page.show)
        if take:
            app.router.add_post(WEBHOOK_PATH, self._webhook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self, host: str, port: int) -> int:
        """Returns the port; raises OSError if it is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _webhook(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret.encode()):
            return web.Response(status=403)
        try:
            update = await request.json()
        except ValueError:
            return web.Response(status=400)
        if self._take:
            await self._take(update)
        return web.Response()
