"""The event table: what the readers of a conversation see, in order, without a gap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.database.models import Conversation, Event, now


def append(
    session: Session,
    conversation: Conversation,
    kind: str,
    author: str,
    text: str = "",
    **payload: Any,
) -> Event:
    """Adds an event at the end of a conversation.

    Args:
        session: A write transaction.
        conversation: Where to add it; its row is locked until the commit.
        kind: `message` or `state`.
        author: `resident`, `bot`, `counsellor` or `system`.
        text: Masked text.
        payload: `choices`, `sources`, `links`, `procedure`, `step`, `queue`, `name`.
    """
    seq = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation.id)
        .values(last_seq=Conversation.last_seq + 1, active_at=now())
        .returning(Conversation.last_seq)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    session.refresh(conversation, ["last_seq", "active_at"])
    event = Event(
        conversation_id=conversation.id,
        seq=seq,
        type=kind,
        author=author,
        text=text,
        payload={"state": conversation.state, **{k: v for k, v in payload.items() if v}},
    )
    session.add(event)
    session.flush()
    return event


def after(session: Session, conversation_id: str, seq: int, limit: int = 200) -> Sequence[Event]:
    """Returns the events that follow a cursor, oldest first."""
    return session.scalars(
        select(Event)
        .where(Event.conversation_id == conversation_id, Event.seq > seq)
        .order_by(Event.seq)
        .limit(limit)
    ).all()


def as_json(event: Event) -> dict[str, Any]:
    """Returns an event in the terms of the API."""
    payload = event.payload
    return {
        "seq": event.seq,
        "type": event.type,
        "author": event.author,
        "name": payload.get("name"),
        "text": event.text,
        "choices": payload.get("choices", []),
        "sources": payload.get("sources", []),
        "links": payload.get("links", []),
        "procedure": payload.get("procedure"),
        "step": payload.get("step"),
        "state": payload["state"],
        "queue": payload.get("queue"),
        "created_at": event.created_at.isoformat(),
    }


def speak(
    session: Session, conversation: Conversation, author: str, part: dict[str, Any], **more: Any
) -> Event:
    """Adds a bubble, in the terms of the API, to a conversation."""
    fields = {k: part.get(k) for k in ("choices", "sources", "links", "procedure", "step")}
    return append(session, conversation, "message", author, part["text"], **fields, **more)
