"""The port to the dialogue engine: what the service asks, what it can get back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Question:
    """One turn, with all that the engine needs: it remembers nothing between turns.

    Attributes:
        key: Unique per attempt; names the engine's short-lived tracker.
        text: Masked text, or empty when a button was pressed.
        choice: Id of the pressed button, or None.
        guide: State of the guide after the previous turn.
        audience: `resident` or `agent`.
        waiting: The person is in the queue.
        featured: Procedure ids to suggest.
    """

    key: str
    text: str
    choice: str | None
    guide: dict[str, Any]
    audience: str = "resident"
    waiting: bool = False
    featured: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Understood:
    """What the engine made of the sentence: the act or procedure, and the ranking behind it."""

    intent: str
    confidence: float
    ranking: list[tuple[str, float]]


@dataclass(frozen=True)
class Answer:
    """The engine's words (`parts`, in the terms of the API) and the guide's new state.

    Attributes:
        handoff: Why a person is asked for, or None.
        leave_queue: The person no longer wants to wait.
        search: Words to search for, or None; what is found is said after the first.
    """

    parts: list[dict[str, Any]]
    guide: dict[str, Any]
    handoff: str | None
    leave_queue: bool
    understood: Understood
    search: str | None = None


class NoAnswer(Exception):
    """The engine is up and had nothing to say: a crashed action, no model, a wordless turn."""


class EngineUnavailable(Exception):
    """The engine cannot be reached, still loads, or was too slow: worth a retry."""


class Engine(Protocol):
    """What answers turns."""

    async def ask(self, question: Question) -> Answer:
        """Answers a turn.

        Raises:
            NoAnswer: Nothing to say; asking again would give the same.
            EngineUnavailable: Try again in a moment.
        """
        ...

    async def ready(self) -> bool:
        """Tells whether a model is loaded and answers."""
        ...

    async def close(self) -> None:
        """Releases connections."""
        ...
