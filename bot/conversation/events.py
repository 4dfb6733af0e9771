"""The event table: what the readers of a conversation see, in order, without a gap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bot.database.models import Conversation, Event, now
from knowledge.reply import RESUME_CODE
from knowledge.texts import say


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
    return _append_all(session, conversation, [_Draft(kind, author, text, payload)])[0]


def speak(
    session: Session, conversation: Conversation, author: str, part: dict[str, Any], **more: Any
) -> Event:
    """Adds a bubble, in the terms of the API, to a conversation."""
    return _append_all(session, conversation, [_bubble(author, part, more)])[0]


def speak_all(
    session: Session, conversation: Conversation, author: str, parts: Sequence[dict[str, Any]]
) -> None:
    """Adds bubbles at once, in two statements however many they are."""
    _append_all(session, conversation, [_bubble(author, part, {}) for part in parts])


class _Draft(NamedTuple):
    kind: str
    author: str
    text: str
    payload: dict[str, Any]


def _bubble(author: str, part: dict[str, Any], more: dict[str, Any]) -> _Draft:
    fields = {k: part.get(k) for k in ("choices", "sources", "links", "procedure", "step")}
    return _Draft("message", author, part["text"], {**fields, **more})


def _append_all(
    session: Session, conversation: Conversation, drafts: Sequence[_Draft]
) -> list[Event]:
    if not drafts:
        return []
    moment = now()
    last = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation.id)
        .values(last_seq=Conversation.last_seq + len(drafts), active_at=moment)
        .returning(Conversation.last_seq)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    set_committed_value(conversation, "last_seq", last)
    set_committed_value(conversation, "active_at", moment)
    events = [
        Event(
            conversation_id=conversation.id,
            seq=last - len(drafts) + place,
            type=draft.kind,
            author=draft.author,
            text=draft.text,
            payload={
                "state": conversation.state,
                **{k: v for k, v in draft.payload.items() if v},
            },
        )
        for place, draft in enumerate(drafts, 1)
    ]
    session.add_all(events)
    session.flush()
    return events


def after(session: Session, conversation_id: str, seq: int, limit: int = 200) -> Sequence[Event]:
    """Returns the events that follow a cursor, oldest first."""
    return session.scalars(
        select(Event)
        .where(Event.conversation_id == conversation_id, Event.seq > seq)
        .order_by(Event.seq)
        .limit(limit)
    ).all()


def as_json(event: Event, code: str = "") -> dict[str, Any]:
    """Returns an event in the terms of the API.

    Args:
        event: Which.
        code: The code to come back with, for the person it belongs to; nobody else is shown it.
    """
    payload = event.payload
    return {
        "seq": event.seq,
        "type": event.type,
        "author": event.author,
        "name": payload.get("name"),
        "text": words(event, code),
        "choices": payload.get("choices", []),
        "sources": payload.get("sources", []),
        "links": payload.get("links", []),
        "procedure": payload.get("procedure"),
        "step": payload.get("step"),
        "state": payload["state"],
        "queue": payload.get("queue"),
        "created_at": event.created_at.isoformat(),
    }


def words(event: Event, code: str = "") -> str:
    """Returns the text of an event; see `as_json`."""
    return event.text.replace(RESUME_CODE, code or say("service.hidden_code"))
