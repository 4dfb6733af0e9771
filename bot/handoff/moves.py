"""A move of a ticket, made once: two people who try the same one do not both succeed."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.database.models import Ticket, TicketState
from bot.handoff.states import Move, MoveRefused, after


def make(session: Session, ticket: Ticket, move: Move) -> None:
    """Changes a ticket's state if nobody changed it meanwhile.

    Raises:
        MoveRefused: The move is not allowed from where the ticket is.
    """
    before = TicketState(ticket.state)
    target = after(before, move)
    done = session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.state == before)
        .values(state=target)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    if not done:
        raise MoveRefused
    session.refresh(ticket, ["state"])
