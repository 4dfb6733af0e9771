"""French as people type it, brought to one spelling.

Abbreviations of messages are spelt out; words that sound alike are made one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Dict

import yaml

from knowledge import understand

ABBREVIATIONS = Path(__file__).parent / "sms.yml"


def plain(text: str) -> str:
    """Returns lower-case ASCII words; `?` and `!` stay, for they carry meaning."""
    return understand.plain(text, keep="?!")


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
