"""The chat page's files, served from the package with a policy that lets nothing else in."""

from pathlib import Path

from aiohttp import web

_PAGE = Path(__file__).parent / "page"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def add_page(application: web.Application) -> None:
    application.router.add_get("/", _page)
    application.router.add_get("/{name:chat\\.css|chat\\.js|bubbles\\.js}", _page)


async def _page(request: web.Request) -> web.FileResponse:
    return web.FileResponse(_PAGE / request.match_info.get("name", "index.html"), headers=_HEADERS)
