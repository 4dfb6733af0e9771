"""The append-only audit: who did what, when. Never a person's words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session

from bot.database.models import JournalEntry


class JournalIsAppendOnly(Exception):
    """Something tried to change or remove an entry."""


def note(session: Session, actor: str, action: str, subject: str, **details: Any) -> None:
    """Adds an entry.

    Args:
        session: The transaction of the act itself.
        actor: `counsellor:<id>`, `resident`, `system` or `cli`.
        action: Dotted word, such as `ticket.claim`.
        subject: What it was done to, such as `ticket:12`.
        details: JSON values; no personal data.
    """
    session.add(JournalEntry(actor=actor, action=action, subject=subject, details=details))


def _refuse(mapper: Mapper[JournalEntry], connection: Connection, target: JournalEntry) -> None:
    raise JournalIsAppendOnly


event.listen(JournalEntry, "before_update", _refuse)
event.listen(JournalEntry, "before_delete", _refuse)
