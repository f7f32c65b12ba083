"""What was found, in words: a line of a list, and the whole of it as answers show it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.answers import exchanges, texts
from bot.answers.answer import Asked
from bot.answers.facts import Cited, Claim, Exchange, Record
from bot.answers.pages import lay_out, visible
from bot.answers.parts import LINE, Blocks, Parts
from bot.answers.post import post as written_post
from bot.i18n import Language, Translator, translator
from bot.search.entries import called, days_of, released_on, sources_of
from bot.search.index import Hit
from bot.understanding import Period, Question, Topic
from models.desk import PostRevision
from models.record import StatementSort
from models.search import Sort

LONGEST_LINE = 90
"""Characters of what is told beside the day: a line of a list is read at a glance."""

CARDS_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """Plain text: what it is, and what it says."""

    title: str
    about: str


@dataclass(frozen=True)
class Shown:
    """All that can be found, as it is known on a day."""

    record: Record
    """As of `today`."""
    posts: Mapping[str, PostRevision]
    today: date
    changed_at: datetime
    """When the record or a post last moved."""
    _cards: dict[tuple[Hit, Language], tuple[Markup, ...]] = field(default_factory=dict)
    _lines: dict[tuple[Hit, Language], Line | None] = field(default_factory=dict)

    @cached_property
    def _exchanges(self) -> Mapping[str, Exchange]:
        return {exchange.key: exchange for exchange in self.record.exchanges}

    @cached_property
    def _claims(self) -> Mapping[str, Claim]:
        return {claim.key: claim for claim in self.record.claims}

    @cached_property
    def _sources(self) -> Mapping[str, Cited]:
        return {source.key: source for source in sources_of(self.record)}

    @cached_property
    def _days(self) -> list[date]:
        """Of all handovers."""
        return sorted(handover.day for exchange in self.record.exchanges for handover in exchange.handovers)

    @cached_property
    def _by_first_day(self) -> list[Exchange]:
        return sorted(self.record.completed, key=_first_day)

    @cached_property
    def _by_last_day(self) -> list[Exchange]:
        return sorted(self.record.completed, key=_last_day)

    def neighbours(self, period: Period) -> tuple[Hit | None, Hit | None] | None:
        """The nearest exchanges before and after a time that has none; None if it has."""
        if bisect_left(self._days, period.first) < bisect_right(self._days, period.last):
            return None
        before = self._by_last_day[: bisect_left(self._by_last_day, period.first, key=_last_day)][-1:]
        after = self._by_first_day[bisect_right(self._by_first_day, period.last, key=_first_day) :][:1]
        hits = [[Hit.of(Sort.EXCHANGE, exchange.key) for exchange in found] for found in (before, after)]
        return (*hits[0], None)[0], (*hits[1], None)[0]

    def line(self, hit: Hit, language: Language) -> Line | None:
        """Written once; None if it is gone."""
        if (hit, language) not in self._lines:
            self._lines[hit, language] = self._line(hit, translator(language))
        return self._lines[hit, language]

    def _line(self, hit: Hit, tr: Translator) -> Line | None:
        writers: dict[str, Callable[[str, Translator], Line | None]] = {
            Sort.EXCHANGE: self._exchange_line,
            Sort.STATEMENT: self._statement_line,
            Sort.SOURCE: self._source_line,
            Sort.POST: self._post_line,
        }
        line = writers[hit.sort](hit.key, tr)
        return line and Line(line.title, shortened(line.about))

    def card(self, hit: Hit, language: Language) -> tuple[Markup, ...]:
        """Its pages, written once; none if it is gone."""
        if len(self._cards) >= CARDS_KEPT:
            self._cards.clear()
        if (hit, language) not in self._cards:
            self._cards[hit, language] = self._card(hit, language)
        return self._cards[hit, language]

    def excerpt(self, hit: Hit, language: Language) -> Markup | None:
        """One message of it: the whole, if that is one page."""
        pages = self.card(hit, language)
        if len(pages) < 2:
            return pages[0] if pages else None
        parts = Parts(translator(language))
        exchange = self._exchanges.get(hit.key) if hit.sort == Sort.EXCHANGE else None
        beginning = (
            lay_out([parts.brief(exchange, exchange.handovers)], self._footer(parts))[0]
            if exchange and exchange.handovers
            else lay_out(self._blocks(hit, parts), self._footer(parts))[0]
        )
        return beginning + parts.tr.html("\n<i>This is its beginning; the rest is in the bot.</i>")

    def _card(self, hit: Hit, language: Language) -> tuple[Markup, ...]:
        if hit.sort == Sort.POST:
            post = self.posts.get(hit.key)
            return (written_post(post, language),) if post else ()
        parts = Parts(translator(language))
        blocks = self._blocks(hit, parts)
        return texts.numbered(lay_out(blocks, self._footer(parts)), parts.tr) if blocks else ()

    def _blocks(self, hit: Hit, parts: Parts) -> Blocks:
        writers: dict[str, Callable[[str, Parts], Blocks]] = {
            Sort.EXCHANGE: self._exchange,
            Sort.STATEMENT: self._statement,
            Sort.SOURCE: self._source,
        }
        return writers[hit.sort](hit.key, parts)

    def _footer(self, parts: Parts) -> Markup:
        question = Question(Topic.EXCHANGE_HISTORY, parts.tr.language, None, 1.0)
        return texts.footer(Asked(question, self.today, self.record), parts)

    # Lines

    def _exchange_line(self, key: str, tr: Translator) -> Line | None:
        exchange = self._exchanges.get(key)
        if exchange is None:
            return None
        parts = Parts(tr)
        if not exchange.handovers:
            days = days_of(exchange)
            title = tr.gettext("Exchange spoken of, last on %(day)s", day=tr.day(days[1])) if days else ""
            return Line(title or called(Sort.EXCHANGE, tr), _first_line(self._exchange(key, parts)))
        title = tr.gettext("Exchange, %(days)s", days=parts.span(exchange))
        if not exchange.confirmed:
            return Line(title, visible(tr.html("Not confirmed: it is not counted.")))
        confirmed = tuple(handover for handover in exchange.handovers if handover.confirmed)
        return Line(title, _first_line([parts.numbers(confirmed)]))

    def _statement_line(self, key: str, tr: Translator) -> Line | None:
        claim = self._claims.get(key)
        if claim is None:
            return None
        parts = Parts(tr)
        day = tr.day(claim.said_on) if claim.said_on else tr.gettext("on a day not known to us")
        if claim.speaker:
            speaker = visible(parts.words(claim.speaker))
            title = tr.gettext("Statement, %(day)s, %(speaker)s", day=day, speaker=speaker)
        else:
            title = tr.gettext("Reported, %(day)s", day=day)
        about = [parts.words(claim.gist)] if claim.gist else [parts.count(count) for count in claim.counts]
        return Line(title, _first_line(about))

    def _source_line(self, key: str, tr: Translator) -> Line | None:
        source = self._sources.get(key)
        if source is None:
            return None
        parts = Parts(tr)
        named = source.publisher or source.note
        name = source.title or "" if named is None else visible(parts.words(named))
        if source.published:
            day = tr.partial_date(source.published)
            title = tr.gettext("Source: %(publisher)s, %(day)s", publisher=name, day=day)
        else:
            title = tr.gettext("Source: %(publisher)s", publisher=name)
        told = source.title if named else None
        return Line(title, told or urlsplit(source.url or "").hostname or "")

    def _post_line(self, key: str, tr: Translator) -> Line | None:
        post = self.posts.get(key)
        if post is None:
            return None
        day = tr.day(released_on(post))
        if post.withdraws:
            return Line(tr.gettext("Post %(post)s, withdrawn on %(day)s", post=key, day=day), "")
        title = tr.gettext("Post %(post)s, %(day)s", post=key, day=day)
        return Line(title, post.texts.get(tr.language) or next(iter(post.texts.values()), ""))

    # In full

    def _exchange(self, key: str, parts: Parts) -> Blocks:
        exchange = self._exchanges.get(key)
        if exchange is None:
            return []
        tr = parts.tr
        if not exchange.handovers:
            title = tr.html(
                "<b>An exchange that was spoken of; our record tells of no day on which it took place.</b>"
            )
            return [title, *(parts.claim(claim) for claim in reversed(exchange.claims))]
        title = tr.html("<b>Exchange, %(days)s</b>", days=parts.span(exchange))
        return exchanges.in_full(exchange, exchange.handovers, [title], parts)

    def _statement(self, key: str, parts: Parts) -> Blocks:
        claim = self._claims.get(key)
        if claim is None:
            return []
        blocks = [parts.claim(claim)]
        exchange = self._exchanges.get(claim.exchange or "")
        if exchange and exchange.handovers:
            blocks.append(parts.tr.html("This is about the exchange of %(days)s.", days=parts.span(exchange)))
        return blocks

    def _source(self, key: str, parts: Parts) -> Blocks:
        source = self._sources.get(key)
        if source is None:
            return []
        tr = parts.tr
        lines = [parts.sources([source])]
        if source.title:
            lines.append(tr.html("Title: %(title)s", title=source.title))
        citing = [claim for claim in self.record.claims if source in claim.sources]
        told = [block for claim in reversed(citing) if (block := self._taken(claim, parts))]
        if told:
            lines.append(tr.html("What our record has from it, with what else tells of the same:"))
        return [LINE.join(lines), *dict.fromkeys(told)]

    def _taken(self, claim: Claim, parts: Parts) -> Markup | None:
        """A report on an exchange is shown as that exchange."""
        exchange = self._exchanges.get(claim.exchange or "")
        if claim.sort is not StatementSort.REPORT or exchange is None:
            return parts.claim(claim)
        handovers = tuple(handover for handover in exchange.handovers if handover.key == claim.handover)
        return parts.brief(exchange, handovers or exchange.handovers) if exchange.handovers else parts.claim(claim)


def _first_day(exchange: Exchange) -> date:
    return exchange.first_day


def _last_day(exchange: Exchange) -> date:
    return exchange.last_day


def _first_line(blocks: Blocks) -> str:
    return visible(blocks[0]).partition("\n")[0] if blocks else ""


def shortened(text: str) -> str:
    """One line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_LINE:
        return line
    cut = line[:LONGEST_LINE]
    return f"{(cut.rpartition(' ')[0] or cut).rstrip(',;:.')}…"
