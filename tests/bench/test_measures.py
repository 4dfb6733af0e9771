"""What the bench runs and measures: the same for every system."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bench import examples, machine, measures, plain, training
from bench.__main__ import alone
from bench.measures import Measured
from bench.sizes import ROOT, Size
from bench.systems import System, is_answer
from knowledge.texts import say

EXAMPLES = [
    ("caf-compte", "mdp caf perdu"),
    ("back", "revenir en arrière"),
    ("caf-compte", "j'ai oublié : mon code"),
    ("restart", "on recommence"),
]


# --- the plain Rasa's project --------------------------------------------------------------------


def files(epochs: int = 0) -> dict[str, object]:
    return {name: yaml.safe_load(t) for name, t in plain.project(EXAMPLES, epochs).items()}


def test_every_intent_has_its_examples_its_rule_and_its_response() -> None:
    made = files()
    domain, nlu, rules = made["domain.yml"], made["data/nlu.yml"], made["data/rules.yml"]
    assert domain["intents"] == ["caf-compte", "go_back", "start_over"]
    said = {b["intent"]: b["examples"].splitlines() for b in nlu["nlu"]}
    assert said["caf-compte"] == ["- mdp caf perdu", "- j'ai oublié : mon code"]
    assert set(said) == set(domain["intents"])
    steps = {r["steps"][0]["intent"]: r["steps"][1]["action"] for r in rules["rules"]}
    assert set(steps) == {*domain["intents"], "nlu_fallback"}
    assert set(steps.values()) == set(domain["responses"])
    assert "« caf-compte »" in domain["responses"]["utter_caf-compte"][0]["text"]


def test_the_pipeline_is_rasas_default_in_french() -> None:
    config = files()["config.yml"]
    assert config["language"] == "fr"
    assert [part["name"] for part in config["pipeline"]] == [
        "SpacyNLP", "SpacyTokenizer", "SpacyFeaturizer", "RegexFeaturizer",
        "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer", "CountVectorsFeaturizer",
        "DIETClassifier", "EntitySynonymMapper", "ResponseSelector", "FallbackClassifier",
    ]  # fmt: skip
    parts = {part["name"]: part for part in config["pipeline"] + config["policies"]}
    assert parts["SpacyNLP"]["model"] == "fr_core_news_md"
    assert parts["FallbackClassifier"]["threshold"] == 0.3
    for name in ("DIETClassifier", "ResponseSelector", "TEDPolicy", "UnexpecTEDIntentPolicy"):
        assert parts[name]["epochs"] == 100


def test_fewer_epochs_change_only_what_has_epochs() -> None:
    few, usual = files(epochs=3)["config.yml"], files()["config.yml"]
    for key in ("pipeline", "policies"):
        for part, before in zip(few[key], usual[key], strict=True):
            assert part == ({**before, "epochs": 3} if "epochs" in before else before)


def test_an_intent_of_the_plain_rasa_leads_back_to_its_id() -> None:
    assert plain.id_of("go_back") == "back" and plain.id_of("start_over") == "restart"
    assert (
        plain.id_of("nlu_fallback") == "out_of_scope" and plain.id_of("caf-compte") == "caf-compte"
    )


def test_another_example_or_version_means_another_training() -> None:
    versions = {"rasa": "3.6.21"}
    first = plain.fingerprint(plain.project(EXAMPLES), versions)
    assert first == plain.fingerprint(plain.project(list(EXAMPLES)), dict(versions))
    assert first != plain.fingerprint(plain.project([*EXAMPLES, ("back", "retour")]), versions)
    assert first != plain.fingerprint(plain.project(EXAMPLES), {"rasa": "3.6.20"})
    assert first != plain.fingerprint(plain.project(EXAMPLES, epochs=2), versions)


# --- examples ------------------------------------------------------------------------------------


def test_nothing_held_out_is_trained_on() -> None:
    assert not [path for path in examples.training_files() if "evaluation" in path.parts]
    trained = {sentence for _, sentence in examples.load(examples.training_files())}
    assert len(trained) > 5000
    assert trained.isdisjoint(row.text for row in examples.held_out())
    assert len(examples.held_out()) > 500


def test_the_timed_sentences_are_always_the_same_and_never_ask_for_a_person() -> None:
    rows = examples.held_out()
    assert rows == examples.held_out() and examples.held_out(7) == rows[:7]
    assert examples.timed_sentences() == [row.text for row in rows if row.id != "human"]


def test_some_of_each_keeps_every_intent() -> None:
    assert examples.some_of_each(EXAMPLES, 0) == EXAMPLES
    assert examples.some_of_each(EXAMPLES, 1) == [EXAMPLES[0], EXAMPLES[1], EXAMPLES[3]]


# --- trainings and processes ---------------------------------------------------------------------


def test_a_training_is_timed_and_remembered(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "sum(range(3_000_000)); open('model', 'w')"]
    done = training.run(command, tmp_path, tmp_path, "print")
    assert (tmp_path / "model").exists()
    assert training.recall(tmp_path) == done
    assert done.fingerprint == "print" and done.seconds > 0 and done.cpu_seconds > 0
    assert done.peak_mb > 1


def test_a_failed_training_leaves_no_record_and_tells_its_last_words(tmp_path: Path) -> None:
    training.run([sys.executable, "-c", ""], tmp_path, tmp_path, "old")
    with pytest.raises(training.TrainingFailed, match="plus de place"):
        training.run(
            [sys.executable, "-c", "raise SystemExit('plus de place')"], tmp_path, tmp_path, "new"
        )
    assert training.recall(tmp_path) is None


def test_a_training_that_was_killed_says_so(tmp_path: Path) -> None:
    suicide = "import os, sys; print('50%\\r100%', flush=True); os.kill(os.getpid(), 9)"
    with pytest.raises(training.TrainingFailed, match=r"training\.log, code -9\n100%$"):
        training.run([sys.executable, "-c", suicide], tmp_path, tmp_path, "new")
    assert training.recall(tmp_path) is None


def test_the_progress_is_read_from_rasas_bars() -> None:
    log = "Epochs:   0%|   | 0/100 [00:00<?]\rEpochs:  12%|█▏  | 12/100 [01:02<07:30, t_loss=9.9]"
    assert training.progress(log) == "12/100"
    assert training.progress("INFO Training") == ""


def test_the_memory_of_children_is_counted() -> None:
    hold = "held = bytearray(60_000_000)"
    parent = (
        "import subprocess, sys;"
        f"subprocess.run([sys.executable, '-c', '{hold}; print(1, flush=True); input()'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stdin
        process.stdout.readline()
        assert len(machine.family(process.pid)) == 2
        assert machine.resident_mb(process.pid) > 60
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.wait(10)
    assert machine.resident_mb(process.pid) == 0


# --- measures ------------------------------------------------------------------------------------


class Slower:
    """A system whose turns cost more as the conversation grows, and which is mute now and then."""

    def __init__(self, name: str, mute: str = "") -> None:
        self.name = name
        self.said: list[tuple[int, str]] = []
        self._mute = mute
        self._opened = 0

    async def open(self) -> dict[str, int]:
        self._opened += 1
        return {"id": self._opened, "turns": 0}

    async def say(self, conversation: dict[str, int], text: str) -> bool:
        conversation["turns"] += 1
        self.said.append((conversation["turns"], text))
        return text != self._mute

    async def close(self) -> None:
        return None


SMALL = Size("quick", Path("unused"), warm_up=2, fresh=6, block=2, long_conversations=2,
             clients=3, conversations_per_client=2, turns_per_conversation=4)  # fmt: skip


async def _run(systems: list[System]) -> dict[str, Measured]:
    into = {system.name: Measured() for system in systems}
    await measures.all_turns(systems, [f"phrase {n}" for n in range(9)], SMALL, into)
    return into


def test_every_system_hears_the_same_sentences_and_the_warm_up_is_not_counted() -> None:
    first, second = Slower("plain"), Slower("engine", mute="phrase 1")
    into = asyncio.run(_run([first, second]))
    assert sorted(first.said) == sorted(second.said)
    assert len(into["plain"].fresh.ms) == 6
    late = [turn for turn, _ in first.said if turn > measures.BEFORE]
    assert sorted(set(late)) == list(range(96, 106)) and len(late) == 20
    assert len(into["plain"].late.ms) == len(into["plain"].early.ms) == 20
    assert into["plain"].turns == 3 * 2 * 4 * measures.ROUNDS and into["plain"].per_second
    assert into["plain"].without_answer == 0
    mute = sum(text == "phrase 1" for _, text in second.said)
    assert 0 < into["engine"].without_answer <= mute
    assert into["engine"].turns + into["engine"].unanswered == into["plain"].turns


def test_an_apology_is_not_an_answer_and_a_call_for_a_counsellor_is() -> None:
    def event(author: str, text: str, kind: str = "message") -> dict[str, str]:
        return {"type": kind, "author": author, "text": text}

    assert is_answer(event("bot", "Étape 1 sur 4"))
    assert is_answer(event("system", "Votre demande est gardée."))
    assert not is_answer(event("system", say("service.apology")))
    assert not is_answer(event("system", say("service.starting")))
    assert not is_answer(event("resident", "bonjour"))
    assert not is_answer(event("system", "", kind="state"))


def test_a_second_bench_is_refused(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(BlockingIOError), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_the_command_explains_itself() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert shown.returncode == 0
    assert {"--quick", "--retrain", "--train-only"} <= set(shown.stdout.replace(",", " ").split())
