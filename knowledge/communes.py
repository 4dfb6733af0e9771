"""The communes of France, by name or postcode. Pure.

The list is `communes.tsv`, written by `scripts/communes.py` from the Code officiel géographique.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.understand import plain

_FILE = Path(__file__).parent / "communes.tsv"
MOST_WORDS = 8
# What comes before the name of a place. Many communes bear the name of a common word (Y, Sens,
# Bains, Dole): a name alone is not enough.
_CUE = re.compile(
    r"\b(?:mairie|ville|commune|habite|habitons|vis|vivons|demenage|demenager|installe|installer"
    r"|domicilie|domiciliee|ne|nee)\s(?:au|aux|a|de|d|du|des|la|le|les|l|sur|dans|en)\s"
)


@dataclass(frozen=True)
class Commune:
    """A commune: its INSEE code and name."""

    insee: str
    name: str


def named(text: str) -> Commune | None:
    """Returns the commune that a sentence names, by its postcode or its name; None when unsure.

    Of several communes with the same name, the most populated one is meant, unless a postcode
    says otherwise.
    """
    words = plain(text)
    by_name, by_postcode = _index()
    near = [commune for code in re.findall(r"\b\d{5}\b", words) for commune in by_postcode[code]]
    for cue in _CUE.finditer(words):
        following = words[cue.end() :].split()[:MOST_WORDS]
        for length in range(len(following), 0, -1):
            found = by_name.get(_name(" ".join(following[:length])), ())
            if found:
                return next((commune for commune in found if commune in near), found[0])
    if near:
        said = [commune for commune in near if f" {_name(commune.name)} " in f" {words} "]
        # Paris, Lyon and Marseille share each postcode with one of their arrondissements.
        return max(said, key=lambda c: len(c.name)) if said else _one_of(near)
    return None


def _one_of(near: list[Commune]) -> Commune | None:
    town, *others = sorted(near, key=lambda commune: len(commune.name))
    if not others:
        return town
    arrondissement = len(others) == 1 and others[0].name.startswith(f"{town.name} ")
    return others[0] if arrondissement else None


def by_insee(code: str) -> Commune | None:
    """Returns the commune with this INSEE code, or None."""
    return _by_insee().get(code)


def _name(name: str) -> str:
    """Returns a name as it is compared: without its article, « saint » written whole."""
    words = [{"st": "saint", "ste": "sainte"}.get(word, word) for word in plain(name).split()]
    if len(words) > 1 and words[0] in ("le", "la", "les", "l"):
        words = words[1:]
    return " ".join(words)


@cache
def _rows() -> tuple[tuple[Commune, tuple[str, ...], int], ...]:
    rows = []
    for line in _FILE.read_text(encoding="utf-8").splitlines()[1:]:
        insee, name, postcodes, population = line.split("\t")
        rows.append((Commune(insee, name), tuple(postcodes.split()), int(population or 0)))
    return tuple(rows)


@cache
def _by_insee() -> dict[str, Commune]:
    return {commune.insee: commune for commune, _, _ in _rows()}


@cache
def _index() -> tuple[dict[str, tuple[Commune, ...]], defaultdict[str, list[Commune]]]:
    names: defaultdict[str, list[tuple[int, Commune]]] = defaultdict(list)
    postcodes: defaultdict[str, list[Commune]] = defaultdict(list)
    for commune, codes, population in _rows():
        names[_name(commune.name)].append((population, commune))
        for code in codes:
            postcodes[code].append(commune)
    ordered = {
        name: tuple(commune for _, commune in sorted(found, key=lambda pair: -pair[0]))
        for name, found in names.items()
    }
    return ordered, postcodes
