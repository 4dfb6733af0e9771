"""Features of a French sentence that survive bad spelling.

Word n-grams, character n-grams inside words (a misspelt word keeps most of them) and the mean of
the spaCy word vectors (for words never seen in training).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, List, Sequence

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

SPACY_MODEL = "fr_core_news_md"
VECTOR_SIZE = 300


def plain(text: str) -> str:
    """Returns lower-case ASCII words; `?` and `!` stay, for they carry meaning."""
    folded = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    return " ".join(re.sub(r"[^a-z0-9?!]+", " ", letters).split())


@lru_cache(maxsize=1)
def vocabulary() -> Any:
    """Loads the tokenizer and the vectors of the French model, and none of its pipes."""
    import spacy

    names = spacy.util.load_config(
        spacy.util.get_package_path(SPACY_MODEL) / _version_folder() / "config.cfg"
    )["nlp"]["pipeline"]
    return spacy.load(SPACY_MODEL, exclude=names)


def _version_folder() -> str:
    import importlib

    meta = importlib.import_module(SPACY_MODEL)
    return f"{SPACY_MODEL}-{meta.__version__}"


class MeanVectors(BaseEstimator, TransformerMixin):
    """Mean of the unit vectors of the words that spaCy knows.

    Args:
        weight: Length given to the mean, against the n-grams' unit length.
    """

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = weight

    def fit(self, texts: Sequence[str], labels: Any = None) -> "MeanVectors":
        """Nothing to learn."""
        return self

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """Returns an array of shape (texts, 300); a row of zeros where no word is known."""
        return np.stack([self._mean(text) for text in texts])

    def _mean(self, text: str) -> np.ndarray:
        known = [
            token.vector / token.vector_norm
            for token in vocabulary().make_doc(text.replace("’", "'"))
            if token.vector_norm > 0 and not token.is_punct
        ]
        if not known:
            return np.zeros(VECTOR_SIZE, dtype=np.float32)
        mean = np.mean(known, axis=0)
        return (self.weight * mean / (np.linalg.norm(mean) or 1.0)).astype(np.float32)


def features(config: dict[str, Any]) -> FeatureUnion:
    """Builds the feature extractor.

    Args:
        config: `word_ngrams` and `char_ngrams` (pairs), `vector_weight` (0 leaves vectors out).
    """
    parts: List[Any] = [
        (
            "words",
            TfidfVectorizer(
                preprocessor=plain,
                token_pattern=r"\S+",  # noqa: S106
                ngram_range=tuple(config["word_ngrams"]),
                sublinear_tf=True,
                dtype=np.float32,
            ),
        ),
        (
            "characters",
            TfidfVectorizer(
                preprocessor=plain,
                analyzer="char_wb",
                ngram_range=tuple(config["char_ngrams"]),
                sublinear_tf=True,
                min_df=2,
                dtype=np.float32,
            ),
        ),
    ]
    if config["vector_weight"]:
        parts.append(("vectors", MeanVectors(config["vector_weight"])))
    return FeatureUnion(parts)
