"""A resident with a program instead of a browser, and HTTP clients that close by themselves."""

from __future__ import annotations

import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.support.serving import SECONDS

# Plain HTTP alone: reading the certificates of the authorities takes longer than a test.
_NO_AUTHORITY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

_clients: list[httpx.Client] = []


def client(url: str, **options: Any) -> httpx.Client:
    """Returns a client that is closed after the test."""
    opened = httpx.Client(base_url=url, timeout=SECONDS + 10, verify=_NO_AUTHORITY, **options)
    _clients.append(opened)
    return opened


@pytest.fixture(autouse=True)
def close_clients() -> Iterator[None]:
    """Closes the clients of a test; to be imported by the conftest of those who use them."""
    yield
    while _clients:
        _clients.pop().close()


class Resident:
    """A person on the widget.

    Attributes:
        keys: What the service answered to the opening: id, token, resume code.
        path: Address of the conversation on the service.
        http: Speaks to the conversation, with its key.
        seen: Every event so far.
    """

    def __init__(self, url: str, **opening: str) -> None:
        self.http = client(url)
        opened = self.http.post("/api/conversations", json={"commune": "demo", **opening})
        assert opened.status_code == 201, opened.text
        self.keys = opened.json()
        self.path = f"/api/conversations/{self.keys['id']}"
        self.http.base_url = httpx.URL(url + self.path)
        self.http.headers["Authorization"] = f"Bearer {self.keys['token']}"
        self.cursor = 0
        self.seen: list[dict[str, Any]] = []
        self.read(wait=0)

    # --- reading -----------------------------------------------------------------------------

    def read(self, wait: float = 20) -> list[dict[str, Any]]:
        """Returns what is new, waiting for it at most that long."""
        answer = self.http.get("/events", params={"after": self.cursor, "wait": wait}).json()
        self.cursor = answer["cursor"]
        self.seen += answer["events"]
        return list(answer["events"])

    def events(self) -> list[dict[str, Any]]:
        """Returns all that the person can see now."""
        self.read(wait=0)
        return self.seen

    def sees(
        self, what: Callable[[dict[str, Any]], bool], seconds: float = SECONDS
    ) -> dict[str, Any]:
        """Waits for an event."""
        end = time.monotonic() + seconds
        while True:
            if found := next((event for event in self.seen if what(event)), None):
                return found
            assert time.monotonic() < end, f"it was not seen: {self.seen[-3:]}"
            self.read(wait=2)

    def answer_to(self, seq: int) -> list[dict[str, Any]]:
        """Waits for what was said after an event, by anybody but the resident."""

        def spoken(event: dict[str, Any]) -> bool:
            later = event["seq"] > seq and event["type"] == "message"
            return bool(later and event["author"] != "resident")

        self.sees(spoken)
        return [event for event in self.seen if spoken(event)]

    # --- writing -----------------------------------------------------------------------------

    def send(self, message_id: str | None = None, **message: str) -> httpx.Response:
        """Sends a text or a choice; it may be refused."""
        body = {"client_message_id": message_id or str(uuid.uuid4()), **message}
        return self.http.post("/messages", json=body)

    def write(self, **message: str) -> int:
        """Sends a text or a choice, and returns its seq."""
        sent = self.send(**message)
        assert sent.status_code == 202, sent.text
        return int(sent.json()["seq"])

    def say(self, text: str = "", **message: str) -> list[dict[str, Any]]:
        """Sends a message and returns the answer to it."""
        return self.answer_to(self.write(**({"text": text} if text else message)))

    def press(self, label: str) -> list[dict[str, Any]]:
        """Presses the latest button with this label."""
        for event in reversed(self.seen):
            for choice in event["choices"]:
                if choice["label"] == label:
                    return self.say(choice=choice["id"])
        raise AssertionError(f"no button « {label} »")

    def asks(self, procedure: str = "", words: str = "") -> None:
        """Starts a procedure, gets stuck there and asks for a person."""
        if procedure:
            self.write(choice=f"open:{procedure}")
            self.sees(lambda event: event["step"] is not None)
        if words:
            self.write(text=words)
        asked = self.write(choice="act:human")
        self.sees(lambda event: event["seq"] > asked and event["state"] == "waiting")
