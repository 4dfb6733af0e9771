"""Between people: asking for a person, distress, anger, courtesies."""

from __future__ import annotations

from knowledge import place, show
from knowledge.catalogue import Catalogue
from knowledge.reply import Part, Reply
from knowledge.texts import say
from knowledge.turn import Turn, ask_need, with_code


def human(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Je veux parler à quelqu'un » : the service opens the ticket and says how long."""
    procedure = place.current_procedure(catalogue, turn.state)
    parts: tuple[Part, ...] = ()
    if procedure is not None:
        parts = (Part(say("human_bring", items=show.listed(procedure.human_bring))),)
    return Reply(parts, turn.state, handoff="asked")


def distress(catalogue: Catalogue, turn: Turn) -> Reply:
    """A person in danger or in despair: the numbers first, soberly."""
    numbers = Part(say("distress").strip())
    if turn.waiting:
        return Reply((numbers,), turn.state)
    ask = Part(say("distress_human"), (show.HUMAN,))
    return Reply((numbers, ask), place.offering_a_person(turn.state))


def insult(catalogue: Catalogue, turn: Turn) -> Reply:
    """Anger is answered with an apology and a person."""
    choices = (show.HUMAN, show.REPEAT) if turn.state.walking else (show.HUMAN,)
    return Reply((Part(say("insult").strip(), choices),), place.offering_a_person(turn.state))


def greet(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Bonjour »."""
    if turn.state.walking:
        return Reply((Part(say("hello_again")), *place.here(catalogue, turn.state)), turn.state)
    return Reply((ask_need(catalogue, turn),), turn.state)


def thanks(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Merci »."""
    return place.then_back(catalogue, turn.state, Part(say("thanks")))


def goodbye(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Au revoir » : what was begun is kept."""
    state = turn.state
    begun = state.walking or (state.paused[-1] if state.paused else None)
    if begun is None:
        return Reply((Part(say("goodbye")),), state)
    text = say("goodbye_kept", label=catalogue[begun.procedure].label)
    return Reply((Part(with_code(text)),), state)
