"""The code to come back with: told to its person, stored nowhere, hidden from counsellors."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from bot.database.models import Event, Turn
from knowledge.texts import say
from tests.support.resident import Resident, client
from tests.support.service import PASSWORD, running


def test_the_code_is_told_to_its_person_alone(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        resident = Resident(server.url)
        resident.asks("franceconnect")
        resident.say(choice="act:stop")
        resident.say("je veux parler à quelqu'un")
        code = resident.keys["resume_code"]
        told = [event["text"] for event in resident.events() if code in event["text"]]
        assert len(told) == 2, "once when stopping, once in the queue with nobody there"
        transcript = resident.http.get("/transcript")
        assert transcript.text.count(code) == 2

        with server.services.database.read() as session:
            stored = [*session.scalars(select(Event.text)), *session.scalars(select(Turn.text))]
        assert stored and not any(code in text for text in stored)

        server.counsellor("camille@ville.fr")
        with client(server.url, headers={"Sec-Fetch-Site": "same-origin"}) as counsellor:
            signed_in = {"email": "camille@ville.fr", "password": PASSWORD}
            assert counsellor.post("/api/counsellor/session", json=signed_in).status_code == 204
            (waiting,) = counsellor.get("/api/tickets?state=waiting").json()["tickets"]
            seen = counsellor.get(f"/api/tickets/{waiting['id']}").text
        assert say("service.hidden_code") in seen and code not in seen
