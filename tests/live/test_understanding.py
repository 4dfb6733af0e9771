"""The trained engine against sentences it never saw: the floor under which nothing lands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.conftest import ROOT, Process

pytestmark = pytest.mark.live
HELD_OUT = ROOT / "nlu_data" / "evaluation" / "heldout.tsv"


def test_the_held_out_sentences(engine: tuple[Process, str], tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "bot", "nlu", "evaluate", str(HELD_OUT), "--json", str(out)],
        cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "PASSERELLE_ENGINE_URLS": engine[1]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text(encoding="utf-8"))
    procedures = {k: v for k, v in figures["per_id"].items() if "-" in k or k == "franceconnect"}
    right = sum(row["top1"] * row["rows"] for row in procedures.values())
    assert right / sum(row["rows"] for row in procedures.values()) >= 0.93
    assert figures["top1"] >= 0.92 and figures["top3"] >= 0.97
    assert min(row["top1"] for row in figures["per_style"].values() if row["rows"] > 60) >= 0.85
    assert figures["oos_recall"] >= 0.85 and figures["oos_not_a_procedure"] >= 0.9
    assert figures["in_scope_rejected"] <= 0.05
    assert figures["per_id"]["distress"]["top1"] == 1.0


def test_a_file_of_another_form_is_refused_with_its_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("id\tstyle\ttext\ncaf-compte\toral\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "nlu", "evaluate", str(bad)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2 and "bad.tsv:2" in done.stderr
