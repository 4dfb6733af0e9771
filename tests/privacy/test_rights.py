"""Export and erasure, on a real SQLite file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.conversation import events, keys
from bot.database.engine import Database
from bot.database.models import (
    Conversation,
    JournalEntry,
    TicketState,
)
from bot.errors import NotFound
from bot.privacy import retention, rights
from tests.privacy.stored import HANGING, KEEP_DAYS, NOW, WORDS, add, count, journal, left, page_of


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
    page_of(database, "mine")
    rights.erase(database, code)
    add(database, "mine", 91)
    retention.purge(database, KEEP_DAYS, NOW)
    assert not any(word in caplog.text for word in ("Quidam", "Camille", code, "telegram:"))
