"""The plain Rasa: its project is generated, trained once, and kept with its training time."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench import training
from bench.sizes import DIALOGUE_PYTHON, Size
from bot.dialogue.evaluation import OUT_OF_SCOPE

HERE = Path(__file__).parent
MODEL = "plain"


def project(examples: Sequence[tuple[str, str]], epochs: int = 0) -> dict[str, str]:
    """Returns the files of a Rasa project that answers every intent with one fixed response.

    Args:
        examples: Intent and sentence.
        epochs: Of the neural parts; 0 keeps the default.
    """
    plain = _settings()
    examples = [(plain["renamed"].get(intent, intent), text) for intent, text in examples]
    intents = sorted({intent for intent, _ in examples})
    replies = {intent: plain["reply"].format(intent=intent) for intent in intents}
    replies[plain["fallback_intent"]] = plain["fallback_reply"]
    domain = {
        "version": "3.1",
        "intents": intents,
        "responses": {f"utter_{intent}": [{"text": text}] for intent, text in replies.items()},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }
    rules = [
        {"rule": intent, "steps": [{"intent": intent}, {"action": f"utter_{intent}"}]}
        for intent in replies
    ]
    files = {
        "config.yml": with_epochs(plain["config"], epochs),
        "credentials.yml": plain["credentials"],
        "endpoints.yml": plain["endpoints"],
        "domain.yml": domain,
        "data/rules.yml": {"version": "3.1", "rules": rules},
        "data/nlu.yml": {"version": "3.1", "nlu": [_block(i, examples) for i in intents]},
    }
    return {
        name: yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
        for name, content in files.items()
    }


def id_of(intent: str) -> str:
    """Returns the id that an intent of the plain Rasa stands for."""
    plain = _settings()
    if intent == plain["fallback_intent"]:
        return OUT_OF_SCOPE
    names: dict[str, str] = {renamed: name for name, renamed in plain["renamed"].items()}
    return names.get(intent, intent)


def _settings() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HERE / "plain.yml").read_text(encoding="utf-8"))
    return loaded


def with_epochs(config: dict[str, Any], epochs: int) -> dict[str, Any]:
    """Returns a configuration with another number of epochs wherever there is one."""
    if not epochs:
        return config
    parts = {
        key: [{**part, "epochs": epochs} if "epochs" in part else part for part in config[key]]
        for key in ("pipeline", "policies")
    }
    return {**config, **parts}


def _block(intent: str, examples: Sequence[tuple[str, str]]) -> dict[str, str]:
    lines = [f"- {sentence}\n" for name, sentence in examples if name == intent]
    return {"intent": intent, "examples": "".join(lines)}


def fingerprint(files: Mapping[str, str], versions: Mapping[str, str]) -> str:
    """Returns a digest of all that the plain model depends on."""
    content = json.dumps([sorted(files.items()), sorted(versions.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def home(size: Size) -> Path:
    """Returns the folder of the generated project."""
    return size.home / "plain"


def model(size: Size) -> Path:
    """Returns where the trained model is."""
    return home(size) / "models" / f"{MODEL}.tar.gz"


def train(
    size: Size, files: Mapping[str, str], versions: Mapping[str, str], again: bool
) -> training.Training:
    """Writes and trains the project, unless exactly this one has been trained."""
    digest, folder = fingerprint(files, versions), home(size)
    known = training.recall(folder)
    if known and known.fingerprint == digest and model(size).exists() and not again:
        return known
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    command = [str(DIALOGUE_PYTHON), "-m", "rasa", "train", "--fixed-model-name", MODEL]
    return training.run(command, folder, folder, digest)


def serve_command(size: Size, port: int) -> list[str]:
    """Returns the command that serves the plain model; it runs in the project's folder."""
    return [
        str(DIALOGUE_PYTHON), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1",
        "-p", str(port), "--model", str(model(size)), "--credentials", "credentials.yml",
        "--endpoints", "endpoints.yml",
    ]  # fmt: skip
