"""Buttons: one can be pressed in a conversation where it was offered, however long ago."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.database.models import Event
from bot.errors import Invalid
from knowledge.guide import ACTS
from knowledge.texts import label

REMEMBERED = 200


class UnknownChoice(Invalid):
    """The button was never offered in this conversation."""

    code = "unknown_choice"
    message = "Ce bouton n'existe pas dans cette conversation. Écrivez plutôt votre réponse."


def label_of(session: Session, conversation_id: str, choice: str) -> str:
    """Returns the words of a button that was offered here.

    Raises:
        UnknownChoice: It was not.
    """
    offered = session.scalars(
        select(Event.payload)
        .where(Event.conversation_id == conversation_id, Event.author != "resident")
        .order_by(Event.seq.desc())
        .limit(REMEMBERED)
    )
    for payload in offered:
        for button in payload.get("choices", []):
            if button["id"] == choice:
                return str(button["label"])
    kind, _, act = choice.partition(":")
    if kind == "act" and act in ACTS:
        return _act_label(act)
    raise UnknownChoice


def _act_label(act: str) -> str:
    try:
        return label(act)
    except KeyError as error:
        raise UnknownChoice from error
