"""The supervisor: what dies is started again, what is asked to stop stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SECONDS = 30

PROGRAM = """
import sys
from bot.supervisor import Child, Supervisor
child = Child("L'enfant", [sys.executable, "-c", {code!r}])
Supervisor([child], lambda text: print(text, flush=True)).run(lambda: print("started", flush=True))
print("stopped", flush=True)
"""


def supervise(code: str) -> subprocess.Popen[str]:
    """Runs a supervisor of one child."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(code=code)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_until(done: object, what: str) -> None:
    """Waits for a condition."""
    end = time.monotonic() + SECONDS
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, what
        time.sleep(0.05)


def pids(file: Path) -> list[int]:
    """Returns what the children wrote."""
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    """Tells whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def writes_its_pid(file: Path) -> str:
    """Returns a program that notes its pid, then stays."""
    return (
        f"import os, time; open({str(file)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
    )


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    supervisor = supervise(writes_its_pid(file))
    try:
        wait_until(lambda: len(pids(file)) == 1, "not started")
        os.kill(pids(file)[0], signal.SIGKILL)
        wait_until(lambda: len(pids(file)) == 2, "not started again")
        assert alive(pids(file)[1])
    finally:
        supervisor.send_signal(signal.SIGINT)
        said = supervisor.communicate(timeout=SECONDS)[0]
    assert "s'est arrêté" in said and said.rstrip().endswith("stopped")
    assert not alive(pids(file)[1])


def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    supervisor = supervise(writes_its_pid(file))
    wait_until(lambda: len(pids(file)) == 1, "not started")
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(SECONDS) == 0
    assert not alive(pids(file)[0])
    supervisor.communicate()
