"""The person's place among the procedures: told again, changed, put aside, mended. Pure.

Where `walk` moves inside one procedure, this keeps the state that holds them all, and finds the
bubbles that go with a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge import show, walk
from knowledge.catalogue import Catalogue
from knowledge.model import Procedure
from knowledge.reply import Button, Part, Reply, State
from knowledge.texts import say
from knowledge.walk import Position

MOST_NEXT = 3


def fit(catalogue: Catalogue, state: State) -> State:
    """Fits a state to the catalogue, which may have been edited since it was stored."""

    def mended(position: Position) -> Position | None:
        procedure = catalogue.get(position.procedure)
        return walk.mend(procedure, position) if procedure else None

    current = mended(state.current) if state.current else None
    paused = tuple(filter(None, map(mended, state.paused)))
    if current == state.current and paused == state.paused:
        return state
    return replace(state, current=current, paused=paused)


def current_procedure(catalogue: Catalogue, state: State) -> Procedure | None:
    """Returns the procedure being walked or just finished."""
    return catalogue[state.current.procedure] if state.current else None


def here(catalogue: Catalogue, state: State) -> tuple[Part, ...]:
    """The current step again, whole; nothing when no procedure is open."""
    position = state.current
    if position is None:
        return ()
    procedure = catalogue[position.procedure]
    if position.finished:
        ask = say("already_finished") + " " + say("finished_next")
        return (Part(ask, _what_next(catalogue, state, procedure)),)
    return (show.step(procedure, position),)


def reminder(catalogue: Catalogue, state: State) -> tuple[Part, ...]:
    """The current step in short: its number and its buttons."""
    position = state.walking
    return (show.reminder(catalogue[position.procedure], position),) if position else ()


def then_back(catalogue: Catalogue, state: State, *parts: Part) -> Reply:
    """Says something else, then recalls the step; « d'accord » shows it whole again."""
    position = state.walking
    recalled = reminder(catalogue, state)
    if position and not catalogue[position.procedure].step(position.step).choices:
        state = replace(state, expects={"affirm": show.REPEAT.id})
    return Reply((*parts, *recalled), state)


def moved(catalogue: Catalogue, state: State, position: Position) -> Reply:
    """Shows the step that was reached, or the end of the procedure."""
    state, noted = _already_said(catalogue, state.at(position))
    state = replace(state, stuck=0, expects={})
    if state.walking is None:
        return ended(catalogue, state, catalogue[position.procedure])
    return Reply(_noting(noted, here(catalogue, state)), state)


def begun(
    catalogue: Catalogue, state: State, procedure: Procedure
) -> tuple[State, tuple[Part, ...]]:
    """Puts the person on the first step whose answer they have not already given.

    Returns:
        The state, and the bubbles that show the step.
    """
    state, noted = _already_said(catalogue, state.at(walk.start(procedure)))
    state = replace(state, stuck=0)
    return state, _noting(noted, here(catalogue, state))


def _already_said(catalogue: Catalogue, state: State) -> tuple[State, list[str]]:
    """Answers the questions that what was said already answers; returns the answers' labels."""
    noted: list[str] = []
    while state.walking:
        procedure = catalogue[state.walking.procedure]
        step = procedure.step(state.walking.step)
        said = [choice for choice in step.choices if set(choice.facts) & set(state.facts)]
        if len(said) != 1:
            break
        noted.append(said[0].label)
        state = state.at(walk.advance(procedure, state.walking, said[0].id))
    return state, noted


def _noting(noted: Sequence[str], parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Says which answers were understood without asking, before the step they lead to."""
    if not noted or not parts:
        return parts
    heard = say("already_said", answers=", ".join(f"« {answer} »" for answer in noted))
    return (replace(parts[0], text=f"{heard}\n{parts[0].text}"), *parts[1:])


def ended(catalogue: Catalogue, state: State, procedure: Procedure) -> Reply:
    """The last words of a procedure, then what can be done next."""
    ask = Part(say("finished_next"), _what_next(catalogue, state, procedure))
    expects = {"deny": "act:goodbye"}
    if state.paused:
        expects["affirm"] = ask.choices[0].id
    return Reply((show.ending(procedure), ask), replace(state, expects=expects))


def set_aside(catalogue: Catalogue, state: State) -> tuple[tuple[Part, ...], State]:
    """Puts aside the procedure that is going on.

    Returns:
        What to say of it, and the state without a current procedure.
    """
    position = state.walking
    if position is None:
        return (), state.at(None)
    said = Part(say("switched", paused=catalogue[position.procedure].label))
    kept = tuple(p for p in state.paused if p.procedure != position.procedure)
    return (said,), replace(state, current=None, paused=(*kept, position))


def offering_a_person(state: State) -> State:
    """After « voulez-vous parler à quelqu'un ? », a « non » leads back to the step."""
    expects = {"affirm": show.HUMAN.id}
    if state.walking:
        expects["deny"] = show.REPEAT.id
    return replace(state, expects=expects)


def _what_next(catalogue: Catalogue, state: State, procedure: Procedure) -> tuple[Button, ...]:
    """What can be done after a procedure: those put aside first, then the related ones."""
    kept = [catalogue[p.procedure] for p in reversed(state.paused)]
    related = [p for p in catalogue.related(procedure) if p not in kept]
    buttons = [*map(show.resume_button, kept), *map(show.open_button, related)]
    return (*buttons[:MOST_NEXT], show.HUMAN)
