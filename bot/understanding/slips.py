"""What a hurried thumb makes of a text: letters left out, swapped, doubled, or taken from the next key."""

import random
from functools import cache

from bot.i18n import Language
from bot.understanding.lexicon import phrases

OFTEN = 1 / 14
"""Slips a letter: about one in every third word, as in the worst messages."""
LEFT_OUT, SWAPPED, NEXT_KEY = 0.35, 0.3, 0.25
"""Their shares; the rest are doubled."""


def mistyped(text: str, language: Language, dice: random.Random) -> str:
    typed: list[str] = []
    letters = iter(enumerate(text))
    for place, letter in letters:
        following = text[place + 1 : place + 2]
        if not letter.isalpha() or dice.random() >= OFTEN:
            typed.append(letter)
            continue
        (slip,) = dice.choices(
            ("left out", "swapped", "next key", "doubled"),
            (LEFT_OUT, SWAPPED, NEXT_KEY, 1 - LEFT_OUT - SWAPPED - NEXT_KEY),
        )
        if slip == "swapped" and following.isalpha():
            typed += [following, letter]
            next(letters)
        elif slip == "next key":
            typed.append(dice.choice(_neighbours(language).get(letter.lower(), letter)))
        elif slip == "doubled":
            typed += [letter, letter]
    return "".join(typed)


@cache
def _neighbours(language: Language) -> dict[str, str]:
    """The keys around each key; a row lies half a key to the right of the one above."""
    rows = phrases(language)["keyboard"]["rows"]
    around: dict[str, str] = {}
    for number, row in enumerate(rows):
        above = rows[number - 1] if number else ""
        below = rows[number + 1] if number + 1 < len(rows) else ""
        for place, letter in enumerate(row):
            beside = row[max(0, place - 1) : place] + row[place + 1 : place + 2]
            around[letter] = beside + above[place : place + 2] + below[max(0, place - 1) : place + 1]
    return around
