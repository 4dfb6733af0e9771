"""A counsellor arrives: those who asked while nobody was there are told, once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversation import events
from bot.database.engine import Database
from bot.database.models import Conversation, Ticket, TicketState
from bot.handoff import queue
from knowledge.texts import say


def tell_waiting(database: Database, communes: Sequence[str]) -> list[str]:
    """Tells the people who wait in these communes that somebody is there now.

    One transaction for each person, so that nobody's lock waits for the whole queue.

    Args:
        database: Where the tickets are.
        communes: Whom the counsellor serves.

    Returns:
        The ids of the conversations that were told something.
    """
    waiting = (
        select(Ticket)
        .where(Ticket.commune.in_(communes), Ticket.state == TicketState.WAITING)
        .order_by(Ticket.id)
    )
    with database.read() as session:
        untold = [ticket for ticket in session.scalars(waiting) if ticket.card.get("unattended")]
    told = []
    for ticket in untold:
        with database.write() as session:
            if _tell(session, ticket.id, ticket.conversation_id):
                told.append(ticket.conversation_id)
    return told


def _tell(session: Session, ticket_id: int, conversation_id: str) -> bool:
    # The conversation before the ticket, as whoever writes there does.
    conversation = session.get(Conversation, conversation_id, with_for_update=True)
    ticket = session.get(Ticket, ticket_id)
    if conversation is None or ticket is None or ticket.state != TicketState.WAITING:
        return False
    if not ticket.card.get("unattended"):
        return False
    ticket.card = {**ticket.card, "unattended": False}
    place = queue.place(session, ticket)
    events.append(
        session, conversation, "state", "system", say("service.queue_attended"), queue=place
    )
    return True
