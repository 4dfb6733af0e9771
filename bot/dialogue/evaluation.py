"""How well the engine understands: figures over a file of labelled sentences.

What is judged is what the assistant would act on: the procedure or act it opens. A clarification
counts for `top3` alone.
"""

from __future__ import annotations

import csv
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from bot.dialogue.port import Engine, NoAnswer, Question, Understood

OUT_OF_SCOPE = "out_of_scope"
OUTSIDE = frozenset({OUT_OF_SCOPE, "other_procedure"})
CLARIFY = "clarify"
HEADER = ["id", "style", "text"]
CANDIDATES = 3
BINS = 10


class BadFile(Exception):
    """The file is not of the expected form; the message says where."""


@dataclass(frozen=True)
class Row:
    """A labelled sentence."""

    id: str
    style: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What the engine made of a row, and in how many milliseconds."""

    row: Row
    understood: Understood
    ms: float

    @property
    def got(self) -> str:
        """What the assistant would act on; everything outside is one."""
        return OUT_OF_SCOPE if self.understood.intent in OUTSIDE else self.understood.intent

    @property
    def right(self) -> bool:
        """Whether the assistant would do the right thing at once."""
        return self.got == self.row.id

    @property
    def within(self) -> bool:
        """Whether the right thing is acted on or among the first candidates."""
        names = [name for name, _ in self.understood.ranking]
        first = [OUT_OF_SCOPE if name in OUTSIDE else name for name in names[:CANDIDATES]]
        return self.right or self.row.id in first


def read(path: Path) -> list[Row]:
    """Reads a file with the header `id<TAB>style<TAB>text`.

    Raises:
        BadFile: Another header, or a line without three columns.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if next(lines, None) != HEADER:
            raise BadFile(f"{path}:1 : l'en-tête attendu est « id<TAB>style<TAB>text »")
        rows = []
        for number, line in enumerate(lines, 2):
            if len(line) != len(HEADER):
                raise BadFile(f"{path}:{number} : trois colonnes attendues, {len(line)} trouvées")
            rows.append(Row(*line))
    if not rows:
        raise BadFile(f"{path} : aucune phrase")
    return rows


async def run(engine: Engine, rows: Iterable[Row]) -> list[Outcome]:
    """Asks the engine for every row, one after the other, as production does."""
    outcomes = []
    for number, row in enumerate(rows):
        question = Question(key=f"evaluation-{number}", text=row.text, choice=None, guide={})
        begin = time.perf_counter()
        try:
            understood = (await engine.ask(question)).understood
        except NoAnswer:
            understood = Understood("", 0.0, [])
        outcomes.append(Outcome(row, understood, (time.perf_counter() - begin) * 1000))
    return outcomes


def figures(outcomes: Sequence[Outcome], procedures: Collection[str]) -> dict[str, Any]:
    """Returns the figures of the contract; shares are from 0 to 1.

    Args:
        outcomes: What the engine made of each row.
        procedures: Ids of the procedures that are written.
    """
    inside = [o for o in outcomes if o.row.id != OUT_OF_SCOPE]
    outside = [o for o in outcomes if o.row.id == OUT_OF_SCOPE]
    times = [o.ms for o in outcomes]
    return {
        "rows": len(outcomes),
        "top1": _share(o.right for o in inside),
        "top3": _share(o.within for o in inside),
        "oos_recall": _share(o.right for o in outside),
        "oos_not_a_procedure": _share(o.got not in procedures for o in outside),
        "in_scope_rejected": _share(o.got == OUT_OF_SCOPE for o in inside),
        "in_scope_clarified": _share(o.got == CLARIFY for o in inside),
        "calibration_error": _calibration_error(outcomes),
        "p50_ms": quantiles(times, n=100)[49] if len(times) > 1 else times[0],
        "p95_ms": quantiles(times, n=100)[94] if len(times) > 1 else times[0],
        "per_style": _by(outcomes, lambda o: o.row.style),
        "per_id": _by(outcomes, lambda o: o.row.id),
        "confusions": [
            {
                "expected": o.row.id,
                "got": o.got,
                "text": o.row.text,
                "confidence": round(o.understood.confidence, 3),
            }
            for o in outcomes
            if not o.right
        ],
    }


def _share(values: Iterable[bool]) -> float | None:
    counted = list(values)
    return round(mean(counted), 4) if counted else None


def _by(outcomes: Sequence[Outcome], key: Any) -> dict[str, dict[str, Any]]:
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return {
        name: {
            "rows": len(group),
            "top1": _share(o.right for o in group),
            "top3": _share(o.within for o in group),
        }
        for name, group in sorted(groups.items())
    }


def _calibration_error(outcomes: Sequence[Outcome]) -> float:
    """Expected calibration error over ten equal bins of confidence."""
    bins: defaultdict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        bins[min(BINS - 1, int(outcome.understood.confidence * BINS))].append(outcome)
    gaps = (
        len(group)
        * abs(mean(o.understood.confidence for o in group) - mean(o.right for o in group))
        for group in bins.values()
    )
    return round(sum(gaps) / len(outcomes), 4)


def most_confused(outcomes: Sequence[Outcome], most: int = 15) -> list[tuple[str, str, int]]:
    """Returns the commonest confusions: expected, got, times."""
    pairs = Counter((o.row.id, o.got) for o in outcomes if not o.right)
    return [(expected, got, count) for (expected, got), count in pairs.most_common(most)]
