"""Compares classifiers and thresholds: `python -m bot.rasa compare` writes `docs/nlu.md`.

Every candidate learns the same examples and reads the same held-out sentences, in one run.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.rasa import project
from bot.rasa.components.doubt import Doubt
from bot.rasa.components.french_intents import FrenchIntentClassifier
from knowledge import catalogue

HELD_OUT = project.EVALUATION / "heldout.tsv"
REPORT = project.ROOT / "docs" / "nlu.md"
NONE: Dict[str, Any] = {"vector_weight": 0, "sound_ngrams": []}
CANDIDATES: Dict[str, Dict[str, Any]] = {
    "mots": {**NONE, "char_ngrams": []},
    "mots + lettres": NONE,
    "mots + lettres + sons": {"vector_weight": 0},
    "mots + lettres + vecteurs": {"sound_ngrams": []},
    "mots + lettres + sons + vecteurs (choisi)": {},
    "le choisi, intentions équilibrées": {"balance": 1.0},
    "le choisi, exemples égaux": {"balance": 0.0},
}
CHOSEN = "mots + lettres + sons + vecteurs (choisi)"
WEIGHTS = (0.7, 1.0, 1.3, 1.7, 2.2, 3.0)


class Row(NamedTuple):
    """A held-out sentence."""

    id: str
    style: str
    text: str


class Judged(NamedTuple):
    """Shares, from 0 to 1: see the legend of the report."""

    procedures: float
    acts: float
    refused: float
    asked: float
    outside: float
    not_a_procedure: float


def main(arguments: Optional[List[str]] = None) -> int:
    """Trains every candidate, prints a line for each and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REPORT)
    options = parser.parse_args(arguments)
    project.quiet()
    data = RasaFileImporter(
        training_data_paths=[str(path) for path in project.training_files()]
    ).get_nlu_data()
    with HELD_OUT.open(encoding="utf-8", newline="") as file:
        rows = [Row(**line) for line in csv.DictReader(file, delimiter="\t", quoting=3)]
    lines, curve = [], []
    for name, config in CANDIDATES.items():
        seconds, milliseconds, rankings = _try(config, data, rows)
        judged = _judge(rows, rankings, Doubt.get_default_config())
        lines.append(f"| {name} | {_shares(judged)} | {seconds:.0f} | {milliseconds:.1f} |")
        print(lines[-1], flush=True)
        if name == CHOSEN:
            for weight in WEIGHTS:
                doubt = {**Doubt.get_default_config(), "outside_weight": weight}
                curve.append(f"| {weight} | {_shares(_judge(rows, rankings, doubt))} |")
    options.out.write_text(_report(len(data.intent_examples), len(rows), lines, curve), "utf-8")
    print(f"Écrit : {options.out}")
    return 0


def _try(config: Dict[str, Any], data: Any, rows: Sequence[Row]) -> Any:
    """Returns the seconds to train, the median milliseconds to read, and the rankings."""
    with tempfile.TemporaryDirectory() as folder:
        classifier = FrenchIntentClassifier(
            {**FrenchIntentClassifier.get_default_config(), **config},
            LocalModelStorage.create(Path(folder)),
            Resource("candidate"),
        )
        begin = time.perf_counter()
        classifier.train(data)
        seconds = time.perf_counter() - begin
    times, rankings = [], []
    for row in rows:
        message = Message({TEXT: row.text})
        begin = time.perf_counter()
        classifier.process([message])
        times.append(time.perf_counter() - begin)
        rankings.append(message.get(INTENT_RANKING_KEY))
    return seconds, float(np.median(times)) * 1000, rankings


def _judge(rows: Sequence[Row], rankings: Sequence[Any], config: Dict[str, Any]) -> Judged:
    doubt, procedures = Doubt(config), set(catalogue.load())
    got = [doubt.decide(ranking)["name"] for ranking in rankings]
    out = [name in config["outside"] for name in got]

    def share(values: List[bool]) -> float:
        return float(np.mean(values))

    inside = [i for i, row in enumerate(rows) if row.id != "out_of_scope"]
    outside = [i for i, row in enumerate(rows) if row.id == "out_of_scope"]
    return Judged(
        share([got[i] == rows[i].id for i in inside if rows[i].id in procedures]),
        share([got[i] == rows[i].id for i in inside if rows[i].id not in procedures]),
        share([out[i] for i in inside]),
        share([got[i] == "clarify" for i in inside]),
        share([out[i] for i in outside]),
        share([got[i] not in procedures for i in outside]),
    )


def _shares(judged: Judged) -> str:
    return " | ".join(f"{100 * value:.1f} %".replace(".", ",") for value in judged)


def _report(examples: int, rows: int, lines: List[str], curve: List[str]) -> str:
    template = (Path(__file__).parent / "compare.md").read_text(encoding="utf-8")
    return template.format(
        examples=examples, rows=rows, candidates="\n".join(lines), curve="\n".join(curve)
    )
