"""Runs the benchmark and writes `docs/nlu.md`: `python -m bot.rasa nlu-bench`.

Two rounds. On a sample of the examples, cut in the same folds for all, every candidate is compared,
the slow ones too: each fold's model reads the other folds and the held-out sentences. The quick
ones then learn all the examples and read the held-out sentences again.
Results are kept under `var/nlu-bench`: a candidate is not run again on the same job.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import json
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import yaml
from rasa.shared.nlu.training_data.loading import load_data

from bot.rasa import project
from bot.rasa.benchmark import report
from bot.rasa.benchmark.figures import Reading, Row, reading

HERE = Path(__file__).parent
HELD_OUT = project.EVALUATION / "heldout.tsv"
REPORT = project.ROOT / "docs" / "nlu.md"
KEPT = project.ROOT / "var" / "nlu-bench"
SEED = 7


class Result:
    """What a candidate made of a job, and at what cost."""

    def __init__(self, answer: Dict[str, Any]) -> None:
        """Reads what `one` wrote."""
        self.seconds: float = answer["seconds"]
        self.megabytes: float = answer["bytes"] / 1e6
        self.peak: float = answer["peak"] / 1e6
        self.ms: List[float] = answer["ms"]
        self.read: List[Reading] = [reading(one) for one in answer["read"]]


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs what has not been run, prints a line for each, and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REPORT)
    parser.add_argument("--sample", type=int, default=30, help="examples of each intent, for folds")
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=100, help="of DIET, in the folds")
    parser.add_argument("--only", nargs="*", help="ids of candidates")
    options = parser.parse_args(arguments)
    project.quiet()
    candidates = [c for c in _candidates(options.epochs) if _wanted(c, options.only)]
    examples = _examples()
    held_out = _held_out()
    folds = _folds(examples, options.sample, options.folds)
    compared: Dict[str, List[Tuple[List[Row], Result]]] = defaultdict(list)
    for candidate in candidates:
        for number, (known, unseen) in enumerate(folds[: candidate.get("folds")], 1):
            where = f"pli {number}/{len(folds)}"
            result = _run(candidate, known, [*unseen, *held_out], where)
            compared[candidate["id"]].append((unseen, result))
    judged = {
        candidate["id"]: _run(candidate, examples, held_out, "tous les exemples")
        for candidate in candidates
        if candidate.get("full")
    }
    page = report.page(
        {c["id"]: c["name"] for c in candidates}, compared, held_out, judged, len(examples), options
    )
    options.out.write_text(page, encoding="utf-8")
    print(f"Écrit : {options.out}")
    return 0


def _candidates(epochs: int) -> List[Dict[str, Any]]:
    read = yaml.safe_load((HERE / "candidates.yml").read_text(encoding="utf-8"))
    for candidate in read:
        for component in candidate["pipeline"]:
            if "epochs" in component:
                component["epochs"] = epochs
    return list(read)


def _wanted(candidate: Dict[str, Any], only: Optional[List[str]]) -> bool:
    needs = candidate.get("needs")
    if needs and importlib.util.find_spec(needs) is None:
        print(f"{candidate['id']} : {needs} n'est pas installé, candidat laissé de côté")
        return False
    return not only or candidate["id"] in only


def _examples() -> List[Row]:
    found = []
    for path in project.training_files():
        for message in load_data(str(path), "fr").intent_examples:
            style = (message.get("metadata") or {}).get("intent", {}).get("style", "")
            found.append(Row(message.get("intent"), style, message.get("text")))
    return found


def _held_out() -> List[Row]:
    with HELD_OUT.open(encoding="utf-8", newline="") as file:
        return [Row(**line) for line in csv.DictReader(file, delimiter="\t", quoting=3)]


def _folds(examples: List[Row], sample: int, count: int) -> List[Tuple[List[Row], List[Row]]]:
    """Draws a sample of each intent and cuts it in parts; each part is judged by the others."""
    chance = random.Random(SEED)
    parts: List[List[Row]] = [[] for _ in range(count)]
    by_intent: Dict[str, List[Row]] = defaultdict(list)
    for row in examples:
        by_intent[row.id].append(row)
    for rows in by_intent.values():
        for place, row in enumerate(chance.sample(rows, min(sample, len(rows)))):
            parts[place % count].append(row)
    return [
        ([row for other in parts if other is not part for row in other], part) for part in parts
    ]


def _run(candidate: Dict[str, Any], known: List[Row], unseen: List[Row], where: str) -> Result:
    job = {
        "pipeline": candidate["pipeline"],
        "tensorflow": bool(candidate.get("tensorflow")),
        "train": [(row.id, row.text) for row in known],
        "test": [row.text for row in unseen],
    }
    text = json.dumps(job, sort_keys=True)
    # What is Rasa's own does not change with our code, and takes an hour.
    ours = any(component["name"].startswith("bot.") for component in candidate["pipeline"])
    components = sorted((project.ROOT / "bot" / "rasa" / "components").glob("*.*")) if ours else []
    code = "".join(path.read_text("utf-8") for path in components if path.suffix in (".py", ".yml"))
    digest = hashlib.sha256((text + code).encode()).hexdigest()[:16]
    path = KEPT / f"{candidate['id']}-{digest}.json"
    answer = path.with_suffix(".answer.json")
    if not answer.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "bot.rasa.benchmark.one", str(path)]
        subprocess.run(command, check=True, cwd=project.ROOT, stderr=subprocess.DEVNULL)
    result = Result(json.loads(answer.read_text(encoding="utf-8")))
    print(f"{candidate['id']}, {where} : {result.seconds:.0f} s d'entraînement", flush=True)
    return result
