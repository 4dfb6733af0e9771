"""What was not understood, or is not served: ask once, then offer a person."""

from __future__ import annotations

from dataclasses import replace

from knowledge import place, show
from knowledge.catalogue import Catalogue
from knowledge.reply import Button, Part, Reply
from knowledge.texts import label, link, say
from knowledge.turn import Turn, ask_need

MOST_READINGS = 3
# The acts worth asking about; the others are never what a puzzling sentence was for.
CLARIFIABLE = frozenset(
    {
        *("documents", "cost", "delay", "where", "human"),
        *("stuck", "simplify", "back", "stop", "repeat"),
    }
)


def clarify(catalogue: Catalogue, turn: Turn) -> Reply:
    """Two or three readings are possible: ask once, then offer a person."""
    readings = (_reading(catalogue, meaning) for meaning in dict.fromkeys(turn.ranking))
    buttons = [button for button in readings if button is not None][:MOST_READINGS]
    if turn.state.doubts or not buttons:
        return out_of_scope(catalogue, turn)
    # « Oui » alone takes the likeliest reading; its answer shows at once whether it was right.
    expects = {"affirm": buttons[0].id, "deny": show.OTHER.id}
    state = replace(turn.state, doubts=1, expects=expects)
    return Reply((Part(say("clarify"), (*buttons, show.OTHER, show.HUMAN)),), state)


def other(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Autre chose », after a clarification."""
    state = replace(turn.state, doubts=turn.state.doubts + 1)
    return Reply((ask_need(catalogue, turn, show.HUMAN),), state)


def out_of_scope(catalogue: Catalogue, turn: Turn) -> Reply:
    """Not a need that Passerelle serves, or not understood."""
    state = replace(turn.state, doubts=turn.state.doubts + 1)
    if state.doubts > 1:
        state = place.offering_a_person(state)
        failed = Part(say("clarify_failed"), (show.HUMAN,), links=(link("service_public"),))
        told = (failed, *place.reminder(catalogue, state))
        return Reply(told, state, search=turn.text or None)
    if state.walking:
        missed = Part(say("not_understood_in_step"))
        return Reply((missed, *place.here(catalogue, state)), state)
    return Reply((Part(say("not_understood")), ask_need(catalogue, turn, show.HUMAN)), state)


def other_procedure(catalogue: Catalogue, turn: Turn) -> Reply:
    """A real procedure that is not written yet."""
    if turn.audience == "agent":
        part = Part(say("other_procedure_agent").strip(), (show.HUMAN,))
    else:
        links = (link("service_public"),)
        part = Part(say("other_procedure").strip(), (show.HUMAN,), links=links)
    state = place.offering_a_person(turn.state)
    return Reply((part, *place.reminder(catalogue, state)), state, search=turn.text or None)


def _reading(catalogue: Catalogue, meaning: str) -> Button | None:
    if meaning in catalogue:
        return show.open_button(catalogue[meaning])
    if meaning in CLARIFIABLE:
        return Button(f"act:{meaning}", label(meaning))
    return None
