"""What one look gave."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    state: State
    found: str
    mend: str = ""
    """What to do; empty if there is nothing."""


def ok(check: str, found: str) -> Finding:
    return Finding(check, State.OK, found)


def warning(check: str, found: str, mend: str) -> Finding:
    return Finding(check, State.WARNING, found, mend)


def wrong(check: str, found: str, mend: str) -> Finding:
    return Finding(check, State.WRONG, found, mend)


CLOCK_MAY_DIFFER = 5.0
CLOCK_IS_WRONG = 30.0
"""Seconds: as long as a code of an authenticator lasts."""


def clock(whose: str, ahead: float) -> Finding:
    """`ahead`: seconds by which our clock is ahead of the other."""
    told = f"ours is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} that of {whose}"
    mend = "Let the system set its clock: timedatectl set-ntp true"
    if abs(ahead) > CLOCK_IS_WRONG:
        return wrong("clock", f"{told}: codes of authenticators are refused, leases and schedules go wrong", mend)
    if abs(ahead) > CLOCK_MAY_DIFFER:
        return warning("clock", told, mend)
    return ok("clock", f"agrees with {whose}")
