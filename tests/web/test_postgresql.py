"""What only PostgreSQL can break: several who write at the same moment, in several processes.

The resident API and the turns run on PostgreSQL too, where they are tested (see `new_database`).
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, update

from bot.database import models
from bot.database.engine import Database
from bot.database.models import Base, Conversation, ConversationState, Counsellor, Ticket, Turn
from bot.errors import NotFound, ServiceError
from bot.handoff.states import TicketAlreadyClaimed
from bot.privacy import retention, rights
from tests.support.postgresql import Cluster
from tests.support.resident import Resident
from tests.support.service import Server, running
from tests.support.serving import until

ROOT = Path(__file__).parents[2]
PROCEDURE = "caf-declaration-trimestrielle"
ROUNDS = 12
HANGING = (models.ConversationToken, models.Event, Turn, models.Rating, Ticket, models.TicketNote)
_numbers = itertools.count()
T = TypeVar("T")


@pytest.fixture(scope="module")
def server(postgresql: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service on a new database."""
    url = postgresql.new_database()
    with running(tmp_path_factory.mktemp("var"), database_url=url) as server:
        yield server


@pytest.fixture
def counsellor(server: Server) -> Callable[[], Counsellor]:
    """Creates an account."""
    return lambda: server.counsellor(f"pg{next(_numbers)}@ville.fr")


def at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """Does everything at the same moment; returns what each gave, or its error."""
    start = threading.Barrier(len(acts))

    def do(act: Callable[[], T]) -> T | Exception:
        start.wait(20)
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(do, acts))


def unexpected(results: Sequence[object]) -> list[object]:
    """Returns the errors that are not a refusal of the service: a deadlock is among them."""
    return [e for e in results if isinstance(e, Exception) and not isinstance(e, ServiceError)]


def ticket_of(server: Server, resident: Resident) -> int:
    with server.services.database.read() as session:
        query = select(Ticket.id).where(Ticket.conversation_id == resident.keys["id"])
        return session.scalars(query.order_by(Ticket.id.desc())).all()[0]


def state_of(server: Server, resident: Resident) -> str:
    return str(server.services.conversations.get(resident.keys["id"]).state)


def all_answered(server: Server, resident: Resident) -> bool:
    with server.services.database.read() as session:
        query = select(Turn.status).where(Turn.conversation_id == resident.keys["id"])
        return not {"pending", "running"} & set(session.scalars(query))


def rows(server: Server, table: Any) -> int:
    with server.services.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_two_services_that_start_together_make_the_tables_once(postgresql: Cluster) -> None:
    url = postgresql.new_database()
    code = (
        "import sys; from bot.database import migrate; from bot.database.engine import Database; "
        "migrate.upgrade(Database(sys.argv[1]))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    database = Database(url)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()


def test_the_whole_exchange(server: Server, counsellor: Callable[[], Counsellor]) -> None:
    resident, marie, desk = Resident(server.url), counsellor(), server.services.desk
    resident.asks(PROCEDURE, "ma page reste blanche")
    ticket = ticket_of(server, resident)
    [brief] = [
        t
        for t in server.services.tickets.all(marie, models.TicketState.WAITING)
        if t["id"] == ticket
    ]
    assert brief["last_words"] == "ma page reste blanche"
    desk.claim(marie, ticket)
    desk.reply(marie, ticket, "Bonjour.")
    desk.note(marie, ticket, "À rappeler")
    resident.sees(lambda e: e["author"] == "counsellor" and e["text"] == "Bonjour.")
    kept = resident.write(text="ma carte d'identité")
    whole = server.services.tickets.one(marie, ticket)
    assert whole["card"]["procedure"] == PROCEDURE and whole["notes"] and whole["awaits_reply"]
    step = whole["steps"][2]["id"]
    desk.return_to_bot(marie, ticket, step)
    back = resident.sees(lambda e: e["seq"] > kept and e["step"] is not None)
    assert (back["author"], back["step"], back["state"]) == ("bot", step, "bot")
    assert resident.say("bonjour")[-1]["author"] == "bot"
    seqs = [event["seq"] for event in resident.events()]
    assert seqs == list(range(1, len(seqs) + 1))
    assert "ma carte d'identité" not in [q.text for q in server.engine.asked]


def test_many_messages_at_once_are_all_stored_in_one_order(server: Server) -> None:
    resident = Resident(server.url)
    texts = [f"message {number}" for number in range(8)]
    sent = at_once(*(partial(resident.write, text=text) for text in texts))
    assert not [result for result in sent if isinstance(result, Exception)]
    by_seq = [text for _, text in sorted(zip(sent, texts, strict=True))]
    until(lambda: len([q for q in server.engine.asked if q.text in texts]) == len(texts))
    resident.sees(lambda e: e["author"] == "bot" and e["seq"] > max(sent))
    mine = [e["text"] for e in resident.events() if e["author"] == "resident"]
    assert mine == by_seq
    assert [q.text for q in server.engine.asked if q.text in texts] == by_seq


def test_of_simultaneous_claims_exactly_one_wins(
    server: Server, counsellor: Callable[[], Counsellor]
) -> None:
    people, desk = [counsellor() for _ in range(2)], server.services.desk
    for _ in range(ROUNDS):
        resident = Resident(server.url)
        resident.asks()
        ticket = ticket_of(server, resident)
        results = at_once(*(partial(desk.claim, who, ticket) for who in people))
        assert sorted(type(result) for result in results if result) == [TicketAlreadyClaimed]
        winner = people[results.index(None)]
        assert server.services.tickets.one(winner, ticket)["counsellor_id"] == winner.id
        joined = [e for e in resident.events() if e["state"] == "counsellor"]
        assert len(joined) == 1
        desk.resolve(winner, ticket)


def test_leaving_the_queue_while_a_counsellor_claims_has_one_outcome(
    server: Server, counsellor: Callable[[], Counsellor]
) -> None:
    marie, desk = counsellor(), server.services.desk
    for _ in range(ROUNDS):
        resident = Resident(server.url)
        resident.asks()
        ticket = ticket_of(server, resident)
        left, claimed = at_once(
            partial(resident.write, choice="queue:leave"), partial(desk.claim, marie, ticket)
        )
        assert not unexpected([left, claimed])
        until(partial(all_answered, server, resident))
        state = server.services.tickets.one(marie, ticket)["state"]
        assert (state, state_of(server, resident)) in (
            ("claimed", ConversationState.COUNSELLOR),
            ("cancelled", ConversationState.BOT),
        )
        assert (state == "claimed") == (claimed is None)


def test_erasing_in_the_middle_of_an_exchange_leaves_nothing(
    server: Server, counsellor: Callable[[], Counsellor]
) -> None:
    marie, services = counsellor(), server.services
    for _ in range(ROUNDS):
        resident = Resident(server.url)
        resident.asks()
        ticket = ticket_of(server, resident)
        code = resident.keys["resume_code"]
        results = at_once(
            partial(resident.send, text="bonjour"),
            partial(services.desk.claim, marie, ticket),
            partial(rights.erase, services.database, code),
        )
        assert not unexpected(results)
        assert results[0].status_code in (202, 404) and results[2]["conversations"] == 1
        with pytest.raises(NotFound):
            services.conversations.get(resident.keys["id"])
    with services.database.read() as session:
        for table in (Turn, Ticket, models.Event, models.ConversationToken):
            known = select(Conversation.id)
            assert not session.scalars(
                select(table).where(table.conversation_id.not_in(known))
            ).all()


def test_a_purge_takes_the_old_with_all_that_hangs_on_them(
    postgresql: Cluster, tmp_path: Path
) -> None:
    with running(tmp_path, database_url=postgresql.new_database()) as server:
        services, marie = server.services, server.counsellor("pg@ville.fr")
        old, waiting = Resident(server.url), Resident(server.url)
        old.asks(PROCEDURE)
        services.desk.note(marie, ticket_of(server, old), "à voir")
        services.desk.claim(marie, ticket_of(server, old))
        services.desk.resolve(marie, ticket_of(server, old))
        services.conversations.rate(old.keys["id"], 4, "clair")
        services.conversations.rate(old.keys["id"], 5, "très clair")
        waiting.asks()
        with services.database.write() as session:
            session.execute(
                update(Conversation).values(active_at=models.now() - timedelta(days=91))
            )
        assert rights.export(services.database, old.keys["resume_code"])["rating"]["score"] == 5
        assert all(rows(server, table) for table in HANGING)
        both = at_once(*[partial(retention.purge, services.database, 90)] * 2)
        assert not unexpected(both)
        assert sum(purged.conversations for purged in both) == 1
        assert rows(server, Conversation) == 1
        services.desk.claim(marie, ticket_of(server, waiting))
        assert rights.erase(services.database, waiting.keys["resume_code"])["tickets"] == 1
        assert [rows(server, table) for table in HANGING] == [0] * len(HANGING)
        assert rows(server, Counsellor) == 1


def test_two_services_on_one_database_never_answer_twice(
    postgresql: Cluster, tmp_path: Path
) -> None:
    url = postgresql.new_database()
    with (
        running(tmp_path / "one", database_url=url, secret="shared") as one,
        running(tmp_path / "two", database_url=url, secret="shared") as two,
    ):
        # More people than one service has workers, and some time to think: both have work.
        people = [Resident(service.url) for service in (one, two) for _ in range(4)]
        one.engine.delay = two.engine.delay = 0.2
        texts = ["merci"] * 3
        before = {person.path: len(person.seen) for person in people}

        def write(person: Resident) -> list[int]:
            return [person.write(text=text) for text in texts]

        sent = at_once(*(partial(write, person) for person in people))
        assert not [result for result in sent if isinstance(result, Exception)]
        for person, seqs in zip(people, sent, strict=True):
            until(partial(all_answered, one, person))
            said = person.events()[before[person.path] :]
            assert [e["seq"] for e in said if e["author"] == "resident"] == seqs
            assert [e["author"] for e in said].count("bot") == len(texts)
        keys = Counter(question.key for question in one.engine.asked + two.engine.asked)
        assert len(keys) == len(people) * len(texts) and set(keys.values()) == {1}
        assert one.engine.asked and two.engine.asked, "one of them did nothing"
