"""What a sentence says of a situation: facts, documents, organisations. Pure.

The words are data, in `entities.yml`. What is read here spares questions: « j'ai perdu mon permis »
answers « perdu, volé ou abîmé ? » before it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.understand import plain

_FILE = Path(__file__).parent / "entities.yml"
# Words between a fact and the document it is about.
NEAR = 8
# « Je n'ai pas perdu », and « je suis perdu », which says nothing of a document.
_NOT_SO = re.compile(
    r"(?:^| )(?:(?:pas?|jamais|rien|ni|aucune?)(?: (?:de|d|ete|encore))?"
    r"|(?:suis|sommes)(?: \w+){0,2})$"
)


@dataclass(frozen=True)
class Entities:
    """What a sentence names; each tuple is sorted.

    Attributes:
        facts: See « fact » in the schema of procedures.
        documents: Ids of `entities.yml`.
        organisations: Ids of `organisations.yml`.
    """

    facts: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


def read(text: str) -> Entities:
    """Reads a sentence."""
    words, lexicon = plain(text), _lexicon()
    return Entities(
        _facts(words, lexicon),
        tuple(sorted(name for name, found in lexicon.documents.items() if found.search(words))),
        tuple(sorted(name for name, found in lexicon.organisations.items() if found.search(words))),
    )


def merged(before: Iterable[str], said: Iterable[str]) -> tuple[str, ...]:
    """Adds facts to those already said; the latest wins over its contrary."""
    kept, said = set(before), set(said)
    for pair in _lexicon().against:
        if len(pair & said) == 1:
            kept -= pair
    return tuple(sorted(kept | said))


def lasting(facts: Iterable[str]) -> tuple[str, ...]:
    """Returns the facts that are true of the person, whatever the procedure."""
    return tuple(sorted(set(facts) & _lexicon().lasting))


@dataclass(frozen=True)
class _Lexicon:
    facts: dict[str, re.Pattern[str]]
    near_document: frozenset[str]
    against: tuple[frozenset[str], ...]
    lasting: frozenset[str]
    documents: dict[str, re.Pattern[str]]
    organisations: dict[str, re.Pattern[str]]
    any_document: re.Pattern[str]


@cache
def _lexicon() -> _Lexicon:
    data: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    documents = data["documents"]
    return _Lexicon(
        facts={name: _any_of(entry["words"]) for name, entry in data["facts"].items()},
        near_document=frozenset(n for n, entry in data["facts"].items() if entry.get("near")),
        against=tuple(map(frozenset, data["against"])),
        lasting=frozenset(data["lasting"]),
        documents={name: _any_of(words) for name, words in documents.items()},
        organisations={name: _any_of(words) for name, words in data["organisations"].items()},
        any_document=_any_of([word for words in documents.values() for word in words]),
    )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(patterns) + r")\b")


def _facts(words: str, lexicon: _Lexicon) -> tuple[str, ...]:
    found = {
        name
        for name, pattern in lexicon.facts.items()
        if any(_holds(name, match, words, lexicon) for match in pattern.finditer(words))
    }
    for pair in lexicon.against:
        if pair <= found:
            found -= pair
    return tuple(sorted(found))


def _holds(name: str, match: re.Match[str], words: str, lexicon: _Lexicon) -> bool:
    before, after = words[: match.start()].rstrip(), words[match.end() :]
    if name not in lexicon.near_document:
        return True
    if _NOT_SO.search(before):
        return False
    around = " ".join((*before.split()[-NEAR:], *after.split()[:NEAR]))
    return bool(lexicon.any_document.search(around))
