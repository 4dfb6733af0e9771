"""Pressing a button: from its id to what is answered, whatever its age.

An id is one of these. Those that name a step name its procedure too: other procedures have steps
of the same name.

- `act:<act>`: what saying it would do;
- `open:<procedure>`, `resume:<procedure>`: begin a procedure, take one up;
- `done:<procedure>:<step>`: the step is done;
- `answer:<procedure>:<step>:<choice>`: the answer to the step's question, again if need be;
- `help:<procedure>:<step>:<rank>`: one of the step's known blockages;
- `queue:leave`: no longer wait for a counsellor.
"""

from __future__ import annotations

from knowledge import place, show, walk
from knowledge.acts import ACTS, moving, same_step
from knowledge.catalogue import Catalogue
from knowledge.reply import Part, Reply
from knowledge.texts import say
from knowledge.turn import Turn, ask_need


def press(catalogue: Catalogue, turn: Turn, button: str) -> Reply:
    """Answers a pressed button, whatever its age.

    Args:
        catalogue: The procedures.
        turn: The turn in which it was pressed, or in which words stood for it.
        button: Its id; any text is answered.
    """
    kind, _, rest = button.partition(":")
    if kind == "act" and rest in ACTS:
        return ACTS[rest](catalogue, turn)
    if kind == "open" and rest in catalogue:
        return moving.open_procedure(catalogue, turn, rest)
    if kind == "resume":
        return moving.resume(catalogue, turn, rest)
    if button == show.LEAVE_QUEUE.id:
        return _leave_queue(catalogue, turn)
    return _press_in_step(catalogue, turn, kind, rest) or _lost(catalogue, turn)


def _press_in_step(catalogue: Catalogue, turn: Turn, kind: str, where: str) -> Reply | None:
    """Answers a button of a step, or returns None when its time has passed."""
    procedure_id, _, rest = where.partition(":")
    step_id, _, detail = rest.partition(":")
    state, position = turn.state, turn.state.current
    if position is None or position.procedure != procedure_id:
        return None
    procedure = catalogue[procedure_id]
    if kind == "answer":
        try:
            asked = walk.rewind(position, step_id)
            return place.moved(catalogue, state, walk.advance(procedure, asked, detail or None))
        except (KeyError, ValueError):
            return None
    if position.finished or step_id != position.step:
        return None
    step = procedure.step(step_id)
    if kind == "done" and not step.choices:
        return place.moved(catalogue, state, walk.advance(procedure, position))
    if kind == "help" and detail.isdecimal() and int(detail) < len(step.stuck):
        return same_step.help_with(turn, procedure, step, int(detail))
    return None


def _leave_queue(catalogue: Catalogue, turn: Turn) -> Reply:
    told = place.here(catalogue, turn.state) or (Part(say("ask_need")),)
    return Reply((Part(say("queue_left")), *told), turn.state, leave_queue=True)


def _lost(catalogue: Catalogue, turn: Turn) -> Reply:
    told = place.here(catalogue, turn.state) or (ask_need(catalogue, turn),)
    return Reply((Part(say("expired_choice")), *told), turn.state)
