"""What is drawn: every word already in the reader's language, every number already chosen."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Whose(IntEnum):
    """A direction or a side: each has a colour and a mark of its own."""

    UKRAINE = 0
    RUSSIA = 1
    NEITHER = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One bar. The hatched part is not a known number: its length is a difference, or only a sign."""

    label: str
    value: int
    text: str
    whose: Whose = Whose.UKRAINE
    difference: int = 0
    inside: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    rows: tuple[Row, ...]
    legend: tuple[tuple[Whose | None, str], ...]
    """None: what is hatched."""


@dataclass(frozen=True, slots=True)
class Point:
    day: date
    value: int
    unknown: bool
    """Whether it leaves out days without an exact number."""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    points: tuple[Point, ...]
    days: tuple[tuple[date, str], ...]
    values: tuple[tuple[int, str], ...]
    legend: tuple[str, str, str]
    """Of a full point, of a hollow one, and of one in the lane below zero, which has no number at all."""


@dataclass(frozen=True, slots=True)
class Step:
    """A row: who said it, when, and which stage."""

    day: str
    who: str
    whose: Whose
    column: int


@dataclass(frozen=True, slots=True)
class Ladder:
    columns: tuple[str, ...]
    rows: tuple[Step, ...]
    legend: tuple[tuple[Whose, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    title: str
    body: Bars | Dots | Ladder
    notes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Worded:
    """A chart in words, without its date and record version."""

    title: str
    body: Bars | Dots | Ladder
    lines: list[str]
    """Every number or stage in a sentence."""
    notes: list[str]
