"""Retention: what is no longer needed is deleted, by itself, every day."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from bot.database import models
from bot.database.engine import Database
from bot.database.models import Conversation, CounsellorSession, Invitation, Ticket
from bot.handoff.states import OPEN
from bot.journal import service as journal

if TYPE_CHECKING:
    from bot.services import Services

log = logging.getLogger("passerelle.privacy")

BATCH = 200
FIRST_AFTER = 300.0
EVERY = 24 * 3600.0


@dataclass(frozen=True)
class Purged:
    """How many rows a purge deleted."""

    conversations: int
    sessions: int
    invitations: int

    def to_json(self) -> dict[str, int]:
        """Returns the counts as JSON data."""
        return asdict(self)


def purge(
    database: Database, keep_days: int, now: datetime | None = None, batch: int = BATCH
) -> Purged:
    """Deletes what is past its time, and notes how much of it in the journal.

    Conversations not active for `keep_days` go with all that hangs on them, except those with an
    open ticket: somebody still waits. Counsellors' sessions and invitations go once expired.

    Args:
        database: Where.
        keep_days: Days that a conversation is kept after its last sign of life.
        now: The present moment; for tests.
        batch: Conversations per transaction: between two, others may write.
    """
    moment = (now or models.now()).astimezone(UTC)
    conversations = 0
    while deleted := _purge_batch(database, moment - timedelta(days=keep_days), batch):
        conversations += deleted
    with database.write() as session:
        sessions = _count(
            session.execute(delete(CounsellorSession).where(CounsellorSession.expires_at < moment))
        )
        invitations = _count(
            session.execute(delete(Invitation).where(Invitation.expires_at < moment))
        )
        purged = Purged(conversations, sessions, invitations)
        journal.note(
            session, "system", "privacy.purge", "database", keep_days=keep_days, **purged.to_json()
        )
    return purged


def delete_conversations(session: Session, ids: Collection[str]) -> int:
    """Deletes conversations and, by the foreign keys, all that hangs on them.

    Args:
        session: A write transaction.
        ids: Which.

    Returns:
        How many there were.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # Otherwise the words stay readable in the file until their place is used again.
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    return _count(
        session.execute(
            delete(Conversation)
            .where(Conversation.id.in_(ids))
            .execution_options(synchronize_session=False)
        )
    )


def _purge_batch(database: Database, limit: datetime, batch: int) -> int:
    waited_for = exists().where(Ticket.conversation_id == Conversation.id, Ticket.state.in_(OPEN))
    with database.write() as session:
        ids = session.scalars(
            select(Conversation.id)
            .where(Conversation.active_at < limit, ~waited_for)
            .order_by(Conversation.active_at)
            .limit(batch)
            .with_for_update(skip_locked=True)
        ).all()
        return delete_conversations(session, ids) if ids else 0


def _count(result: object) -> int:
    return int(result.rowcount)  # type: ignore[attr-defined]


async def retention_loop(
    services: Services, first_after: float = FIRST_AFTER, every: float = EVERY
) -> None:
    """Purges a few minutes after the start, then once a day, until it is cancelled.

    A purge that fails is logged and tried again the next day: the service goes on.

    Args:
        services: The running service.
        first_after: Seconds before the first purge: a start is busy enough.
        every: Seconds between two purges.
    """
    await asyncio.sleep(first_after)
    while True:
        try:
            purged = await asyncio.to_thread(purge, services.database, services.settings.keep_days)
            log.info("purged %s", purged.to_json())
        except Exception as error:
            # The kind alone: a database error repeats the values of the statement.
            log.error("purge failed: %s", type(error).__name__)
        await asyncio.sleep(every)
