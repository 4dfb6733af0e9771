"""Retention, export, erasure and transcript, on a real SQLite file."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import func, select, text

from bot.commune import model as communes
from bot.commune.model import Commune
from bot.conversation import events, keys
from bot.database.engine import Database
from bot.database.models import (
    Base,
    Conversation,
    ConversationState,
    ConversationToken,
    Counsellor,
    CounsellorCommune,
    CounsellorSession,
    Event,
    Invitation,
    JournalEntry,
    Rating,
    Role,
    Ticket,
    TicketNote,
    TicketState,
    Turn,
)
from bot.errors import NotFound
from bot.privacy import retention, rights, transcript
from bot.services import Services

NOW = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)
KEEP_DAYS = 90
WORDS = "je suis Zébulon Quidam et je suis perdu"
HANGING = (ConversationToken, Event, Turn, Rating, Ticket, TicketNote)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(found.engine)
    with found.write() as session:
        session.add(
            Counsellor(
                id=7, email="c@exemple.fr", name="Camille Dutest", role=Role.COUNSELLOR,
                password_hash="x",
            )
        )  # fmt: skip
        session.flush()
        session.add(CounsellorCommune(counsellor_id=7, commune="demo"))
    yield found
    found.close()


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


# --- retention ------------------------------------------------------------------------------------


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


# --- export and erasure ---------------------------------------------------------------------------


def test_an_export_holds_everything(database: Database) -> None:
    code = add(database, "mine", 1, channel="telegram")
    add(database, "other", 1)
    data = rights.export(database, code)
    assert json.loads(json.dumps(data)) == data
    assert data["conversation"]["id"] == "mine"
    assert data["conversation"]["address_on_channel"] == "telegram:mine"
    assert data["messages"][0]["text"] == WORDS
    assert len(data["messages"]) == 4
    assert data["turns"][0]["text"] == WORDS
    assert data["tickets"][0]["card"] == {"last_words": WORDS}
    assert data["tickets"][0]["notes"][0]["text"] == "Rappeler, dit Camille."
    assert data["rating"]["score"] == 4
    assert data["rating"]["comment"] == "clair"
    assert len(data["devices"]) == 1


def test_an_export_gives_counsellors_first_names_alone(database: Database) -> None:
    data = rights.export(database, add(database, "mine", 1))
    assert data["tickets"][0]["counsellor"] == "Camille"
    assert data["messages"][3]["name"] == "Camille"
    assert data["messages"][2]["text"] == "Camille a rejoint."
    whole = json.dumps(data)
    assert "Dutest" not in whole
    assert "c@exemple.fr" not in whole


def test_an_export_gives_no_key_away(database: Database) -> None:
    code = add(database, "mine", 1)
    whole = json.dumps(rights.export(database, code))
    assert keys.digest(code) not in whole
    assert keys.digest("mine") not in whole


def test_an_export_of_a_long_conversation_is_whole(database: Database) -> None:
    code = add(database, "mine", 1)
    with database.write() as session:
        conversation = session.get_one(Conversation, "mine")
        for rank in range(300):
            events.append(session, conversation, "message", "resident", f"message {rank}")
    assert len(rights.export(database, code)["messages"]) == 304


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", " "), str.strip])
def test_a_code_is_understood_however_it_is_typed(database: Database, change: Any) -> None:
    code = add(database, "mine", 1)
    assert rights.export(database, change(f" {code} "))["conversation"]["id"] == "mine"


@pytest.mark.parametrize("act", [rights.export, rights.erase])
@pytest.mark.parametrize("code", ["", "AAAAA-AAAAA", "' OR 1=1 --"])
def test_a_wrong_code_finds_nothing_and_leaves_no_trace(
    database: Database, act: Any, code: str
) -> None:
    add(database, "mine", 1)
    with pytest.raises(NotFound):
        act(database, code)
    assert left(database) == {"mine"}
    assert count(database, JournalEntry) == 0


@pytest.mark.parametrize("ticket", [None, TicketState.WAITING, TicketState.CLAIMED])
def test_an_erasure_refuses_nothing(database: Database, ticket: TicketState | None) -> None:
    code = add(database, "mine", 1, ticket=ticket)
    add(database, "other", 1)
    counts = rights.erase(database, code)
    assert counts == {"conversations": 1, "messages": 4, "tickets": 0 if ticket is None else 1}
    assert left(database) == {"other"}
    assert [count(database, table) for table in HANGING] == [1, 4, 1, 1, 1, 1]
    with pytest.raises(NotFound):
        rights.erase(database, code)


def test_the_journal_says_that_it_was_done_and_not_to_whom(database: Database) -> None:
    code = add(database, "mine", 1, channel="telegram")
    rights.export(database, code)
    rights.erase(database, code, actor="cli")
    (exported,) = journal(database, "privacy.export")
    (erased,) = journal(database, "privacy.erase")
    assert (exported.actor, erased.actor) == ("resident", "cli")
    assert exported.details == {"messages": 4, "tickets": 1}
    assert erased.details == {"conversations": 1, "messages": 4, "tickets": 1}
    for entry in (exported, erased):
        said = f"{entry.subject} {entry.details}"
        assert not any(word in said for word in ("mine", code, "Quidam", "Camille"))


def test_nothing_personal_is_logged(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    code = add(database, "mine", 91)
    rights.export(database, code)
    _page(database, "mine")
    rights.erase(database, code)
    add(database, "mine", 91)
    retention.purge(database, KEEP_DAYS, NOW)
    assert not any(word in caplog.text for word in ("Quidam", "Camille", code, "telegram:"))


# --- transcript -----------------------------------------------------------------------------------


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def _commune() -> Commune:
    folder = Path(communes.__file__).parent / "communes"
    return communes.load(folder)["demo"]


def _parts(database: Database, name: str) -> tuple[Conversation, list[Event], Commune]:
    with database.read() as session:
        conversation = session.get_one(Conversation, name)
        found = list(events.after(session, name, 0))
    for rank, event in enumerate(found):
        event.created_at = NOW + timedelta(hours=12 * rank)
    return conversation, found, _commune()


def _page(database: Database, name: str) -> str:
    return transcript.as_html(*_parts(database, name))


def test_a_page_tells_the_conversation(database: Database) -> None:
    add(database, "mine", 0)
    page = _page(database, "mine")
    assert "Ville-Exemple" in page
    assert WORDS in page
    assert "<h2>12 mars 2026</h2>" in page and "<h2>13 mars 2026</h2>" in page
    assert "15 h 05" in page  # 14:05 UTC is 15:05 in Paris
    assert "<strong>Vous</strong>" in page
    assert "<strong>Camille Dutest, conseiller ou conseillère</strong>" in page
    assert "Puis cliquez." in page and "<br>" in page
    assert 'href="https://www.caf.fr/?a=1&amp;b=2"' in page
    assert "vérifié le 1er mars 2026" in page
    assert '<html lang="fr">' in page


def test_a_page_has_nothing_executable_and_no_inline_style(database: Database) -> None:
    add(database, "mine", 0)
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)>" onclick="x {{ 7 * 7 }}'
    with database.write() as session:
        conversation = session.get_one(Conversation, "mine")
        events.append(session, conversation, "message", "resident", evil)
        events.append(session, conversation, "message", "counsellor", "Oui", name=evil)
        events.append(
            session, conversation, "message", "bot", "Voir",
            links=[
                {"label": evil, "url": "https://x.fr/\"onmouseover=\"alert(1)"},
                {"label": "b", "url": " JavaScript:alert(1)"},
                {"label": "c", "url": "data:text/html,<script>alert(1)</script>"},
            ],
            sources=[{"label": evil, "url": "javascript:alert(2)", "checked_on": "<b>"}],
        )  # fmt: skip
    page = _page(database, "mine")
    reader = _Reader(page)
    assert not {"script", "img", "style", "iframe", "b"} & set(reader.tags)
    names = {name for name, _ in reader.attributes}
    assert not any(name.startswith("on") or name == "style" for name in names)
    links = [value or "" for name, value in reader.attributes if name in ("href", "src")]
    assert links[0] == "/static/transcript.css"
    assert all(link.startswith("https://") for link in links[1:])
    assert "{{ 7 * 7 }}" in page


def test_the_style_is_there_and_calls_nobody() -> None:
    file = Path(transcript.__file__).parents[1] / "channels" / "web" / "static" / "transcript.css"
    style = file.read_text(encoding="utf-8")
    assert "@media print" in style
    assert "url(" not in style and "@import" not in style


def test_plain_text_is_not_escaped(database: Database) -> None:
    add(database, "mine", 0)
    told = transcript.as_text(*_parts(database, "mine"))
    assert "Ouvrez <b>caf.fr</b>." in told
    assert "Lien : Site de la Caf – https://www.caf.fr/?a=1&b=2" in told
    assert "javascript:" not in told
    assert "Vous, le 12 mars 2026 à 15 h 05 :" in told
    assert "Source : Fiche, vérifié le 1er mars 2026 – https://www.service-public.gouv.fr/x" in told
    assert "\n\n\n" not in told


def test_an_empty_conversation_is_said_to_be_empty(database: Database) -> None:
    add(database, "mine", 0)
    conversation, _, commune = _parts(database, "mine")
    assert "Cette conversation est vide." in transcript.as_html(conversation, [], commune)
    assert "Cette conversation est vide." in transcript.as_text(conversation, [], commune)
