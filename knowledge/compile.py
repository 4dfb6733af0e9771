"""From the catalogue to what Rasa trains on: one intent and one rule per procedure and per act."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from knowledge.acts import ACTS
from knowledge.catalogue import Catalogue

VERSION = "3.1"
OPEN_PROCEDURE = "action_open_procedure"
CHOOSE = "action_choose"
# What a pressed button is sent as; its id travels beside, never in the text.
CHOICE_INTENT = "choose"
# Acts that only the guide itself brings about, through its buttons.
NOT_SPOKEN = frozenset({"resume", "other"})


# What `bot.rasa.components.entities` finds in a sentence.
ENTITIES = ("commune", "document", "fact", "organisation")


def spoken_acts() -> list[str]:
    """Returns the acts that a sentence can have: each is an intent."""
    return sorted(ACTS.keys() - NOT_SPOKEN)


def action_of(act: str) -> str:
    """Returns the name of the custom action of an act."""
    return f"action_{act}"


def domain(catalogue: Catalogue) -> dict[str, Any]:
    """Returns Rasa's domain."""
    return {
        "version": VERSION,
        "intents": [*catalogue, *spoken_acts(), CHOICE_INTENT],
        "entities": list(ENTITIES),
        "actions": [OPEN_PROCEDURE, CHOOSE, *map(action_of, spoken_acts())],
        # A tracker lives for one turn: the guide's state travels with the message.
        "session_config": {"session_expiration_time": 0, "carry_over_slots_to_new_session": False},
    }


def rules(catalogue: Catalogue) -> dict[str, Any]:
    """Returns Rasa's rules."""
    pairs = [(name, OPEN_PROCEDURE) for name in catalogue]
    pairs += [(act, action_of(act)) for act in spoken_acts()]
    pairs.append((CHOICE_INTENT, CHOOSE))
    return {
        "version": VERSION,
        "rules": [
            {"rule": f"{intent} -> {action}", "steps": [{"intent": intent}, {"action": action}]}
            for intent, action in pairs
        ],
    }


def write(catalogue: Catalogue, folder: Path) -> list[Path]:
    """Writes `domain.yml` and `rules.yml` into a folder and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, data in (("domain", domain(catalogue)), ("rules", rules(catalogue))):
        path = folder / f"{name}.yml"
        path.write_text(
            "# Written by knowledge.compile; do not edit.\n"
            + yaml.safe_dump(data, allow_unicode=True, sort_keys=False),
            encoding="utf-8",
        )
        written.append(path)
    return written


def missing_examples(catalogue: Catalogue, intents: Iterable[str]) -> list[str]:
    """Returns the procedures and acts that no training example teaches.

    Args:
        catalogue: The procedures.
        intents: Intents that have examples.
    """
    known = set(intents)
    wanted = [*catalogue, *(act for act in spoken_acts() if act != "clarify")]
    return [name for name in wanted if name not in known]
