"""Counsellors' accounts and the console's pages, over HTTP."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update

from bot.database.models import Counsellor, Invitation, JournalEntry, now
from bot.handoff import queue
from tests.support.resident import Resident
from tests.support.service import PASSWORD
from tests.web.counselling import Place, ok, refused, sign_in

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
