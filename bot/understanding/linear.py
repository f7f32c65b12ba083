"""A linear model kept in a few megabytes: what each feature says for each of the labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.understanding import features

FILE = Path(__file__).parent / "model.npz"


@dataclass(frozen=True, slots=True)
class Linear:
    weights: NDArray[np.int8]
    """A row for each feature, a column for each label, in steps of `step`."""
    step: NDArray[np.float32]
    bias: NDArray[np.float32]
    rarity: NDArray[np.float32]

    @classmethod
    def load(cls, name: str) -> "Linear":
        with np.load(FILE) as kept:
            part = {field: kept[f"{name}_{field}"] for field in cls.__slots__}
        return cls(**{**part, "rarity": part["rarity"].astype(np.float32)})

    def as_arrays(self, name: str) -> Mapping[str, NDArray[np.generic]]:
        return {f"{name}_{field}": getattr(self, field) for field in self.__slots__}

    def margins(self, words: Sequence[str], stems: Sequence[str] = ()) -> NDArray[np.float32]:
        """How much the words speak for each label; above zero means rather yes."""
        names, times = features.counts(words, stems)
        said = features.weigh(names, times, self.rarity)
        return np.asarray(said @ self.weights[names] * self.step + self.bias, np.float32)
