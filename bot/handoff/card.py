"""The hand-over card: what a counsellor needs to know before the first word."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.database.models import Conversation, Event
from knowledge import communes, walk
from knowledge.guide import Guide
from knowledge.reply import State

WORDS_KEPT = 10


def draw(session: Session, conversation: Conversation, guide: Guide) -> dict[str, Any]:
    """Draws the card of a conversation, from what is stored: identifiers are masked already.

    Returns:
        `procedure`, `procedure_label`, `step`, `step_text`, `progress` (number, total), `answers`
        (question, answer), `tried` (what the person was told at the blocked step), `documents`,
        `last_words` and `sources`; `place`, the commune they named, where there is one. Without a
        procedure, only `last_words` and `place`.
    """
    recent = session.scalars(
        select(Event)
        .where(Event.conversation_id == conversation.id, Event.type == "message")
        .order_by(Event.seq.desc())
        .limit(40)
    ).all()
    # A button's label is no word of theirs.
    words = [
        event.text
        for event in recent
        if event.author == "resident" and not event.payload.get("choice")
    ]
    facts: dict[str, Any] = {"last_words": words[0] if words else "", "words": words[:WORDS_KEPT]}
    state = guide.fit(State.from_json(conversation.guide))
    if place := communes.by_insee(state.place or ""):
        facts["place"] = place.name
    # Somebody who has just stopped asks for a person about what they stopped.
    position = state.current or (state.paused[-1] if state.paused else None)
    if position is None:
        return facts
    procedure = guide.catalogue[position.procedure]
    facts |= {
        "procedure": procedure.id,
        "procedure_label": procedure.label,
        "answers": [
            {
                "question": procedure.step(step).text,
                "answer": procedure.step(step).choice(choice).label,
            }
            for step, choice in position.answers.items()
        ],
        "documents": [d.text for d in walk.documents(procedure, position.answers)],
        "sources": [{"label": s.label, "url": s.url} for s in procedure.sources],
    }
    if not position.finished:
        step = procedure.step(position.step)
        helps = {blockage.help: blockage.when for blockage in step.stuck}
        facts |= {
            "step": step.id,
            "step_text": step.text,
            "progress": list(walk.progress(procedure, position)),
            "tried": [helps[event.text] for event in reversed(recent) if event.text in helps],
        }
    return facts


def steps(conversation: Conversation, guide: Guide) -> list[dict[str, Any]]:
    """Returns the steps a conversation can be given back at: `id`, `text`, `current`."""
    position = guide.fit(State.from_json(conversation.guide)).current
    if position is None:
        return []
    procedure = guide.catalogue[position.procedure]
    return [
        {"id": step.id, "text": step.text, "current": step.id == position.step}
        for step in procedure.steps
    ]
