"""Those who asked while nobody was there are told, once, when a counsellor arrives."""

from __future__ import annotations

from pathlib import Path

from knowledge.texts import say
from tests.support.resident import Resident, client
from tests.support.service import PASSWORD, running


def told(resident: Resident) -> int:
    arrived = say("service.queue_attended")
    return sum(event["text"] == arrived for event in resident.events())


def test_the_arrival_of_a_counsellor_is_told_once_to_those_who_wait(tmp_path: Path) -> None:
    with (
        running(tmp_path) as server,
        client(server.url, headers={"Sec-Fetch-Site": "same-origin"}) as counsellor,
    ):
        server.counsellor("camille@ville.fr")
        signed_in = {"email": "camille@ville.fr", "password": PASSWORD}
        early, left, late = (Resident(server.url) for _ in range(3))
        for resident in (early, left):
            resident.say(choice="act:human")
        left.say(choice="queue:leave")

        def present(there: bool) -> None:
            answer = counsellor.put("/api/presence", json={"present": there})
            assert answer.status_code == 200, answer.text

        counsellor.post("/api/counsellor/session", json=signed_in).raise_for_status()
        present(True)
        arrival = early.sees(lambda event: event["text"] == say("service.queue_attended"))
        assert (arrival["state"], arrival["queue"]["position"]) == ("waiting", 1)
        late.say(choice="act:human")
        present(True)
        present(False)
        present(True)
        assert [told(resident) for resident in (early, left, late)] == [1, 0, 0]
