"""The record -> an Answer: what is known about a question on a day, chosen and counted, never worded.

Every figure in an answer hangs on a claim, and every claim on its sources. Pure functions over one loaded
version of the record.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

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
from bot.understanding import Period, Question, Topic
from models.record import Qualifier, Scope, Side, StageName, What


def answer(record: Record, question: Question, today: date) -> Answer:
    """What the record says on `question`, as it could be known at the end of `today` in Kyiv."""
    asked = Asked(question, today, record.as_of(today))
    find = FINDERS.get(question.topic)
    if find:
        return find(asked)
    card = record.cards.get(question.topic)
    if card:
        return Guidance(*_common(asked), card=card)
    return Plain(*_common(asked))


def _common(asked: Asked) -> tuple[Question, date, Record]:
    return asked.question, asked.today, asked.record


def next_exchange(asked: Asked) -> NextExchange:
    pending = [
        Pending(exchange, newest_of_each_side(exchange.claims), is_disputed(exchange.claims))
        for exchange in asked.record.exchanges
        if not exchange.handovers and not is_over(exchange.claims)
    ]
    return NextExchange(*_common(asked), pending=tuple(reversed(pending)), latest=_latest(asked.record))


def newest_of_each_side(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """What the sides claim, newest first: all claims of the last day on which each side spoke."""
    staged = [claim for claim in claims if claim.stage]
    last_days = {claim.side: claim.known_on for claim in sorted(staged, key=lambda claim: claim.known_on)}
    newest = [claim for claim in staged if claim.known_on == last_days[claim.side]]
    return tuple(sorted(newest, key=lambda claim: claim.known_on, reverse=True))


SET_BACK = {StageName.POSTPONED, StageName.CANCELLED}


def is_disputed(claims: Iterable[Claim]) -> bool:
    """Whether one side says an exchange is put off or cancelled, and another, as late or later, that not."""
    newest = [claim for claim in newest_of_each_side(claims) if claim.stage]
    set_back = [claim for claim in newest if claim.stage and claim.stage.stage in SET_BACK]
    going_on = [claim for claim in newest if claim.stage and claim.stage.stage not in SET_BACK]
    return any(
        later.side is not back.side and later.known_on >= back.known_on for back in set_back for later in going_on
    )


def is_over(claims: Iterable[Claim]) -> bool:
    """Whether every side that spoke last says it was completed or cancelled."""
    stages = {claim.stage.stage for claim in newest_of_each_side(claims) if claim.stage}
    return stages <= {StageName.COMPLETED, StageName.CANCELLED}


def _latest(record: Record) -> Exchange | None:
    return max(record.completed, key=lambda exchange: exchange.last_day, default=None)


def latest_exchange(asked: Asked) -> LatestExchange:
    latest = _latest(asked.record)
    period = asked.question.period
    return LatestExchange(
        *_common(asked),
        latest=latest,
        on_asked_day=None
        if period is None
        else any(_inside(exchange, period) for exchange in asked.record.completed),
        unconfirmed=tuple(
            handover
            for exchange in asked.record.exchanges
            for handover in exchange.handovers
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
    return History(*_common(asked), exchanges=tuple(reversed(found)), before=before, after=after)


def exchange_totals(asked: Asked) -> Totals:
    period = asked.question.period
    inside = {exchange.key: _inside(exchange, period) for exchange in asked.record.completed}
    handovers = [handover for of_exchange in inside.values() for handover in of_exchange]
    return Totals(
        *_common(asked),
        exchanges=sum(bool(of_exchange) for of_exchange in inside.values()),
        to_ukraine=add_up(handovers, What.RETURNED_TO_UKRAINE),
        to_russia=add_up(handovers, What.RETURNED_TO_RUSSIA),
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


def add_up(handovers: Iterable[Handover], what: What) -> Sum:
    """Adds only exact numbers of one direction; never those of another qualifier or scope."""
    people = added = unknown = differing = 0
    for handover in handovers:
        if not handover.confirmed:
            continue
        exact = addable(handover, what)
        if not exact:
            unknown += 1
            continue
        added += 1
        people += exact[0]
        differing += len(set(exact)) > 1
    return Sum(people=people, handovers=added, unknown=unknown, differing=differing)


def addable(handover: Handover, what: What) -> list[int]:
    """The exact numbers given for one handover, the one to add first: Ukraine's before Russia's."""
    counts = [
        count
        for count in handover.counts(what)
        if count.qualifier is Qualifier.EXACT and count.scope is Scope.ONE_SIDE
    ]
    counts.sort(key=lambda count: count.side is Side.RUSSIA)
    return [count.value for count in counts if count.value is not None]


def about_topic(asked: Asked) -> Said:
    topic = asked.question.topic
    claims = tuple(claim for claim in reversed(asked.record.claims) if claim.topic == topic)
    return Said(*_common(asked), claims=claims)


def statements(asked: Asked) -> Said:
    """What was said, by the speaker or side that is asked about, in the period that is asked about."""
    speaker, period = asked.question.speaker, asked.question.period
    claims = [claim for claim in reversed(asked.record.claims) if claim.gist and claim.speaker]
    if speaker:
        claims = [claim for claim in claims if speaker in (claim.speaker_key, claim.side)]
    if period:
        claims = [claim for claim in claims if period.first <= claim.known_on <= period.last]
    return Said(*_common(asked), claims=tuple(claims))


def who_is_included(asked: Asked) -> Included:
    claims = tuple(
        claim for claim in reversed(asked.record.claims) if claim.categories and claim.speaker and claim.gist
    )
    return Included(*_common(asked), claims=claims, latest=_latest(asked.record))


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
