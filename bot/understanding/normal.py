"""Text as the rest of this room reads it: words, numbers and marks, free of the accidents of a keyboard.

The *key* of a word is cruder than the word: it writes Latin letters in Cyrillic and merges sounds that people
mix up, so that «коли», «колы» and "koly" are one word to a phrase.
"""

import re
import unicodedata

LONGEST = 4096
"""Characters that are read of a text; Telegram sends no more in one message."""

_INVISIBLE = re.compile("[\u00ad\u0300\u0301\u200b-\u200f\u202a-\u202e\u2060-\u2064\ud800-\udfff\ufe0f\ufeff]")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc`\u00b4\u2032]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
# Numbers keep the marks inside them, so that 19.04.2025, 24/7 and 044-390-20-25 arrive whole.
_TOKEN = re.compile(r"\d+(?:[.:/-]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]")

_DIGRAPHS = (("kh", "г"), ("zh", "ж"), ("ch", "ч"), ("sh", "ш"), ("ts", "ц"))
_LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz" + "іїйыэєёґхщюя" + "ьъ'",
    "абцдефггииклмнопкрстуввгиз" + "ииииеееггшуа" + "\0\0\0",
)
_CLUSTERS = (("\0", ""), ("шч", "ш"), ("сч", "ш"), ("тс", "ц"))
_GLIDE = re.compile("и(?=[аоуеи])")
_DOUBLED = re.compile(r"([^\W\d])\1+")


def clean(text: str) -> str:
    """As `tidy`, in lower case."""
    return tidy(text).lower()


def tidy(text: str) -> str:
    """One apostrophe, one dash, no stress marks and nothing invisible; `LONGEST` at most."""
    text = unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST]
    text = _APOSTROPHES.sub("'", _INVISIBLE.sub("", text))
    return _DASHES.sub("-", text)


def tokens(text: str) -> list[str]:
    """The words, numbers and marks of a clean text, in order."""
    return _TOKEN.findall(text)


def key(word: str) -> str:
    """Not cached, which would be faster: names that people write are no business of our memory.

    >>> key("цивільних") == key("tsyvilnykh") == key("цивильных")
    True
    """
    for latin, cyrillic in _DIGRAPHS:
        word = word.replace(latin, cyrillic)
    word = word.translate(_LETTERS)
    for cluster, sound in _CLUSTERS:
        word = word.replace(cluster, sound)
    return _DOUBLED.sub(r"\1", _GLIDE.sub("", word))
