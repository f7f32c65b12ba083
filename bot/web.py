"""Our own HTTP server: the webhook that Telegram calls, whether we are alive, and whether a post is ours."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Iterable

import structlog
from aiohttp import web, web_response
from aiohttp.typedefs import Handler

from bot import telemetry
from bot.logs import kind_and_place

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
log = structlog.get_logger()

LARGEST_UPDATE = 1024 * 1024
"""Bytes; Telegram's updates are a few kilobytes."""
LONGEST_CALL = 10.0
"""Seconds, for its body to come and for a place in the queue. Telegram makes the call again."""

WEBHOOK_PATH = "/telegram"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every response that does not set its own."""

# aiohttp would name its version and Python's, even in reply to what is not HTTP, where it sends no signal.
web_response.SERVER_SOFTWARE = "obmin"  # type: ignore[attr-defined]


class WebServer:
    """Takes updates at `/telegram`, if it is given a taker, and answers `/healthz` and what `routes` lead to."""

    def __init__(
        self,
        secret: str,
        take: Callable[[object], Awaitable[None]] | None,
        routes: Iterable[web.AbstractRouteDef] = (),
    ) -> None:
        self._secret = secret
        self._take = take
        app = web.Application(client_max_size=LARGEST_UPDATE, middlewares=[_failures_told])
        app.on_response_prepare.append(_harmless)
        app.router.add_get("/healthz", self._alive)
        app.router.add_routes(routes)
        if take:
            app.router.add_post(WEBHOOK_PATH, self._webhook)
        # A request's line and each of its headers have 8 KB at most, and there are 128 of them: aiohttp's limits.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self, host: str, port: int) -> int:
        """Returns the port; raises OSError if it is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _alive(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _webhook(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret.encode()):
            return web.Response(status=403)
        if request.content_type != "application/json":
            return web.Response(status=415)
        try:
            async with asyncio.timeout(LONGEST_CALL):
                update = await request.json()
                if self._take:
                    await self._take(update)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        except web.HTTPException:
            raise
        except Exception as error:
            # Telegram makes the call again.
            log.warning("an update was not taken yet", error=type(error).__name__)
            return web.Response(status=503)
        return web.Response()


@web.middleware
async def _failures_told(request: web.Request, handler: Handler) -> web.StreamResponse:
    """aiohttp would answer the same and tell of it in its own log, which has addresses in it."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        log.error("a page failed", **kind_and_place(error))
        telemetry.caught(error)
        raise web.HTTPInternalServerError from None


async def _harmless(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
