"""Pictures of numbers: wide as a phone, on a background of their own, legible by day and by night."""

import io
import textwrap
from collections.abc import Sequence
from typing import assert_never

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from bot.press.pictures import Bars, Dots, Ladder, Picture, Whose

GROUND, INK, FAINT, GRID = "#fbfaf7", "#1c2430", "#55606e", "#dcd9d0"
COLOURS = {Whose.UKRAINE: "#1f5fa8", Whose.RUSSIA: "#b4531a", Whose.NEITHER: FAINT}
MARKS = {Whose.UKRAINE: "o", Whose.RUSSIA: "s", Whose.NEITHER: "D"}
"""So that the sides are told apart without colour, too."""
HATCH = "////"
DPI = 200
WIDTH = 5.4
"""Inches: 1,080 pixels, as wide as Telegram shows a picture on a phone."""
TITLE, TEXT, SMALL = 15, 12, 10.5
"""Points; on a phone the smallest is as high as small print."""
LETTERS = {TITLE: 35, TEXT: 44, SMALL: 58}
"""How many fit beside each other."""
LINE = {TITLE: 0.28, TEXT: 0.24, SMALL: 0.2}
"""Inches from one line to the next."""
STUB = 0.06
"""How long the hatched piece is that stands for a number nobody gave."""
matplotlib.rcParams.update({"font.family": "DejaVu Sans", "hatch.linewidth": 1.2})


def draw(picture: Picture) -> bytes:
    """A PNG."""
    body = picture.body
    title = textwrap.wrap(picture.title, LETTERS[TITLE])
    notes = [line for note in (*picture.notes, picture.source) for line in textwrap.wrap(note, LETTERS[SMALL])]
    handles, labels = _legend(body)
    labels = [textwrap.fill(label, LETTERS[TEXT]) for label in labels]
    legend = sum(label.count("\n") + 1 for label in labels) * LINE[TEXT] + 0.15 if labels else 0.0
    head = len(title) * LINE[TITLE] + 0.3
    foot = len(notes) * LINE[SMALL] + 0.25
    above, height, below = _sizes(body)
    whole = head + above + height + below + legend + foot
    figure = Figure(figsize=(WIDTH, whole), dpi=DPI, facecolor=GROUND)
    FigureCanvasAgg(figure)
    figure.text(0.04, 1 - 0.15 / whole, "\n".join(title), size=TITLE, weight="bold", color=INK, va="top")
    figure.text(0.04, 0.12 / whole, "\n".join(notes), size=SMALL, color=FAINT, va="bottom")
    if labels:
        figure.legend(
            handles,
            labels,
            loc="lower left",
            bbox_to_anchor=(0.015, foot / whole),
            frameon=False,
            fontsize=TEXT,
            labelcolor=INK,
            borderaxespad=0,
            handlelength=1.6,
        )
    axes = figure.add_axes((0.04, (foot + legend + below) / whole, 0.92, height / whole), facecolor="none")
    for spine in axes.spines.values():
        spine.set_visible(False)
    match body:
        case Bars():
            _bars(axes, body)
        case Dots():
            _dots(axes, body)
        case Ladder():
            _ladder(axes, body)
        case _:
            assert_never(body)
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=DPI)
    return written.getvalue()


def _sizes(body: Bars | Dots | Ladder) -> tuple[float, float, float]:
    """Inches above, of, and below the axes."""
    match body:
        case Bars():
            return 0.0, 0.4 * len(body.rows), 0.1
        case Dots():
            return 0.1, 3.4, 0.4
        case Ladder():
            return 1.25, 0.55 * len(body.rows), 0.1


def _legend(body: Bars | Dots | Ladder) -> tuple[Sequence[Artist], list[str]]:
    match body:
        case Bars():
            handles: list[Artist] = [
                _hatched() if whose is None else Patch(facecolor=COLOURS[whose]) for whose, _ in body.legend
            ]
            return handles, [label for _, label in body.legend]
        case Dots():
            return [_mark("o"), _mark("o", hollow=True), _mark("X", colour=FAINT)], list(body.legend)
        case Ladder():
            return [_mark(MARKS[whose], COLOURS[whose]) for whose, _ in body.legend], [
                label for _, label in body.legend
            ]


def _hatched() -> Patch:
    return Patch(facecolor=GROUND, edgecolor=FAINT, hatch=HATCH, linewidth=1)


def _mark(marker: str, colour: str = COLOURS[Whose.UKRAINE], *, hollow: bool = False) -> Line2D:
    face = GROUND if hollow else colour
    return Line2D([], [], marker=marker, linestyle="", markersize=9, color=colour, markerfacecolor=face)


FROM, TO = 0.30, 0.78
"""Between which the bars lie, of the whole width; labels stand before, numbers behind."""
INSIDE = 0.12
"""How long a bar must be to have a number in it."""


def _bars(axes: Axes, body: Bars) -> None:
    axes.set(xlim=(0, 1), ylim=(len(body.rows), 0), xticks=[], yticks=[])
    longest = max((row.value + row.difference for row in body.rows), default=0) or 1
    for number, row in enumerate(body.rows):
        middle, end = number + 0.5, FROM + (TO - FROM) * row.value / longest
        axes.text(0, middle, row.label, size=TEXT, color=INK, va="center")
        if row.value:
            bar = Rectangle((FROM, number + 0.16), end - FROM, 0.68, facecolor=COLOURS[row.whose])
            axes.add_patch(bar)
        hatched = (TO - FROM) * row.difference / longest + (STUB if row.unknown else 0)
        if hatched:
            axes.add_patch(
                Rectangle(
                    (end, number + 0.16),
                    hatched,
                    0.68,
                    facecolor=GROUND,
                    edgecolor=FAINT,
                    hatch=HATCH,
                    linewidth=1,
                )
            )
        if row.inside and end - FROM >= INSIDE:
            axes.text(end - 0.012, middle, row.inside, size=TEXT, color=GROUND, va="center", ha="right")
        known = INK if row.value or row.unknown else FAINT
        text = f"{row.inside} / {row.text}" if row.inside and end - FROM < INSIDE else row.text
        axes.text(end + hatched + 0.015, middle, text, size=TEXT, color=known, va="center")


LANE = -0.11
"""Below zero, of the height: for exchanges without a number."""


def _dots(axes: Axes, body: Dots) -> None:
    top = max([point.value for point in body.points] + [value for value, _ in body.values] + [1]) * 1.08
    axes.set(ylim=(top * LANE * 1.6, top))
    colour = COLOURS[Whose.UKRAINE]
    for value, label in body.values:
        axes.axhline(value, color=GRID, linewidth=1, zorder=0)
        axes.annotate(
            label,
            (0, value),
            xycoords=("axes fraction", "data"),
            xytext=(0, 3),
            textcoords="offset points",
            size=SMALL,
            color=FAINT,
        )
    for point in body.points:
        x = point.day.toordinal()
        if point.unknown and not point.value:
            axes.plot(x, top * LANE, marker="X", color=FAINT, markersize=8, linestyle="")
            continue
        axes.plot([x, x], [0, point.value], color=colour, linewidth=1.2, alpha=0.55, zorder=1)
        face = GROUND if point.unknown else colour
        axes.plot(x, point.value, marker="o", color=colour, markerfacecolor=face, markersize=7, zorder=2)
        if point.label:
            axes.annotate(
                point.label,
                (x, point.value),
                xytext=(-7, 0),
                textcoords="offset points",
                size=TEXT,
                color=INK,
                ha="right",
                va="center",
                weight="bold",
            )
    first, last = body.points[0].day.toordinal(), body.points[-1].day.toordinal()
    margin = max((last - first) * 0.04, 3)
    axes.set_xlim(first - margin - (last - first) * 0.1, last + margin)
    axes.set_xticks([day.toordinal() for day, _ in body.days], [label for _, label in body.days])
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=TEXT, labelcolor=INK, color=FAINT)


NAMES, FIRST, LAST = 0.0, 0.50, 0.90
"""Where names stand, and between which the stages lie."""


def _ladder(axes: Axes, body: Ladder) -> None:
    axes.set(xlim=(0, 1), ylim=(len(body.rows), 0), xticks=[], yticks=[])
    columns = [FIRST + (LAST - FIRST) * number / (len(body.columns) - 1) for number in range(len(body.columns))]
    for x, label in zip(columns, body.columns, strict=True):
        axes.axvline(x, color=GRID, linewidth=1, zorder=0)
        axes.annotate(
            label,
            (x, 0),
            xytext=(-3, 6),
            textcoords="offset points",
            size=SMALL,
            color=INK,
            rotation=45,
            ha="left",
            va="bottom",
            rotation_mode="anchor",
            annotation_clip=False,
        )
    for number, row in enumerate(body.rows):
        axes.axhline(number, color=GRID, linewidth=1, zorder=0)
        axes.text(NAMES, number + 0.3, row.day, size=SMALL, color=FAINT, va="center")
        axes.text(NAMES, number + 0.7, row.who, size=SMALL, color=INK, va="center")
        axes.plot(
            columns[row.column], number + 0.5, marker=MARKS[row.whose], color=COLOURS[row.whose], markersize=11
        )
