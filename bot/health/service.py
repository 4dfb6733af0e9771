"""Figures of the service, counted in the database when they are asked for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.database.engine import Database
from bot.database.models import Conversation, Event, Ticket, Turn


def database_state(database: Database) -> str:
    """Returns `up` or `down`."""
    try:
        with database.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "down"
    return "up"


def figures(database: Database) -> CollectorRegistry:
    """Counts conversations, tickets, turns and messages by their state."""
    registry = CollectorRegistry()
    counted = (
        ("passerelle_conversations", "Conversations", "state", Conversation.state, Conversation.id),
        ("passerelle_tickets", "Tickets", "state", Ticket.state, Ticket.id),
        ("passerelle_turns", "Turns", "status", Turn.status, Turn.id),
        ("passerelle_events", "Events", "author", Event.author, Event.seq),
    )
    with database.read() as session:
        for name, title, word, column, key in counted:
            gauge = Gauge(name, f"{title} by {word}", [word], registry=registry)
            for value, count in session.execute(select(column, func.count(key)).group_by(column)):
                gauge.labels(value).set(count)
    return registry
