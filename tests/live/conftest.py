"""The real thing: the trained engine and the service, each in its own process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent.parent
DIALOGUE = ROOT / ".venv-dialogue" / "bin" / "python"


def free_port() -> int:
    """Returns a port of the loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A process of ours on a port: started, killed without warning, started again."""

    def __init__(self, command: list[str], ready_url: str, env: dict[str, str] | None = None):
        self._command = command
        self._ready_url = ready_url
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, wait: float = 120) -> float:
        """Starts it; returns the seconds until it answers (0 without waiting)."""
        begin = time.monotonic()
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._env)
        while wait and time.monotonic() < begin + wait:
            try:
                if httpx.get(self._ready_url, timeout=1).status_code == 200:
                    return time.monotonic() - begin
            except httpx.HTTPError:
                pass
            assert self._process.poll() is None, f"{self._command} died"
            time.sleep(0.05)
        assert not wait, f"{self._command} was not ready in {wait} s"
        return 0.0

    def kill(self) -> None:
        """Kills it as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Stops it politely."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


_clients: list[httpx.Client] = []


def client(url: str, **options: Any) -> httpx.Client:
    """Returns a client that is closed after the test."""
    _clients.append(httpx.Client(base_url=url, timeout=40, **options))
    return _clients[-1]


@pytest.fixture(autouse=True)
def _close_clients() -> Iterator[None]:
    yield
    while _clients:
        _clients.pop().close()


class Resident:
    """A resident with a program instead of a browser."""

    def __init__(self, url: str, **opening: str) -> None:
        self.url = url
        self.http = client(url)
        opened = self.http.post("/api/conversations", json={"commune": "demo", **opening})
        assert opened.status_code == 201, opened.text
        self.keys = opened.json()
        self.http.headers["Authorization"] = f"Bearer {self.keys['token']}"
        self.path = f"/api/conversations/{self.keys['id']}"
        self.cursor = 0
        self.seen: list[dict[str, Any]] = []
        self.read(wait=0)

    def read(self, wait: float = 20) -> list[dict[str, Any]]:
        """Returns what is new, waiting for it at most that long."""
        answer = self.http.get(
            f"{self.path}/events", params={"after": self.cursor, "wait": wait}
        ).json()
        self.cursor = answer["cursor"]
        self.seen += answer["events"]
        return answer["events"]

    def send(self, message_id: str | None = None, **message: str) -> httpx.Response:
        """Sends a text or a choice."""
        body = {"client_message_id": message_id or str(uuid.uuid4()), **message}
        return self.http.post(f"{self.path}/messages", json=body)

    def say(self, text: str = "", **message: str) -> list[dict[str, Any]]:
        """Sends a message and returns the answer to it."""
        sent = self.send(**({"text": text} if text else message))
        assert sent.status_code == 202, sent.text
        end = time.monotonic() + 30
        while time.monotonic() < end:
            self.read(wait=5)
            answer = [e for e in self.seen if e["seq"] > sent.json()["seq"]
                      and e["type"] == "message" and e["author"] != "resident"]  # fmt: skip
            if answer:
                return answer
        raise AssertionError(f"no answer to {text or message}")

    def press(self, label: str) -> list[dict[str, Any]]:
        """Presses the latest button with this label."""
        for event in reversed(self.seen):
            for choice in event["choices"]:
                if choice["label"] == label:
                    return self.say(choice=choice["id"])
        raise AssertionError(f"no button « {label} »")


@pytest.fixture(scope="session")
def engine() -> Iterator[tuple[Process, str]]:
    """The trained engine and its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = Process(
        [str(DIALOGUE), "-m", "bot.rasa", "serve", "--port", str(port)],
        f"{url}/webhooks/passerelle/ready",
    )
    process.start()
    yield process, url
    process.stop()


@pytest.fixture
def service(engine: tuple[Process, str], tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """The service on a new database, talking to the engine, and its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = Process(
        [sys.executable, "-m", "bot", "serve"],
        f"{url}/healthz",
        {
            "PASSERELLE_PORT": str(port),
            "PASSERELLE_VAR": str(tmp_path),
            "PASSERELLE_ENGINE_URLS": engine[1],
            "PASSERELLE_MESSAGES_PER_MINUTE": "1000",
        },
    )
    process.start()
    yield process, url
    process.stop()
