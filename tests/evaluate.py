"""How well the bot understands: `make eval` asks it everything in tests/validation, which it never learnt from.

Prints the share of right answers by topic and language, what is taken for what, how sure it was, how periods and
languages were read, how long a question takes, and the errors in full.
"""

import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot import understanding
from bot.i18n import LANGUAGES, Language
from bot.understanding import Period, Question, Topic, examples

FOLDER = Path(__file__).parent / "validation"
TODAY = date(2026, 11, 22)
NAMES: dict[Language, str] = {"uk": "Гнатюк Остап", "en": "Ostap Hnatiuk", "ru": "Остап Гнатюк"}
"""Invented, for the rows in which a name belongs."""


@dataclass(frozen=True)
class Row:
    language: Language
    text: str
    topic: Topic
    style: str
    period: Period | None

    @classmethod
    def read(cls, language: Language, line: str) -> "Row":
        raw: dict[str, Any] = json.loads(line)
        days = raw.get("period")
        period = Period(*map(date.fromisoformat, days)) if days else None
        return cls(
            language, raw["text"].replace("{name}", NAMES[language]), Topic(raw["topic"]), raw["style"], period
        )


def rows() -> list[Row]:
    """Those that do not stand among the examples by chance, as a bare "thank you" does."""
    learnt = {text.casefold() for _, _, text in examples.examples()}
    return [
        row
        for language in LANGUAGES
        for line in (FOLDER / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
        if (row := Row.read(language, line)).text.casefold() not in learnt
    ]


def share(right: int, of: int) -> str:
    return f"{100 * right / of:.1f}" if of else ""


def main() -> None:
    console = Console(width=140, highlight=False)
    asked = rows()
    understanding.warm_up()
    answers: list[tuple[Row, Question]] = []
    seconds: defaultdict[Language, list[float]] = defaultdict(list)
    for row in asked:
        start = time.perf_counter()
        answers.append((row, understanding.read(row.text, TODAY)))
        seconds[row.language].append(time.perf_counter() - start)

    table = Table("topic", *LANGUAGES, "all", title="right, %")
    for topic in [*Topic, None]:
        of = {
            language: [
                question.topic is row.topic
                for row, question in answers
                if row.language == language and topic in (row.topic, None)
            ]
            for language in LANGUAGES
        }
        everyone = [right for rights in of.values() for right in rights]
        cells = [share(sum(rights), len(rights)) for rights in (*of.values(), everyone)]
        table.add_row(topic or "all", *cells, style="bold" if topic is None else "")
    console.print(table)

    for language in LANGUAGES:
        of_language = [(row, question) for row, question in answers if row.language == language]
        languages = sum(question.language == language for _, question in of_language)
        periods = sum(question.period == row.period for row, question in of_language)
        n = len(of_language)
        half, most = (1000 * sorted(seconds[language])[n * percent // 100] for percent in (50, 95))
        console.print(
            f"{language}: language {share(languages, n)} %, period {share(periods, n)} %, of {n}; "
            f"a question takes {half:.1f} ms, at the 95th percentile {most:.1f}"
        )
    taken = sum(q.topic is not Topic.UNKNOWN for r, q in answers if r.topic is Topic.UNKNOWN)
    unknown = sum(r.topic is Topic.UNKNOWN for r in asked)
    console.print(f"unknown taken for a topic: {share(taken, unknown)} %")
    sure: defaultdict[int, list[bool]] = defaultdict(list)
    for row, question in answers:
        sure[min(int(10 * question.confidence), 9)].append(question.topic is row.topic)
    console.print("how often right, by confidence:")
    for tenth, rights in sorted(sure.items()):
        console.print(f"  {tenth / 10:.1f}: {share(sum(rights), len(rights)):>5} % of {len(rights)}")
    confused = Counter((row.topic, question.topic) for row, question in answers if row.topic is not question.topic)
    console.print("most confused:", ", ".join(f"{a} as {b} ({n})" for (a, b), n in confused.most_common(20)))
    if "--errors" in sys.argv:
        for row, question in answers:
            if question.topic is not row.topic:
                said = f"{row.topic} as {question.topic} ({question.confidence:.2f}): {row.text}"
                console.print(row.language, said, markup=False)
        for row, question in answers:
            if question.period != row.period:
                console.print(row.language, f"{row.period} as {question.period}: {row.text}", markup=False)


if __name__ == "__main__":
    main()
