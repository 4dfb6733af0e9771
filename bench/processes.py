"""Servers that the bench starts and stops."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from bench import plain
from bench.sizes import DIALOGUE_PYTHON, ROOT, Size
from bot.settings import PREFIX

START_SECONDS = 300.0
STOP_SECONDS = 15.0
LOOK_SECONDS = 0.02
NO_LIMIT = "1000000"


class ServerDied(Exception):
    """A server ended or was not ready in time; the message names its log."""


class Server:
    """A server in a process of its own.

    Args:
        name: Of its log file.
        command: Its command line.
        port: Where it listens, on the loopback.
        cwd: Where it runs.
        logs: Folder of its log.
        environment: Added to ours.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        port: int,
        cwd: Path,
        logs: Path,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command = command
        self._cwd = cwd
        self._log = logs / f"{name}.log"
        ours = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        self._environment = {**ours, "RASA_TELEMETRY_ENABLED": "false", **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Starts it; returns the moment, in `time.perf_counter` terms."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._cwd.mkdir(parents=True, exist_ok=True)
        begin = time.perf_counter()
        with self._log.open("ab") as log:
            # A group of its own: whatever it starts is stopped with it.
            self._process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return begin

    @property
    def pid(self) -> int:
        """Of the running server."""
        assert self._process is not None
        return self._process.pid

    async def answers(self, path: str, holds: str = "") -> None:
        """Waits until an address answers 200, with these words in the answer.

        Raises:
            ServerDied: It ended, or took too long.
        """
        assert self._process is not None
        end = time.monotonic() + START_SECONDS
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            while time.monotonic() < end and self._process.poll() is None:
                with suppress(httpx.HTTPError):
                    answer = await http.get(self.url + path)
                    if answer.status_code == httpx.codes.OK and holds in answer.text:
                        return
                await asyncio.sleep(LOOK_SECONDS)
        raise ServerDied(str(self._log))

    def stop(self) -> None:
        """Stops it and what it has started."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """Returns a port of the loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain_rasa(size: Size) -> Server:
    """`rasa run` with the plain model."""
    port = free_port()
    return Server("rasa", plain.serve_command(size, port), port, plain.home(size), _logs(size))


def engine(size: Size, model: Path) -> Server:
    """Passerelle's engine."""
    port = free_port()
    command = [str(DIALOGUE_PYTHON), "-m", "bot.rasa", "serve", "--port", str(port)]
    return Server("engine", [*command, "--model", str(model)], port, ROOT, _logs(size))


def service(size: Size, engine_url: str) -> Server:
    """Passerelle's web service, on a new database, without limits of rate.

    It runs outside the project's folder: a `.env` there may hold a Telegram token.
    """
    port, folder = free_port(), size.home / "service"
    shutil.rmtree(folder, ignore_errors=True)
    environment = {
        "PYTHONPATH": str(ROOT),
        "PASSERELLE_PORT": str(port),
        "PASSERELLE_VAR": str(folder),
        "PASSERELLE_ENGINE_URLS": engine_url,
        "PASSERELLE_MESSAGES_PER_MINUTE": NO_LIMIT,
        "PASSERELLE_CONVERSATIONS_PER_MINUTE": NO_LIMIT,
    }
    command = [sys.executable, "-m", "bot", "serve"]
    return Server("service", command, port, folder, _logs(size), environment)


def _logs(size: Size) -> Path:
    return size.home / "logs"
