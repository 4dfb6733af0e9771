"""The turn: order, silence, failures, and never the same thing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, update

from bot.conversation.shortcut import Lease, Shortcut
from bot.conversation.turns import TurnRunner
from bot.database import migrate, models
from bot.database.engine import Database
from bot.database.models import Ticket, Turn, TurnStatus
from bot.dialogue.port import EngineUnavailable, NoAnswer
from tests.support.engine import KeywordEngine
from tests.support.resident import Resident
from tests.support.service import Server, configured, running
from tests.support.serving import until
from tests.web.conftest import NewDatabase


@pytest.fixture
def server(tmp_path: Path, new_database: NewDatabase) -> Iterator[Server]:
    with running(tmp_path, engine_patience=4.0, **new_database()) as server:
        yield server


@pytest.fixture
def resident(server: Server) -> Resident:
    """Somebody who has just opened a conversation."""
    return Resident(server.url)


def test_turns_of_one_conversation_are_answered_in_order(
    server: Server, resident: Resident
) -> None:
    server.engine.delay = 0.05
    texts = ["ma carte d'identité", "quel prix", "je vois pas le bouton", "merci"]
    sent = [resident.send(text=text).json()["seq"] for text in texts]
    resident.answer_to(sent[-1])
    until(lambda: len(server.engine.asked) >= 4)
    assert [question.text for question in server.engine.asked] == texts


def test_an_engine_that_comes_back_answers_once(server: Server, resident: Resident) -> None:
    server.engine.fails = EngineUnavailable("away")
    seq = resident.send(text="ma carte d'identité").json()["seq"]
    starting = resident.answer_to(seq)
    assert starting[0]["author"] == "system" and "gardé" in starting[0]["text"]
    server.engine.fails = None
    resident.sees(lambda e: bool(e["step"]))
    resident.read(wait=2)
    assert len([e for e in resident.seen if e["step"]]) == 1
    assert len([e for e in resident.seen if e["author"] == "system"]) == 1


def test_an_engine_that_stays_away_ends_in_an_apology(server: Server, resident: Resident) -> None:
    server.engine.fails = EngineUnavailable("away")
    seq = resident.send(text="ma carte d'identité").json()["seq"]
    resident.sees(lambda e: "désolé" in e["text"])
    said = [e for e in resident.seen if e["seq"] > seq]
    assert "désolé" in said[-1]["text"]
    assert [c["id"] for c in said[-1]["choices"]] == ["act:human"]


def test_a_wordless_engine_is_asked_twice_then_apologised_for(
    server: Server, resident: Resident
) -> None:
    server.engine.fails = NoAnswer("crashed action")
    answer = resident.say("ma carte d'identité")
    assert "désolé" in answer[0]["text"] and answer[0]["choices"]
    assert len(server.engine.asked) == 2


def test_a_person_can_be_asked_for_without_the_engine(server: Server, resident: Resident) -> None:
    server.engine.fails = EngineUnavailable("away")
    resident.say(choice="act:human")
    assert resident.seen[-1]["state"] == "waiting"
    assert server.engine.asked == []


def test_asking_twice_opens_one_ticket_and_leaving_the_queue_gives_the_bot_back(
    server: Server, resident: Resident
) -> None:
    first = resident.say("je veux un humain")
    assert first[0]["queue"]["position"] == 1 and first[0]["state"] == "waiting"
    resident.say(choice="act:human")
    with server.services.database.read() as session:
        assert len(session.scalars(select(Ticket)).all()) == 1
    noted = resident.say("vous êtes là ?")
    assert "noté" in noted[0]["text"]
    resident.say(choice="queue:leave")
    assert resident.seen[-1]["state"] == "bot"
    assert resident.say("ma carte d'identité")[-1]["procedure"] == "ants-carte-identite"


def test_distress_is_answered_even_in_the_queue(resident: Resident) -> None:
    resident.say("je veux un humain")
    numbers = resident.say("je veux mourir")
    assert "3114" in numbers[0]["text"] and numbers[0]["state"] == "waiting"


def test_words_of_the_bot_are_dropped_when_a_counsellor_claims_meanwhile(
    server: Server, resident: Resident
) -> None:
    marie = server.counsellor("marie@ville.fr")
    resident.say("je veux un humain")
    with server.services.database.read() as session:
        [ticket] = session.scalars(select(Ticket.id)).all()
    server.engine.before = lambda: server.services.desk.claim(marie, ticket)
    seq = resident.send(text="ma carte d'identité").json()["seq"]
    resident.sees(lambda e: e["state"] == "counsellor")
    until(lambda: _all_done(server))
    resident.read(wait=0)
    after = [e for e in resident.seen if e["seq"] > seq]
    assert {e["author"] for e in after} == {"system"}
    assert after[-1]["state"] == "counsellor"
    silent = resident.send(text="merci").json()["seq"]
    resident.read(wait=0)
    resident.read(wait=1.5)
    assert [e["seq"] for e in resident.seen if e["seq"] >= silent] == [silent]
    assert "merci" not in [q.text for q in server.engine.asked]


def _all_done(server: Server) -> bool:
    """Tells whether every turn has ended, with an answer or without."""
    with server.services.database.read() as session:
        under_way = Turn.status.in_((TurnStatus.PENDING, TurnStatus.RUNNING))
        return not session.scalars(select(Turn.id).where(under_way)).all()


def test_a_turn_whose_holder_died_is_taken_again_and_the_dead_one_says_nothing(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    with running(tmp_path, **new_database()) as server:
        resident = Resident(server.url)
    # Nobody runs turns now: two runners, by hand, on the same database.
    services = server.services
    database = Database(services.settings.database)
    conversations = services.conversations
    first, second = (
        TurnRunner(database, services.wakeups, services.communes, services.guide,
                   KeywordEngine(), services.search, Shortcut(60), 60)
        for _ in range(2)
    )  # fmt: skip
    services.inbox.receive(resident.keys["id"], "m1", text="merci")
    lease, later = (Lease(name, models.now() + timedelta(minutes=1)) for name in ("one", "two"))
    dead = first.claim(lease)
    assert dead is not None and second.claim(later) is None
    with database.write() as session:
        session.execute(update(Turn).values(lease_until=models.now()))
    alive = second.claim(later)
    assert alive is not None and (alive.id, alive.attempts) == (dead.id, 2)
    first._commit(dead, None)
    with database.read() as session:
        assert session.scalars(select(Turn.status)).all() == [TurnStatus.RUNNING]
    second._commit(alive, None)
    spoken = conversations.events_after(resident.keys["id"], 3)
    assert len(spoken) == 1
    services.database.close()
    database.close()


def test_the_migrations_give_the_tables_of_the_models(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    database = Database(configured(tmp_path, **new_database()).database)
    migrate.upgrade(database)
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, models.Base.metadata) == []
    database.close()
