"""Pages for people without Telegram: one for each exchange, and an index. No script; sources are links."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from markupsafe import Markup

from bot.answers import exchanges, find
from bot.answers.answer import Asked, Pending
from bot.answers.facts import Exchange
from bot.answers.pages import visible
from bot.answers.parts import LINE, Blocks, Parts, opening
from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Language, Translator, translator
from bot.opendata.catalogue import TABLES
from bot.opendata.edition import Edition
from bot.opendata.feeds import titles
from bot.opendata.library import File
from bot.opendata.style import STYLE
from bot.understanding import Question, Topic

MEDIA_TYPE = "text/html; charset=utf-8"
PAGE = Markup("""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
{alternates}
<style>{style}</style>
</head>
<body>
<header>{header}</header>
<main>
<h1>{heading}</h1>
{main}
</main>
<footer>{footer}</footer>
</body>
</html>
""")


def index_file(edition: Edition, language: Language, today: date) -> File:
    tr, parts = translator(language), Parts(translator(language))
    question = Question(Topic.NEXT_EXCHANGE, language, None, 1.0)
    coming = find.next_exchange(Asked(question, today, edition.record.as_of(today)))
    # What the bot says there of strangers who call leads to a command of the bot.
    blocks = [block for block in exchanges.coming(coming, parts) if block != exchanges.beware(tr)]
    main = Markup("").join([*_sections(blocks), _to_read(coming.pending, parts), _listed(edition, parts)])
    heading = tr.gettext("Exchanges of prisoners between Ukraine and Russia")
    return _page(edition, tr, "/", heading, heading, main)


def exchange_file(edition: Edition, language: Language, key: str) -> File:
    """Raises `KeyError` if the record has no such exchange."""
    tr, parts = translator(language), Parts(translator(language))
    exchange = {each.key: each for each in edition.record.exchanges}[key]
    heading = _name(exchange, parts)
    if exchange.handovers:
        blocks = exchanges.in_full(exchange, exchange.handovers, [], parts)
    else:
        blocks = [parts.claim(claim) for claim in reversed(exchange.claims)]
        if find.is_disputed(exchange.claims):
            blocks.insert(0, tr.html("<b>Disputed:</b> the sides say different things about it."))
    if not exchange.confirmed and exchange.handovers:
        blocks.insert(0, tr.html("Not confirmed: it is not counted."))
    title = tr.gettext("Exchange of prisoners: %(days)s", days=heading)
    return _page(edition, tr, f"/exchanges/{key}", title, heading, Markup("").join(_sections(blocks)))


def missing_file(edition: Edition, language: Language) -> File:
    tr = translator(language)
    heading = tr.gettext("There is no such page")
    said = tr.html("Our record has no exchange with this key. All that there is:")
    listed = _listed(edition, Parts(tr))
    return _page(edition, tr, "/", heading, heading, Markup("<p>{}</p>{}").format(said, listed))


def _page(edition: Edition, tr: Translator, path: str, title: str, heading: str, main: Markup) -> File:
    written = PAGE.format(
        language=tr.language,
        title=title,
        heading=heading,
        main=main,
        style=Markup(STYLE),  # noqa: S704 - ours
        alternates=Markup("\n").join(_alternates(tr, path)),
        header=_header(tr, path),
        footer=_footer(edition, tr),
    )
    return File("page.html", MEDIA_TYPE, written.encode(), edition.number, edition.changed_at)


def _alternates(tr: Translator, path: str) -> Iterable[Markup]:
    for language in LANGUAGES:
        yield Markup('<link rel="alternate" hreflang="{}" href="{}?lang={}">').format(language, path, language)
    for kind, title in titles(tr).items():
        yield Markup(
            '<link rel="alternate" type="application/atom+xml" title="{}" href="/feeds/{}/{}.atom">'
        ).format(title, tr.language, kind)


def _header(tr: Translator, path: str) -> Markup:
    links = [
        Markup('<strong lang="{}">{}</strong>').format(language, LANGUAGE_NAMES[language])
        if language == tr.language
        else Markup('<a href="{}?lang={}" lang="{}" hreflang="{}">{}</a>').format(
            path, language, language, language, LANGUAGE_NAMES[language]
        )
        for language in LANGUAGES
    ]
    home = Markup('<a href="/?lang={}">{}</a>').format(tr.language, tr.gettext("All exchanges"))
    return Markup('<nav>{}</nav><nav aria-label="{}">{}</nav>').format(
        home, tr.gettext("Language"), Markup(" ").join(links)
    )


def _footer(edition: Edition, tr: Translator) -> Markup:
    lang = f"lang={tr.language}"
    tables = [(f"{table}.csv", f"/{table}.csv?{lang}") for table in (*TABLES, "dictionary")]
    data = [
        ("XLSX", f"/exchanges.xlsx?{lang}"),
        ("JSON", "/exchanges.json"),
        ("JSON Schema", "/schema.json"),
        ("OpenAPI", "/openapi.json"),
        *tables,
    ]
    news = [(title, f"/feeds/{tr.language}/{kind}.atom") for kind, title in titles(tr).items()]
    news.append((tr.gettext("Exchanges of prisoners: announced days"), f"/calendar.ics?{lang}"))
    lines = [
        tr.html(
            "Version %(version)s of the record, %(moment)s (Kyiv).",
            version=tr.number(edition.number),
            moment=tr.moment(edition.changed_at),
        ),
        tr.html(
            "As of %(day)s (Kyiv time), the newest entry in our record. Later events may be missing.",
            day=tr.day(edition.as_of),
        ),
        Parts(tr).words(edition.record.coverage),
        tr.html("We name no prisoners. Each figure stands with who gave it and where it was published."),
    ]
    return Markup("{}<h2>{}</h2>{}<h2>{}</h2>{}").format(
        _paragraphs(LINE.join(lines)), tr.gettext("Data"), _links(data), tr.gettext("News and days"), _links(news)
    )


def _links(links: Iterable[tuple[str, str]]) -> Markup:
    return Markup("<ul>{}</ul>").format(
        Markup("").join(Markup('<li><a href="{}">{}</a></li>').format(href, label) for label, href in links)
    )


def _sections(blocks: Blocks) -> Blocks:
    return [Markup("<section>{}</section>\n").format(_paragraphs(block)) for block in blocks]


def _paragraphs(block: Markup) -> Markup:
    """A message has lines where a page has paragraphs; no tag goes over the end of a line."""
    return Markup("").join(Markup("<p>{}</p>").format(line) for line in block.split("\n") if line)


def _name(exchange: Exchange, parts: Parts) -> str:
    if not exchange.handovers:
        return parts.tr.gettext("An exchange that is spoken of")
    return visible(opening(parts.span(exchange)))


def _path(exchange: Exchange, parts: Parts) -> str:
    return f"/exchanges/{exchange.key}?lang={parts.tr.language}"


def _to_read(pending: Iterable[Pending], parts: Parts) -> Markup:
    """Links to exchanges that are only talked about."""
    return _links([(_name(each.exchange, parts), _path(each.exchange, parts)) for each in pending])


def _listed(edition: Edition, parts: Parts) -> Markup:
    """Newest first, by years."""
    newest = [exchange for exchange in reversed(edition.record.exchanges) if exchange.handovers]
    years = []
    for year, of_year in groupby(newest, key=lambda exchange: exchange.last_day.year):
        items = [_listed_one(exchange, parts) for exchange in of_year]
        years.append(Markup("<h2>{}</h2><ol>{}</ol>\n").format(year, Markup("\n").join(items)))
    return Markup("").join(years)


def _listed_one(exchange: Exchange, parts: Parts) -> Markup:
    heading, _, rest = parts.brief(exchange, exchange.handovers).partition("\n")
    link = Markup('<h3><a href="{}">{}</a></h3>').format(_path(exchange, parts), heading)
    return Markup("<li>{}{}</li>").format(link, _paragraphs(rest))
