"""Trains the model when something it depends on has changed: `python -m bot.rasa train`."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import List, Optional

from bot.rasa import project
from knowledge import catalogue
from knowledge import compile as compiler

KEPT_MODELS = 2


def main(arguments: Optional[List[str]] = None) -> int:
    """Compiles the catalogue, then trains if needed; prints why, how long and where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even if nothing changed")
    parser.add_argument("--out", type=Path, default=project.MODELS, help="folder of the models")
    options = parser.parse_args(arguments)
    project.quiet()
    known = catalogue.load()
    compiled = compiler.write(known, project.BUILD)
    print_of_data = project.fingerprint(compiled)
    target = project.model_path(print_of_data, options.out)
    if target.exists() and not options.force:
        print(f"Le modèle est à jour : {target}")
        return 0
    print(f"Entraînement : {_why(options.out, options.force)}.", flush=True)
    begin = time.monotonic()
    _train(compiled, target)
    _forget_old(options.out)
    print(f"Entraînement terminé en {time.monotonic() - begin:.0f} s : {target}")
    return 0


def _why(folder: Path, force: bool) -> str:
    if force:
        return "demandé"
    if project.latest_model(folder) is None:
        return "aucun modèle n'existe encore"
    return "les exemples, les démarches, la chaîne ou une version ont changé"


def _train(compiled: List[Path], target: Path) -> None:
    """Trains into a temporary folder, then moves: a half-written model is never served."""
    import rasa.model_training

    domain, rules = compiled
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        result = rasa.model_training.train(
            domain=str(domain),
            config=str(project.CONFIG),
            training_files=[str(rules), *map(str, project.training_files())],
            output=folder,
            force_training=True,
            fixed_model_name="model",
        )
        if result.model is None:
            raise SystemExit("L'entraînement a échoué.")
        shutil.move(result.model, target)


def _forget_old(folder: Path) -> None:
    models = sorted(folder.glob(f"*{project.SUFFIX}"), key=lambda path: path.stat().st_mtime)
    for path in models[:-KEPT_MODELS]:
        path.unlink()
