"""The same step, otherwise: told again, in plainer words, or what to do when it blocks."""

from __future__ import annotations

from dataclasses import replace

from knowledge import place, show
from knowledge.catalogue import Catalogue
from knowledge.model import Procedure, Step
from knowledge.reply import Part, Reply
from knowledge.texts import say
from knowledge.turn import Turn, ask_which, suggestions


def repeat(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Redites-moi »."""
    told = place.here(catalogue, turn.state)
    return Reply(told, turn.state) if told else ask_which(catalogue, turn)


def simplify(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Plus simplement »."""
    position = turn.state.current
    if position is None:
        return ask_which(catalogue, turn)
    procedure = catalogue[position.procedure]
    if position.finished:
        return place.ended(catalogue, turn.state, procedure)
    if "simplify" in turn.state.expects:
        state = place.offering_a_person(turn.state)
        offer = Part(say("simple_again"), (show.HUMAN,))
        return Reply((offer, *place.here(catalogue, state)), state)
    # Asked again, it means that the simple text was not simple enough.
    state = replace(turn.state, expects={"simplify": "act:simplify"})
    return Reply((show.simple(procedure, position),), state)


def stuck(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Je ne vois pas ce bouton » : what is on the screen, then the known blockages."""
    position = turn.state.walking
    if position is None:
        choices = (*suggestions(catalogue, turn), show.HUMAN)
        return Reply((Part(say("stuck_without_step"), choices),), turn.state)
    procedure = catalogue[position.procedure]
    parts = show.screen(procedure, procedure.step(position.step))
    state = replace(turn.state, stuck=turn.state.stuck + 1, expects={})
    if state.stuck == 1:
        return Reply(parts, state)
    offer = Part(say("stuck_again"), (show.HUMAN,))
    return Reply((offer, *parts), place.offering_a_person(state))


def help_with(turn: Turn, procedure: Procedure, step: Step, rank: int) -> Reply:
    """What to do about one of the known blockages of a step, by its rank."""
    advice = Part(step.stuck[rank].help)
    state = replace(turn.state, expects={"affirm": show.REPEAT.id, "deny": show.STUCK.id})
    return Reply((advice, show.after_help(procedure, step)), state)
