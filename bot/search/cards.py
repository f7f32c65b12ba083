"""What was found, as answers show it, and what stands nearest to it in time."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from markupsafe import Markup

from bot.answers import exchanges, texts
from bot.answers.answer import Asked
from bot.answers.facts import Cited, Claim, Exchange, Record
from bot.answers.pages import lay_out
from bot.answers.parts import LINE, Blocks, Parts
from bot.answers.post import post as written_post
from bot.i18n import LANGUAGES, Language, translator
from bot.search import lines
from bot.search.entries import sources_of
from bot.search.index import Hit
from bot.search.lines import Line
from bot.search.spelling import Spelling
from bot.understanding import Period, Question, Topic
from models.desk import PostRevision
from models.record import StatementSort
from models.search import Sort

CARDS_KEPT = 5_000


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
    def _spellings(self) -> Mapping[Language, Spelling]:
        return {language: Spelling(self.record, self.posts.values(), language) for language in LANGUAGES}

    def spelled(self, stem: str, language: Language) -> str:
        """A word of the record or of a post that has this stem, in the language if there is one."""
        spellings = (self._spellings[code].word(stem) for code in (language, *LANGUAGES))
        return next((word for word in spellings if word), stem)

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
            self._lines[hit, language] = self._line(hit, Parts(translator(language)))
        return self._lines[hit, language]

    def _line(self, hit: Hit, parts: Parts) -> Line | None:
        if exchange := self._exchange_of(hit):
            return lines.of_exchange(exchange, parts)
        if claim := self._claim_of(hit):
            return lines.of_statement(claim, parts)
        if source := self._source_of(hit):
            return lines.of_source(source, parts)
        if post := self._post_of(hit):
            return lines.of_post(post, parts.tr)
        return None

    def _exchange_of(self, hit: Hit) -> Exchange | None:
        return self._exchanges.get(hit.key) if hit.sort is Sort.EXCHANGE else None

    def _claim_of(self, hit: Hit) -> Claim | None:
        return self._claims.get(hit.key) if hit.sort is Sort.STATEMENT else None

    def _source_of(self, hit: Hit) -> Cited | None:
        return self._sources.get(hit.key) if hit.sort is Sort.SOURCE else None

    def _post_of(self, hit: Hit) -> PostRevision | None:
        return self.posts.get(hit.key) if hit.sort is Sort.POST else None

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
        exchange = self._exchange_of(hit)
        blocks = (
            [parts.brief(exchange, exchange.handovers)]
            if exchange and exchange.handovers
            else self._blocks(hit, parts)
        )
        beginning = lay_out(blocks, self._footer(parts))[0]
        return beginning + parts.tr.html("\n<i>This is its beginning; the rest is in the bot.</i>")

    def _card(self, hit: Hit, language: Language) -> tuple[Markup, ...]:
        if post := self._post_of(hit):
            return (written_post(post, language),)
        parts = Parts(translator(language))
        blocks = self._blocks(hit, parts)
        return texts.numbered(lay_out(blocks, self._footer(parts)), parts.tr) if blocks else ()

    def _footer(self, parts: Parts) -> Markup:
        question = Question(Topic.EXCHANGE_HISTORY, parts.tr.language, None, 1.0)
        return texts.footer(Asked(question, self.today, self.record), parts)

    def _blocks(self, hit: Hit, parts: Parts) -> Blocks:
        if exchange := self._exchange_of(hit):
            return self._exchange(exchange, parts)
        if claim := self._claim_of(hit):
            return self._statement(claim, parts)
        if source := self._source_of(hit):
            return self._source(source, parts)
        return []

    def _exchange(self, exchange: Exchange, parts: Parts) -> Blocks:
        tr = parts.tr
        if not exchange.handovers:
            title = tr.html(
                "<b>An exchange that was spoken of; our record tells of no day on which it took place.</b>"
            )
            return [title, *(parts.claim(claim) for claim in reversed(exchange.claims))]
        title = tr.html("<b>Exchange, %(days)s</b>", days=parts.span(exchange))
        return exchanges.in_full(exchange, exchange.handovers, [title], parts)

    def _statement(self, claim: Claim, parts: Parts) -> Blocks:
        blocks = [parts.claim(claim)]
        exchange = self._exchanges.get(claim.exchange or "")
        if exchange and exchange.handovers:
            blocks.append(parts.tr.html("This is about the exchange of %(days)s.", days=parts.span(exchange)))
        return blocks

    def _source(self, source: Cited, parts: Parts) -> Blocks:
        tr = parts.tr
        head = [parts.sources([source])]
        if source.title:
            head.append(tr.html("Title: %(title)s", title=source.title))
        citing = [claim for claim in self.record.claims if source in claim.sources]
        told = [self._taken(claim, parts) for claim in reversed(citing)]
        if told:
            head.append(tr.html("What our record has from it, with what else tells of the same:"))
        return [LINE.join(head), *dict.fromkeys(told)]

    def _taken(self, claim: Claim, parts: Parts) -> Markup:
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
