"""How pieces of a procedure are shown: each function makes a button, or a bubble or two. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from knowledge import walk
from knowledge.model import Procedure, Step
from knowledge.reply import Button, Part
from knowledge.texts import label, say
from knowledge.walk import Position

View = Callable[[Procedure, Mapping[str, str]], Part]

HUMAN = Button("act:human", label("human"))
REPEAT = Button("act:repeat", label("repeat"))
STUCK = Button("act:stuck", label("stuck"))
OTHER = Button("act:other", label("other"))
LEAVE_QUEUE = Button("queue:leave", label("leave_queue"))


def open_button(procedure: Procedure) -> Button:
    """The button that begins a procedure."""
    return Button(f"open:{procedure.id}", procedure.label)


def resume_button(procedure: Procedure) -> Button:
    """The button that takes up a procedure put aside."""
    return Button(f"resume:{procedure.id}", label("resume", label=procedure.label))


def summary(procedure: Procedure) -> Part:
    """What the procedure is, with its sources."""
    text = f"{procedure.label}. {procedure.summary}"
    return Part(text, sources=procedure.sources, procedure=procedure.id)


def step(procedure: Procedure, position: Position) -> Part:
    """The current step, whole, with its buttons."""
    current = procedure.step(position.step)
    return Part(
        f"{_number(procedure, position)}. {current.text}",
        choices=_buttons(procedure, current),
        links=(current.link,) if current.link else (),
        procedure=procedure.id,
        step=current.id,
    )


def reminder(procedure: Procedure, position: Position) -> Part:
    """The current step in one line, after an answer to something else."""
    current = procedure.step(position.step)
    text = f"{say('back_to_step')} {_number(procedure, position)}."
    choices = (*_buttons(procedure, current), REPEAT)
    return Part(text, choices, procedure=procedure.id, step=current.id)


def simple(procedure: Procedure, position: Position) -> Part:
    """The current step in plainer words."""
    current = procedure.step(position.step)
    return Part(
        f"{say('simple_intro')} {current.simple}",
        choices=_buttons(procedure, current),
        links=(current.link,) if current.link else (),
        procedure=procedure.id,
        step=current.id,
    )


def screen(procedure: Procedure, current: Step) -> tuple[Part, Part]:
    """What is on the screen, then the known blockages as buttons."""
    helps = tuple(
        Button(f"help:{procedure.id}:{current.id}:{rank}", blockage.when)
        for rank, blockage in enumerate(current.stuck)
    )
    return (
        Part(f"{say('stuck_intro')} {current.screen}", procedure=procedure.id, step=current.id),
        Part(say("stuck_which"), (*helps, REPEAT, HUMAN), procedure=procedure.id, step=current.id),
    )


def after_help(procedure: Procedure, current: Step) -> Part:
    """Asks whether the help was enough."""
    # A help that is understood is not yet a step that is done: « oui » shows the step again.
    choices = (Button(REPEAT.id, label("yes_helps")), Button(STUCK.id, label("not_helps")), HUMAN)
    return Part(say("stuck_after_help"), choices, procedure=procedure.id, step=current.id)


def ending(procedure: Procedure) -> Part:
    """The last words of a procedure."""
    text = say("finished", after=procedure.after)
    return Part(text, sources=procedure.sources, procedure=procedure.id)


def documents(procedure: Procedure, answers: Mapping[str, str]) -> Part:
    """The checklist, for the answers given so far."""
    lines = [
        f"• {document.text}" + (f" ({document.case})" if document.case else "")
        for document in walk.documents(procedure, answers)
    ]
    text = "\n".join((say("documents_intro"), *lines))
    return Part(text, sources=procedure.sources, procedure=procedure.id)


def cost(procedure: Procedure, answers: Mapping[str, str]) -> Part:
    """What it costs."""
    text = f"{say('cost_intro')} {_inline(procedure.cost)}"
    return Part(text, sources=procedure.sources, procedure=procedure.id)


def delay(procedure: Procedure, answers: Mapping[str, str]) -> Part:
    """How long it takes, and what happens when the date is missed."""
    lines = (procedure.delay, say("missed_intro"), procedure.missed)
    return Part("\n".join(lines), sources=procedure.sources, procedure=procedure.id)


def where(procedure: Procedure, answers: Mapping[str, str]) -> Part:
    """Where to go in person."""
    links = (procedure.where_link,) if procedure.where_link else ()
    return Part(procedure.where, links=links, procedure=procedure.id)


def listed(items: Sequence[str]) -> str:
    """Joins items, which may hold commas, in lower case at their start where it is a plain word."""
    return " ; ".join(_inline(item) for item in items)


def _number(procedure: Procedure, position: Position) -> str:
    number, total = walk.progress(procedure, position)
    return say("step_label", number=number, total=total)


def _buttons(procedure: Procedure, current: Step) -> tuple[Button, ...]:
    # The id names the procedure: other procedures have steps of the same name.
    here = f"{procedure.id}:{current.id}"
    answers = tuple(Button(f"answer:{here}:{c.id}", c.label) for c in current.choices)
    return (*(answers or (Button(f"done:{here}", label("done")),)), STUCK)


def _inline(text: str) -> str:
    """Lowers the first letter of a plain word; a name or an acronym keeps its capital."""
    head = text.split(" ", 1)[0].rstrip(",").lower()
    plain = head in _PLAIN_HEADS or head.startswith(("l'", "d'", "c'", "n'", "s'"))
    return text[0].lower() + text[1:] if plain else text


_PLAIN_HEADS = frozenset(
    {
        *("le", "la", "les", "un", "une", "des", "du", "ce", "cette", "ces", "vos", "votre"),
        *("il", "elle", "on", "vous", "rien", "tout", "si", "sans", "avec", "pour", "en", "dans"),
        *("déclarer", "prévenir", "demander", "tapez", "apportez"),
    }
)
