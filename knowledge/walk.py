"""Moving through a procedure: pure functions from a position to the next one.

A position holds all that is needed to go on, and is plain JSON: the service stores it with the
conversation and sends it with every turn, so that any engine can take any turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.model import END, Document, Procedure, Step, holds


@dataclass(frozen=True)
class Position:
    """Where a person is in one procedure.

    Attributes:
        procedure: Procedure id.
        step: Current step id, or `end`.
        answers: Step id -> choice id, for the questions answered so far.
        trail: The steps walked before the current one, oldest first.
    """

    procedure: str
    step: str
    answers: Mapping[str, str] = field(default_factory=dict)
    trail: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the last step is behind."""
        return self.step == END

    def to_json(self) -> dict[str, Any]:
        """Returns the position as JSON data."""
        return {
            "procedure": self.procedure,
            "step": self.step,
            "answers": dict(self.answers),
            "trail": list(self.trail),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Position:
        """Reads what `to_json` wrote."""
        return cls(data["procedure"], data["step"], dict(data["answers"]), tuple(data["trail"]))


def start(procedure: Procedure) -> Position:
    """Returns the position on the first step."""
    return Position(procedure.id, procedure.steps[0].id)


def advance(procedure: Procedure, position: Position, choice_id: str | None = None) -> Position:
    """Leaves the current step, by a choice when it has choices.

    Args:
        procedure: The procedure being walked.
        position: Where the person is; not finished.
        choice_id: The choice made; None on a step without choices.

    Raises:
        KeyError: The step has no such choice.
        ValueError: The step has choices and none was given.
    """
    step = procedure.step(position.step)
    answers = dict(position.answers)
    target = step.next
    if step.choices:
        if choice_id is None:
            raise ValueError(f"{procedure.id}/{step.id} needs a choice")
        choice = step.choice(choice_id)
        answers[step.id] = choice.id
        target = choice.next or step.next
    landing = _landing(procedure, step, target, answers)
    return replace(position, step=landing, answers=answers, trail=(*position.trail, step.id))


def back(position: Position) -> Position | None:
    """Returns the position one step earlier, or None on the first step.

    The answer given at the earlier step is forgotten: the question is open again.
    """
    if not position.trail:
        return None
    return rewind(position, position.trail[-1])


def rewind(position: Position, step_id: str) -> Position:
    """Returns the position on a step already walked, forgetting the answers from there on.

    Raises:
        KeyError: The step is not in the trail.
    """
    if step_id == position.step:
        return position
    if step_id not in position.trail:
        raise KeyError(f"{position.procedure}: {step_id!r} was not walked")
    place = position.trail.index(step_id)
    forgotten = set(position.trail[place:])
    answers = {step: choice for step, choice in position.answers.items() if step not in forgotten}
    return replace(position, step=step_id, trail=position.trail[:place], answers=answers)


def jump(procedure: Procedure, position: Position, step_id: str) -> Position:
    """Puts the person on any step, as a counsellor does when giving a conversation back.

    Raises:
        KeyError: The procedure has no such step.
    """
    procedure.step(step_id)
    if step_id == position.step or step_id in position.trail:
        return rewind(position, step_id)
    trail = position.trail if position.finished else (*position.trail, position.step)
    return replace(position, step=step_id, trail=trail)


def mend(procedure: Procedure, position: Position) -> Position:
    """Fits a position kept from before the procedure was edited.

    A position that names only known steps and choices comes back as it is. Otherwise the way is
    walked again with the answers that still stand, as far as it was walked.
    """
    steps = {step.id: {choice.id for choice in step.choices} for step in procedure.steps}
    named = {*position.trail, *position.answers, position.step} - {END}
    if named <= steps.keys() and all(c in steps[s] for s, c in position.answers.items()):
        return position
    replayed = start(procedure)
    while not replayed.finished and replayed.step in position.trail:
        choices, given = steps[replayed.step], position.answers.get(replayed.step)
        if choices and given not in choices:
            break
        replayed = advance(procedure, replayed, given if choices else None)
    return replayed


def progress(procedure: Procedure, position: Position) -> tuple[int, int]:
    """Returns (number of the current step from 1, number of steps in all).

    The total is the longest way that is still open: it can shrink with an answer, never grow.
    """
    walked = len(position.trail) + 1
    return walked, walked + _longest(procedure, position.step, position.answers) - 1


def documents(procedure: Procedure, answers: Mapping[str, str]) -> list[Document]:
    """Returns the documents that the answers do not rule out.

    A document whose condition is settled comes back without its `case`: it is needed, full stop.
    The same text under several conditions is one document, needed when any of them is met.
    """
    kept: dict[str, Document] = {}
    for document in procedure.documents:
        verdict = holds(document.condition, answers)
        if verdict is True:
            settled = document if document.condition is None else replace(document, case=None)
            kept[document.text] = settled
        elif verdict is None:
            kept.setdefault(document.text, document)
    return list(kept.values())


def _landing(
    procedure: Procedure, step: Step, target: str | None, answers: Mapping[str, str]
) -> str:
    """Follows `next`; a step whose condition is not met is passed over for the one below it."""
    place = procedure.index(step.id) + 1 if target is None else _place(procedure, target)
    for candidate in procedure.steps[place:]:
        if holds(candidate.condition, answers) is True:
            return candidate.id
    return END


def _place(procedure: Procedure, target: str) -> int:
    return len(procedure.steps) if target == END else procedure.index(target)


def _longest(procedure: Procedure, step_id: str, answers: Mapping[str, str]) -> int:
    """Counts the steps of the longest way from a step to the end, the step included."""
    # Ways that differ only by answers no condition looks at go on alike: each is counted once.
    asked = {name for step in procedure.steps for name in step.condition or ()}
    counted: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}

    def count(step_id: str, answers: Mapping[str, str]) -> int:
        if step_id == END:
            return 0
        key = (step_id, frozenset(answers.items()))
        if key not in counted:
            step = procedure.step(step_id)
            ways = [(step.next, answers)]
            if step.choices:
                ways = [(c.next or step.next, {**answers, step.id: c.id}) for c in step.choices]
            counted[key] = 1 + max(
                count(_landing(procedure, step, target, given), relevant(given))
                for target, given in ways
            )
        return counted[key]

    def relevant(answers: Mapping[str, str]) -> Mapping[str, str]:
        return {name: choice for name, choice in answers.items() if name in asked}

    return count(step_id, relevant(answers))
