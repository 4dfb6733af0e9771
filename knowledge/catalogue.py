"""The catalogue: every procedure, checked before it is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    schema = _schema("procedure")
    validator = Draft7Validator(_inlined(schema, schema["definitions"]))
    problems: list[Problem] = []
    sound: dict[str, tuple[Located, Procedure]] = {}
    for path in sorted(folder.rglob("*.yml")):
        try:
            file = Located(path)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            problems.append(_unreadable(path, error))
            continue
        wrong = [
            Problem(path, line, f"champ {key} écrit deux fois : le premier serait perdu")
            for key, line in file.repeated_keys()
        ]
        wrong += [
            Problem(path, file.line(where), reason)
            for e in validator.iter_errors(file.data)
            for where, reason in _in_french(e)
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


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Puts definitions where they are referred to: looking them up takes half of the checking."""
    if isinstance(schema, list):
        return [_inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].removeprefix("#/definitions/")], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items()}


def _organisations() -> tuple[dict[str, Organisation], tuple[str, ...]]:
    data = yaml.safe_load((HOME / "organisations.yml").read_text(encoding="utf-8"))
    organisations = {
        key: Organisation(key, value["name"], tuple(value["domains"]))
        for key, value in data["organisations"].items()
    }
    domains = {d for o in organisations.values() for d in o.domains} | set(data["shared_domains"])
    return organisations, tuple(sorted(domains))


def _unreadable(path: Path, error: Exception) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        line = error.object[: error.start].count(b"\n") + 1
        return Problem(path, line, "le fichier n'est pas en UTF-8")
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", ""))
    reason = next((french for english, french in _YAML_MISTAKES.items() if english in said), None)
    advice = reason or "vérifiez l'alignement, les deux-points et les guillemets"
    return Problem(path, mark.line + 1 if mark else 1, f"YAML illisible : {advice}")


_YAML_MISTAKES = {
    "mapping values are not allowed": "un texte qui contient « : » se met entre guillemets",
    "found a tab": "une tabulation ; mettez des espaces",
    "cannot start any token": "une tabulation ou un signe réservé hors des guillemets",
    "found another document": "un seul document par fichier (pas de « --- » au milieu)",
    "found unexpected end of stream": "un guillemet n'est pas fermé",
}
_TYPES = {"string": "un texte entre guillemets", "array": "une liste", "object": "des champs"}


def _in_french(error: Any) -> Iterator[tuple[list[str | int], str]]:
    """Yields where something is wrong and a French sentence that tells what to mend."""
    where = list(error.absolute_path)
    field = "/".join(map(str, where)) or "le fichier"
    expected, given = error.validator_value, error.instance
    if error.validator == "additionalProperties":
        for key in given:
            if key not in error.schema.get("properties", {}):
                yield [*where, key], f"{field} : champ inconnu ({key})"
        return
    messages: dict[str, Callable[[], str]] = {
        "required": lambda: f"champ manquant ({error.message.split(' ')[0]})",
        "dependencies": lambda: f"champ manquant ({', '.join(map(', '.join, expected.values()))})",
        "maxLength": lambda: f"texte trop long ({len(given)} caractères, {expected} au plus)",
        "minLength": lambda: "texte vide ou trop court",
        "enum": lambda: f"valeur inconnue ; attendu : {', '.join(map(str, expected))}",
        "pattern": lambda: f"forme refusée : {given!r}",
        "type": lambda: f"il faut {_TYPES.get(expected, expected)}",
        "minItems": lambda: f"il en faut au moins {expected}",
        "maxItems": lambda: f"il en faut au plus {expected}",
        "minProperties": lambda: f"il en faut au moins {expected}",
    }
    say = messages.get(error.validator)
    yield where, f"{field} : {say() if say else 'valeur refusée par le schéma'}"
