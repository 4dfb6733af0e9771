"""What the kernel's tests are built from: a small procedure, every moment of the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge import catalogue, walk
from knowledge.catalogue import Catalogue, Problem
from knowledge.guide import Guide, Turn
from knowledge.model import Procedure, procedure_from
from knowledge.reply import RESUME_CODE, Reply, State
from knowledge.walk import Position

TODAY = datetime.now(timezone.utc).date()
CODE = RESUME_CODE


def days_ago(days: int) -> str:
    """Returns an ISO date."""
    day: date = TODAY - timedelta(days=days)
    return day.isoformat()


def step(step_id: str, **more: Any) -> dict[str, Any]:
    """Returns a sound action step."""
    return {
        "id": step_id,
        "text": f"Faites l'action {step_id} maintenant.",
        "simple": f"Plus simplement : {step_id}.",
        "screen": "Un bouton en bas de la page.",
        "stuck": [{"when": "Je ne vois pas le bouton", "help": "Descendez dans la page."}],
    } | more


def small(**changes: Any) -> dict[str, Any]:
    """Returns a sound procedure of six steps, two of them questions, with a condition of each kind.

    The way: `qui` → (enfant: `enfant`) → `papiers` → (oui: `relire`) → `envoyer`, then the end.
    """
    data: dict[str, Any] = {
        "id": "essai",
        "title": "Une démarche d'essai",
        "label": "Faire un essai",
        "audience": "resident",
        "organisation": "caf",
        "summary": "Une démarche qui sert à essayer.",
        "documents": [
            {"text": "Votre pièce d'identité"},
            {"text": "Le livret de famille", "if": {"qui": ["enfant"]}, "case": "si mineur"},
            {"text": "Une preuve", "if": {"qui": ["adulte"], "papiers": ["non"]}, "case": "sinon"},
        ],
        "cost": "C'est gratuit, toujours.",
        "delay": "Comptez dix minutes.",
        "missed": "Faites-la quand même.",
        "steps": [
            step(
                "qui",
                choices=[
                    {"id": "adulte", "label": "Pour moi", "next": "papiers", "says": ["moi-même"]},
                    {"id": "enfant", "label": "Pour un enfant", "says": ["mon fils"]},
                ],
            ),
            step("enfant"),
            step(
                "papiers",
                choices=[
                    {"id": "oui", "label": "Oui, tous", "act": "affirm", "says": ["je les ai"]},
                    {"id": "non", "label": "Non, pas tous", "act": "deny", "next": "envoyer"},
                ],
            ),
            step("relire", **{"if": {"papiers": ["oui"]}}),
            step("pour-enfant", **{"if": {"qui": ["enfant"], "papiers": ["oui"]}}),
            step("envoyer", next="end", link={"label": "Ouvrir", "url": "https://www.caf.fr/"}),
        ],
        "after": "La réponse arrive par courrier.",
        "beware": ["Des sites payants imitent le vrai site."],
        "where": {"text": "À l'accueil, sur rendez-vous."},
        "human": {"when": "Quand rien ne va plus.", "bring": ["Votre pièce d'identité"]},
        "related": [],
        "sources": [{"label": "caf.fr", "url": "https://www.caf.fr/", "checked_on": days_ago(1)}],
    }
    return data | changes


def with_step(place: int, **changes: Any) -> dict[str, Any]:
    """Returns the small procedure with one step changed."""
    data = small()
    data["steps"][place] |= changes
    return data


def write(folder: Path, data: Any, name: str = "essai.yml") -> Path:
    """Writes a procedure, or a text as it is."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path) -> list[Problem]:
    """Returns what the catalogue says of a folder."""
    return catalogue.inspect(folder)[1]


def small_procedure(**changes: Any) -> Procedure:
    """Returns the small procedure, built."""
    return procedure_from(small(**changes))


@cache
def real() -> Catalogue:
    """Returns the real catalogue."""
    return catalogue.load()


@cache
def guide() -> Guide:
    """Returns the guide over the real catalogue."""
    return Guide(real())


def positions(procedure: Procedure) -> list[Position]:
    """Returns every position that some answers lead to, the ends included."""
    return list(_positions(procedure))


def _positions(procedure: Procedure) -> Iterator[Position]:
    todo = [walk.start(procedure)]
    while todo:
        position = todo.pop()
        yield position
        if not position.finished:
            choices = procedure.step(position.step).choices
            given = [choice.id for choice in choices] or [None]
            todo += [walk.advance(procedure, position, choice) for choice in given]


def say(state: State, intent: str, text: str = "", **more: Any) -> Reply:
    """Returns the answer to something typed."""
    turn = Turn(text=text, state=state, intent=intent, **more)
    return guide().answer(turn)


def press(state: State, button: str, **more: Any) -> Reply:
    """Returns the answer to a pressed button."""
    return guide().answer(Turn(text="", state=state, choice=button, **more))


def buttons(reply: Reply) -> list[str]:
    """Returns the ids of all buttons of a reply."""
    return [button.id for part in reply.parts for button in part.choices]


def words(reply: Reply) -> str:
    """Returns all that is said."""
    return "\n".join(part.text for part in reply.parts)
