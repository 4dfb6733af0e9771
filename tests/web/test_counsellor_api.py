"""The counsellor API and the console's pages, over HTTP, on a real service with SQLite."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from bot.counsellor.throttle import MOST_FAILURES, WINDOW, Throttle, TooManyAttempts
from bot.database.models import Counsellor, CounsellorSession, now
from tests.support.resident import Resident
from tests.web.counselling import PROCEDURE, Place, asked, listed, ok, refused, sign_in

# --- session -----------------------------------------------------------------------------------


def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(place: Place) -> None:
    client, email = place.client(), place.account()
    answer = sign_in(client, email.upper() + " ")
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/" in cookie
    assert "secure" not in cookie
    me = client.get("/api/counsellor/me").json()
    assert (me["email"], me["role"], [c["id"] for c in me["communes"]]) == (
        email, "counsellor", ["demo"])  # fmt: skip
    assert "password" not in json.dumps(me)


def test_the_cookie_is_secure_behind_https(place: Place) -> None:
    client = place.client()
    client.headers["X-Forwarded-Proto"] = "https"
    assert "secure" in sign_in(client, place.account()).headers["set-cookie"].lower()


def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(place: Place) -> None:
    wrong = sign_in(place.client(), place.account(), "pas le bon du tout")
    unknown = sign_in(place.client(), "personne@ville.fr", "pas le bon du tout")
    refused(wrong, 401, "wrong_credentials")
    assert wrong.json() == unknown.json()
    assert "set-cookie" not in wrong.headers


def test_guessing_is_slowed_down_for_one_email_only(place: Place) -> None:
    email, other = place.account(), place.account()
    for _ in range(MOST_FAILURES):
        refused(sign_in(place.client(), email, "au hasard, encore"), 401, "wrong_credentials")
    message = refused(sign_in(place.client(), email), 429, "too_many_attempts")
    assert "15 minutes" in message
    assert sign_in(place.client(), other).status_code == 204


def test_the_throttle_forgives_in_time_and_after_a_success() -> None:
    moment = [0.0]
    throttle = Throttle(clock=lambda: moment[0])

    def fail(times: int) -> None:
        for _ in range(times):
            with throttle.attempt("key"):
                pass

    fail(MOST_FAILURES)
    with pytest.raises(TooManyAttempts):
        fail(1)
    moment[0] = WINDOW + 1
    fail(MOST_FAILURES - 1)
    with throttle.attempt("key") as attempt:
        attempt.succeeded()
    fail(MOST_FAILURES)


def test_without_a_session_everything_is_refused(place: Place) -> None:
    client = place.client()
    for path in ("/api/counsellor/me", "/api/tickets", "/api/tickets/1", "/api/tickets/events"):
        refused(client.get(path), 401, "not_signed_in")
    refused(client.post("/api/tickets/1/claim"), 401, "not_signed_in")
    refused(client.put("/api/presence", json={"present": True}), 401, "not_signed_in")


def test_a_session_lasts_while_it_is_used_then_ends(place: Place) -> None:
    client = place.counsellor()
    me = client.get("/api/counsellor/me").json()["id"]

    def set_expiry(delta: timedelta) -> None:
        with place.services.database.write() as session:
            session.execute(
                update(CounsellorSession)
                .where(CounsellorSession.counsellor_id == me)
                .values(expires_at=now() + delta)
            )

    set_expiry(timedelta(minutes=1))
    ok(client.get("/api/counsellor/me"))
    with place.services.database.read() as session:
        query = select(CounsellorSession.expires_at).where(CounsellorSession.counsellor_id == me)
        assert session.scalar(query) > now() + timedelta(hours=9)  # type: ignore[operator]
    set_expiry(timedelta(seconds=-1))
    refused(client.get("/api/counsellor/me"), 401, "not_signed_in")


def test_signing_out_ends_the_session_and_the_presence(place: Place) -> None:
    client = place.counsellor()
    stolen = dict(client.cookies)
    me = client.get("/api/counsellor/me").json()["id"]
    ok(client.put("/api/presence", json={"present": True}))
    assert client.delete("/api/counsellor/session").status_code == 204
    again = place.client()
    again.cookies.update(stolen)
    refused(again.get("/api/counsellor/me"), 401, "not_signed_in")
    with place.services.database.read() as session:
        assert session.get_one(Counsellor, me).present_until is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://ailleurs.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_act_with_the_cookie(place: Place, headers: dict[str, str]) -> None:
    counsellor = place.counsellor()
    ticket = asked(Resident(place.url), counsellor)
    elsewhere = place.http(cookies=counsellor.cookies, headers=headers)
    for path in ("claim", "reply", "resolve"):
        answer = elsewhere.post(f"/api/tickets/{ticket}/{path}", json={"text": "x"})
        refused(answer, 403, "cross_site")
    refused(elsewhere.put("/api/presence", json={"present": True}), 403, "cross_site")
    refused(elsewhere.delete("/api/counsellor/session"), 403, "cross_site")
    assert elsewhere.post("/console/deconnexion").status_code == 403
    assert counsellor.get(f"/api/tickets/{ticket}").json()["state"] == "waiting"


def test_a_program_that_is_no_browser_may_act(place: Place) -> None:
    counsellor = place.counsellor()
    del counsellor.headers["Sec-Fetch-Site"]
    ok(counsellor.put("/api/presence", json={"present": False}))


def test_our_own_origin_may_act_where_browsers_say_nothing_else(place: Place) -> None:
    counsellor = place.counsellor()
    del counsellor.headers["Sec-Fetch-Site"]
    counsellor.headers["Origin"] = place.url
    ok(counsellor.put("/api/presence", json={"present": False}))


# --- tickets -----------------------------------------------------------------------------------


def test_the_card_says_where_the_person_is(place: Place) -> None:
    counsellor = place.counsellor()
    resident = Resident(place.url)
    resident.write(text="ma page reste blanche")
    ticket = asked(resident, counsellor, PROCEDURE)
    brief = next(t for t in listed(counsellor) if t["id"] == ticket)
    assert brief["last_words"] == "ma page reste blanche"
    whole = counsellor.get(f"/api/tickets/{ticket}").json()
    assert whole["card"]["procedure"] == PROCEDURE
    assert whole["card"]["progress"][0] == 1
    assert whole["card"]["sources"]
    assert [step["id"] for step in whole["steps"] if step["current"]] == [whole["card"]["step"]]
    assert whole["events"][-1]["seq"] == whole["conversation"]["cursor"]


def test_of_two_simultaneous_claims_exactly_one_wins(place: Place) -> None:
    pair = [place.counsellor(), place.counsellor()]
    ticket = asked(Resident(place.url), pair[0])
    start, answers = threading.Barrier(2), []

    def claim(client: httpx.Client) -> None:
        start.wait()
        answers.append(client.post(f"/api/tickets/{ticket}/claim"))

    threads = [threading.Thread(target=claim, args=(client,)) for client in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert "déjà" in refused(lost, 409, "ticket_already_claimed")


def test_a_ticket_of_another_commune_does_not_exist(place: Place) -> None:
    neighbour, counsellor = place.counsellor(communes=("voisine",)), place.counsellor()
    ticket = asked(Resident(place.url), counsellor)
    assert ticket not in {t["id"] for t in listed(neighbour, "open")}
    for path in ("", "/events"):
        refused(neighbour.get(f"/api/tickets/{ticket}{path}"), 404, "not_found")
    bodies: dict[str, dict[str, Any]] = {
        "claim": {}, "reply": {"text": "x"}, "note": {"text": "x"}, "typing": {},
        "transfer": {"to": 1}, "return-to-bot": {"step": None}, "resolve": {}, "release": {},
    }  # fmt: skip
    for path, body in bodies.items():
        answer = neighbour.post(f"/api/tickets/{ticket}/{path}", json=body)
        refused(answer, 404, "not_found")


def test_an_exchange_from_claim_to_end(place: Place) -> None:
    counsellor, resident = place.counsellor(), Resident(place.url)
    ticket = asked(resident, counsellor)
    early_or_late: dict[str, Any] = {"url": f"/api/tickets/{ticket}/reply", "json": {"text": "x"}}
    refused(counsellor.post(**early_or_late), 409, "ticket_state")
    ok(counsellor.post(f"/api/tickets/{ticket}/claim"))
    name = counsellor.get("/api/counsellor/me").json()["name"]
    assert name in resident.sees(lambda e: e["state"] == "counsellor")["text"]

    ok(counsellor.post(f"/api/tickets/{ticket}/typing"))
    conversation = counsellor.get(f"/api/tickets/{ticket}").json()["conversation"]["id"]
    assert place.services.conversations.get(conversation).typing_author == "counsellor"
    answer = counsellor.post(f"/api/tickets/{ticket}/reply", json={"text": "Bonjour !"})
    seq = ok(answer).json()["seq"]
    said = resident.sees(lambda e: e["seq"] == seq)
    assert (said["author"], said["text"], said["name"]) == ("counsellor", "Bonjour !", name)

    resident.write(text="la page est blanche")
    resident.http.post("/typing")
    seen = counsellor.get(f"/api/tickets/{ticket}/events", params={"after": seq}).json()
    told = [(e["author"], e["text"]) for e in seen["events"]]
    assert told == [("resident", "la page est blanche")]
    assert seen["typing"] == "resident"
    assert seen["cursor"] == seen["events"][-1]["seq"]
    mine = next(t for t in listed(counsellor, "claimed") if t["id"] == ticket)
    assert mine["awaits_reply"] is True

    ok(counsellor.post(f"/api/tickets/{ticket}/resolve"))
    assert resident.events()[-1]["state"] == "bot"
    assert not [e for e in resident.events()[seq:] if e["author"] == "bot"]
    closed = listed(counsellor, "closed")
    assert closed[0]["id"] == ticket and closed[0]["state"] == "resolved"
    refused(counsellor.post(**early_or_late), 409, "ticket_state")


def test_a_colleague_cannot_speak_in_my_exchange(place: Place) -> None:
    mine, other = place.counsellor(), place.counsellor()
    ticket = asked(Resident(place.url), mine)
    ok(mine.post(f"/api/tickets/{ticket}/claim"))
    for path in ("reply", "resolve", "release", "typing"):
        answer = other.post(f"/api/tickets/{ticket}/{path}", json={"text": "x"})
        refused(answer, 403, "forbidden")


def test_release_puts_the_person_back_in_the_queue(place: Place) -> None:
    counsellor, resident = place.counsellor(), Resident(place.url)
    ticket = asked(resident, counsellor)
    ok(counsellor.post(f"/api/tickets/{ticket}/claim"))
    ok(counsellor.post(f"/api/tickets/{ticket}/release"))
    last = resident.events()[-1]
    assert last["state"] == "waiting" and last["queue"]["position"] >= 1
    assert ticket in {t["id"] for t in listed(counsellor)}


def test_transfer_goes_to_a_colleague_of_the_same_commune_only(place: Place) -> None:
    mine, colleague = place.counsellor(), place.counsellor()
    neighbour = place.counsellor(communes=("voisine",)).get("/api/counsellor/me").json()
    them, me = (c.get("/api/counsellor/me").json() for c in (colleague, mine))
    resident = Resident(place.url)
    ticket = asked(resident, mine)
    ok(mine.post(f"/api/tickets/{ticket}/claim"))
    offered = {c["id"] for c in mine.get(f"/api/tickets/{ticket}").json()["colleagues"]}
    assert them["id"] in offered and not offered & {me["id"], neighbour["id"]}
    for wrong in (neighbour["id"], me["id"], 999_999):
        answer = mine.post(f"/api/tickets/{ticket}/transfer", json={"to": wrong})
        refused(answer, 422, "invalid")
    ok(mine.post(f"/api/tickets/{ticket}/transfer", json={"to": them["id"]}))
    assert them["name"] in resident.events()[-1]["text"]
    refused(mine.post(f"/api/tickets/{ticket}/reply", json={"text": "x"}), 403, "forbidden")
    ok(colleague.post(f"/api/tickets/{ticket}/reply", json={"text": "Je prends la suite."}))


def test_the_conversation_goes_back_to_the_bot_at_the_chosen_step(place: Place) -> None:
    counsellor, resident = place.counsellor(), Resident(place.url)
    ticket = asked(resident, counsellor, PROCEDURE)
    ok(counsellor.post(f"/api/tickets/{ticket}/claim"))
    path = f"/api/tickets/{ticket}/return-to-bot"
    refused(counsellor.post(path, json={"step": "inconnue"}), 422, "invalid")
    step = counsellor.get(f"/api/tickets/{ticket}").json()["steps"][3]
    assert not step["current"]
    ok(counsellor.post(path, json={"step": step["id"]}))
    last = resident.events()[-1]
    assert (last["author"], last["step"], last["state"]) == ("bot", step["id"], "bot")
    assert step["text"] in last["text"]
    # The bot answers again, from that step.
    resident.write(choice="act:repeat")
    resident.sees(lambda e: e["seq"] > last["seq"] + 1 and e["step"] == step["id"])


def test_notes_are_for_colleagues_never_for_the_person(place: Place) -> None:
    mine, other, resident = place.counsellor(), place.counsellor(), Resident(place.url)
    ticket = asked(resident, mine)
    ok(mine.post(f"/api/tickets/{ticket}/note", json={"text": "Rappeler demain, secret-312"}))
    assert other.get(f"/api/tickets/{ticket}").json()["notes"][0]["text"].endswith("secret-312")
    assert "secret-312" not in json.dumps(resident.events())
    assert "secret-312" not in resident.http.get("/transcript").text
    refused(mine.post(f"/api/tickets/{ticket}/note", json={"text": "  "}), 422, "invalid")


def test_an_unknown_state_is_refused(place: Place) -> None:
    refused(place.counsellor().get("/api/tickets?state=perdu"), 422, "invalid")


def test_the_stream_tells_when_something_happens(place: Place) -> None:
    counsellor, resident = place.counsellor(), Resident(place.url)
    with counsellor.stream("GET", "/api/tickets/events", timeout=20) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-accel-buffering"] == "no"
        lines = stream.iter_lines()

        def next_change() -> list[int]:
            name = next(line for line in lines if line.startswith("event:"))
            assert name == "event: tickets"
            return list(json.loads(next(lines).removeprefix("data:"))["changed"])

        next_change()
        resident.write(choice="act:human")
        (ticket,) = next_change()
        brief = next(t for t in listed(counsellor) if t["id"] == ticket)
        assert brief["state"] == "waiting"
        resident.http.post("/typing")
        while not counsellor.get(f"/api/tickets/{ticket}/events").json()["typing"]:
            assert next_change() == [ticket]


def test_the_stream_ends_with_the_session(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.console.api.HEARTBEAT_SECONDS", 1)
    counsellor = place.counsellor()
    with counsellor.stream("GET", "/api/tickets/events", timeout=20) as stream:
        lines = stream.iter_lines()
        next(lines)
        place.services.accounts.sign_out(dict(counsellor.cookies)["passerelle_counsellor"])
        assert not [line for line in lines if line.startswith("event:")]
