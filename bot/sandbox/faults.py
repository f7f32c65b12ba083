"""Bad days on demand: latency, 429, 5xx and connections dropped before or after a method took effect.

The dice are seeded, so a run can be repeated. A fault with `times` stops by itself after so many hits, which
lets a test say "the next call fails" without dice.
"""

import random
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal, get_args

from bot.sandbox.shapes import ApiError, Json

Kind = Literal["drop", "too_many_requests", "server_error"]


@dataclass(slots=True)
class Fault:
    kind: Kind
    share: float = 1.0
    times: int | None = None
    methods: frozenset[str] | None = None
    chat: int | None = None
    """The one chat that it hits; None: every chat."""
    retry_after: int = 1
    status: int = 502
    after: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError("a share lies between 0 and 1")
        HTTPStatus(self.status)

    def hits(self, method: str, chat: object, dice: random.Random) -> bool:
        if self.times == 0 or not _concerns(self.methods, method) or dice.random() >= self.share:
            return False
        if self.chat is not None and str(self.chat) != str(chat):
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def error(self) -> ApiError:
        if self.kind == "too_many_requests":
            description = f"Too Many Requests: retry after {self.retry_after}"
            return ApiError(429, description, retry_after=self.retry_after)
        return ApiError(self.status, HTTPStatus(self.status).phrase)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one call: wait `delay` seconds, then meet `fault`, if any."""

    delay: float = 0.0
    fault: Fault | None = None

    def drops(self, *, after: bool) -> bool:
        return self.fault is not None and self.fault.kind == "drop" and self.fault.after == after

    def refusal(self) -> ApiError | None:
        return self.fault.error() if self.fault and self.fault.kind != "drop" else None


@dataclass(slots=True)
class Faults:
    latency: tuple[float, float] = (0.0, 0.0)
    clock: float = 0.0
    """Seconds by which the server's clock, in the header `Date`, is ahead."""
    methods: frozenset[str] | None = None
    faults: list[Fault] = field(default_factory=list)
    settings: Json = field(default_factory=dict)
    _dice: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - not a secret

    def configure(self, settings: Json) -> None:
        """Replaces all faults; the keys are those of `POST /control/faults`. Raises ValueError or
        TypeError, and changes nothing then."""
        if unknown := settings.keys() - {"latency", "clock", "methods", "seed", *get_args(Kind)}:
            raise ValueError(f"no such faults: {', '.join(sorted(unknown))}")
        latency = settings.get("latency", 0)
        low, high = latency if isinstance(latency, list) else (latency, latency)
        clock = float(settings.get("clock", 0))
        methods = _names(settings.get("methods"))
        faults: list[Fault] = []
        for kind in get_args(Kind):
            if kind in settings:
                details = dict(settings[kind])
                own = _names(details.pop("methods", None))
                faults.append(Fault(kind, methods=own or methods, **details))
        self.latency, self.methods, self.faults = (float(low), float(high)), methods, faults
        self.clock = clock
        self.settings = settings
        self._dice.seed(settings.get("seed", 0))

    def clear(self) -> None:
        self.configure({})

    def draw(self, method: str, chat: object = None) -> Verdict:
        delay = self._dice.uniform(*self.latency) if _concerns(self.methods, method) else 0.0
        fault = next((fault for fault in self.faults if fault.hits(method, chat, self._dice)), None)
        return Verdict(delay, fault)


def _names(methods: list[str] | None) -> frozenset[str] | None:
    return frozenset(name.lower() for name in methods) if methods else None


def _concerns(methods: frozenset[str] | None, method: str) -> bool:
    """Without a list a fault concerns everything but getUpdates: an idle bot should not be hit."""
    return method.lower() in methods if methods else method.lower() != "getupdates"
