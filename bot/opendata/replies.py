"""Responses that carry a file: in full, or 304; readable from any origin."""

from datetime import UTC, datetime

from aiohttp import ETag, hdrs, web

from bot.opendata.library import File

SHARED = {hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*", hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: "ETag, Last-Modified"}
"""Data may be read by any page on the web: there is nothing private in it, and nobody signs in."""
PERMITTED = {
    **SHARED,
    hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, HEAD",
    hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "If-None-Match, If-Modified-Since",
    hdrs.ACCESS_CONTROL_MAX_AGE: "86400",
}
FRESH = "public, max-age=60, stale-while-revalidate=600"
"""A correction is seen within a minute."""


def with_file(request: web.Request, file: File, changed_at: datetime | None = None) -> web.Response:
    """The file, packed if the caller can unpack it; 304 if it has this one."""
    tag, changed_at = ETag(file.tag, is_weak=True), (changed_at or file.changed_at).replace(microsecond=0)
    unchanged = _has(request, tag, changed_at)
    response = web.Response(status=304) if unchanged else _whole(request, file)
    response.etag, response.last_modified = tag, changed_at
    response.headers[hdrs.CACHE_CONTROL] = FRESH
    response.headers[hdrs.VARY] = "Accept-Encoding"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _has(request: web.Request, tag: ETag, changed_at: datetime) -> bool:
    """Whether the caller's own copy is this one: RFC 9110, 13.2.2; a tag goes before a time."""
    if hdrs.IF_NONE_MATCH in request.headers:
        return any(given.value in ("*", tag.value) for given in request.if_none_match or ())
    since = request.if_modified_since
    return since is not None and changed_at.astimezone(UTC) <= since


def _whole(request: web.Request, file: File) -> web.Response:
    headers = {hdrs.CONTENT_TYPE: file.media_type}
    if not _takes_gzip(request):
        return web.Response(body=file.content, headers=headers)
    return web.Response(body=file.packed, headers={**headers, hdrs.CONTENT_ENCODING: "gzip"})


def _takes_gzip(request: web.Request) -> bool:
    offered = request.headers.get(hdrs.ACCEPT_ENCODING, "").replace(" ", "").lower().split(",")
    return "gzip" in offered or any(each.startswith("gzip;q=") and each[7:].strip("0.") for each in offered)


def to_keep(response: web.Response, name: str) -> web.Response:
    """A browser saves it under its name instead of showing it."""
    response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{name}"'
    return response


def problem(detail: str, **there_is: object) -> web.Response:
    """404 as RFC 9457 has it, with what there is instead."""
    told = {"title": "Not found", "status": 404, "detail": detail, **there_is}
    return web.json_response(told, status=404, content_type="application/problem+json", headers=SHARED)
