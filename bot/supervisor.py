"""Starts the web service and the engine on one machine, and starts again one that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from bot.settings import ROOT

LONGEST_PAUSE = 30.0
STEADY_SECONDS = 30.0
STOP_SECONDS = 8.0
DIALOGUE_PYTHON = ROOT / ".venv-dialogue" / "bin" / "python"


@dataclass
class Child:
    """A process that must live.

    Attributes:
        name: Shown when it dies.
        command: Its command line.
        prepare: Run before each start; returns whether to start.
    """

    name: str
    command: list[str]
    prepare: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)


class Supervisor:
    """Keeps children alive until it is stopped.

    Args:
        children: In the order of their start.
        say: Tells the operator something.
    """

    def __init__(self, children: list[Child], say: Callable[[str], None]) -> None:
        self._children = children
        self._say = say
        self._stop = threading.Event()

    def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Runs until Ctrl-C or SIGTERM, then stops every child.

        Args:
            started: Called once, when the children have been started.
        """
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        threads = [
            threading.Thread(target=self._keep, args=(child,), name=child.name, daemon=True)
            for child in self._children
        ]
        for thread in threads:
            thread.start()
        started()
        # A wait without an end would not let Python see the signal.
        while not self._stop.wait(0.5):
            if not any(thread.is_alive() for thread in threads):
                break
        for child in self._children:
            _end(child.process)
        for thread in threads:
            thread.join(timeout=2)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _keep(self, child: Child) -> None:
        pause = 1.0
        while not self._stop.is_set():
            if not child.prepare():
                return
            begin = time.monotonic()
            # A session of its own: Ctrl-C reaches the supervisor alone, which stops them in order.
            child.process = subprocess.Popen(child.command, cwd=ROOT, start_new_session=True)
            code = child.process.wait()
            if self._stop.is_set():
                return
            steady = time.monotonic() - begin > STEADY_SECONDS
            pause = 1.0 if steady else min(pause * 2, LONGEST_PAUSE)
            self._say(f"{child.name} s'est arrêté (code {code}). Reprise dans {pause:.0f} s.")
            self._stop.wait(pause)


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def train(say: Callable[[str], None]) -> bool:
    """Trains if something changed, telling the time it takes; True when a model is there."""
    process = subprocess.Popen(
        [str(DIALOGUE_PYTHON), "-m", "bot.rasa", "train"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
    )
    ended = threading.Event()
    threading.Thread(target=_tell_time, args=(ended, say), daemon=True).start()
    last: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        last = [*last[-15:], line.rstrip()]
        if line.startswith(("Entraînement", "Le modèle")):
            say(line.strip())
    code = process.wait()
    ended.set()
    if code:
        say("L'entraînement a échoué :\n" + "\n".join(last))
    return code == 0


def _tell_time(ended: threading.Event, say: Callable[[str], None]) -> None:
    begin = time.monotonic()
    while not ended.wait(15):
        say(f"  … entraînement en cours, {time.monotonic() - begin:.0f} s")


def web() -> Child:
    """The web service."""
    return Child("Le service web", [sys.executable, "-m", "bot", "serve"])


def engine(port: int, say: Callable[[str], None], models: Path) -> Child:
    """The dialogue engine; it is trained first when needed."""
    command = [str(DIALOGUE_PYTHON), "-m", "bot.rasa", "serve", "--port", str(port), "--model"]
    return Child("Le moteur de dialogue", [*command, str(models)], prepare=lambda: train(say))
