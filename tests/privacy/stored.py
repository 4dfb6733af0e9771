"""Conversations with all that can hang on them, and what is left of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.commune import model as communes
from bot.commune.model import Commune
from bot.conversation import events, keys
from bot.database.engine import Database
from bot.database.models import (
    Conversation,
    ConversationState,
    ConversationToken,
    Event,
    JournalEntry,
    Rating,
    Ticket,
    TicketNote,
    TicketState,
    Turn,
)
from bot.privacy import transcript

NOW = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)
KEEP_DAYS = 90
WORDS = "je suis Zébulon Quidam et je suis perdu"
HANGING = (ConversationToken, Event, Turn, Rating, Ticket, TicketNote)


def add(
    database: Database,
    name: str,
    days: float,
    ticket: TicketState | None = TicketState.RESOLVED,
    channel: str = "web",
) -> str:
    """Adds a conversation with one of everything that can hang on it; returns its code."""
    code = keys.resume_code("secret", name)
    with database.write() as session:
        conversation = Conversation(
            id=name, commune="demo", audience="resident", channel=channel,
            external_id=f"telegram:{name}" if channel == "telegram" else None,
            state=ConversationState.BOT, guide={}, last_seq=0, resume_hash=keys.digest(code),
        )  # fmt: skip
        session.add(conversation)
        session.flush()
        session.add(ConversationToken(hash=keys.digest(name), conversation_id=name))
        events.append(session, conversation, "message", "resident", WORDS)
        session.add(
            Turn(conversation_id=name, client_message_id="1", seq=1, text=WORDS, status="done")
        )
        events.append(
            session, conversation, "message", "bot", "Ouvrez <b>caf.fr</b>.\nPuis cliquez.",
            links=[
                {"label": "Site de la Caf", "url": "https://www.caf.fr/?a=1&b=2"},
                {"label": "Piège", "url": "javascript:alert(1)"},
            ],
            sources=[
                {"label": "Fiche", "url": "https://www.service-public.gouv.fr/x",
                 "checked_on": "2026-03-01"},
            ],
        )  # fmt: skip
        events.append(session, conversation, "state", "system", "Camille Dutest a rejoint.")
        events.append(
            session, conversation, "message", "counsellor", "Bonjour.", name="Camille Dutest"
        )
        if ticket is not None:
            row = Ticket(
                conversation_id=name, commune="demo", state=ticket, reason="asked",
                card={"last_words": WORDS}, counsellor_id=7,
            )  # fmt: skip
            session.add(row)
            session.flush()
            session.add(
                TicketNote(ticket_id=row.id, counsellor_id=7, text="Rappeler, dit Camille Dutest.")
            )
        session.add(Rating(conversation_id=name, score=4, comment="clair"))
        session.flush()
        conversation.created_at = conversation.active_at = NOW - timedelta(days=days)
    return code


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def left(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Conversation.id)))


def journal(database: Database, action: str) -> list[JournalEntry]:
    with database.read() as session:
        return list(session.scalars(select(JournalEntry).where(JournalEntry.action == action)))


def demo() -> Commune:
    folder = Path(communes.__file__).parent / "communes"
    return communes.load(folder)["demo"]


def parts_of(database: Database, name: str) -> tuple[Conversation, list[Event], Commune]:
    with database.read() as session:
        conversation = session.get_one(Conversation, name)
        found = list(events.after(session, name, 0))
    for rank, event in enumerate(found):
        event.created_at = NOW + timedelta(hours=12 * rank)
    return conversation, found, demo()


def page_of(database: Database, name: str) -> str:
    return transcript.as_html(*parts_of(database, name))
