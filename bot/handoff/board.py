"""What the counsellors' board shows of many conversations at once: short queries, no writing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session, aliased

from bot.database.models import Conversation, Event, Ticket, TicketState, Turn, now
from bot.handoff.states import OPEN
from knowledge.texts import say

# The bot's sentences that admit it could not answer.
UNANSWERED = (
    "not_understood",
    "not_understood_in_step",
    "clarify_failed",
    "other_procedure",
    "other_procedure_agent",
)
MOST_UNANSWERED = 30


class Glimpse(NamedTuple):
    """What changes of an open ticket when something happens to it."""

    state: str
    counsellor_id: int | None
    last_seq: int
    typing: str | None


def glimpses(session: Session, communes: Sequence[str]) -> dict[int, Glimpse]:
    """Returns a glimpse of every open ticket of these communes, by id."""
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.state,
            Ticket.counsellor_id,
            Conversation.last_seq,
            case((Conversation.typing_until > now(), Conversation.typing_author)),
        )
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(Ticket.commune.in_(communes), Ticket.state.in_(OPEN))
    )
    return {row[0]: Glimpse(*row[1:]) for row in rows}


def talks(session: Session, conversation_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Returns, by conversation, what a list says of the exchange.

    Returns:
        `awaits_reply` (the person spoke last) and, where there are any, `last_words`: the last
        ones they typed; the words of a button say little.
    """
    spoken = session.execute(
        select(Event.conversation_id, Event.author, func.max(Event.seq))
        .where(
            Event.conversation_id.in_(conversation_ids),
            Event.type == "message",
            Event.author.in_(("resident", "counsellor")),
        )
        .group_by(Event.conversation_id, Event.author)
    ).all()
    latest = {(conversation, author): seq for conversation, author, seq in spoken}
    found: dict[str, dict[str, Any]] = {
        conversation: {
            "awaits_reply": latest.get((conversation, "resident"), 0)
            > latest.get((conversation, "counsellor"), 0)
        }
        for conversation, _ in latest
    }
    typed = (
        select(Turn.conversation_id, func.max(Turn.seq).label("seq"))
        .where(Turn.conversation_id.in_(conversation_ids), Turn.choice.is_(None))
        .group_by(Turn.conversation_id)
        .subquery()
    )
    words = session.execute(
        select(Event.conversation_id, Event.text).join(
            typed,
            and_(Event.conversation_id == typed.c.conversation_id, Event.seq == typed.c.seq),
        )
    )
    for conversation, text in words:
        found.setdefault(conversation, {})["last_words"] = text
    return found


def figures(session: Session, communes: Sequence[str], since: datetime) -> dict[str, Any]:
    """Returns the figures of a period, for supervision.

    Args:
        session: A read transaction.
        communes: Whose.
        since: Start of the period; it ends now.

    Returns:
        `waiting` and `claimed` (now); `opened`, `resolved`, `returned`, `cancelled`,
        `conversations` and `median_wait` in minutes or None (over the period); `unanswered`
        (`text`, `count`): what people wrote that the bot could not answer, masked as stored.
    """
    here = Ticket.commune.in_(communes)

    def count(*conditions: Any) -> int:
        query = select(func.count()).select_from(Ticket).where(here, *conditions)
        return session.scalar(query) or 0

    waits = session.execute(
        select(Ticket.created_at, Ticket.claimed_at).where(
            here, Ticket.claimed_at.is_not(None), Ticket.claimed_at >= since
        )
    ).all()
    minutes = [(claimed - created).total_seconds() / 60 for created, claimed in waits if claimed]
    closed = {
        state.value: count(Ticket.state == state, Ticket.closed_at >= since)
        for state in (TicketState.RESOLVED, TicketState.RETURNED, TicketState.CANCELLED)
    }
    conversations = session.scalar(
        select(func.count())
        .select_from(Conversation)
        .where(Conversation.commune.in_(communes), Conversation.created_at >= since)
    )
    return {
        "waiting": count(Ticket.state == TicketState.WAITING),
        "claimed": count(Ticket.state == TicketState.CLAIMED),
        "opened": count(Ticket.created_at >= since),
        **closed,
        "median_wait": round(median(minutes)) if minutes else None,
        "conversations": conversations or 0,
        "unanswered": _unanswered(session, communes, since),
    }


def _unanswered(session: Session, communes: Sequence[str], since: datetime) -> list[dict[str, Any]]:
    asked, answered = aliased(Event), aliased(Event)
    times = func.count().label("times")
    rows = session.execute(
        select(asked.text, times)
        .join(
            answered,
            and_(
                answered.conversation_id == asked.conversation_id,
                answered.seq == asked.seq + 1,
                answered.author == "bot",
                answered.text.in_([say(key).strip() for key in UNANSWERED]),
            ),
        )
        .join(Conversation, Conversation.id == asked.conversation_id)
        .where(
            Conversation.commune.in_(communes),
            asked.author == "resident",
            asked.created_at >= since,
        )
        .group_by(asked.text)
        .order_by(times.desc(), asked.text)
        .limit(MOST_UNANSWERED)
    )
    return [{"text": text, "count": number} for text, number in rows]
