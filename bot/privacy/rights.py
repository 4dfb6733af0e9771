"""The person's rights: to have everything that is held on them, and to have it deleted.

The code to come back with is the only key: there is no account, hence no name to ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversation import keys
from bot.conversation.events import as_json
from bot.database.engine import Database
from bot.database.models import (
    Conversation,
    ConversationToken,
    Counsellor,
    Event,
    Rating,
    Ticket,
    TicketNote,
    Turn,
    now,
)
from bot.errors import NotFound
from bot.journal import service as journal
from bot.privacy.retention import delete_conversations


def export(database: Database, typed_code: str, actor: str = "resident") -> dict[str, Any]:
    """Returns everything that is held on the person, as JSON data.

    Counsellors appear by their first name alone.

    Args:
        database: Where.
        typed_code: The code to come back with, as the person typed it.
        actor: Who asks, for the journal: `resident`, `cli` or `counsellor:<id>`.

    Raises:
        NotFound: No conversation has this code.
    """
    with database.write() as session:
        conversation = _by_code(session, typed_code)
        messages = _of(session, Event, conversation.id, Event.seq)
        tickets = _of(session, Ticket, conversation.id, Ticket.id)
        turns = _of(session, Turn, conversation.id, Turn.seq)
        devices = _of(session, ConversationToken, conversation.id, ConversationToken.created_at)
        rating = session.get(Rating, conversation.id)
        data = {
            "exported_at": now().isoformat(),
            "conversation": {
                "id": conversation.id,
                "commune": conversation.commune,
                "audience": conversation.audience,
                "channel": conversation.channel,
                "address_on_channel": conversation.external_id,
                "state": conversation.state,
                "guide": conversation.guide,
                "created_at": _when(conversation.created_at),
                "active_at": _when(conversation.active_at),
            },
            "devices": [{"created_at": _when(device.created_at)} for device in devices],
            "messages": [as_json(event) for event in messages],
            "turns": [
                {
                    "seq": turn.seq,
                    "text": turn.text,
                    "choice": turn.choice,
                    "status": turn.status,
                    "created_at": _when(turn.created_at),
                }
                for turn in turns
            ],
            "tickets": [_ticket(session, ticket) for ticket in tickets],
            "rating": {
                "score": rating.score,
                "comment": rating.comment,
                "created_at": _when(rating.created_at),
            }
            if rating
            else None,
        }
        journal.note(
            session,
            actor,
            "privacy.export",
            "conversation",
            messages=len(messages),
            tickets=len(tickets),
        )
        return dict(_first_names_only(data, _full_names(session, messages)))


def erase(database: Database, typed_code: str, actor: str = "resident") -> dict[str, int]:
    """Deletes everything that is held on the person; an open ticket goes too.

    Args:
        database: Where.
        typed_code: The code to come back with, as the person typed it.
        actor: Who asks, for the journal.

    Returns:
        How many conversations, messages and tickets are gone.

    Raises:
        NotFound: No conversation has this code.
    """
    with database.write() as session:
        conversation = _by_code(session, typed_code)
        counts = {
            "messages": _count(session, Event, conversation.id),
            "tickets": _count(session, Ticket, conversation.id),
        }
        counts = {"conversations": delete_conversations(session, [conversation.id]), **counts}
        journal.note(session, actor, "privacy.erase", "conversation", **counts)
        return counts


def _by_code(session: Session, typed_code: str) -> Conversation:
    code = keys.digest(keys.normal_code(typed_code))
    conversation = session.scalar(select(Conversation).where(Conversation.resume_hash == code))
    if conversation is None:
        raise NotFound("Ce code ne correspond à aucune conversation. Vérifiez-le.")
    return conversation


def _of(session: Session, table: Any, conversation_id: str, order: Any) -> Sequence[Any]:
    return session.scalars(
        select(table).where(table.conversation_id == conversation_id).order_by(order)
    ).all()


def _count(session: Session, table: Any, conversation_id: str) -> int:
    query = select(func.count()).select_from(table)
    return session.scalar(query.where(table.conversation_id == conversation_id)) or 0


def _ticket(session: Session, ticket: Ticket) -> dict[str, Any]:
    notes = session.scalars(
        select(TicketNote).where(TicketNote.ticket_id == ticket.id).order_by(TicketNote.id)
    )
    return {
        "state": ticket.state,
        "reason": ticket.reason,
        "card": ticket.card,
        "counsellor": _first_name(_name(session, ticket.counsellor_id)),
        "created_at": _when(ticket.created_at),
        "claimed_at": _when(ticket.claimed_at),
        "closed_at": _when(ticket.closed_at),
        "notes": [
            {
                "text": note.text,
                "counsellor": _first_name(_name(session, note.counsellor_id)),
                "created_at": _when(note.created_at),
            }
            for note in notes
        ],
    }


def _name(session: Session, counsellor_id: int | None) -> str | None:
    counsellor = session.get(Counsellor, counsellor_id) if counsellor_id is not None else None
    return counsellor.name if counsellor else None


def _first_name(name: str | None) -> str | None:
    return name.split()[0] if name and name.split() else None


def _full_names(session: Session, messages: Sequence[Event]) -> dict[str, str]:
    """Returns the full names that may stand in the texts (« … a rejoint la conversation »).

    Accounts that are gone are still named in the messages they wrote.
    """
    names = set(session.scalars(select(Counsellor.name)))
    names |= {str(event.payload["name"]) for event in messages if event.payload.get("name")}
    return {name: _first_name(name) or "" for name in names if len(name.split()) > 1}


def _first_names_only(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, first in names.items():
            value = value.replace(name, first)
        return value
    if isinstance(value, Mapping):
        return {key: _first_names_only(inner, names) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_first_names_only(inner, names) for inner in value]
    return value


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
