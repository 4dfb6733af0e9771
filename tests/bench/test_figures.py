"""The bench's own arithmetic and words: a wrong table is worse than none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import report, results
from bench.figures import Line, Timings, blocks, growth, median, percentile, rotated
from bench.measures import Measured
from bench.results import Results
from bench.sizes import FULL, QUICK, Size

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
