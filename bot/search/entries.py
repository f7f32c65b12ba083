"""The record and the released posts -> what a search looks through: an entry for each thing that can be shown."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.answers.facts import Cited, Claim, Exchange, Record, first_day_of
from bot.i18n import KYIV, LANGUAGES, Translator, translator
from bot.search.words import stems_of_entry
from bot.understanding.spans import months
from models.base import Wording
from models.desk import PostRevision
from models.record import Side, StatementSort
from models.search import SearchEntry, Sort

A_DAY = 1_000_000
"""Ids that one day has room for."""
NOT_SOURCES = 10_000_000 * A_DAY
"""Added to all but sources, which are shown last: each stands under what it reports anyway."""
Text = str | Wording | None


@dataclass(frozen=True, slots=True)
class Draft:
    sort: Sort
    key: str
    days: tuple[date, date] | None
    words: str


def first_ids(day: date) -> tuple[int, int]:
    """The lowest that a source and anything else of this day can have."""
    return day.toordinal() * A_DAY, day.toordinal() * A_DAY + NOT_SOURCES


def entries(record: Record, posts: Iterable[PostRevision]) -> list[SearchEntry]:
    """Those of one day from what is shown last to what is shown first."""
    drafts = [
        *(_of_source(source) for source in sources_of(record)),
        *(_of_claim(claim) for claim in record.claims if can_be_shown(claim)),
        *(_of_post(post) for post in posts),
        *(_of_exchange(exchange) for exchange in record.exchanges),
    ]
    places: dict[date, int] = {}
    made = []
    for draft in drafts:
        day = draft.days[1] if draft.days else date.min
        place = places[day] = places.get(day, -1) + 1
        made.append(
            SearchEntry(
                id=first_ids(day)[draft.sort is not Sort.SOURCE] + place,
                ref=ref_of(draft.sort, draft.key),
                sort=draft.sort,
                key=draft.key,
                first_day=draft.days and draft.days[0],
                words=draft.words,
            )
        )
    return made


def ref_of(sort: Sort, key: str) -> str:
    return hashlib.sha256(f"{sort}:{key}".encode()).hexdigest()[:12]


def sources_of(record: Record) -> Iterator[Cited]:
    """Each once, in the order in which the record cites them."""
    cited = [each.sources for each in record.claims]
    cited += [each.sources for each in record.rounds]
    cited += [each.sources for each in record.cards.values()]
    yield from dict.fromkeys(source for sources in cited for source in sources)


def can_be_shown(claim: Claim) -> bool:
    """What reports say about an exchange is shown with the exchange."""
    return claim.sort is not StatementSort.REPORT or not (claim.exchange or claim.handover)


# What stands in them


def called(sort: Sort, tr: Translator) -> str:
    return {
        Sort.EXCHANGE: tr.gettext("Exchange"),
        Sort.STATEMENT: tr.gettext("Statement"),
        Sort.SOURCE: tr.gettext("Source"),
        Sort.POST: tr.gettext("Post"),
    }[sort]


def _draft(sort: Sort, key: str, days: tuple[date, date] | None, texts: Iterable[Text | int]) -> Draft:
    said = [called(sort, translator(language)) for language in LANGUAGES]
    for text in texts:
        if isinstance(text, Wording):
            said += text.texts.values()
        elif text is not None:
            said.append(str(text))
    return Draft(
        sort, key, days, " ".join(dict.fromkeys(stem for text in said for stem in stems_of_entry(text) if stem))
    )


def _of_exchange(exchange: Exchange) -> Draft:
    told: list[Text | int] = [exchange.name]
    if exchange.round:
        told += [exchange.round.name, exchange.round.place]
    for handover in exchange.handovers:
        told += [handover.place, *handover.categories, *handover.mediators]
    claims = [*exchange.claims, *(claim for handover in exchange.handovers for claim in handover.claims)]
    for claim in claims:
        told += [count.value for count in claim.counts]
        if not can_be_shown(claim):
            told += [claim.gist, *claim.categories, *claim.mediators]
    return _draft(Sort.EXCHANGE, exchange.key, days_of(exchange), told)


def days_of(exchange: Exchange) -> tuple[date, date] | None:
    if exchange.handovers:
        return exchange.first_day, exchange.last_day
    spoken_of = [claim.known_on for claim in exchange.claims if claim.known_on != date.min]
    return (min(spoken_of), max(spoken_of)) if spoken_of else None


def _of_claim(claim: Claim) -> Draft:
    told: list[Text | int] = [claim.speaker, claim.role, claim.gist]
    told += [*claim.categories, *claim.mediators, *claim.relayed_by]
    told += [count.value for count in claim.counts]
    if claim.side:
        told += [_side(claim.side, translator(language)) for language in LANGUAGES]
    day = claim.known_on
    return _draft(Sort.STATEMENT, claim.key, None if day == date.min else (day, day), told)


def _side(side: Side, tr: Translator) -> str:
    return tr.gettext("Ukraine") if side is Side.UKRAINE else tr.gettext("Russia")


def _of_source(source: Cited) -> Draft:
    told = [source.publisher, source.title, source.author, source.note, source.url]
    days = _meant_by(source.published) if source.published else None
    return _draft(Sort.SOURCE, source.key, days, told)


def _meant_by(partial: str) -> tuple[date, date]:
    """All days that a date known to the year or the month can mean."""
    first = first_day_of(partial)
    length = {4: 12, 7: 1}.get(len(partial))
    return first, months(first.year, first.month, length).last if length else first


def _of_post(post: PostRevision) -> Draft:
    """Of one that was withdrawn only the reason: what it said can no longer be found."""
    texts: Mapping[str, str] = {} if post.withdraws else post.texts
    released = released_on(post)
    return _draft(Sort.POST, str(post.post_id), (released, released), [*texts.values(), *post.why.values()])


def released_on(post: PostRevision) -> date:
    """The day in Kyiv on which it became what it is now."""
    if post.released_at is None:
        raise ValueError("a post that was not released")
    return post.released_at.astimezone(KYIV).date()
