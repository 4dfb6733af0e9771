"""What the assistant answers: bubbles with their buttons, and the state after the turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.model import Link, Source
from knowledge.walk import Position

# Stands in a bubble for the code to come back with. The code is filled in for the person alone:
# whoever has it can read the conversation, so it is neither stored nor shown to a counsellor.
RESUME_CODE = "⟦code⟧"


@dataclass(frozen=True)
class Button:
    """A choice offered to the person; its id means something to the guide alone."""

    id: str
    label: str


@dataclass(frozen=True)
class Part:
    """One bubble."""

    text: str
    choices: tuple[Button, ...] = ()
    sources: tuple[Source, ...] = ()
    links: tuple[Link, ...] = ()
    procedure: str | None = None
    step: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns the bubble in the terms of the API's events."""
        return {
            "text": self.text,
            "choices": [{"id": b.id, "label": b.label} for b in self.choices],
            "sources": [
                {"label": s.label, "url": s.url, "checked_on": s.checked_on} for s in self.sources
            ],
            "links": [{"label": link.label, "url": link.url} for link in self.links],
            "procedure": self.procedure,
            "step": self.step,
        }


@dataclass(frozen=True)
class State:
    """All that must be remembered from one turn to the next.

    Attributes:
        current: The procedure being walked, or None.
        paused: Procedures put aside, the latest last.
        expects: What « oui » and « non » stand for after the bot's question: act -> button id.
        doubts: Turns in a row that were not understood.
        stuck: Times the person was stuck on the current step.
        facts: What the person has said of their situation; see `knowledge.entities`.
        place: INSEE code of the commune that they named last, or None.
    """

    current: Position | None = None
    paused: tuple[Position, ...] = ()
    expects: Mapping[str, str] = field(default_factory=dict)
    doubts: int = 0
    stuck: int = 0
    facts: tuple[str, ...] = ()
    place: str | None = None

    @property
    def walking(self) -> Position | None:
        """The current position, unless its procedure is finished."""
        return None if self.current is None or self.current.finished else self.current

    def to_json(self) -> dict[str, Any]:
        """Returns the state as JSON data."""
        return {
            "current": self.current.to_json() if self.current else None,
            "paused": [position.to_json() for position in self.paused],
            "expects": dict(self.expects),
            "doubts": self.doubts,
            "stuck": self.stuck,
            "facts": list(self.facts),
            "place": self.place,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> State:
        """Reads what `to_json` wrote; nothing at all is a new conversation."""
        if not data:
            return cls()
        current = data.get("current")
        return cls(
            Position.from_json(current) if current else None,
            tuple(Position.from_json(p) for p in data.get("paused", ())),
            dict(data.get("expects", {})),
            int(data.get("doubts", 0)),
            int(data.get("stuck", 0)),
            tuple(data.get("facts", ())),
            data.get("place"),
        )

    def at(self, position: Position | None) -> State:
        """Returns the state with the person at this position."""
        return replace(self, current=position)


@dataclass(frozen=True)
class Reply:
    """The outcome of a turn.

    Attributes:
        parts: At most three bubbles.
        state: The state to keep.
        handoff: Why a person is asked for, or None.
        leave_queue: The person no longer wants to wait for a counsellor.
        search: Words to search for among the official pages, or None; what is found is said after
            the first bubble.
    """

    parts: tuple[Part, ...]
    state: State
    handoff: str | None = None
    leave_queue: bool = False
    search: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns the reply as the engine sends it to the service."""
        return {
            "parts": [part.to_json() for part in self.parts],
            "state": self.state.to_json(),
            "handoff": self.handoff,
            "leave_queue": self.leave_queue,
            "search": self.search,
        }
