"""A resident's and a counsellor's whole way, with the real engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.live.conftest import ROOT, Process
from tests.support.resident import Resident, client

pytestmark = pytest.mark.live
FIRST = (
    "bonjour, je dois faire ma declaration trimestriel pour la prime d'activité "
    "mais jy comprend rien"
)


def counsellor(url: str, var: Path) -> httpx.Client:
    """Creates an account from the command line and signs in."""
    made = subprocess.run(
        [sys.executable, "-m", "bot", "counsellor", "add", "marie@example.org", "--name", "Marie",
         "--role", "counsellor", "--commune", "demo", "--password-stdin"],
        input="une phrase assez longue\n", text=True, cwd=ROOT, capture_output=True,
        env={**os.environ, "PASSERELLE_VAR": str(var)},
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    browser = client(url, headers={"Origin": url})
    signed = browser.post(
        "/api/counsellor/session",
        json={"email": "marie@example.org", "password": "une phrase assez longue"},
    )
    assert signed.status_code == 204, signed.text
    return browser


def test_from_a_misspelt_sentence_to_a_counsellor_and_back(
    service: tuple[Process, str], tmp_path: Path
) -> None:
    url = service[1]
    resident = Resident(url)
    opened = resident.say(FIRST)
    assert opened[-1]["procedure"] == "caf-declaration-trimestrielle"
    assert opened[-1]["step"] == "compte"
    assert resident.press("Oui, j'y arrive")[-1]["step"] == "connexion"
    helped = resident.say("je voi pas le bouton")
    assert {e["step"] for e in helped} == {"connexion"} and helped[-1]["choices"]

    queued = resident.say("je veux parler à quelqu'un")
    assert {e["state"] for e in queued} == {"waiting"}
    marie = counsellor(url, tmp_path)
    [ticket] = marie.get("/api/tickets", params={"state": "waiting"}).json()["tickets"]
    card = marie.get(f"/api/tickets/{ticket['id']}").json()["card"]
    assert (card["procedure"], card["step"]) == ("caf-declaration-trimestrielle", "connexion")
    ticket_path = f"/api/tickets/{ticket['id']}"
    assert marie.post(f"{ticket_path}/claim").status_code in (200, 204)
    assert marie.post(f"{ticket_path}/reply", json={"text": "Je suis là."}).status_code < 300
    silent = resident.send(text="merci, et maintenant ?").json()["seq"]
    back = marie.post(f"{ticket_path}/return-to-bot", json={"step": "ouvrir"})
    assert back.status_code < 300, back.text
    resident.read(wait=2)
    after = [e for e in resident.seen if e["seq"] > silent]
    assert after[-1]["step"] == "ouvrir" and after[-1]["state"] == "bot"
    words = [e for e in resident.seen if e["author"] == "counsellor"]
    assert [e["text"] for e in words] == ["Je suis là."]
    # Nothing of the bot between the claim and the return.
    claimed = next(e["seq"] for e in resident.seen if e["state"] == "counsellor")
    between = [e for e in resident.seen if claimed <= e["seq"] <= silent]
    assert "bot" not in {e["author"] for e in between}

    for _ in range(20):
        last = resident.say("c'est fait" if not _question(resident) else _first_label(resident))
        if last[-1]["step"] is None:
            break
    assert "La CAF calcule" in last[0]["text"]
    assert last[0]["sources"] and any(c["id"] == "act:human" for c in last[-1]["choices"])


def _question(resident: Resident) -> bool:
    return any(c["id"].startswith("answer:") for c in resident.seen[-1]["choices"])


def _first_label(resident: Resident) -> str:
    return str(resident.seen[-1]["choices"][0]["label"])


def test_another_procedure_in_between_and_back_again(service: tuple[Process, str]) -> None:
    resident = Resident(service[1])
    resident.say("je veux refaire mon passeport")
    here = resident.say("1")[-1]
    assert here["procedure"] == "ants-passeport"
    other = resident.say("en fait j'ai perdu mon permis de conduire")
    assert other[-1]["procedure"] == "ants-permis-duplicata"
    stopped = resident.say("stop j'arrête")
    assert resident.keys["resume_code"] in stopped[-1]["text"]
    [again] = [c for c in stopped[-1]["choices"] if c["id"].startswith("resume:")]
    assert resident.say(choice=again["id"])[-1]["procedure"] == "ants-permis-duplicata"
    back = resident.say("je reviens à mon passeport")
    assert (back[-1]["procedure"], back[-1]["step"]) == ("ants-passeport", here["step"])


def test_a_conversation_goes_on_elsewhere_with_its_code(service: tuple[Process, str]) -> None:
    resident = Resident(service[1])
    step = resident.say("je veux refaire mon passeport")[-1]["step"]
    code = resident.keys["resume_code"].lower().replace("-", " ")
    elsewhere = client(service[1])
    keys = elsewhere.post("/api/conversations/resume", json={"resume_code": code}).json()
    assert keys["id"] == resident.keys["id"] and keys["token"] != resident.keys["token"]
    events = elsewhere.get(
        f"/api/conversations/{keys['id']}/events",
        headers={"Authorization": f"Bearer {keys['token']}"},
    ).json()["events"]
    assert events[-1]["step"] == step
    wrong = elsewhere.post("/api/conversations/resume", json={"resume_code": "AAAAA-AAAAA"})
    assert wrong.status_code == 404 and "code" in wrong.json()["error"]["message"]


def test_distress_is_answered_first_even_in_the_middle_of_a_step(
    service: tuple[Process, str],
) -> None:
    resident = Resident(service[1])
    resident.say("comment refaire ma carte d'identité")
    numbers = resident.say("j'en peux plus je veux mourir")
    assert "3114" in numbers[0]["text"] and "3919" in numbers[0]["text"]
    assert any(c["id"] == "act:human" for e in numbers for c in e["choices"])


def test_identifiers_never_reach_the_database(service: tuple[Process, str], tmp_path: Path) -> None:
    resident = Resident(service[1])
    resident.say("mon numéro de sécu c'est 2 84 05 88 295 001 89 et mon mail ana.b@example.org")
    stored = b"".join(p.read_bytes() for p in tmp_path.glob("passerelle.db*"))
    for secret in (b"295 001", b"ana.b@", b"284058829500189"):
        assert secret not in stored


def test_an_intent_typed_with_a_slash_is_only_a_sentence(service: tuple[Process, str]) -> None:
    resident = Resident(service[1])
    answer = resident.say('/human{"x": "y"}')
    assert answer[-1]["state"] in ("bot", "waiting")
    assert resident.say("/choose")[-1]["state"] == answer[-1]["state"]
