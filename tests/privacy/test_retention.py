"""What is old goes, and what hangs on it."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import select, text

from bot.database.engine import Database
from bot.database.models import (
    Base,
    Counsellor,
    CounsellorSession,
    Invitation,
    TicketState,
)
from bot.privacy import retention, rights
from bot.services import Services
from tests.privacy.stored import HANGING, KEEP_DAYS, NOW, add, count, journal, left


def test_old_conversations_go_with_all_that_hangs_on_them(database: Database) -> None:
    add(database, "old", 91)
    add(database, "old-telegram", 400, channel="telegram")
    purged = retention.purge(database, KEEP_DAYS, NOW)
    assert purged.conversations == 2
    assert left(database) == set()
    assert [count(database, table) for table in HANGING] == [0] * len(HANGING)
    assert count(database, Counsellor) == 1


def test_recent_conversations_stay_whole(database: Database) -> None:
    add(database, "old", 90.01)
    add(database, "recent", 89.99)
    retention.purge(database, KEEP_DAYS, NOW)
    assert left(database) == {"recent"}
    assert [count(database, table) for table in HANGING] == [1, 4, 1, 1, 1, 1]


@pytest.mark.parametrize("state", [TicketState.WAITING, TicketState.CLAIMED])
def test_an_open_ticket_holds_its_conversation(database: Database, state: TicketState) -> None:
    add(database, "waited-for", 300, ticket=state)
    assert retention.purge(database, KEEP_DAYS, NOW).conversations == 0
    assert left(database) == {"waited-for"}


@pytest.mark.parametrize("state", [TicketState.RESOLVED, TicketState.RETURNED, None])
def test_a_closed_ticket_does_not(database: Database, state: TicketState | None) -> None:
    add(database, "done", 300, ticket=state)
    assert retention.purge(database, KEEP_DAYS, NOW).conversations == 1


def test_a_purge_goes_by_small_batches_to_the_end(database: Database) -> None:
    for rank in range(7):
        add(database, f"old-{rank}", 100 + rank)
    assert retention.purge(database, KEEP_DAYS, NOW, batch=3).conversations == 7
    assert left(database) == set()


def test_expired_sessions_and_invitations_go(database: Database) -> None:
    past, future = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)
    with database.write() as session:
        for name, moment in (("past", past), ("future", future)):
            session.add(CounsellorSession(hash=name, counsellor_id=7, expires_at=moment))
            session.add(Invitation(hash=name, role="admin", commune="demo", expires_at=moment))
    purged = retention.purge(database, KEEP_DAYS, NOW)
    assert (purged.sessions, purged.invitations) == (1, 1)
    with database.read() as session:
        assert list(session.scalars(select(CounsellorSession.hash))) == ["future"]
        assert list(session.scalars(select(Invitation.hash))) == ["future"]


def test_the_journal_has_counts_and_nothing_else(database: Database) -> None:
    add(database, "old", 91)
    retention.purge(database, KEEP_DAYS, NOW)
    (entry,) = journal(database, "privacy.purge")
    assert entry.actor == "system"
    assert entry.details == {
        "keep_days": KEEP_DAYS,
        "conversations": 1,
        "sessions": 0,
        "invitations": 0,
    }


def test_every_table_that_points_to_a_conversation_cascades() -> None:
    """A table added tomorrow must not keep a purge from working, nor outlive the person's data."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            if key.column.table.name in ("conversation", "ticket"):
                assert key.ondelete == "CASCADE", f"{table.name}.{key.parent.name}"


def test_the_words_leave_the_file_itself(database: Database, tmp_path: Path) -> None:
    code = add(database, "gone", 1)
    rights.erase(database, code)
    database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("test.db*"))
    assert b"Quidam" not in kept


def _services(database: Database) -> Services:
    parts = SimpleNamespace(database=database, settings=SimpleNamespace(keep_days=KEEP_DAYS))
    return cast(Services, parts)


async def _run_for(seconds: float, services: Services, every: float) -> None:
    task = asyncio.create_task(retention.retention_loop(services, 0, every))
    await asyncio.sleep(seconds)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_the_loop_purges_again_and_again(database: Database) -> None:
    asyncio.run(_run_for(0.5, _services(database), 0.05))
    assert len(journal(database, "privacy.purge")) >= 2


def test_the_loop_survives_a_failure_and_says_nothing_personal(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    add(database, "old", 10_000)
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE journal RENAME TO elsewhere"))
    caplog.set_level(logging.DEBUG)
    asyncio.run(_run_for(0.4, _services(database), 0.05))
    failures = [record for record in caplog.records if "purge failed" in record.getMessage()]
    assert len(failures) >= 2
    assert "Quidam" not in caplog.text
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO journal"))
    asyncio.run(_run_for(0.2, _services(database), 0.05))
    assert journal(database, "privacy.purge")
