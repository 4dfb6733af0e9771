"""The resident API, over HTTP."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.support.resident import Resident, client
from tests.support.service import Server, running
from tests.web.conftest import NewDatabase


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("var"), **new_database()) as server:
        yield server


@pytest.fixture
def resident(server: Server) -> Callable[..., Resident]:
    """Opens a conversation."""
    return partial(Resident, server.url)


def test_the_welcome_says_who_it_is_who_answers_and_what_is_kept(
    resident: Callable[..., Resident],
) -> None:
    first, ask = resident().seen
    assert (first["seq"], first["author"], first["state"]) == (1, "bot", "bot")
    for word in ("programme", "conseiller", "mot de passe"):
        assert word in first["text"]
    assert ask["choices"] and all(c["id"].startswith("open:") for c in ask["choices"])


def test_an_agent_is_offered_other_things(resident: Callable[..., Resident]) -> None:
    choices = resident(audience="agent").seen[-1]["choices"]
    assert {c["id"] for c in choices} == {"open:nextcloud-partager", "open:cyber-phishing"}


def test_an_event_has_every_field_of_the_contract(resident: Callable[..., Resident]) -> None:
    [summary, step] = resident().say("ma carte d'identité")
    fields = {"seq", "type", "author", "text", "choices", "sources", "links", "procedure", "step",
              "state", "queue", "created_at"}  # fmt: skip
    assert fields <= set(summary)
    assert summary["sources"][0].keys() == {"label", "url", "checked_on"}
    assert step["procedure"] == "ants-carte-identite" and step["step"]
    assert all(set(c) == {"id", "label"} for c in step["choices"])


def test_the_same_message_twice_is_one(resident: Callable[..., Resident]) -> None:
    one = resident()
    message_id = str(uuid.uuid4())
    first = one.send(message_id, text="ma carte d'identité")
    again = one.send(message_id, text="ma carte d'identité")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    one.answer_to(first.json()["seq"])
    one.read(wait=1)
    assert [e["text"] for e in one.seen if e["author"] == "resident"] == ["ma carte d'identité"]


def test_the_same_message_sent_at_once_from_many_threads_is_one(
    resident: Callable[..., Resident],
) -> None:
    one, message_id, start = resident(), str(uuid.uuid4()), threading.Barrier(8)

    def send(_: int) -> tuple[int, int]:
        start.wait(20)
        answer = one.send(message_id, text="merci")
        return answer.status_code, answer.json()["seq"]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(8)))
    assert sorted(code for code, _ in answers) == [200] * 7 + [202]
    assert len({seq for _, seq in answers}) == 1
    assert [e["text"] for e in one.events() if e["author"] == "resident"] == ["merci"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({}, "bad_message"),
        ({"text": "   "}, "bad_message"),
        ({"text": "a" * 2001}, "bad_message"),
        ({"text": "a", "choice": "act:human"}, "bad_message"),
        ({"choice": "answer:nowhere:nothing"}, "unknown_choice"),
        ({"choice": "open:ants-permis-duplicata-x"}, "unknown_choice"),
        ({"choice": "act:whatever"}, "unknown_choice"),
    ],
)
def test_bad_messages_get_a_french_error_and_change_nothing(
    resident: Callable[..., Resident], message: dict[str, str], code: str
) -> None:
    one = resident()
    refused = one.send(**message)
    assert refused.status_code == 422
    error = refused.json()["error"]
    assert error["code"] == code and error["message"].endswith(".")
    assert one.read(wait=0) == []


def test_an_unreadable_body_gets_a_french_error(resident: Callable[..., Resident]) -> None:
    one = resident()
    refused = one.http.post("/messages", content=b"{", headers={"Content-Type": "application/json"})
    assert refused.status_code == 422 and "error" in refused.json()


@pytest.mark.parametrize("key", ["", "Bearer wrong", "Basic abc", "Bearer"])
def test_without_the_key_nothing_is_there(
    resident: Callable[..., Resident], server: Server, key: str
) -> None:
    one = resident()
    for path in ("/events", "/transcript"):
        stranger = client(server.url, headers={"Authorization": key})
        refused = stranger.get(f"{one.path}{path}")
        missing = stranger.get(f"/api/conversations/nope{path}")
        assert refused.status_code == missing.status_code == 404
        assert refused.json() == missing.json()


def test_the_key_of_one_conversation_does_not_open_another(
    resident: Callable[..., Resident], server: Server
) -> None:
    one, other = resident(), resident()
    assert one.http.get(f"{server.url}{other.path}/events").status_code == 404


def test_an_unknown_commune_is_refused(server: Server) -> None:
    refused = client(server.url).post("/api/conversations", json={"commune": "atlantide"})
    assert refused.status_code == 422 and refused.json()["error"]["code"] == "unknown_commune"


def test_a_button_is_shown_with_its_words(resident: Callable[..., Resident]) -> None:
    one = resident()
    step = one.say("ma carte d'identité")[-1]
    choice = step["choices"][0]
    one.say(choice=choice["id"])
    mine = [e["text"] for e in one.seen if e["author"] == "resident"]
    assert mine[-1] == choice["label"]


def test_what_is_stored_is_masked(resident: Callable[..., Resident]) -> None:
    one = resident()
    one.say("mon mail est ana.b@example.org")
    assert "ana.b" not in json.dumps(one.seen)


def test_long_poll_returns_as_soon_as_there_is_something(
    resident: Callable[..., Resident],
) -> None:
    one = resident()
    one.send(text="merci")
    assert one.read(wait=30)


def test_the_stream_gives_the_same_events_and_goes_on_from_the_last_one(
    resident: Callable[..., Resident],
) -> None:
    one = resident()
    one.say("ma carte d'identité")
    headers = {"Accept": "text/event-stream"}
    with one.http.stream("GET", "/events", headers=headers) as stream:
        assert stream.headers["x-accel-buffering"] == "no"
        streamed = _take(stream, len(one.seen))
    assert streamed == [(str(e["seq"]), e) for e in one.seen]
    headers["Last-Event-ID"] = str(one.seen[-2]["seq"])
    with one.http.stream("GET", "/events", headers=headers) as stream:
        assert _take(stream, 1) == streamed[-1:]


def _take(stream: httpx.Response, count: int) -> list[tuple[str, dict]]:
    taken, event_id = [], ""
    for line in stream.iter_lines():
        if line.startswith("id:"):
            event_id = line[3:].strip()
        if line.startswith("data:"):
            taken.append((event_id, json.loads(line[5:])))
            if len(taken) == count:
                break
    return taken


def test_typing_is_a_notice_of_the_stream_and_never_an_event(
    resident: Callable[..., Resident], server: Server
) -> None:
    one = resident()
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(one.cursor)}
    with one.http.stream("GET", "/events", headers=headers) as stream:
        server.services.conversations.typing(one.keys["id"], "counsellor")
        [(event_id, notice)] = _take(stream, 1)
    assert (notice["type"], notice["author"], event_id) == ("typing", "counsellor", "")
    assert one.read(wait=0) == []


def test_rating_is_from_one_to_five(resident: Callable[..., Resident]) -> None:
    one = resident()
    assert one.http.post("/rating", json={"score": 5}).status_code == 204
    assert one.http.post("/rating", json={"score": 2, "comment": "bof"}).status_code == 204
    refused = one.http.post("/rating", json={"score": 6})
    assert refused.status_code == 422 and "1 à 5" in refused.json()["error"]["message"]


def test_the_transcript_can_be_kept(resident: Callable[..., Resident]) -> None:
    one = resident()
    one.say("ma carte d'identité <script>alert(1)</script>")
    page = one.http.get("/transcript")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script>alert" not in page.text and "carte d" in page.text
    text = one.http.get("/transcript", headers={"Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert "<script>alert(1)</script>" in text.text


def test_too_many_messages_and_too_many_conversations(tmp_path: Path) -> None:
    limits = {"messages_per_minute": 3, "conversations_per_minute": 2}
    with running(tmp_path, **limits) as server:
        one = Resident(server.url)
        codes = [one.send(text="merci").status_code for _ in range(5)]
        assert codes == [202, 202, 202, 429, 429]
        Resident(server.url)
        refused = client(server.url).post("/api/conversations", json={"commune": "demo"})
        assert refused.status_code == 429 and "minute" in refused.json()["error"]["message"]


def test_probes(server: Server) -> None:
    assert client(server.url).get("/healthz").json() == {"status": "alive"}
    ready = client(server.url).get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"database": "up", "engine": "up", "telegram": "off"}
    metrics = client(server.url).get("/metrics").text
    assert 'passerelle_conversations{state="bot"}' in metrics
    assert client(server.url).get("/openapi.json").status_code == 200


def test_what_does_not_exist_is_a_french_404(server: Server) -> None:
    missing = client(server.url).get("/api/nothing")
    assert missing.status_code == 404 and missing.json()["error"]["code"] == "not_found"
