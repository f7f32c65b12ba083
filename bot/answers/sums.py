"""Which figures may be added up, and what a sum of them leaves out."""

from collections.abc import Iterable

from bot.answers.answer import Sum
from bot.answers.facts import Count, Handover
from models.record import Qualifier, Scope, Side, What


def add_up(handovers: Iterable[Handover], what: What) -> Sum:
    """Adds only exact numbers of one direction; never those of another qualifier or scope."""
    added = [handover for handover in handovers if handover.confirmed]
    numbers = [addable(handover, what) for handover in added]
    left_out = [
        [*handover.counts(what), *handover.counts(What.EXCHANGED)]
        for handover, exact in zip(added, numbers, strict=True)
        if not exact
    ]
    inexact = sum(any(count.value is not None for count in counts) for counts in left_out)
    unknown = sum(not counts for counts in left_out)
    return Sum(
        people=sum(exact[0] for exact in numbers if exact),
        exchanges=len({handover.exchange for handover in added}),
        not_stated=len(left_out) - inexact - unknown,
        inexact=inexact,
        unknown=unknown,
        differing=sum(len(set(exact)) > 1 for exact in numbers),
    )


def addable(handover: Handover, what: What) -> list[int]:
    """The exact numbers given for one handover, the one to add first."""
    return [count.value for count in _addable(handover, what) if count.value is not None]


def is_added(handover: Handover, count: Count) -> bool:
    """Whether this figure is the one that our sums use for its handover and direction."""
    return handover.confirmed and any(first is count for first in _addable(handover, count.what)[:1])


def _addable(handover: Handover, what: What) -> list[Count]:
    """Ukraine's before Russia's."""
    counts = [count for count in handover.counts(what) if is_addable(count)]
    return sorted(counts, key=lambda count: count.side is Side.RUSSIA)


def is_addable(count: Count) -> bool:
    return count.qualifier is Qualifier.EXACT and count.scope is Scope.ONE_SIDE
