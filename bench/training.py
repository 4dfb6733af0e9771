"""Runs a training, times it, shows how far it is, and remembers what it took."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import texts

RECORD = "training.json"
LOG = "training.log"
TELL_SECONDS = 30.0
PROGRESS = re.compile(r"Epochs:\s+\d+%\|.*?\|\s*(\d+/\d+)")
TAIL_BYTES = 3000
LAST_LINES = 10


@dataclass(frozen=True)
class Training:
    """What a training took.

    Attributes:
        fingerprint: Of all that the model depends on.
        seconds: By the clock.
        cpu_seconds: Of processor time, which other programs on the machine hardly change.
        peak_mb: Most memory held at once.
        load: The machine's mean load during the training, as `uptime` tells it at the end.
        niceness: 0 is the ordinary priority, 19 the lowest.
        trained_at: When, in UTC.
    """

    fingerprint: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    load: float
    niceness: int
    trained_at: str


class TrainingFailed(Exception):
    """The training ended with an error; its exit code and its last lines are the message."""


def recall(folder: Path) -> Training | None:
    """Returns what the training kept in a folder took, or None."""
    try:
        return Training(**json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def run(command: list[str], cwd: Path, folder: Path, fingerprint: str) -> Training:
    """Trains and keeps what it took beside the model.

    Args:
        command: Its command line.
        cwd: Where it runs.
        folder: Where its log and its record go.
        fingerprint: Of all that the model depends on.

    Raises:
        TrainingFailed: It ended with an error.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).unlink(missing_ok=True)
    log = folder / LOG
    begin = time.monotonic()
    # Its own cache: the project's may be in use, and a hit would make the figure meaningless.
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    ended = threading.Event()
    teller = threading.Thread(target=_tell, args=(ended, begin, log), daemon=True)
    teller.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        ended.set()
        teller.join()
    if process.returncode:
        # A negative code is a signal: somebody, or the system for want of memory, has ended it.
        raise TrainingFailed(f"{log}, code {process.returncode}\n{_last_lines(log)}")
    training = Training(
        fingerprint=fingerprint,
        seconds=round(time.monotonic() - begin, 1),
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 1),
        peak_mb=round(usage.ru_maxrss / 1024, 1),
        load=round(os.getloadavg()[2], 2),
        niceness=os.getpriority(os.PRIO_PROCESS, 0),
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    (folder / RECORD).write_text(json.dumps(asdict(training), indent=2), encoding="utf-8")
    return training


def progress(log: str) -> str:
    """Returns how far the last neural part of a Rasa log is, as `12/100`; empty if none began."""
    found = PROGRESS.findall(log)
    return found[-1] if found else ""


def _tell(ended: threading.Event, begin: float, log: Path) -> None:
    while not ended.wait(TELL_SECONDS):
        seconds = time.monotonic() - begin
        texts.tell("training_progress", seconds=f"{seconds:.0f}", epochs=progress(_tail(log)))


def _last_lines(log: Path) -> str:
    # Of a progress bar, only its latest state.
    lines = [line.rpartition("\r")[2] for line in _tail(log).rstrip().split("\n")]
    return "\n".join(lines[-LAST_LINES:])


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        return file.read().decode("utf-8", errors="replace")
