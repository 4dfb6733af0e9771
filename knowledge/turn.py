"""One message with its context, and what can be suggested to the person who sent it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge import show
from knowledge.catalogue import Catalogue
from knowledge.reply import RESUME_CODE, Button, Part, Reply, State
from knowledge.texts import say

MOST_SUGGESTED = 6


@dataclass(frozen=True)
class Turn:
    """One message with its context.

    Attributes:
        text: What the person typed, already masked; empty when they pressed a button.
        state: Where the conversation is.
        intent: A procedure id, a dialogue act, or one of the fallbacks.
        ranking: The best procedures and acts, most likely first, for a clarification.
        choice: Id of the pressed button, or None.
        audience: `resident` or `agent`.
        waiting: The person is in the queue of the counsellors.
        featured: Procedures to suggest, in order.
        facts: What the sentence says of a situation; see `knowledge.entities`.
        place: INSEE code of a commune that the sentence names, or None.
        also: A second procedure asked for in the same sentence, or None.
    """

    text: str
    state: State
    intent: str = ""
    ranking: Sequence[str] = ()
    choice: str | None = None
    audience: str = "resident"
    waiting: bool = False
    featured: Sequence[str] = ()
    facts: Sequence[str] = ()
    place: str | None = None
    also: str | None = None


# What answers one meaning, from the procedures and the turn.
Act = Callable[[Catalogue, Turn], Reply]


def suggestions(catalogue: Catalogue, turn: Turn) -> tuple[Button, ...]:
    """Returns the procedures to suggest: the commune's own choice, else those of the audience."""
    wanted = [catalogue[i] for i in turn.featured if i in catalogue]
    wanted = wanted or catalogue.for_audience(turn.audience)[:MOST_SUGGESTED]
    return tuple(map(show.open_button, wanted))


def ask_need(catalogue: Catalogue, turn: Turn, *more: Button) -> Part:
    """Asks what the person wants to do, with the suggestions and more buttons after them."""
    return Part(say("ask_need"), (*suggestions(catalogue, turn), *more))


def ask_which(catalogue: Catalogue, turn: Turn) -> Reply:
    """Asks which procedure is meant, when the words need one and none is open."""
    return Reply((Part(say("which_procedure"), suggestions(catalogue, turn)),), turn.state)


def with_code(text: str) -> str:
    """Adds the code to come back with."""
    return text + "\n" + say("keep_code", resume_code=RESUME_CODE)
