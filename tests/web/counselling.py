"""Counsellors against a running service, and what they send."""

from __future__ import annotations

import itertools
from typing import Any

import httpx

from tests.support.resident import Resident, client
from tests.support.service import PASSWORD, Server

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
