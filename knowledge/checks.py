"""What a schema cannot say: that every step can be reached, and every fact has a fresh source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from knowledge.model import END, Condition, Procedure

STALE_AFTER_DAYS = 365


@dataclass(frozen=True)
class Finding:
    """A problem inside one procedure; `where` is its path of keys and indices in the YAML."""

    where: Sequence[str | int]
    reason: str
    warning: bool = False


def check(
    procedure: Procedure,
    stem: str,
    organisations: Mapping[str, Any],
    allowed_domains: Sequence[str],
    today: date | None = None,
) -> list[Finding]:
    """Returns what is wrong in one procedure.

    Args:
        procedure: The procedure, sound by the schema.
        stem: Name of its file, without the ending.
        organisations: The known organisations by id.
        allowed_domains: Links must be on one of these or below.
        today: The day to measure the age of sources from; now by default.
    """
    findings = []
    if procedure.id != stem:
        findings.append(Finding(["id"], f"le fichier doit s'appeler {procedure.id}.yml"))
    if procedure.organisation not in organisations:
        findings.append(Finding(["organisation"], "organisme absent de organisations.yml"))
    findings += _steps(procedure)
    findings += _conditions(procedure)
    findings += _links(procedure, allowed_domains)
    findings += _sources(procedure, today or datetime.now(timezone.utc).date())
    return findings


def _steps(procedure: Procedure) -> Iterator[Finding]:
    ids = [step.id for step in procedure.steps]
    for place, step in enumerate(procedure.steps):
        here: list[str | int] = ["steps", place]
        if step.id == END or ids.index(step.id) != place:
            yield Finding([*here, "id"], f"étape {step.id} en double ou réservée")
        choice_ids = [choice.id for choice in step.choices]
        for rank, choice in enumerate(step.choices):
            if choice_ids.index(choice.id) != rank:
                yield Finding([*here, "choices", rank], f"choix {choice.id} en double")
            if choice.next and choice.next not in (*ids, END):
                yield Finding([*here, "choices", rank, "next"], f"étape inconnue : {choice.next}")
        told = [fact for choice in step.choices for fact in choice.facts]
        for fact in sorted({fact for fact in told if told.count(fact) > 1}):
            yield Finding([*here, "choices"], f"le fait {fact} est dans deux choix")
        if step.next and step.next not in (*ids, END):
            yield Finding([*here, "next"], f"étape inconnue : {step.next}")
    for place in _turning(procedure):
        name = procedure.steps[place].id
        yield Finding(["steps", place], f"un chemin ramène à l'étape {name}")
    reached = _reached(procedure)
    for place, step in enumerate(procedure.steps):
        if place not in reached:
            yield Finding(["steps", place], f"aucun chemin ne mène à l'étape {step.id}")


def _reached(procedure: Procedure) -> set[int]:
    """Returns the places that some answers lead to; conditions may hold or not."""
    following = _following(procedure)
    return {0} | _beyond(following, 0)


def _turning(procedure: Procedure) -> list[int]:
    """Returns the places that some answers lead back to: a walk must always end."""
    following = _following(procedure)
    return [place for place in following if place in _beyond(following, place)]


def _beyond(following: Mapping[int, set[int]], start: int) -> set[int]:
    found: set[int] = set()
    todo = list(following[start])
    while todo:
        place = todo.pop()
        if place not in found:
            found.add(place)
            todo += following[place]
    return found


def _following(procedure: Procedure) -> dict[int, set[int]]:
    """Returns the places that can come right after each place."""
    places = {step.id: place for place, step in enumerate(procedure.steps)}
    following = {}
    for place, step in enumerate(procedure.steps):
        targets = [choice.next or step.next for choice in step.choices] or [step.next]
        if step.condition:
            targets.append(None)
        after = {place + 1 if t is None else places[t] for t in targets if t is None or t in places}
        following[place] = after - {len(procedure.steps)}
    return following


def _conditions(procedure: Procedure) -> Iterator[Finding]:
    choices = {step.id: {choice.id for choice in step.choices} for step in procedure.steps}

    def unknown(condition: Condition | None, where: list[str | int]) -> Iterator[Finding]:
        for step_id, accepted in (condition or {}).items():
            for choice_id in accepted:
                if choice_id not in choices.get(step_id, ()):
                    yield Finding(where, f"condition inconnue : {step_id} = {choice_id}")

    for place, document in enumerate(procedure.documents):
        yield from unknown(document.condition, ["documents", place, "if"])
    for place, step in enumerate(procedure.steps):
        yield from unknown(step.condition, ["steps", place, "if"])


def _links(procedure: Procedure, allowed: Sequence[str]) -> Iterator[Finding]:
    found: list[tuple[list[str | int], str]] = [
        (["sources", place, "url"], source.url) for place, source in enumerate(procedure.sources)
    ]
    found += [
        (["steps", place, "link", "url"], step.link.url)
        for place, step in enumerate(procedure.steps)
        if step.link
    ]
    if procedure.where_link:
        found.append((["where", "link", "url"], procedure.where_link.url))
    for where, url in found:
        host = _host(url)
        if not any(host == domain or host.endswith(f".{domain}") for domain in allowed):
            yield Finding(where, f"lien hors des domaines officiels : {url}")


def _host(url: str) -> str:
    """Returns the host that a browser goes to, or nothing for an address that hides it."""
    # Browsers read a backslash as a slash, and what stands before an @ is not the host.
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return "" if "\\" in url or "@" in parts.netloc else parts.hostname or ""


def _sources(procedure: Procedure, today: date) -> Iterator[Finding]:
    for place, source in enumerate(procedure.sources):
        where: list[str | int] = ["sources", place, "checked_on"]
        try:
            age = (today - date.fromisoformat(source.checked_on)).days
        except ValueError:
            yield Finding(where, f"date impossible : {source.checked_on}")
            continue
        if age < -1:
            yield Finding(where, f"date dans le futur : {source.checked_on}")
        elif age > STALE_AFTER_DAYS:
            yield Finding(where, f"source vérifiée il y a {age} jours : à relire", warning=True)
