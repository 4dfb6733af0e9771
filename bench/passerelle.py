"""Passerelle's own model, trained by the project's own command on the same examples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bench import training
from bench.examples import training_files
from bench.sizes import DIALOGUE_PYTHON, ROOT, Size

# All that the training reads, beside the examples.
CODE = ("bot/rasa", "knowledge", "requirements/dialogue.txt")
SUFFIXES = (".py", ".yml", ".json", ".txt")


def home(size: Size) -> Path:
    """Returns the folder of the model."""
    return size.home / "passerelle"


def fingerprint(paths: Iterable[Path]) -> str:
    """Returns a digest of files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def train(size: Size, again: bool) -> training.Training:
    """Trains, unless exactly this has been trained; never touches the models in service."""
    folder = home(size)
    digest = fingerprint([*training_files(), *_code()])
    known = training.recall(folder)
    if known and known.fingerprint == digest and any(folder.glob("*.tar.gz")) and not again:
        return known
    for path in folder.glob("*.tar.gz"):
        path.unlink()
    command = [str(DIALOGUE_PYTHON), "-m", "bot.rasa", "train", "--force", "--out", str(folder)]
    return training.run(command, ROOT, folder, digest)


def _code() -> list[Path]:
    found: set[Path] = set()
    for name in CODE:
        place = ROOT / name
        found |= set(place.rglob("*")) if place.is_dir() else {place}
    return sorted(path for path in found if path.is_file() and path.suffix in SUFFIXES)
