"""Whether a post is ours, for anybody with a browser: a page with no script, which keeps nothing of a visit."""

import base64
import hashlib
from dataclasses import dataclass

from aiohttp import hdrs, web
from markupsafe import Markup

from bot.answers import genuine
from bot.answers.ask import Answers
from bot.database import Database
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Language, liked_language, today_in_kyiv, translator
from bot.understanding import Question, Topic

STYLE = (
    "body{font:18px/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}"
    "main{white-space:pre-line}nav{margin-top:2rem}nav a{margin-right:1rem}"
)
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # A corrected post must not be read as it was before.
    "Cache-Control": "no-store",
}
PAGE = Markup(
    '<!doctype html><html lang="{}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{}</title><style>{}</style><main>{}</main><nav>{}</nav></html>"
)


@dataclass(frozen=True)
class VerifyPage:
    database: Database
    answers: Answers
    bot: str
    """Its name, to link to."""

    @property
    def routes(self) -> list[web.RouteDef]:
        return [web.get("/verify/{code}", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        language = _language(request)
        tr = translator(language)
        async with self.database.read() as session:
            revisions = await genuine.released(session, genuine.code_in(request.match_info["code"]))
        if revisions:
            text = genuine.genuine(revisions, tr, bot=self.bot)
        else:
            scam = await self.answers.reply(Question(Topic.SCAM, language, None, 1.0), today_in_kyiv())
            text = Markup("\n\n").join((genuine.unknown(tr), *scam.pages))
        others = Markup(" ").join(
            Markup('<a href="?lang={0}" lang="{0}">{1}</a>').format(code, LANGUAGE_NAMES[code])
            for code in LANGUAGES
            if code != language
        )
        page = PAGE.format(language, tr.gettext("Is this post genuine?"), STYLE, text, others)
        return web.Response(text=page, content_type="text/html", status=200 if revisions else 404, headers=HEADERS)


def _language(request: web.Request) -> Language:
    """What was chosen on the page, or else what the browser likes best."""
    chosen = (language for language in LANGUAGES if language == request.query.get("lang"))
    return next(chosen, None) or liked_language(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
