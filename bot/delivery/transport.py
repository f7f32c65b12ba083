"""python-telegram-bot's requests over aiohttp, at about a ninth of the processor time of the library's own."""

import json
from typing import Any
from urllib.request import getproxies

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.metrics import Telegram

Timeout = ODVInput[float]
JSON = {"Content-Type": "application/json"}


class Transport(BaseRequest):
    """One pool of connections; `None` seconds means no bound."""

    def __init__(
        self,
        *,
        connections: int,
        connect_timeout: float = 10.0,
        read_timeout: float = 20.0,
    ) -> None:
        self._connections = connections
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, trust_env=behind_proxy())

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The status and the body. Raises `TimedOut` or `NetworkError`; neither names the token."""
        if self._session is None:
            raise RuntimeError("The transport is not initialised.")
        timeout = aiohttp.ClientTimeout(
            sock_connect=_chosen(connect_timeout, self._connect_timeout),
            sock_read=_chosen(read_timeout, self._read_timeout),
        )
        try:
            # A redirect would carry the token, which is part of the address, to somebody else.
            async with self._session.request(
                method, url, **_body(request_data), timeout=timeout, allow_redirects=False
            ) as response:
                Telegram.answered(response.status)
                return response.status, await response.read()
        except (TimeoutError, aiohttp.ServerTimeoutError):
            Telegram.is_silent()
            raise TimedOut from None
        except aiohttp.ClientError as error:
            Telegram.is_silent()
            raise NetworkError(f"The connection broke: {type(error).__name__}") from None


def behind_proxy() -> bool:
    """Whether the environment names a proxy: aiohttp would ask that in a thread, twice for every request."""
    return bool(getproxies())


def _chosen(given: Timeout, own: float) -> float | None:
    return own if isinstance(given, DefaultValue) else given


def _body(request_data: RequestData | None) -> dict[str, Any]:
    if request_data is None:
        return {}
    if not request_data.multipart_data:
        return {"data": json.dumps(request_data.parameters, ensure_ascii=False).encode(), "headers": JSON}
    form = aiohttp.FormData(request_data.json_parameters)
    for name, (filename, content, mime_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    return {"data": form}
