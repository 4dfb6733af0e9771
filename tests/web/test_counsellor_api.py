"""The counsellor API and the console's pages, over HTTP, on a real service with SQLite."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from bot.counsellor.throttle import MOST_FAILURES, WINDOW, Throttle, TooManyAttempts
from bot.database.models import Counsellor, CounsellorSession, Invitation, JournalEntry, now
from bot.handoff import queue
from tests.support.resident import Resident, client
from tests.support.service import PASSWORD, Server, running

PROCEDURE = "caf-declaration-trimestrielle"
_numbers = itertools.count()


class Place:
    """A running service; makes counsellors."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.services = server.services
        self._server = server

    def http(self, **more: Any) -> httpx.Client:
        """Returns what another site's page, or a program, sends."""
        return client(self.url, **more)

    def account(self, role: str = "counsellor", communes: tuple[str, ...] = ("demo",)) -> str:
        """Creates an account; returns its e-mail."""
        number = next(_numbers)
        made = self._server.counsellor(f"c{number}@ville.fr", f"Camille {number}", role, communes)
        return made.email

    def client(self) -> httpx.Client:
        """Returns what a page of ours sends."""
        return self.http(headers={"Sec-Fetch-Site": "same-origin"})

    def counsellor(
        self, role: str = "counsellor", communes: tuple[str, ...] = ("demo",)
    ) -> httpx.Client:
        """Returns a signed-in counsellor."""
        signed_in = self.client()
        answer = sign_in(signed_in, self.account(role, communes))
        assert answer.status_code == 204, answer.text
        return signed_in


def asked(resident: Resident, counsellor: httpx.Client, procedure: str = "") -> int:
    """The resident asks for a person; returns the ticket as that counsellor sees it."""
    before = {ticket["id"] for ticket in listed(counsellor)}
    resident.asks(procedure)
    new = {ticket["id"] for ticket in listed(counsellor)} - before
    return int(new.pop())


def sign_in(client: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/api/counsellor/session", json={"email": email, "password": password})


def listed(client: httpx.Client, state: str = "waiting") -> list[dict[str, Any]]:
    answer = client.get("/api/tickets", params={"state": state})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["tickets"])


def ok(answer: httpx.Response) -> httpx.Response:
    assert answer.status_code in (200, 204), answer.text
    return answer


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """Checks an error of the contract; returns its French sentence."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["message"]
    return str(error["message"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A service with two communes."""
    var = tmp_path_factory.mktemp("var")
    communes = var / "communes"
    communes.mkdir()
    source = Path(__file__).parents[2] / "bot" / "commune" / "communes" / "demo.yml"
    for commune in ("demo", "voisine"):
        (communes / f"{commune}.yml").write_text(source.read_text("utf-8"), "utf-8")
    with running(var, communes=communes) as server:
        yield Place(server)


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


# --- accounts ------------------------------------------------------------------------------------


def test_presence_is_counted_and_does_not_last(place: Place) -> None:
    counsellor = place.counsellor(communes=("voisine",))

    def present() -> int:
        with place.services.database.read() as session:
            return queue.present(session, "voisine")

    assert present() == 0
    ok(counsellor.put("/api/presence", json={"present": True}))
    assert present() == 1
    assert counsellor.get("/api/counsellor/me").json()["present"] is True
    with place.services.database.read() as session:
        latest = session.scalar(select(func.max(Counsellor.present_until)))
    assert now() + timedelta(seconds=80) < latest <= now() + timedelta(seconds=90)  # type: ignore[operator]
    ok(counsellor.put("/api/presence", json={"present": False}))
    assert present() == 0


def test_an_account_is_checked_before_it_exists(place: Place) -> None:
    accounts, email = place.services.accounts, place.account()
    wrong = [
        ("pas-une-adresse", "Ana", "counsellor", ["demo"], PASSWORD, "adresse mail"),
        ("ana@ville.fr", "  ", "counsellor", ["demo"], PASSWORD, "nom"),
        ("ana@ville.fr", "Ana", "reine", ["demo"], PASSWORD, "rôle"),
        ("ana@ville.fr", "Ana", "counsellor", ["nulle-part"], PASSWORD, "nulle-part"),
        ("ana@ville.fr", "Ana", "counsellor", [], PASSWORD, "commune"),
        ("ana@ville.fr", "Ana", "counsellor", ["demo"], "onze lettre", "12 caractères"),
        (email.upper(), "Ana", "counsellor", ["demo"], PASSWORD, "déjà un compte"),
    ]
    for *fields, expected in wrong:
        with pytest.raises(Exception, match=expected):
            accounts.add(*fields)  # type: ignore[arg-type]


def test_a_new_password_ends_the_sessions(place: Place) -> None:
    email, client = place.account(), place.client()
    sign_in(client, email)
    place.services.accounts.set_password(email, "un autre mot de passe")
    refused(client.get("/api/counsellor/me"), 401, "not_signed_in")
    refused(sign_in(place.client(), email), 401, "wrong_credentials")
    assert sign_in(place.client(), email, "un autre mot de passe").status_code == 204


def _accept(client: httpx.Client, key: str, email: str, password: str = PASSWORD) -> httpx.Response:
    form = {"cle": key, "email": email, "name": "Nour", "password": password}
    return client.post("/console/bienvenue", data=form)


def test_an_invitation_serves_once(place: Place) -> None:
    key = place.services.accounts.invite("supervisor", "*")
    client = place.client()
    assert "Bienvenue" in client.get("/console/bienvenue", params={"cle": key}).text
    short = _accept(client, key, "nour@ville.fr", "trop court")
    assert short.status_code == 422 and "12 caractères" in short.text
    taken = _accept(client, key, place.account())
    assert taken.status_code == 409 and "déjà un compte" in taken.text
    accepted = _accept(client, key, "nour@ville.fr")
    assert (accepted.status_code, accepted.headers["location"]) == (303, "/console")
    me = client.get("/api/counsellor/me").json()
    assert (me["role"], len(me["communes"])) == ("supervisor", 2)
    second = _accept(place.client(), key, "autre@ville.fr")
    assert second.status_code == 404 and "plus valable" in second.text
    assert client.get("/console/bienvenue", params={"cle": key}).status_code == 404


def test_an_old_invitation_is_refused(place: Place) -> None:
    key = place.services.accounts.invite("counsellor", "demo")
    with place.services.database.write() as session:
        session.execute(update(Invitation).values(expires_at=now() - timedelta(seconds=1)))
    assert _accept(place.client(), key, "tard@ville.fr").status_code == 404


def test_the_journal_names_nobody(place: Place) -> None:
    place.counsellor()
    with place.services.database.read() as session:
        entries = session.scalars(select(JournalEntry)).all()
        told = [(e.action, f"{e.actor} {e.subject} {json.dumps(e.details)}") for e in entries]
    assert {"counsellor.add", "counsellor.sign_in"} <= {action for action, _ in told}
    assert not [line for _, line in told if "@" in line or "Camille" in line]


# --- pages ---------------------------------------------------------------------------------------


def test_pages_send_strangers_to_the_sign_in_form(place: Place) -> None:
    for path in ("/console", "/console/supervision"):
        answer = place.client().get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/connexion")


def test_the_forms_work_without_a_script(place: Place) -> None:
    client, email = place.client(), place.account()
    wrong = client.post("/console/connexion", data={"email": email, "password": "non"})
    assert wrong.status_code == 401 and 'role="alert"' in wrong.text and email in wrong.text
    right = client.post("/console/connexion", data={"email": email, "password": PASSWORD})
    assert (right.status_code, right.headers["location"]) == (303, "/console")
    assert "Demandes" in client.get("/console").text
    out = client.post("/console/deconnexion")
    assert out.headers["location"] == "/console/connexion"
    assert client.get("/console").status_code == 303


def test_pages_cannot_be_framed_and_load_nothing_from_elsewhere(place: Place) -> None:
    admin = place.counsellor(role="admin")
    stranger = place.client()
    pages = [
        admin.get("/console"),
        admin.get("/console/supervision"),
        stranger.get("/console/connexion"),
        stranger.get("/console/bienvenue?cle=x"),
    ]
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
        assert "unsafe" not in policy and page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page.text)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
        for address in re.findall(r'(?:src|href)="(/console/static/[^"]+)"', page.text):
            assert stranger.get(address).status_code == 200
    assert stranger.get("/console/static/../pages.py").status_code == 404


def test_supervision_shows_the_figures_to_those_who_supervise(place: Place) -> None:
    refused(place.counsellor().get("/console/supervision/x"), 404, "not_found")
    assert place.counsellor().get("/console/supervision").status_code == 403
    supervisor = place.counsellor(role="supervisor")
    resident = Resident(place.url)
    resident.write(text="une phrase que nul ne comprend")
    resident.sees(lambda e: e["author"] == "bot" and "Je n'ai pas" in e["text"])
    text = supervisor.get("/console/supervision").text
    assert "En attente" in text and "une phrase que nul ne comprend" in text
    assert "Inviter un collègue" not in text


def test_only_an_administrator_invites_and_for_their_communes_only(place: Place) -> None:
    form = {"role": "counsellor", "commune": "demo"}
    path = "/console/supervision/invitation"
    assert place.counsellor(role="supervisor").post(path, data=form).status_code == 403
    admin = place.counsellor(role="admin")
    assert admin.post(path, data={**form, "commune": "voisine"}).status_code == 403
    shown = admin.post(path, data=form).text
    key = re.search(r"/console/bienvenue\?cle=([\w-]+)", shown)
    assert key and _accept(place.client(), key[1], "invite@ville.fr").status_code == 303
