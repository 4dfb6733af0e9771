"""The real thing: the trained engine and the service, each in its own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.resident import close_clients  # noqa: F401
from tests.support.serving import free_port

ROOT = Path(__file__).parent.parent.parent
DIALOGUE = ROOT / ".venv-dialogue" / "bin" / "python"


class Process:
    """A process of ours on a port: started, killed without warning, started again."""

    def __init__(self, command: list[str], ready_url: str, env: dict[str, str] | None = None):
        self._command = command
        self._ready_url = ready_url
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, wait: float = 300) -> float:
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
