"""What a masked identifier is replaced by, and the text as the searches read it.

While a text is being masked, an identifier already found is one private-use character: no search
can take a word of a label (« numéro fiscal », « mot de passe ») for the start of something else,
and masking a masked text changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

LABELS = {
    "nir": "[numéro de sécurité sociale masqué]",
    "iban": "[IBAN masqué]",
    "card": "[numéro de carte masqué]",
    "phone": "[téléphone masqué]",
    "email": "[adresse mail masquée]",
    "fiscal": "[numéro fiscal masqué]",
    "access": "[numéro d'accès masqué]",
    "caf": "[numéro CAF masqué]",
    "login": "[identifiant masqué]",
    "password": "[mot de passe masqué]",
    "code": "[code masqué]",
}
_FIRST = 0xE000
MARKS = {kind: chr(_FIRST + rank) for rank, kind in enumerate(LABELS)}
ANY_MARK = f"[{chr(_FIRST)}-{chr(_FIRST + len(LABELS) - 1)}]"
_KIND_OF_LABEL = {text: kind for kind, text in LABELS.items()}
_LABEL = re.compile("|".join(map(re.escape, LABELS.values())))
_MARK = re.compile(ANY_MARK)
_KIND_OF_MARK = {mark: kind for kind, mark in MARKS.items()}
# Private-use characters would be taken for marks; the others are invisible and cut numbers in two
# (a number pasted from a phone's address book is wrapped in direction marks).
_UNWANTED = re.compile("[\ue000-\uf8ff\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FOLDED = {
    **dict.fromkeys("’‘ʼ`´", "'"),
    **dict.fromkeys("\t\u00a0\u2007\u2009\u202f", " "),
    **dict.fromkeys("–—‑−", "-"),
    **dict.fromkeys("“”„", '"'),
    "＠": "@",
    "：": ":",
}


class Span(NamedTuple):
    """A piece of text to mask."""

    begin: int
    end: int
    kind: str


def to_marks(text: str) -> str:
    """Returns the text without invisible characters, its labels turned into marks."""
    text = _UNWANTED.sub("", text)
    return _LABEL.sub(lambda match: MARKS[_KIND_OF_LABEL[match[0]]], text)


def to_labels(text: str) -> str:
    """Returns the text with its marks turned into labels."""
    return _MARK.sub(lambda match: LABELS[_KIND_OF_MARK[match[0]]], text)


def put_marks(text: str, spans: list[Span]) -> str:
    """Returns the text with each span replaced by its mark; of two that overlap, the first."""
    pieces: list[str] = []
    done = 0
    for span in sorted(spans):
        if span.begin < done:
            continue
        pieces += (text[done : span.begin], MARKS[span.kind])
        done = span.end
    pieces.append(text[done:])
    return "".join(pieces)


def fold(text: str) -> str:
    """Returns the text in lower case, without accents, with plain spaces, quotes and digits.

    Its length is the text's: a place found in one is the same place in the other.
    """
    return "".join(map(_fold, text))


@cache
def _fold(character: str) -> str:
    if character in _FOLDED:
        return _FOLDED[character]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character
