"""What had been published by the end of a day, in the record as it stands now.

That is not what we knew on that day: our record may have learnt of a page years later, and what it has corrected
since stays corrected. What it said before is in the list of changes.
"""

from calendar import monthrange
from dataclasses import replace
from datetime import date

from bot.answers.facts import Cited, Claim, Exchange, Record


def published_by(record: Record, day: date) -> Record:
    """Without what happened, was said or was published only after `day`, and without later pages."""
    days = {handover.key: handover.day for exchange in record.exchanges for handover in exchange.handovers}
    told_of = {claim.key: claim.said_on or days.get(claim.handover or "") for claim in record.claims}
    claims = {claim.key: kept for claim in record.claims if (kept := _claim(claim, day, told_of[claim.key]))}
    exchanges = [_exchange(exchange, claims, day) for exchange in record.exchanges]
    return replace(
        record,
        claims=tuple(claims.values()),
        exchanges=tuple(exchange for exchange in exchanges if exchange.handovers or exchange.claims),
        rounds=tuple(round for round in record.rounds if round.known_on <= day),
    )


def begins(record: Record) -> date:
    """The first day the record says anything about."""
    days = [exchange.first_day for exchange in record.exchanges if exchange.handovers]
    return min(days + [claim.said_on for claim in record.claims if claim.said_on])


def appeared(source: Cited, told_of: date | None) -> date | None:
    """When a page can first have reported what was said or happened on `told_of`; None if it bears no date.

    Of a page known to the month, that day counts if it is inside the month, and else the month's end.

    >>> page = Cited("key", None, None, None, None, "2025-06", None)
    >>> appeared(page, date(2025, 6, 2)), appeared(page, date(2025, 5, 25))
    (datetime.date(2025, 6, 2), datetime.date(2025, 6, 30))
    """
    if source.published is None:
        return None
    year, month, day = (*map(int, source.published.split("-")), 0, 0)[:3]
    first = date(year, month or 1, day or 1)
    last = date(year, month or 12, day or monthrange(year, month or 12)[1])
    return last if told_of is None or told_of > last or told_of < first else told_of


def _claim(claim: Claim, day: date, told_of: date | None) -> Claim | None:
    """None if it had not been published; `told_of` is the day on which it was said or which it reports of.

    Pages without a date count from that day.
    """
    if told_of and told_of > day:
        return None
    dates = {source: appeared(source, told_of) for source in claim.sources}
    dated = [published for published in dates.values() if published]
    if not (dated or told_of) or (dated and min(dated) > day):
        return None
    pages = tuple(source for source, published in dates.items() if published is None or published <= day)
    return replace(claim, sources=pages)


def _exchange(exchange: Exchange, claims: dict[str, Claim], day: date) -> Exchange:
    def kept(all_of_them: tuple[Claim, ...]) -> tuple[Claim, ...]:
        return tuple(claims[claim.key] for claim in all_of_them if claim.key in claims)

    handovers = [
        replace(handover, claims=kept(handover.claims)) for handover in exchange.handovers if handover.day <= day
    ]
    return replace(
        exchange,
        handovers=tuple(handover for handover in handovers if handover.claims),
        claims=kept(exchange.claims),
    )
