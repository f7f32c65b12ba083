"""The record -> an Answer: what is known about a question on a day, chosen and counted, never worded.

Every figure in an answer hangs on a claim, and every claim on its sources. Pure functions over one loaded
version of the record.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.answers.answer import (
    Answer,
    Asked,
    Guidance,
    History,
    Included,
    LatestExchange,
    NextExchange,
    Pending,
    Plain,
    Said,
    Sum,
    Talks,
    Totals,
)
from bot.answers.facts import Claim, Count, Exchange, Handover, Record
from bot.answers.sums import add_up, is_addable
from bot.understanding import Period, Question, Topic
from models.record import StageName, StatementSort, What


def answer(record: Record, question: Question, today: date) -> Answer:
    """What the record says on `question`, as it could be known at the end of `today` in Kyiv."""
    asked = Asked(question, today, record.as_of(today))
    if question.options:
        return Plain(*_common(asked))
    find = FINDERS.get(question.topic)
    if question.topic in OF_THE_PAST and question.period and question.period.first > today:
        find = next_exchange
    if find:
        return find(asked)
    card = record.cards.get(question.topic)
    if card:
        return Guidance(*_common(asked), card=card)
    return Plain(*_common(asked))


def relevant(question: Question) -> Question:
    """The question without what its answer does not depend on."""
    return replace(
        question,
        confidence=1.0,
        period=question.period if question.topic in PERIODIC else None,
        speaker=question.speaker if question.topic is Topic.STATEMENT else None,
        of_one_group=question.of_one_group and question.topic in COUNTING,
    )


def _common(asked: Asked) -> tuple[Question, date, Record]:
    return asked.question, asked.today, asked.record


def next_exchange(asked: Asked) -> NextExchange:
    open_ones = [
        exchange for exchange in asked.record.exchanges if exchange.claims and not is_over(exchange.claims)
    ]
    begun = [
        exchange for exchange in open_ones if exchange.confirmed and asked.today - exchange.last_day <= GOES_ON_FOR
    ]
    return NextExchange(
        *_common(asked),
        pending=tuple(
            Pending(exchange, newest_of_each_side(exchange.claims), is_disputed(exchange.claims))
            for exchange in reversed(open_ones)
            if not exchange.handovers
        ),
        begun=begun[-1] if begun else None,
        latest=_latest(asked.record.completed),
    )


def current(record: Record, today: date) -> tuple[Exchange, ...]:
    """What is spoken of, what has begun, and the latest: the exchanges that somebody may want to follow."""
    known = next_exchange(Asked(Question(Topic.NEXT_EXCHANGE, "uk", None, 1.0), today, record.as_of(today)))
    found = [*(pending.exchange for pending in known.pending), known.begun, known.latest]
    return tuple({exchange.key: exchange for exchange in found if exchange}.values())


GOES_ON_FOR = timedelta(days=30)
"""After the last handover; an exchange that nobody declared completed must not seem under way for ever."""


def newest_first(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Claims of one day stay in the order in which they were made."""
    return tuple(sorted(claims, key=lambda claim: claim.known_on, reverse=True))


def newest_of_each_side(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """What the sides claim, newest first: all claims of the last day on which each side spoke."""
    staged = [claim for claim in claims if claim.stage]
    last_days = {claim.side: claim.known_on for claim in sorted(staged, key=lambda claim: claim.known_on)}
    newest = [claim for claim in staged if claim.known_on == last_days[claim.side]]
    return newest_first(newest)


SET_BACK = {StageName.POSTPONED, StageName.CANCELLED}


def is_disputed(claims: Iterable[Claim]) -> bool:
    """Whether one side says an exchange is put off or cancelled, and another, then or later, that it is not."""
    newest = [claim for claim in newest_of_each_side(claims) if claim.stage]
    set_back = [claim for claim in newest if claim.stage and claim.stage.stage in SET_BACK]
    going_on = [claim for claim in newest if claim.stage and claim.stage.stage not in SET_BACK]
    return any(
        later.side is not back.side and later.known_on >= back.known_on for back in set_back for later in going_on
    )


def is_over(claims: Iterable[Claim]) -> bool:
    """Whether somebody says that it was completed, or the last word is that it was cancelled."""
    stages = [claim.stage.stage for claim in newest_first(claims) if claim.stage]
    return not stages or StageName.COMPLETED in stages or stages[0] is StageName.CANCELLED


def _latest(exchanges: Iterable[Exchange]) -> Exchange | None:
    return max(exchanges, key=lambda exchange: exchange.last_day, default=None)


def latest_exchange(asked: Asked) -> LatestExchange:
    """The latest in the period asked about; if there is none, the latest of all."""
    completed, period = asked.record.completed, asked.question.period
    inside = _latest(exchange for exchange in completed if _inside(exchange, period))
    latest = inside or _latest(completed)
    return LatestExchange(
        *_common(asked),
        latest=latest,
        in_period=inside is not None if period else None,
        unconfirmed=tuple(
            handover
            for exchange in asked.record.exchanges
            for handover in _inside(exchange, period)
            if not handover.confirmed and (latest is None or handover.day > latest.last_day)
        ),
    )


def _inside(exchange: Exchange, period: Period | None) -> tuple[Handover, ...]:
    return tuple(
        handover
        for handover in exchange.handovers
        if period is None or period.first <= handover.day <= period.last
    )


def exchange_history(asked: Asked) -> History:
    period = asked.question.period
    found = [(exchange, inside) for exchange in asked.record.exchanges if (inside := _inside(exchange, period))]
    before = after = None
    if period and not found:
        earlier = [exchange for exchange in asked.record.completed if exchange.last_day < period.first]
        later = [exchange for exchange in asked.record.completed if exchange.first_day > period.last]
        before = max(earlier, key=lambda exchange: exchange.last_day, default=None)
        after = min(later, key=lambda exchange: exchange.first_day, default=None)
    handovers = [handover for _, inside in found for handover in inside]
    return History(
        *_common(asked),
        to_ukraine=add_up(handovers, What.RETURNED_TO_UKRAINE),
        exchanges=tuple(reversed(found)),
        before=before,
        after=after,
    )


def exchange_totals(asked: Asked) -> Totals:
    period = asked.question.period
    handovers = [handover for exchange in asked.record.completed for handover in _inside(exchange, period)]
    claims = [claim for handover in handovers for claim in handover.claims]
    for exchange in asked.record.completed:
        if exchange.handovers == _inside(exchange, period):
            claims += [claim for claim in exchange.claims if claim.counts and claim.sort is StatementSort.FIGURE]
    return Totals(
        *_common(asked),
        to_ukraine=add_up(handovers, What.RETURNED_TO_UKRAINE),
        to_russia=add_up(handovers, What.RETURNED_TO_RUSSIA),
        not_added=tuple(
            (claim, count)
            for claim in claims
            for count in claim.counts
            if count.value is not None and not is_addable(count)
        ),
        official=_official_totals(asked.record, period),
    )


def _official_totals(record: Record, period: Period | None) -> tuple[tuple[Claim, Count, Sum], ...]:
    """Those inside the period; without one the newest, and the newest of the time we cover completely."""
    running = [
        (claim, count, count.as_of)
        for claim in reversed(record.claims)
        for count in claim.counts
        if count.what is What.RETURNED_TOTAL and count.as_of
    ]
    if period:
        chosen = [total for total in running if period.first <= total[2] <= period.last]
    else:
        covered = [total for total in running if total[2] <= record.complete_to]
        chosen = running[:1] + [total for total in covered[:1] if total not in running[:1]]
    handovers = [handover for exchange in record.completed for handover in exchange.handovers]
    return tuple(
        (
            claim,
            count,
            add_up((handover for handover in handovers if handover.day <= day), What.RETURNED_TO_UKRAINE),
        )
        for claim, count, day in chosen
    )


def about_topic(asked: Asked) -> Said:
    topic, period = asked.question.topic, asked.question.period
    claims = newest_first(claim for claim in asked.record.claims if claim.topic == topic)
    inside = tuple(claim for claim in claims if period is None or _said_in(claim, period))
    return Said(*_common(asked), claims=inside or claims, of_other_time=not inside and bool(claims))


def _said_in(claim: Claim, period: Period) -> bool:
    return period.first <= claim.known_on <= period.last


def statements(asked: Asked) -> Said:
    """What was said by the speaker or side asked about, in the period asked about."""
    speaker, period = asked.question.speaker, asked.question.period
    return Said(
        *_common(asked),
        claims=newest_first(
            claim
            for claim in asked.record.claims
            if claim.gist
            and claim.speaker
            and (speaker is None or speaker in (claim.speaker_key, claim.side))
            and (period is None or _said_in(claim, period))
        ),
    )


def who_is_included(asked: Asked) -> Included:
    claims = newest_first(
        claim for claim in asked.record.claims if claim.categories and claim.speaker and claim.gist
    )
    return Included(*_common(asked), claims=claims, latest=_latest(asked.record.completed))


def talks(asked: Asked) -> Talks:
    period = asked.question.period
    record = asked.record
    rounds = [
        round
        for round in reversed(record.rounds)
        if period is None
        or (
            round.first_day
            and round.first_day <= period.last
            and (round.last_day or round.first_day) >= period.first
        )
    ]
    return Talks(
        *_common(asked),
        rounds=tuple(
            (
                round,
                tuple(claim for claim in record.claims if claim.round == round.key),
                tuple(exchange for exchange in record.exchanges if exchange.round == round),
            )
            for round in rounds
        ),
    )


FINDERS: Mapping[Topic, Callable[[Asked], Answer]] = {
    Topic.NEXT_EXCHANGE: next_exchange,
    Topic.LATEST_EXCHANGE: latest_exchange,
    Topic.EXCHANGE_HISTORY: exchange_history,
    Topic.EXCHANGE_TOTALS: exchange_totals,
    Topic.HELD_IN_CAPTIVITY: about_topic,
    Topic.WHO_IS_INCLUDED: who_is_included,
    Topic.TALKS: talks,
    Topic.ALL_FOR_ALL: about_topic,
    Topic.STATEMENT: statements,
}
"""The topics that the record answers."""

PERIODIC = {
    Topic.LATEST_EXCHANGE,
    Topic.EXCHANGE_HISTORY,
    Topic.EXCHANGE_TOTALS,
    Topic.HELD_IN_CAPTIVITY,
    Topic.ALL_FOR_ALL,
    Topic.STATEMENT,
    Topic.TALKS,
}
"""The topics whose answer depends on the period asked about."""

COUNTING = {Topic.EXCHANGE_TOTALS, Topic.EXCHANGE_HISTORY, Topic.LATEST_EXCHANGE, Topic.HELD_IN_CAPTIVITY}
"""The topics whose numbers count everybody."""

OF_THE_PAST = {Topic.EXCHANGE_HISTORY, Topic.LATEST_EXCHANGE, Topic.EXCHANGE_TOTALS}
"""Asked about a day to come, they can only be answered with what is known of the next exchange."""
