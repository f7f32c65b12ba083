"""With one person: how much of what they send is answered. Everything, unless it is more than anybody types.

Whoever waits for each answer before the next question is never too fast, and is not counted.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from math import inf

SOME = 20
SOME_IN = 30
"""So many messages and presses at once, and as many again in so many seconds, are answered."""
MANY = 100
MANY_IN = 60
"""Whoever sends more than that is ignored, until they have sent nothing for a minute."""
MINUTE = 60
FEW = 3
"""Answers under way: one, and those that are there and not yet counted off."""
LONGEST = 30
"""Seconds after which an answer is not taken to be under way any longer, whatever became of it."""


class Verdict(Enum):
    ANSWER = auto()
    LEAVE_OUT = auto()
    IGNORE = auto()


@dataclass(slots=True)
class Patience:
    """Both measures fill with what is sent and empty with time; nothing of what was sent is kept."""

    answered: float = 0.0
    sent: float = 0.0
    last: float = -inf
    ignoring: bool = False
    lately: dict[str, float] = field(default_factory=dict)
    under_way: int = 0
    began: float = -inf

    def begins(self, now: float) -> bool:
        """Something of theirs is being answered; whether they have waited for what was before."""
        if now - self.began > LONGEST:
            self.under_way = 0
        self.under_way += 1
        self.began = now
        return self.under_way <= FEW

    def ends(self) -> None:
        self.under_way = max(0, self.under_way - 1)

    def with_one_more(self, now: float) -> Verdict:
        """What becomes of a message or a press at `now`, in seconds of any clock."""
        passed, self.last = now - self.last, now
        self.answered = max(0.0, self.answered - passed * SOME / SOME_IN)
        self.sent = min(MANY, max(0.0, self.sent - passed * MANY / MANY_IN)) + 1
        self.ignoring = self.sent > MANY or (self.ignoring and passed < MINUTE)
        if self.ignoring:
            return Verdict.IGNORE
        if self.answered + 1 > SOME:
            return Verdict.LEAVE_OUT
        self.answered += 1
        return Verdict.ANSWER

    def once_a_minute(self, what: str, now: float) -> bool:
        if now - self.lately.get(what, -inf) < MINUTE:
            return False
        self.lately[what] = now
        return True
