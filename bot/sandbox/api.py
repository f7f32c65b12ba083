"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`.

Every call is counted and logged, except that getUpdates, which never ends, is only counted.
"""

import asyncio
import hmac
import time
from email.utils import formatdate
from typing import Any

import structlog
from aiohttp import web

from bot.sandbox.arguments import Arguments, read_arguments
from bot.sandbox.methods import METHODS
from bot.sandbox.shapes import ApiError, Json, bad_request
from bot.sandbox.webhook import Webhook
from bot.sandbox.world import World

_RECEIVING = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")
# Telegram takes method names in any case.
_NAMES = {name.lower(): name for name in (*METHODS, *_RECEIVING)}
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)

log = structlog.get_logger(__name__)


class BotApi:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self.webhook = Webhook(world.mailbox, self._answered)

    def add_routes(self, application: web.Application) -> None:
        application.on_response_prepare.append(self._date)
        application.router.add_route("*", "/bot{token}/{method}", self._call)
        application.router.add_get("/file/bot{token}/{path:.+}", self._download)

    async def _date(self, request: web.Request, response: web.StreamResponse) -> None:
        if ahead := self._world.faults.clock:
            response.headers["Date"] = formatdate(time.time() + ahead, usegmt=True)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request)
            method = _method(request.match_info["method"])
            arguments = await read_arguments(request)
            verdict = self._world.faults.draw(method, arguments.values.get("chat_id"))
            await asyncio.sleep(verdict.delay)
            if verdict.drops(after=False):
                return _dropped(request)
            if refusal := verdict.refusal():
                self._remember(method, arguments, refusal)
                raise refusal
            if method == "getUpdates":
                result = await self._get_updates(arguments)
            else:
                result = self.execute(method, arguments)
            if verdict.drops(after=True):
                return _dropped(request)
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        return web.json_response({"ok": True, "result": result})

    def execute(self, method: str, arguments: Arguments) -> Any:  # noqa: ANN401 - any JSON value
        """Any method but getUpdates, counted and logged; raises ApiError."""
        try:
            result = self._result(method, arguments)
        except ApiError as error:
            self._remember(method, arguments, error)
            raise
        self._remember(method, arguments, None)
        return result

    def _result(self, method: str, arguments: Arguments) -> Any:  # noqa: ANN401 - any JSON value
        match method:
            case "setWebhook":
                return self._set_webhook(arguments)
            case "deleteWebhook":
                return self._delete_webhook(arguments)
            case "getWebhookInfo":
                return self.webhook.info()
            case _:
                return METHODS[method](self._world, arguments)

    async def _get_updates(self, arguments: Arguments) -> list[Json]:
        self._world.call_counts["getUpdates"] += 1
        if self.webhook.url:
            raise ApiError(409, _WEBHOOK_ACTIVE)
        self._allow(arguments)
        return await self._world.mailbox.poll(
            arguments.integer("offset"), arguments.integer("limit", 100), arguments.integer("timeout")
        )

    def _set_webhook(self, arguments: Arguments) -> bool:
        url = arguments.text("url")
        if not url:
            return self._delete_webhook(arguments)
        self._allow(arguments)
        self._drop_pending(arguments)
        self.webhook.set(
            url,
            secret=arguments.text("secret_token"),
            max_connections=arguments.integer("max_connections", 40),
        )
        return True

    def _delete_webhook(self, arguments: Arguments) -> bool:
        self._drop_pending(arguments)
        self.webhook.remove()
        return True

    def _allow(self, arguments: Arguments) -> None:
        """Without the argument the list of the call before stays, as at Telegram."""
        kinds = arguments.decoded("allowed_updates")
        if kinds is not None:
            if not isinstance(kinds, list):
                raise bad_request("can't parse allowed updates JSON array")
            self._world.mailbox.allow([str(kind) for kind in kinds])

    def _drop_pending(self, arguments: Arguments) -> None:
        if arguments.flag("drop_pending_updates"):
            self._world.mailbox.clear()

    def _answered(self, answer: Json) -> None:
        """A method in the body of a webhook's response: executed, and its result goes nowhere."""
        values = {key: value for key, value in answer.items() if key != "method"}
        try:
            self.execute(_method(str(answer["method"])), Arguments(values))
        except ApiError as error:
            log.info("sandbox.webhook_answer_refused", reason=error.description)

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        stored = self._world.files.at_path(request.match_info["path"])
        if stored is None:
            return web.json_response(ApiError(404, "Not Found").body(), status=404)
        return web.Response(body=stored.content, content_type="application/octet-stream")

    def _check_token(self, request: web.Request) -> None:
        if not hmac.compare_digest(request.match_info["token"].encode(), self._token.encode()):
            raise ApiError(401, "Unauthorized")

    def _remember(self, method: str, arguments: Arguments, error: ApiError | None) -> None:
        self._world.call_counts[method] += 1
        self._world.calls.append(
            {
                "method": method,
                "arguments": arguments.values,
                "status": error.code if error else 200,
                "description": error.description if error else None,
                "at": self._world.now(),
            }
        )


def _method(name: str) -> str:
    try:
        return _NAMES[name.lower()]
    except KeyError:
        raise ApiError(404, "Not Found") from None


def _dropped(request: web.Request) -> web.Response:
    """Cuts the line; the response is for aiohttp, which finds nobody to send it to."""
    if request.transport:
        request.transport.abort()
    return web.Response()
