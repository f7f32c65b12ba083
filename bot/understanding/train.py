"""Learns from the examples what a text asks about: `make model`.

The same examples give the same model: the order is fixed, and so is every seed.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from bot.i18n import LANGUAGES, Language
from bot.understanding import examples, features, language, linear, normal, period, slips, spans, topic
from bot.understanding.linear import Linear
from bot.understanding.question import Topic

ANY_DAY = date(2026, 11, 22)
"""That the examples are read on: which day "yesterday" was makes no difference."""
STRICTNESS = 0.5
"""The C of the support vector machine; chosen in `make eval`."""


LEARNT_WITH = (examples, features, language, normal, period, slips, spans, topic)


def fingerprint() -> str:
    """Of everything that the model depends on."""
    sources = [Path(__file__), *(Path(module.__file__ or "") for module in LEARNT_WITH)]
    for code in LANGUAGES:
        sources += [examples.FOLDER / f"{code}.txt", examples.FOLDER / f"{code}.toml"]
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def matrix(texts: Sequence[Sequence[str]]) -> csr_matrix:
    """One row of counts for each text, given as its words."""
    rows = [features.counts(words) for words in texts]
    starts = np.cumsum([0, *(len(names) for names, _ in rows)])
    names = np.concatenate([names for names, _ in rows])
    times = np.concatenate([times for _, times in rows])
    return csr_matrix((times, names, starts), shape=(len(texts), features.SIZE))


def rarity_of(counted: csr_matrix) -> NDArray[np.float32]:
    """What a feature is worth by how few texts have it; nothing if it is a piece that one text alone has."""
    texts_with = np.bincount(counted.indices, minlength=features.SIZE)
    rarity = np.log((1 + counted.shape[0]) / (1 + texts_with)) + 1
    rarity[(np.arange(features.SIZE) < features.PIECES) & (texts_with < 2)] = 0
    return np.asarray(rarity, np.float32)


def weighed(counted: csr_matrix, rarity: NDArray[np.float32]) -> csr_matrix:
    said = np.concatenate(
        [
            features.weigh(counted.indices[start:end], counted.data[start:end], rarity)
            for start, end in zip(counted.indptr, counted.indptr[1:], strict=False)
        ]
    )
    return csr_matrix((said, counted.indices, counted.indptr), shape=counted.shape)


def learn(texts: Sequence[Sequence[str]], labels: Sequence[int]) -> Linear:
    counted = matrix(texts)
    # Half precision halves the file; the model must learn with what it will be asked with.
    rarity = rarity_of(counted).astype(np.float16).astype(np.float32)
    machine = LinearSVC(C=STRICTNESS, random_state=0)
    machine.fit(weighed(counted, rarity), labels)
    weights = machine.coef_.astype(np.float32)
    # Eight bits are as good as thirty-two: what matters is the sum over hundreds of features.
    step = np.abs(weights).max(axis=1, keepdims=True) / 127
    return Linear(
        weights=np.round(weights / step).astype(np.int8).T.copy(),
        step=step[:, 0],
        bias=machine.intercept_.astype(np.float32),
        rarity=rarity.astype(np.float16),
    )


def examples_and_slips() -> Iterator[tuple[Language, Topic, str]]:
    """Every example as it is written, and once more as a hurried thumb would type it."""
    dice = random.Random(0)  # noqa: S311 - examples, not secrets
    for code, subject, text in examples.examples():
        yield code, subject, text
        yield code, subject, slips.mistyped(text, code, dice)


def main() -> None:
    rows = list(examples_and_slips())
    texts = [normal.tokens(normal.clean(text)) for _, _, text in rows]
    topics = learn(
        [
            topic.spelled(words, period.find(words, ANY_DAY, code))
            for words, (code, _, _) in zip(texts, rows, strict=True)
        ],
        [list(Topic).index(subject) for _, subject, _ in rows],
    )
    languages = learn(
        [language.spelled(words) for words in texts], [LANGUAGES.index(written_in) for written_in, _, _ in rows]
    )
    arrays: dict[str, Any] = {**topics.as_arrays("topic"), **languages.as_arrays("language")}
    np.savez_compressed(linear.FILE, fingerprint=np.array(fingerprint()), **arrays)
    print(f"{len(rows) // 2} examples, {linear.FILE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
