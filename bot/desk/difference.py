"""What a release changes in what the record told before: a stage, a day, a number; computed, not guessed.

Accounts are compared with themselves: what Russia says does not replace what Ukraine says. A statement that leaves
out a day or a number changes nothing; that it was taken back does.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.answers.facts import Claim, Count, Record
from models.record import Qualifier, Scope, Side, StageName, What

_TOTALS = (What.HELD_UKRAINIANS, What.HELD_RUSSIANS, What.RETURNED_TOTAL)
"""Numbers that stand alone, outside of any exchange."""


class Number(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    what: What
    value: int | None
    qualifier: Qualifier
    withheld_by: Side | None

    def count(self) -> Count:
        """As answers have it."""
        return Count(
            what=self.what,
            value=self.value,
            qualifier=self.qualifier,
            scope=Scope.NOT_STATED,
            side=None,
            as_of=None,
            withheld_by=self.withheld_by,
            our_sum=False,
            note=None,
        )


class Day(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    day: date | None
    withheld_by: Side | None = None


class Changed(BaseModel):
    """Whose account it is: a side's, or that of a speaker for neither, by name in each language."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    about: Literal["stage", "day", "held_on", "number"]
    """`held_on`: the day on which people came home."""
    side: Side | None = None
    speaker: dict[str, str] | None = None
    was: StageName | Day | Number | None
    """None: no day was named."""
    now: StageName | Day | Number | None
    """None: taken back."""

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class _Told(NamedTuple):
    said: StageName | Day | Number | None
    claim: Claim | None


def differences(before: Record, after: Record) -> list[Changed]:
    """The stages first, then days, then numbers."""
    was, now = _told(before), _told(after)
    spoken_of = {key[1:] for key in was if key[0] == "stage"}
    new = [key for key in now if key not in was]
    return [
        changed
        for key in sorted(dict.fromkeys([*was, *now]), key=lambda key: _ORDER.index(str(key[0])))
        if (key in now or not _goes_on(key, new))
        and (changed := _changed(key, was.get(key), now.get(key), spoken_before=key[1:] in spoken_of))
    ]


_ORDER = ("stage", "day", "held_on", "number")
Key = tuple[Hashable, ...]


def _goes_on(key: Key, new: Iterable[Key]) -> bool:
    """What was said of the exchange before is said of a handover now, and was not taken back."""
    match key:
        case ("day", *_):
            return any(other[0] == "held_on" for other in new)
        case ("number", exchange, _, *alike):
            return any(other[0] == "number" and other[1] == exchange and [*other[3:]] == alike for other in new)
    return False


def _changed(key: Key, was: _Told | None, now: _Told | None, *, spoken_before: bool) -> Changed | None:
    about = key[0]
    if was is None and not (about == "day" and spoken_before):
        return None
    if was and now and was.said == now.said:
        return None
    told = now or was
    claim = told.claim if told else None
    speaker = claim.speaker if claim and not claim.side else None
    return Changed.model_validate(
        {
            "about": about,
            "side": claim.side if claim else None,
            "speaker": speaker.as_json() if speaker else None,
            "was": was.said if was else None,
            "now": now.said if now else None,
        }
    )


def _told(record: Record) -> Mapping[Key, _Told]:
    """What each account says, the newest last: so the newest is what stands."""
    told: dict[Key, _Told] = {}
    for exchange in record.exchanges:
        for handover in exchange.handovers:
            told["held_on", handover.key] = _Told(Day(day=handover.day), None)
    for claim in record.claims:
        told.update(_of_claim(claim))
    return told


def _of_claim(claim: Claim) -> Iterator[tuple[Key, _Told]]:
    account = claim.side or claim.speaker_key or claim.key
    if claim.stage and claim.exchange:
        yield ("stage", claim.exchange, account), _Told(claim.stage.stage, claim)
        named = Day(day=claim.stage.day, withheld_by=claim.stage.day_withheld_by)
        if not claim.handover and (named.day or named.withheld_by):
            yield ("day", claim.exchange, account), _Told(named, claim)
    for count in claim.counts:
        # A note on what is counted makes it a number of its own.
        if (claim.exchange or count.what in _TOTALS) and count.qualifier is not Qualifier.NOT_STATED:
            alike = (claim.exchange, claim.handover, account, count.side, count.what, count.scope, count.note)
            number = Number(
                what=count.what, value=count.value, qualifier=count.qualifier, withheld_by=count.withheld_by
            )
            yield ("number", *alike), _Told(number, claim)
