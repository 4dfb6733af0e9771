"""What a procedure is made of. Field meanings are in `schema/procedure.schema.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

END = "end"
Condition = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Link:
    """An official page, on an allowed domain."""

    label: str
    url: str


@dataclass(frozen=True)
class Source:
    """An official page that a procedure was written from, and when it was checked (ISO date)."""

    label: str
    url: str
    checked_on: str


@dataclass(frozen=True)
class Document:
    """Something to have at hand; `condition` is None when everybody needs it."""

    text: str
    condition: Condition | None
    case: str | None


@dataclass(frozen=True)
class StepChoice:
    """One answer to a step.

    Attributes:
        next: A step id, `end`, or None for the following step.
        facts: What, already said, takes this answer without asking.
    """

    id: str
    label: str
    act: str | None
    says: tuple[str, ...]
    next: str | None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blockage:
    """A known blockage (`when`, a button) and its way out (`help`)."""

    when: str
    help: str


@dataclass(frozen=True)
class Step:
    """One action or one question."""

    id: str
    text: str
    simple: str
    screen: str
    stuck: tuple[Blockage, ...]
    choices: tuple[StepChoice, ...]
    condition: Condition | None
    link: Link | None
    next: str | None

    def choice(self, choice_id: str) -> StepChoice:
        """Returns the choice with this id.

        Raises:
            KeyError: The step has no such choice.
        """
        for choice in self.choices:
            if choice.id == choice_id:
                return choice
        raise KeyError(f"{self.id}: no choice {choice_id!r}")


@dataclass(frozen=True)
class Procedure:
    """An online procedure for residents, or a how-to for agents."""

    id: str
    title: str
    label: str
    audience: str
    organisation: str
    summary: str
    documents: tuple[Document, ...]
    cost: str
    delay: str
    missed: str
    steps: tuple[Step, ...]
    after: str
    beware: tuple[str, ...]
    where: str
    where_link: Link | None
    human_when: str
    human_bring: tuple[str, ...]
    related: tuple[str, ...]
    sources: tuple[Source, ...]

    def step(self, step_id: str) -> Step:
        """Returns the step with this id.

        Raises:
            KeyError: The procedure has no such step.
        """
        return self.steps[self.index(step_id)]

    def index(self, step_id: str) -> int:
        """Returns the place of a step in the file, from 0.

        Raises:
            KeyError: The procedure has no such step.
        """
        for place, step in enumerate(self.steps):
            if step.id == step_id:
                return place
        raise KeyError(f"{self.id}: no step {step_id!r}")


def holds(condition: Condition | None, answers: Mapping[str, str]) -> bool | None:
    """Tells whether a condition is met by the answers so far.

    Returns:
        True or False, or None while a step it depends on has not been answered.
    """
    if condition is None:
        return True
    unknown = False
    for step_id, accepted in condition.items():
        if step_id not in answers:
            unknown = True
        elif answers[step_id] not in accepted:
            return False
    return None if unknown else True


def _condition(data: Any) -> Condition | None:
    return {step: tuple(choices) for step, choices in data.items()} if data else None


def _link(data: Any) -> Link | None:
    return Link(data["label"], data["url"]) if data else None


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        id=data["id"],
        text=data["text"].strip(),
        simple=data["simple"].strip(),
        screen=data["screen"].strip(),
        stuck=tuple(Blockage(b["when"], b["help"].strip()) for b in data["stuck"]),
        choices=tuple(
            StepChoice(
                c["id"],
                c["label"],
                c.get("act"),
                tuple(c.get("says", ())),
                c.get("next"),
                tuple(c.get("facts", ())),
            )
            for c in data.get("choices", ())
        ),
        condition=_condition(data.get("if")),
        link=_link(data.get("link")),
        next=data.get("next"),
    )


def procedure_from(data: Mapping[str, Any]) -> Procedure:
    """Builds a procedure from YAML data that the schema has accepted."""
    return Procedure(
        **{key: data[key] for key in ("id", "title", "label", "audience", "organisation")},
        **{key: data[key].strip() for key in ("summary", "cost", "delay", "missed", "after")},
        documents=tuple(
            Document(d["text"], _condition(d.get("if")), d.get("case")) for d in data["documents"]
        ),
        steps=tuple(_step(step) for step in data["steps"]),
        beware=tuple(text.strip() for text in data["beware"]),
        where=data["where"]["text"].strip(),
        where_link=_link(data["where"].get("link")),
        human_when=data["human"]["when"].strip(),
        human_bring=tuple(data["human"]["bring"]),
        related=tuple(data["related"]),
        sources=tuple(Source(s["label"], s["url"], s["checked_on"]) for s in data["sources"]),
    )
