"""Power cuts: the engine and the service are killed at any moment of a conversation."""

from __future__ import annotations

import itertools
import random
import threading
import time
import uuid

import httpx
import pytest

from tests.live.conftest import Process
from tests.support.resident import Resident

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]
TEXTS = (
    "je veux refaire mon passeport",
    "combien ça coûte",
    "quels papiers il faut",
    "1",
    "c'est où",
    "redites-moi",
    "plus simplement",
    "je vois pas le bouton",
    "revenir en arrière",
    "merci",
)
ANSWER_SECONDS = 180


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


def spoken(resident: Resident) -> list[str]:
    """Returns the bot's words so far; what the service says of the engine's absence is not its."""
    return [event["text"] for event in resident.seen if event["author"] == "bot"]


def undisturbed(url: str) -> list[str]:
    """Returns the bot's words in the same conversation without any power cut."""
    resident = Resident(url)
    for text in TEXTS:
        resident.say(text)
        resident.read(wait=1)
    return spoken(resident)


def check_nothing_lost_or_doubled(
    resident: Resident, sent: list[tuple[int, str]], expected: list[str]
) -> None:
    """Waits for the whole conversation: every message once, in order, answered once."""
    end = time.monotonic() + ANSWER_SECONDS
    while len(spoken(resident)) < len(expected) and time.monotonic() < end:
        resident.read(wait=2)
    resident.read(wait=2)
    assert [e["seq"] for e in resident.seen] == list(range(1, len(resident.seen) + 1))
    assert [(e["seq"], e["text"]) for e in resident.seen if e["author"] == "resident"] == sent
    assert spoken(resident) == expected


def test_the_engine_killed_ten_times(
    engine: tuple[Process, str], service: tuple[Process, str]
) -> None:
    expected = undisturbed(service[1])
    resident, sent, chance = Resident(service[1]), [], random.Random(1)
    for text in TEXTS:
        kill = threading.Timer(chance.uniform(0, 0.05), engine[0].kill)
        kill.start()
        sent.append((send_until_stored(resident, text), text))
        kill.join()
        engine[0].start()
        # Long enough for what waited to be tried again, most times.
        resident.read(wait=chance.uniform(0.5, 2))
    assert len(sent) == 10
    check_nothing_lost_or_doubled(resident, sent, expected)


def test_the_service_killed_five_times(
    engine: tuple[Process, str], service: tuple[Process, str]
) -> None:
    expected = undisturbed(service[1])
    resident, sent, chance = Resident(service[1]), [], random.Random(2)
    for number, text in enumerate(TEXTS):
        sent.append((send_until_stored(resident, text), text))
        if number % 2 == 0:
            time.sleep(chance.uniform(0, 0.06))
            service[0].kill()
            service[0].start()
    check_nothing_lost_or_doubled(resident, sent, expected)


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
