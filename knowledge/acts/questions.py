"""Questions about the procedure: each is answered from it, then the step is recalled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from knowledge import communes, place, show
from knowledge.catalogue import Catalogue
from knowledge.glossary import Term
from knowledge.model import Procedure
from knowledge.reply import Button, Part, Reply
from knowledge.texts import link, say
from knowledge.turn import Turn, ask_which
from knowledge.understand import plain


def documents(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Quels papiers ? »."""
    return _about(catalogue, turn, show.documents)


def cost(catalogue: Catalogue, turn: Turn) -> Reply:
    """« C'est payant ? »."""
    return _about(catalogue, turn, show.cost)


def delay(catalogue: Catalogue, turn: Turn) -> Reply:
    """« Combien de temps ? », « est-ce trop tard ? »."""
    return _about(catalogue, turn, show.delay)


def where(catalogue: Catalogue, turn: Turn) -> Reply:
    """« C'est où ? » : with the commune in the official directory, once it is known."""
    place_named = communes.by_insee(turn.state.place or "")
    if place_named is None:
        return _about(catalogue, turn, show.where)
    near = say("where_near", commune=place_named.name)

    def there(procedure: Procedure, answers: Mapping[str, str]) -> Part:
        told = show.where(procedure, answers)
        links = (*told.links, link("directory"))
        return replace(told, text=f"{told.text}\n{near}", links=links)

    return _about(catalogue, turn, there)


def scam_check(catalogue: Catalogue, turn: Turn) -> Reply:
    """« C'est une arnaque ? » : what this procedure warns of, then the signs of any scam."""
    procedure = place.current_procedure(catalogue, turn.state)
    first = Part(" ".join((say("scam_intro"), *(procedure.beware if procedure else ()))))
    general = Part(say("scam_general").strip(), links=(link("cybermalveillance"),))
    return place.then_back(catalogue, turn.state, first, general)


def meaning(catalogue: Catalogue, turn: Turn, term: Term) -> Reply:
    """« C'est quoi … ? » : the word, and the procedure that serves this need."""
    here = turn.state.walking.procedure if turn.state.walking else ""
    serves = catalogue.get(term.see or "")
    offered = serves is not None and serves.id != here and serves.audience == turn.audience
    if serves is not None and offered and _speaks_of(serves, term):
        choices: tuple[Button, ...] = (show.open_button(serves),)
    else:
        choices = ()
    sources = (term.source,) if term.source else ()
    told = Part(say("meaning", term=term.name, text=term.text), choices, sources)
    return place.then_back(catalogue, turn.state, told)


def _speaks_of(procedure: Procedure, term: Term) -> bool:
    """Tells whether a procedure is about a word, and not only in need of the thing."""
    told = plain(f"{procedure.title} {procedure.label} {procedure.summary}")
    return any(f" {plain(name)} " in f" {told} " for name in (term.name, *term.also))


def _about(catalogue: Catalogue, turn: Turn, view: show.View) -> Reply:
    position = turn.state.current
    if position is None:
        return ask_which(catalogue, turn)
    told = view(catalogue[position.procedure], position.answers)
    return place.then_back(catalogue, turn.state, told)
