"""One candidate, in a process of its own: trains, reads the sentences, says what it made of them.

`python -m bot.rasa.benchmark.one JOB.json` reads a job and writes its answer beside it.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Dict

import yaml


def main(path: Path) -> None:
    """Runs a job: `pipeline`, `tensorflow`, `train` (intent, text) and `test` (texts)."""
    job: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    warnings.showwarning = lambda *args, **kwargs: None  # type: ignore[assignment]
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if not job["tensorflow"]:
        from bot.rasa import without_tensorflow

        without_tensorflow.install()
    from bot.rasa import project

    project.quiet()
    with tempfile.TemporaryDirectory() as folder:
        answer = _run(job, Path(folder))
    path.with_suffix(".answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _run(job: Dict[str, Any], folder: Path) -> Dict[str, Any]:
    import rasa.model_training
    from rasa.core.agent import Agent

    config = {"recipe": "default.v1", "language": "fr", "assistant_id": "benchmark"}
    (folder / "config.yml").write_text(yaml.safe_dump({**config, "pipeline": job["pipeline"]}))
    grouped: Dict[str, str] = {}
    for intent, text in job["train"]:
        grouped[intent] = grouped.get(intent, "") + f"- {text}\n"
    nlu = [{"intent": intent, "examples": texts} for intent, texts in grouped.items()]
    (folder / "nlu.yml").write_text(
        yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, width=100_000), "utf-8"
    )
    begin = time.perf_counter()
    model = rasa.model_training.train_nlu(
        str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "model")
    )
    seconds = time.perf_counter() - begin
    if model is None:
        sys.exit("no model")
    size = Path(model).stat().st_size
    read, times = asyncio.run(_read(Agent.load(model), job["test"]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "bytes": size, "peak": peak, "ms": times, "read": read}


async def _read(agent: Any, texts: Any) -> Any:
    read, times = [], []
    await agent.parse_message("bonjour")
    for text in texts:
        begin = time.perf_counter()
        parsed = await agent.parse_message(text)
        times.append((time.perf_counter() - begin) * 1000)
        ranking = [(e["name"], round(e["confidence"], 6)) for e in parsed["intent_ranking"][:10]]
        read.append({"ranking": ranking, "outside": parsed.get("outside_chance")})
    return read, times


if __name__ == "__main__":
    main(Path(sys.argv[1]))
