"""The record for newsrooms over HTTP: data, feeds, a calendar, and pages for people without Telegram."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time
from functools import partial

from aiohttp import hdrs, web

from bot.i18n import KYIV, LANGUAGES, Language, liked_language, today_in_kyiv
from bot.opendata import pages
from bot.opendata.calendar import calendar_file
from bot.opendata.catalogue import TABLES
from bot.opendata.exports import Format, export, schema_file
from bot.opendata.feeds import FEED_FORMATS, KINDS, Feed, feed_file
from bot.opendata.library import File, Library
from bot.opendata.openapi import openapi_file
from bot.opendata.replies import PERMITTED, SHARED, problem, to_keep, with_file
from bot.opendata.style import POLICY

ANYTHING = r"/{rest:[\s\S]*}"
"""A line end too: a dot would not be one."""
Handler = Callable[[web.Request], Awaitable[web.Response]]
ADDRESSES = (
    "/",
    "/exchanges/{key}",
    "/exchanges.json",
    "/exchanges.xlsx",
    *(f"/{table}.csv" for table in (*TABLES, "dictionary")),
    "/schema.json",
    "/openapi.json",
    "/calendar.ics",
    "/feeds/{language}/{kind}.atom",
    "/feeds/{language}/{kind}.json",
    "/verify/{code}",
)


class OpenData:
    def __init__(self, library: Library, bot: str) -> None:
        self._library = library
        self._bot = bot
        self.root = ""
        """The public address of our server, without a slash at its end; known when it listens."""

    @property
    def routes(self) -> list[web.RouteDef]:
        """To be added last: it answers what no other route does."""
        data: dict[str, Handler] = {
            "/exchanges.json": self._json,
            "/exchanges.xlsx": self._xlsx,
            **{f"/{table}.csv": partial(self._csv, table=table) for table in (*TABLES, "dictionary")},
            "/schema.json": self._schema,
            "/openapi.json": self._openapi,
            "/calendar.ics": self._calendar,
            f"/feeds{ANYTHING}": self._feed,
        }
        return [
            web.get("/", self._index),
            *(web.get(path, _for_all(handler)) for path, handler in data.items()),
            *(web.options(path, _permitted) for path in data),
            web.get("/exchanges/{key}", self._exchange),
            web.get(ANYTHING, _nothing_there),
        ]

    # Pages

    async def _index(self, request: web.Request) -> web.Response:
        language = _language_of_page(request)
        if language is None:
            return _no_such_language()
        today = today_in_kyiv()
        file = await self._library.file(
            ("index", language, today), partial(pages.index_file, language=language, today=today)
        )
        # What is announced for a day reads differently when the day is over.
        since_midnight = datetime.combine(today, time.min, KYIV)
        return _page(with_file(request, file, max(file.changed_at, since_midnight)))

    async def _exchange(self, request: web.Request) -> web.Response:
        language, key = _language_of_page(request), request.match_info["key"]
        if language is None:
            return _no_such_language()
        known = {exchange.key for exchange in (await self._library.edition()).record.exchanges}
        if key not in known:
            file = await self._library.file(("missing", language), partial(pages.missing_file, language=language))
            return _page(web.Response(status=404, body=file.content, headers={hdrs.CONTENT_TYPE: file.media_type}))
        make = partial(pages.exchange_file, language=language, key=key)
        return _page(with_file(request, await self._library.file(("exchange", language, key), make)))

    # Data

    async def _json(self, request: web.Request) -> web.Response:
        return with_file(request, await export(self._library, Format.JSON, "en"))

    async def _xlsx(self, request: web.Request) -> web.Response:
        return await self._table(request, Format.XLSX)

    async def _csv(self, request: web.Request, table: str) -> web.Response:
        return await self._table(request, Format.CSV, table)

    async def _table(self, request: web.Request, format: Format, table: str = TABLES[0]) -> web.Response:
        language = _language(request)
        if language is None:
            return _no_such_language()
        file = await export(self._library, format, language, table)
        return to_keep(with_file(request, file), file.name)

    async def _schema(self, request: web.Request) -> web.Response:
        return with_file(request, await self._library.file("schema", schema_file))

    async def _openapi(self, request: web.Request) -> web.Response:
        return with_file(request, await self._library.file("openapi", partial(openapi_file, root=self.root)))

    async def _calendar(self, request: web.Request) -> web.Response:
        language = _language(request)
        if language is None:
            return _no_such_language()
        file = await self._library.file(("calendar", language), partial(calendar_file, language=language))
        return with_file(request, file)

    async def _feed(self, request: web.Request) -> web.Response:
        code, _, name = request.match_info["rest"].partition("/")
        kind, _, format = name.partition(".")
        language = _known(code)
        if language is None or kind not in KINDS or format not in FEED_FORMATS:
            return problem(
                "There is no such feed. The address is /feeds/{language}/{kind}.{format}.",
                languages=LANGUAGES,
                kinds=KINDS,
                formats=FEED_FORMATS,
            )
        return with_file(request, await self._of_posts(Feed(language, kind, format, self.root, self._bot)))

    async def _of_posts(self, feed: Feed) -> File:
        entries = await self._library.released(feed.kind)
        key = (feed, tuple(entry.post.id for entry in entries))
        return await self._library.file(key, partial(feed_file, feed=feed, entries=entries))


def _known(code: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language == code), None)


def _language(request: web.Request) -> Language | None:
    """The one asked for; None if there is no such language."""
    return _known(request.query.get("lang", "en"))


def _language_of_page(request: web.Request) -> Language | None:
    """Without `lang` the one that the browser likes best."""
    if "lang" in request.query:
        return _language(request)
    return liked_language(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def _no_such_language() -> web.Response:
    return problem("There is no such language.", languages=LANGUAGES)


def _page(response: web.Response) -> web.Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers[hdrs.VARY] = "Accept-Encoding, Accept-Language"
    return response


def _for_all(handler: Handler) -> Handler:
    async def shared(request: web.Request) -> web.Response:
        response = await handler(request)
        response.headers.update(SHARED)
        return response

    return shared


async def _permitted(request: web.Request) -> web.Response:
    """What a page of another site asks before it reads."""
    return web.Response(status=204, headers=PERMITTED)


async def _nothing_there(request: web.Request) -> web.Response:
    return problem("There is nothing at this address.", addresses=ADDRESSES)
