"""Moving: into a procedure, along its steps, out of it and back."""

from __future__ import annotations

from dataclasses import replace

from knowledge import entities, place, show, walk
from knowledge.acts import same_step
from knowledge.catalogue import Catalogue
from knowledge.reply import Part, Reply, State
from knowledge.texts import say
from knowledge.turn import Turn, ask_need, ask_which, suggestions, with_code


def open_procedure(catalogue: Catalogue, turn: Turn, procedure_id: str) -> Reply:
    """Opens a procedure, putting aside the one that was being walked.

    Args:
        catalogue: The procedures.
        turn: What was said.
        procedure_id: A procedure of the catalogue.
    """
    state, procedure = turn.state, catalogue[procedure_id]
    if state.current and state.current.procedure == procedure_id:
        if not state.current.finished:
            return Reply((Part(say("already_here")), *place.here(catalogue, state)), state)
        state = state.at(None)
    if any(position.procedure == procedure_id for position in state.paused):
        return resume(catalogue, turn, procedure_id)
    opening, state = place.set_aside(catalogue, state)
    # What was said of another need (« perdu », « pour mon fils ») is not about this one.
    facts = entities.merged(entities.lasting(state.facts), turn.facts)
    state, step = place.begun(catalogue, replace(state, facts=facts), procedure)
    state, summary = _with_second(catalogue, turn, state, show.summary(procedure))
    return Reply((*opening, summary, *step), state)


def _with_second(
    catalogue: Catalogue, turn: Turn, state: State, summary: Part
) -> tuple[State, Part]:
    """Keeps for later the second procedure asked for in the same sentence, and says so."""
    second = catalogue.get(turn.also or "")
    known = {position.procedure for position in state.paused}
    if second is None or state.current is None or second.id in (*known, state.current.procedure):
        return state, summary
    noted = say("second_noted", label=second.label)
    state = replace(state, paused=(*state.paused, walk.start(second)))
    return state, replace(summary, text=f"{summary.text}\n{noted}")


def resume(catalogue: Catalogue, turn: Turn, procedure_id: str = "") -> Reply:
    """Takes up a procedure that was put aside; the latest by default.

    Args:
        catalogue: The procedures.
        turn: What was said.
        procedure_id: The procedure to take up; any id, even one that was never put aside.
    """
    state = turn.state
    chosen = [p for p in state.paused if not procedure_id or p.procedure == procedure_id]
    if not chosen:
        if state.current:
            return Reply(place.here(catalogue, state), state)
        return Reply((Part(say("nothing_to_resume")), ask_need(catalogue, turn)), state)
    position = chosen[-1]
    state = replace(state, paused=tuple(p for p in state.paused if p != position))
    opening, state = place.set_aside(catalogue, state)
    state = replace(state, current=position, stuck=0, facts=entities.lasting(state.facts))
    back_to_it = Part(say("came_back", label=catalogue[position.procedure].label))
    return Reply((*opening, back_to_it, *place.here(catalogue, state)), state)


def go_on(catalogue: Catalogue, turn: Turn) -> Reply:
    """« C'est fait », « et après ? »."""
    state, position = turn.state, turn.state.current
    if position is None:
        return resume(catalogue, turn) if state.paused else ask_which(catalogue, turn)
    procedure = catalogue[position.procedure]
    if position.finished:
        return place.ended(catalogue, state, procedure)
    if procedure.step(position.step).choices:
        return Reply((Part(say("step_needs_choice")), *place.here(catalogue, state)), state)
    return place.moved(catalogue, state, walk.advance(procedure, position))


def affirm(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Oui », where no question expects it: the step is done, or nothing is going on."""
    if turn.state.walking:
        return go_on(catalogue, turn)
    return Reply((Part(say("affirm_nothing"), suggestions(catalogue, turn)),), turn.state)


def deny(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Non », where no question expects it: the step is not done."""
    if turn.state.walking:
        helped = same_step.stuck(catalogue, turn)
        opening = () if turn.state.stuck else (Part(say("not_done_yet")),)
        return replace(helped, parts=(*opening, *helped.parts))
    return Reply((Part(say("deny_nothing"), suggestions(catalogue, turn)),), turn.state)


def back(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Revenir »."""
    position = turn.state.current
    if position is None:
        return ask_which(catalogue, turn)
    earlier = walk.back(position)
    if earlier is None:
        already = Part(say("first_step_already"))
        return Reply((already, *place.here(catalogue, turn.state)), turn.state)
    state = replace(turn.state, current=earlier, stuck=0)
    return Reply((Part(say("back_done")), *place.here(catalogue, state)), state)


def restart(catalogue: Catalogue, turn: Turn) -> Reply:
    """« On recommence »."""
    procedure = place.current_procedure(catalogue, turn.state)
    if procedure is None:
        return Reply((Part(say("nothing_to_restart")), ask_need(catalogue, turn)), turn.state)
    # From the beginning: what was understood without asking may have been the mistake.
    state = replace(turn.state, current=walk.start(procedure), stuck=0, facts=())
    return Reply((Part(say("restarted")), *place.here(catalogue, state)), state)


def stop(catalogue: Catalogue, turn: Turn) -> Reply:
    """« J'arrête là » : the place is kept."""
    position = turn.state.walking
    if position is None:
        # Said after a first « stop », it must not take the way back away.
        kept = [show.resume_button(catalogue[p.procedure]) for p in reversed(turn.state.paused)]
        choices = (*kept[:2], show.HUMAN) if kept else ()
        return Reply((Part(say("stopped_without_procedure"), choices),), turn.state.at(None))
    procedure = catalogue[position.procedure]
    number, total = walk.progress(procedure, position)
    text = say("stopped", label=procedure.label, number=number, total=total)
    _, state = place.set_aside(catalogue, turn.state)
    choices = (show.resume_button(procedure), show.HUMAN)
    return Reply((Part(with_code(text), choices),), state)
