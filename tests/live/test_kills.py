"""Power cuts: the engine and the service are killed at any moment of a conversation."""

from __future__ import annotations

import itertools
import random
import threading
import time
import uuid
from collections import Counter

import httpx
import pytest

from tests.live.conftest import Process
from tests.support.resident import Resident

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]
PHRASES = (
    "combien ça coûte",
    "quels papiers il faut",
    "c'est où",
    "redites-moi",
    "plus simplement",
)
ANSWER_SECONDS = 100


def send_until_stored(resident: Resident, text: str) -> int:
    """Sends one message as a widget does: again with the same id until it is acknowledged."""
    message_id = str(uuid.uuid4())
    for _ in itertools.count():
        try:
            answer = resident.send(message_id, text=text)
            assert answer.status_code in (200, 202), answer.text
            return int(answer.json()["seq"])
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError


def wait_for_answers(resident: Resident, count: int) -> None:
    """Reads until every message has its answer: here each answer shows one step."""
    end = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end:
        resident.read(wait=2)
        if len([e for e in resident.seen if e["step"] and e["author"] == "bot"]) >= count:
            return
    raise AssertionError(resident.seen)


def check_nothing_lost_or_doubled(resident: Resident, sent: list[tuple[int, str]]) -> None:
    """Every message once, in order; exactly one answer each."""
    seqs = [e["seq"] for e in resident.seen]
    assert seqs == list(range(1, len(seqs) + 1))
    mine = [(e["seq"], e["text"]) for e in resident.seen if e["author"] == "resident"]
    assert mine == sent
    turns = [e for e in resident.seen if e["step"] and e["author"] == "bot"]
    per_turn = Counter(max(s for s, _ in sent if s < e["seq"]) for e in turns)
    assert set(per_turn.values()) == {1}, per_turn
    assert len(per_turn) == len(sent)


def test_the_engine_killed_ten_times(
    engine: tuple[Process, str], service: tuple[Process, str]
) -> None:
    resident = Resident(service[1])
    sent = [(send_until_stored(resident, "je veux refaire mon passeport"),
             "je veux refaire mon passeport")]  # fmt: skip
    chance = random.Random(1)
    for number in range(10):
        text = PHRASES[number % len(PHRASES)]
        kill = threading.Timer(chance.uniform(0, 0.05), engine[0].kill)
        kill.start()
        sent.append((send_until_stored(resident, text), text))
        kill.join()
        engine[0].start()
    wait_for_answers(resident, len(sent))
    check_nothing_lost_or_doubled(resident, sent)


def test_the_service_killed_five_times(
    engine: tuple[Process, str], service: tuple[Process, str]
) -> None:
    resident = Resident(service[1])
    sent = [(send_until_stored(resident, "je veux refaire mon passeport"),
             "je veux refaire mon passeport")]  # fmt: skip
    chance = random.Random(2)
    for number in range(5):
        text = PHRASES[number % len(PHRASES)]
        seq = send_until_stored(resident, text)
        sent.append((seq, text))
        time.sleep(chance.uniform(0, 0.06))
        service[0].kill()
        service[0].start()
    wait_for_answers(resident, len(sent))
    check_nothing_lost_or_doubled(resident, sent)


def test_people_can_ask_for_a_person_while_the_engine_is_away(
    engine: tuple[Process, str], service: tuple[Process, str]
) -> None:
    engine[0].kill()
    try:
        resident = Resident(service[1])
        said = resident.say("je veux refaire mon passeport")
        assert "démarre" in said[0]["text"]
        queued = resident.send(choice="act:human")
        assert queued.status_code == 202
    finally:
        engine[0].start()
    end = time.monotonic() + 30
    while time.monotonic() < end and resident.seen[-1]["state"] != "waiting":
        resident.read(wait=2)
    assert any(e["procedure"] == "ants-passeport" for e in resident.seen)
    assert resident.seen[-1]["state"] == "waiting"
