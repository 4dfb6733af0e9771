"""The glossary: what a word means, in plain words, asked at any moment. Pure.

A question about a word is recognised by its form (« c'est quoi … ? », « que veut dire … ? ») and by
the word being known; anything else is left to the rest of the guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from knowledge.model import Source
from knowledge.understand import plain

_HOME = Path(__file__).parent
FILE = _HOME / "glossary.yml"
_SCHEMA = _HOME / "schema" / "glossary.schema.json"
# How alike a misspelt word must be to a known one, from 0 to 1, and the shortest that is compared.
LIKENESS = 0.84
SHORTEST_MISSPELT = 5

_ARTICLES = (
    r"(?:(?:le|la|les|l|un|une|des|du|de|d|mon|ma|mes|ce|cette|ces|mot|terme|sigle|leur|son|sa)\s)*"
)
_WHAT = r"(?:c\s?est|cest|sest|ses|c|ce)\s(?:quoi|koi|quoua)"
_MEANS = r"(?:veut|veulent|veu|signifie|signifient)(?:\sdire)?"
_ASKED = [
    re.compile(pattern)
    for pattern in (
        rf"\b{_WHAT}(?:\sau juste|\sexactement|\sdeja|\sca|\sdonc)?\s{_ARTICLES}(?P<word>.+)$",
        rf"\b(?:qu\s?est\sce\s(?:que|qu|k)|keske|kesk|qu est ce)\s(?:c\s?est|ca\s{_MEANS}|{_MEANS})"
        rf"(?:\sque)?\s{_ARTICLES}(?P<word>.+)$",
        rf"\bqu\s?est\sce\squ(?:e|\sun|\sune)\s{_ARTICLES}(?P<word>.+)$",
        rf"\b(?:que|ca|k)\s{_MEANS}(?:\squoi)?\s{_ARTICLES}(?P<word>.+)$",
        rf"\b(?:definition|explication|sens|signification)\s{_ARTICLES}(?P<word>.+)$",
        rf"\b(?:comprends?|connais|sais)\spas?\s(?:ce\sque\s{_MEANS}|ce\sque\sc\s?est(?:\sque)?)"
        rf"\s{_ARTICLES}(?P<word>.+)$",
        rf"^{_ARTICLES}(?P<word>.+?)\s(?:{_WHAT}|(?:ca\s)?{_MEANS}\squoi|kesako|keseko)\b",
    )
]
_AFTER = re.compile(
    r"\s(?:svp|s il (?:vous|te) plait|stp|merci|exactement|au juste|deja|en fait|hein|dans|sur|pour"
    r"|qu|que|quand|et|en francais|ca)\b.*$"
)


@dataclass(frozen=True)
class Term:
    """A word and its meaning.

    Attributes:
        id: Its id in the file.
        name: As it is written.
        also: Acronyms, long forms, everyday and former names.
        text: What it means, in plain words.
        see: Id of the procedure that serves this need, or None.
        source: The official definition, or None.
    """

    id: str
    name: str
    also: tuple[str, ...]
    text: str
    see: str | None
    source: Source | None


class Glossary(Mapping[str, Term]):
    """All terms by id."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms = {term.id: term for term in terms}
        self._names = {
            plain(name): term for term in self._terms.values() for name in (term.name, *term.also)
        }

    def __getitem__(self, term_id: str) -> Term:
        return self._terms[term_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def asked(self, text: str) -> Term | None:
        """Returns the term whose meaning a sentence asks for, or None when it asks for none."""
        words = plain(text)
        for pattern in _ASKED:
            found = pattern.search(words)
            if found and (term := self.named(found["word"])):
                return term
        return None

    def named(self, name: str) -> Term | None:
        """Returns the term that has this name, whole or at its start, or nearly so; else None."""
        whole = plain(name)
        for words in dict.fromkeys((whole, _AFTER.sub("", whole))):
            for known in (words, words.rstrip("s"), words + "s"):
                if known in self._names:
                    return self._names[known]
        short = _AFTER.sub("", whole)
        if len(short) >= SHORTEST_MISSPELT:
            alike = get_close_matches(short, self._names, n=1, cutoff=LIKENESS)
            return self._names[alike[0]] if alike else None
        return None


def load(path: Path = FILE) -> Glossary:
    """Reads the glossary.

    Args:
        path: Its file.

    Raises:
        ValueError: The file is not sound; the message lists what is wrong.
    """
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
    problems = list(check(data))
    if problems:
        raise ValueError("\n".join(f"{path}: {problem}" for problem in problems))
    return Glossary(map(_term, data))


def inspect(procedures: Container[str], path: Path = FILE) -> Iterator[str]:
    """Yields what is wrong in the glossary, in French.

    Args:
        procedures: Ids that `see` may name.
        path: Its file.
    """
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe one
    problems = list(check(data))
    yield from problems
    for entry in data if not problems else ():
        if entry.get("see") and entry["see"] not in procedures:
            yield f"{entry['id']} : démarche inconnue : {entry['see']}"


def check(data: Any) -> Iterator[str]:
    """Yields what is wrong in the content of a glossary, in French."""
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    errors = list(Draft7Validator(schema).iter_errors(data))
    for error in errors:
        where = "/".join(map(str, error.absolute_path))
        yield f"{where} : {error.message}"
    if errors:
        return
    owners: dict[str, str] = {}
    ids: set[str] = set()
    for entry in data:
        if entry["id"] in ids:
            yield f"{entry['id']} : en double"
        ids.add(entry["id"])
        for name in {plain(name) for name in (entry["term"], *entry.get("also", ()))}:
            if owners.setdefault(name, entry["id"]) != entry["id"]:
                yield f"« {name} » nomme {owners[name]} et {entry['id']}"


def _term(entry: Mapping[str, Any]) -> Term:
    source = entry.get("source")
    return Term(
        entry["id"],
        entry["term"],
        tuple(entry.get("also", ())),
        entry["text"].strip(),
        entry.get("see"),
        Source(source["label"], source["url"], source["checked_on"]) if source else None,
    )


# The C reader is ten times as quick; the file has hundreds of entries.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
