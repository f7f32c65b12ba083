"""What was found, as a line of a list: what it is, of which day, by whom, and the beginning of what it says."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.answers.facts import Cited, Claim, Exchange
from bot.answers.pages import visible
from bot.answers.parts import Parts
from bot.i18n import Translator
from bot.search.entries import called, days_of, released_on
from models.desk import PostRevision
from models.search import Sort

LONGEST = 90
"""Characters of what it says: a line of a list is read at a glance."""


@dataclass(frozen=True, slots=True)
class Line:
    """Plain text."""

    title: str
    about: str


def of_exchange(exchange: Exchange, parts: Parts) -> Line:
    tr = parts.tr
    if not exchange.handovers:
        days = days_of(exchange)
        title = (
            tr.gettext("Exchange spoken of, last on %(day)s", day=tr.day(days[1]))
            if days
            else called(Sort.EXCHANGE, tr)
        )
        said = [claim.gist for claim in reversed(exchange.claims) if claim.gist]
        return Line(title, shortened(visible(parts.words(said[0]))) if said else "")
    title = tr.gettext("Exchange, %(days)s", days=parts.span(exchange))
    confirmed = tuple(handover for handover in exchange.handovers if handover.confirmed)
    if not confirmed:
        return Line(title, tr.gettext("Not confirmed: it is not counted."))
    return Line(title, first_line(parts.numbers(confirmed)))


def of_statement(claim: Claim, parts: Parts) -> Line:
    tr = parts.tr
    day = tr.day(claim.said_on) if claim.said_on else tr.gettext("on a day not known to us")
    if claim.speaker:
        speaker = visible(parts.words(claim.speaker))
        title = tr.gettext("Statement, %(day)s, %(speaker)s", day=day, speaker=speaker)
    else:
        title = tr.gettext("Reported, %(day)s", day=day)
    said = [parts.words(claim.gist)] if claim.gist else [parts.count(count) for count in claim.counts]
    return Line(title, first_line(said[0]) if said else "")


def of_source(source: Cited, parts: Parts) -> Line:
    tr = parts.tr
    named = source.publisher or source.note
    name = visible(parts.words(named)) if named else source.title or ""
    if source.published:
        day = tr.partial_date(source.published)
        title = tr.gettext("Source: %(publisher)s, %(day)s", publisher=name, day=day)
    else:
        title = tr.gettext("Source: %(publisher)s", publisher=name)
    told = source.title if named else None
    return Line(title, shortened(told or urlsplit(source.url or "").hostname or ""))


def of_post(post: PostRevision, tr: Translator) -> Line:
    day = tr.day(released_on(post))
    if post.withdraws:
        return Line(tr.gettext("Post %(post)s, withdrawn on %(day)s", post=post.post_id, day=day), "")
    title = tr.gettext("Post %(post)s, %(day)s", post=post.post_id, day=day)
    return Line(title, shortened(post.texts.get(tr.language) or next(iter(post.texts.values()), "")))


def first_line(text: str) -> str:
    """Of Telegram HTML."""
    return shortened(visible(text).partition("\n")[0])


def shortened(text: str) -> str:
    """One line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    cut = line[:LONGEST]
    return f"{(cut.rpartition(' ')[0] or cut).rstrip(',;:.')}…"
