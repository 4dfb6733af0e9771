"""The catalogue: every procedure, checked before it is used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from knowledge import checks
from knowledge.located_yaml import Located
from knowledge.model import Procedure, procedure_from

HOME = Path(__file__).parent
PROCEDURES = HOME / "procedures"


@dataclass(frozen=True)
class Problem:
    """Something wrong in a file; a warning does not stop the catalogue."""

    path: Path
    line: int
    reason: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "avertissement" if self.warning else "erreur"
        return f"{self.path}:{self.line}: {kind} : {self.reason}"


class CatalogueError(Exception):
    """The catalogue has errors; `problems` lists them all."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Organisation:
    """A body that owns procedures, and its official domains."""

    id: str
    name: str
    domains: tuple[str, ...]


class Catalogue(Mapping[str, Procedure]):
    """All procedures by id, in the order of their files."""

    def __init__(
        self, procedures: Iterable[Procedure], organisations: Mapping[str, Organisation]
    ) -> None:
        self._procedures = {procedure.id: procedure for procedure in procedures}
        self.organisations = organisations

    def __getitem__(self, procedure_id: str) -> Procedure:
        return self._procedures[procedure_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._procedures)

    def __len__(self) -> int:
        return len(self._procedures)

    def for_audience(self, audience: str) -> list[Procedure]:
        """Returns the procedures written for this audience."""
        return [p for p in self._procedures.values() if p.audience == audience]

    def related(self, procedure: Procedure) -> list[Procedure]:
        """Returns the related procedures that are written."""
        return [self._procedures[i] for i in procedure.related if i in self._procedures]


def load(folder: Path = PROCEDURES) -> Catalogue:
    """Loads and checks every procedure.

    Args:
        folder: Where the YAML files are, in any depth.

    Raises:
        CatalogueError: A file is wrong.
    """
    catalogue, problems = inspect(folder)
    errors = [problem for problem in problems if not problem.warning]
    if errors:
        raise CatalogueError(errors)
    return catalogue


def inspect(folder: Path = PROCEDURES) -> tuple[Catalogue, list[Problem]]:
    """Loads what can be loaded and returns every problem with its file and line."""
    organisations, allowed = _organisations()
    validator = Draft7Validator(_schema("procedure"))
    problems: list[Problem] = []
    sound: dict[str, tuple[Located, Procedure]] = {}
    for path in sorted(folder.rglob("*.yml")):
        try:
            file = Located(path)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or str(error)
            problems.append(Problem(path, mark.line + 1 if mark else 1, f"YAML illisible ({reason})"))
            continue
        wrong = [
            Problem(path, file.line(list(e.absolute_path)), _in_french(e))
            for e in validator.iter_errors(file.data)
        ]
        problems += wrong
        if wrong:
            continue
        procedure = procedure_from(file.data)
        if procedure.id in sound:
            other = sound[procedure.id][0].path
            problems.append(Problem(path, file.line(["id"]), f"l'id existe déjà dans {other}"))
            continue
        sound[procedure.id] = (file, procedure)
    for file, procedure in sound.values():
        for finding in checks.check(procedure, file.path.stem, organisations, allowed):
            problems.append(
                Problem(file.path, file.line(finding.where), finding.reason, finding.warning)
            )
    return Catalogue((procedure for _, procedure in sound.values()), organisations), problems


def _schema(name: str) -> dict[str, Any]:
    text = (HOME / "schema" / f"{name}.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _organisations() -> tuple[dict[str, Organisation], tuple[str, ...]]:
    data = yaml.safe_load((HOME / "organisations.yml").read_text(encoding="utf-8"))
    organisations = {
        key: Organisation(key, value["name"], tuple(value["domains"]))
        for key, value in data["organisations"].items()
    }
    domains = {d for o in organisations.values() for d in o.domains} | set(data["shared_domains"])
    return organisations, tuple(sorted(domains))


def _in_french(error: Any) -> str:
    """Says what jsonschema found, in a French sentence that tells what to mend."""
    field = "/".join(map(str, error.absolute_path)) or "le fichier"
    expected = error.validator_value
    messages = {
        "required": lambda: f"champ manquant ({error.message.split(' ')[0]})",
        "additionalProperties": lambda: f"champ inconnu ({error.message})",
        "maxLength": lambda: f"texte trop long ({len(error.instance)} caractères, {expected} au plus)",
        "minLength": lambda: "texte vide ou trop court",
        "enum": lambda: f"valeur inconnue ; attendu : {', '.join(map(str, expected))}",
        "pattern": lambda: f"forme refusée : {error.instance!r}",
        "type": lambda: f"le type attendu est {expected}",
        "minItems": lambda: f"il en faut au moins {expected}",
        "maxItems": lambda: f"il en faut au plus {expected}",
    }
    say = messages.get(error.validator)
    return f"{field} : {say() if say else error.message}"
