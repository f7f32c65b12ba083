"""A text as numbers: how often its words, pairs, pieces and stems of words occur, by hashed name.

Training and answering share this file. It needs numpy alone, so that the product does not carry a training
library; hashing needs no vocabulary, so that the model is a few megabytes.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

PIECES = 1 << 19
WORDS = 1 << 18
STEMS = 1 << 17
SIZE = PIECES + WORDS + STEMS
_BLOCKS = ((0, PIECES), (PIECES, PIECES + WORDS), (PIECES + WORDS, SIZE))
SHORTEST_PIECE, LONGEST_PIECE = 2, 5
MOST_WORDS = 400
"""What is said later in a text tells little more, and would only cost time."""


def counts(words: Sequence[str], stems: Sequence[str] = ()) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The features of a text, without repeats, and how often each occurs: first pieces, then words, then stems."""
    words = ["0" if word[0].isdigit() else word for word in words[:MOST_WORDS]]
    found = Counter(zlib.crc32(piece) % PIECES for word in words for piece in _pieces(word))
    pairs = (f"{first} {second}" for first, second in pairwise(("", *words, "")))
    found.update(PIECES + zlib.crc32(name.encode()) % WORDS for name in (*words, *pairs))
    stems = stems[:MOST_WORDS]
    pairs = (f"{first} {second}" for first, second in pairwise(stems))
    found.update(PIECES + WORDS + zlib.crc32(name.encode()) % STEMS for name in (*stems, *pairs))
    features = np.fromiter(found.keys(), np.int32, len(found))
    times = np.fromiter(found.values(), np.float32, len(found))
    return features, times


def _pieces(word: str) -> list[bytes]:
    """With its ends marked, so that a piece knows whether it begins or ends the word."""
    marked = f" {word} ".encode("utf-32-le")
    length = len(marked) // 4
    return [
        marked[4 * start : 4 * (start + size)]
        for size in range(SHORTEST_PIECE, min(LONGEST_PIECE, length) + 1)
        for start in range(length - size + 1)
    ]


def weigh(
    features: NDArray[np.int32], times: NDArray[np.float32], rarity: NDArray[np.float32]
) -> NDArray[np.float32]:
    """How much each feature says: rare ones more, repeated ones little more; pieces, words and stems on a par."""
    said = (1 + np.log(times)) * rarity[features]
    for start, end in _BLOCKS:
        block = (start <= features) & (features < end)
        length = np.linalg.norm(said[block])
        if length:
            said[block] /= length
    return said.astype(np.float32)
