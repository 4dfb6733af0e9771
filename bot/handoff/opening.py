"""The hand-over from the bot's side: a ticket is opened, or the person no longer waits."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.commune.model import Commune
from bot.conversation import events
from bot.conversation.events import speak
from bot.database.models import Conversation, Ticket, TicketState, now
from bot.handoff import card, queue
from bot.handoff.moves import make
from bot.handoff.states import ANSWERS, OPEN, Move
from bot.journal import service as journal
from knowledge.guide import Guide
from knowledge.texts import say


def open_ticket(
    session: Session,
    conversation: Conversation,
    commune: Commune,
    guide: Guide,
    reason: str,
) -> Ticket:
    """Opens a ticket, or returns the open one, and tells the person how long it may take.

    Args:
        session: A write transaction.
        conversation: Whose; its state becomes `waiting`.
        commune: Its commune.
        guide: Describes where the person is.
        reason: Why a person is needed.
    """
    ticket = open_ticket_of(session, conversation.id)
    if ticket is None:
        ticket = Ticket(
            conversation_id=conversation.id,
            commune=conversation.commune,
            state=TicketState.WAITING,
            reason=reason,
            card={
                **card.draw(session, conversation, guide),
                "unattended": not queue.present(session, commune.id),
            },
        )
        session.add(ticket)
        conversation.state = ANSWERS[TicketState.WAITING]
        session.flush()
        journal.note(session, "resident", "ticket.open", f"ticket:{ticket.id}", reason=reason)
        text = queue.announce(session, ticket, commune)
    else:
        text = say("service.queue_already")
    place = queue.place(session, ticket)
    part = {"text": text, "choices": [{"id": "queue:leave", "label": say("labels.leave_queue")}]}
    speak(session, conversation, "system", part, queue=place)
    return ticket


def open_ticket_of(session: Session, conversation_id: str) -> Ticket | None:
    """Returns the open ticket of a conversation, or None."""
    return session.scalar(
        select(Ticket).where(Ticket.conversation_id == conversation_id, Ticket.state.in_(OPEN))
    )


def cancel(session: Session, conversation: Conversation) -> None:
    """The person no longer waits: the bot answers again."""
    ticket = open_ticket_of(session, conversation.id)
    if ticket is None or ticket.state != TicketState.WAITING:
        return
    make(session, ticket, Move.CANCEL)
    ticket.closed_at = now()
    conversation.state = ANSWERS[TicketState.CANCELLED]
    events.append(session, conversation, "state", "system", say("service.queue_cancelled"))
    journal.note(session, "resident", "ticket.cancel", f"ticket:{ticket.id}")
