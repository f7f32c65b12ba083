"""Stems back into words: as the record and the posts write them, never as somebody typed them."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from bot.answers.facts import Record
from bot.i18n import Language
from bot.search.words import stems_of_entry
from bot.understanding.normal import tidy, tokens
from models.base import Wording
from models.desk import PostRevision


class Spelling:
    """Of one language."""

    def __init__(self, record: Record, posts: Iterable[PostRevision], language: Language) -> None:
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        texts = [wording.texts.get(language, "") for wording in _wordings(record)]
        texts += [post.texts.get(language, "") for post in posts if not post.withdraws]
        for text in texts:
            for word in tokens(tidy(text)):
                for stem in stems_of_entry(word):
                    found[stem][word] += 1
        # The shortest: of a name that is nearly always the nominative.
        self._words = {
            stem: min(words, key=lambda word: (len(word), -words[word])) for stem, words in found.items()
        }
        self._stems = sorted(self._words)

    def word(self, stem: str) -> str | None:
        """The one with this stem, or else the first one that begins with it."""
        place = bisect_left(self._stems, stem)
        nearest = self._stems[place] if place < len(self._stems) else ""
        return self._words[nearest] if nearest.startswith(stem) else None


def _wordings(record: Record) -> Iterator[Wording]:
    for claim in record.claims:
        named = (claim.speaker, claim.role, claim.gist, *claim.categories, *claim.mediators, *claim.relayed_by)
        yield from (each for each in named if each)
    for exchange in record.exchanges:
        places = [handover.place for handover in exchange.handovers]
        yield from (each for each in (exchange.name, *places) if each)
    for talks in record.rounds:
        yield from (each for each in (talks.name, talks.place) if each)
