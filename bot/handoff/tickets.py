"""What a counsellor reads of tickets: the lists, one ticket and its conversation. No writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.commune.model import Commune
from bot.conversation import events
from bot.database.engine import Database
from bot.database.models import (
    Conversation,
    Counsellor,
    CounsellorCommune,
    Ticket,
    TicketNote,
    TicketState,
    now,
)
from bot.errors import NotFound
from bot.handoff import board, card
from bot.handoff.states import OPEN
from knowledge.guide import Guide

MOST_EVENTS = 400


class Tickets:
    """The tickets, as a counsellor may see them.

    A ticket outside the counsellor's communes does not exist for them (`NotFound`).

    Args:
        database: Where they are.
        communes: The communes by id.
        guide: Names the steps of a card.
    """

    def __init__(self, database: Database, communes: dict[str, Commune], guide: Guide) -> None:
        self._database = database
        self._communes = communes
        self._guide = guide

    def all(self, counsellor: Counsellor, state: TicketState | None) -> list[dict[str, Any]]:
        """Returns the tickets of the counsellor's communes.

        The queue comes oldest first, what is closed latest first.
        """
        with self._database.read() as session:
            query = select(Ticket).where(Ticket.commune.in_(communes_of(session, counsellor)))
            if state is not None:
                query = query.where(Ticket.state == state)
            order = Ticket.id if state in OPEN else Ticket.id.desc()
            found = session.scalars(query.order_by(order).limit(200)).all()
            talks = board.talks(session, [ticket.conversation_id for ticket in found])
            return [
                self._brief(session, ticket) | talks.get(ticket.conversation_id, {})
                for ticket in found
            ]

    def one(self, counsellor: Counsellor, ticket_id: int) -> dict[str, Any]:
        """Returns one ticket, with its card, its notes and the conversation so far."""
        with self._database.read() as session:
            ticket = find(session, counsellor, ticket_id)
            notes = session.scalars(
                select(TicketNote).where(TicketNote.ticket_id == ticket_id).order_by(TicketNote.id)
            )
            conversation = session.get_one(Conversation, ticket.conversation_id)
            talk = board.talks(session, [conversation.id]).get(conversation.id, {})
            since = max(0, conversation.last_seq - MOST_EVENTS)
            return {
                **self._brief(session, ticket),
                **talk,
                "card": ticket.card,
                "conversation": {
                    "id": conversation.id,
                    "state": conversation.state,
                    "audience": conversation.audience,
                    "channel": conversation.channel,
                    "cursor": conversation.last_seq,
                },
                "steps": card.steps(conversation, self._guide),
                "notes": [
                    {
                        "text": note.text,
                        "author": _name(session, note.counsellor_id),
                        "created_at": note.created_at.isoformat(),
                    }
                    for note in notes
                ],
                "events": [
                    events.as_json(event)
                    for event in events.after(session, conversation.id, since, MOST_EVENTS)
                ],
            }

    def events_after(
        self, counsellor: Counsellor, ticket_id: int, seq: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Returns what followed in the conversation of a ticket, and who is typing there."""
        with self._database.read() as session:
            ticket = find(session, counsellor, ticket_id)
            conversation = session.get_one(Conversation, ticket.conversation_id)
            until = conversation.typing_until
            typing = conversation.typing_author if until and until > now() else None
            found = events.after(session, conversation.id, seq)
            return [events.as_json(event) for event in found], typing

    def conversation_of(self, counsellor: Counsellor, ticket_id: int) -> str:
        """Returns the id of a ticket's conversation."""
        with self._database.read() as session:
            return find(session, counsellor, ticket_id).conversation_id

    def _brief(self, session: Session, ticket: Ticket) -> dict[str, Any]:
        return {
            "id": ticket.id,
            "commune": ticket.commune,
            "commune_name": self._communes[ticket.commune].name
            if ticket.commune in self._communes
            else ticket.commune,
            "state": ticket.state,
            "reason": ticket.reason,
            "procedure": ticket.card.get("procedure_label"),
            "step": ticket.card.get("step_text"),
            "last_words": ticket.card.get("last_words"),
            "counsellor": _name(session, ticket.counsellor_id),
            "counsellor_id": ticket.counsellor_id,
            "created_at": ticket.created_at.isoformat(),
            "claimed_at": ticket.claimed_at.isoformat() if ticket.claimed_at else None,
            "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
        }


def find(session: Session, counsellor: Counsellor, ticket_id: int) -> Ticket:
    """Returns a ticket of the counsellor's communes.

    Raises:
    NotFound: There is none.
    """
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.commune not in communes_of(session, counsellor):
        raise NotFound("Cette demande n'existe pas.")
    return ticket


def communes_of(session: Session, counsellor: Counsellor) -> Sequence[str]:
    """Returns the ids of the communes that a counsellor answers for."""
    return session.scalars(
        select(CounsellorCommune.commune).where(CounsellorCommune.counsellor_id == counsellor.id)
    ).all()


def _name(session: Session, counsellor_id: int | None) -> str | None:
    if counsellor_id is None:
        return None
    return session.scalar(select(Counsellor.name).where(Counsellor.id == counsellor_id))
