"""What can be cited: an exchange, a statement, a figure; and which of them an answer contains."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.answers.answer import Answer, History, Included, LatestExchange, NextExchange, Said, Talks, Totals
from bot.answers.facts import Claim, Exchange, Handover

LONGEST_KEY = 40
"""Characters; of longer ones a button and a link carry a digest. A link's payload has room for 64."""
DIGEST = "X"
"""Before a digest: no key has a capital letter."""


def digest(key: str) -> str:
    return DIGEST + hashlib.sha256(key.encode()).hexdigest()[:32]


class Kind(StrEnum):
    EXCHANGE = "e"
    STATEMENT = "s"
    FIGURE = "f"


@dataclass(frozen=True, slots=True)
class Ref:
    kind: Kind
    key: str


def citable(answer: Answer) -> tuple[Ref, ...]:
    """In the order in which the answer gives them."""
    return tuple(dict.fromkeys(_in(answer)))


def _in(answer: Answer) -> Iterator[Ref]:
    match answer:
        case NextExchange():
            for pending in answer.pending:
                yield from _of_claims(pending.claims)
            for exchange in (answer.begun, answer.latest):
                if exchange:
                    yield Ref(Kind.EXCHANGE, exchange.key)
        case LatestExchange(latest=Exchange() as latest):
            yield from _in_full(latest, latest.handovers)
        case History(exchanges=((exchange, handovers),)):
            yield from _in_full(exchange, handovers)
        case History():
            for exchange, _ in answer.exchanges:
                yield Ref(Kind.EXCHANGE, exchange.key)
        case Totals():
            counts = [count for _, count, _ in answer.official] + [count for _, count in answer.not_added]
            yield from (Ref(Kind.FIGURE, count.key) for count in counts)
        case Said() | Included():
            yield from _of_claims(answer.claims)
        case Talks():
            for _, claims, exchanges in answer.rounds:
                yield from _of_claims(claims)
                yield from (Ref(Kind.EXCHANGE, exchange.key) for exchange in exchanges)


def _in_full(exchange: Exchange, handovers: tuple[Handover, ...]) -> Iterator[Ref]:
    yield Ref(Kind.EXCHANGE, exchange.key)
    for handover in handovers:
        yield from _of_claims(handover.claims)
    yield from _of_claims(exchange.claims)


def _of_claims(claims: tuple[Claim, ...]) -> Iterator[Ref]:
    """What published reports tell with no speaker is cited by its figures, or with its exchange."""
    for claim in claims:
        if claim.speaker or (claim.gist and not claim.handover):
            yield Ref(Kind.STATEMENT, claim.key)
        yield from (Ref(Kind.FIGURE, count.key) for count in claim.counts if count.key)
