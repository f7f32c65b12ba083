"""The examples of `phrases/*.txt`: how people ask, topic by topic, one a line."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

from bot.i18n import LANGUAGES, Language
from bot.understanding.lexicon import phrases
from bot.understanding.question import Topic

FOLDER = Path(__file__).parent / "phrases"
NAME = "{name}"
_HEADING = re.compile(r"\[(\w+)\]")


def examples() -> Iterator[tuple[Language, Topic, str]]:
    """All of them. Where a person's name belongs, `{name}` stands, and any common name is put there."""
    for language in LANGUAGES:
        names = phrases(language)["names"]
        dice = random.Random(language)  # noqa: S311 - examples, not secrets
        topic = Topic.UNKNOWN
        for line in (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines():
            if heading := _HEADING.fullmatch(line):
                topic = Topic(heading[1])
            elif line and not line.startswith("#"):
                person = f"{dice.choice(names['last'])} {dice.choice(names['first'])}"
                yield language, topic, line.replace(NAME, person)
