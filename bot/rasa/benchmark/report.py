"""The page `docs/nlu.md`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np

from bot.rasa.benchmark.figures import (
    Figures,
    Row,
    confusions,
    curve,
    figures,
    per_procedure,
)
from bot.rasa.components.doubt import Doubt

TEMPLATE = Path(__file__).parent / "report.md"
CHOSEN = "chosen"
DIET = "diet"
WORST = 25


def page(
    names: Dict[str, str],
    compared: Dict[str, Any],
    held_out: Sequence[Row],
    judged: Dict[str, Any],
    examples: int,
    options: Any,
) -> str:
    """Writes the page.

    Args:
        names: Of the candidates, by id.
        compared: By id, the rows and the result of each fold.
        held_out: The held-out sentences.
        judged: By id, what was made of them after learning every example.
        examples: How many there are.
        options: Of the command: `sample`, `folds`, `epochs`.
    """
    at = Doubt.get_default_config()["outside_at"]
    chosen = judged[CHOSEN]
    scores = per_procedure(held_out, chosen.read, at)
    in_service = figures(held_out, chosen.read, at)
    inside = [
        one.chance > at for row, one in zip(held_out, chosen.read, strict=True) if not row.outside
    ]
    return TEMPLATE.read_text(encoding="utf-8").format(
        examples=f"{examples:,}".replace(",", " "),
        rows=len(held_out),
        sample=options.sample,
        folds=options.folds,
        command=_command(options),
        slow=(
            f"DIET apprend pendant {options.epochs} époques."
            if DIET in compared
            else "Les candidats lents (DIET, encodeur de phrases) ne sont pas dans ce passage."
        ),
        compared="\n".join(
            _compared(names[name], folds, held_out) for name, folds in compared.items()
        ),
        judged="\n".join(_judged(names[name], held_out, one) for name, one in judged.items()),
        top1=_percent(in_service.top1),
        top3=_percent(in_service.top3),
        acts=_percent(in_service.acts),
        outside=_percent(in_service.outside_seen),
        refused=_percent(float(np.mean(inside))),
        at=f"{at:.2f}".replace(".", ","),
        styles="\n".join(f"| {n} | {_percent(v)} |" for n, v in in_service.styles.items()),
        curve="\n".join(
            f"| {_percent(refused)} | {_percent(seen)} | {_percent(top1)} |"
            for refused, seen, top1 in curve(held_out, chosen.read)
        ),
        worst="\n".join(f"| `{n}` | {v:.2f} |".replace(".", ",") for n, v in _head(scores)),
        perfect=sum(value == 1 for value in scores.values()),
        procedures=len(scores),
        confusions="\n".join(
            f"| `{expected}` | `{got}` | {count} |"
            for expected, got, count in confusions(held_out, chosen.read, at)
        ),
    )


def _command(options: Any) -> str:
    only = f" --only {' '.join(options.only)}" if options.only else ""
    return f"--sample {options.sample} --folds {options.folds} --epochs {options.epochs}{only}"


def _head(scores: Dict[str, float]) -> List[Any]:
    return list(scores.items())[:WORST]


def _compared(name: str, folds: Sequence[Any], held_out: Sequence[Row]) -> str:
    # Each fold's model has read its own part, then the held-out sentences.
    every = [figures(rows, result.read[: len(rows)]) for rows, result in folds]
    blind = [figures(held_out, result.read[len(rows) :]) for rows, result in folds]
    top1 = _percent(float(np.mean([one.top1 for one in blind])))
    return _line(name, every, [result for _, result in folds], top1)


def _judged(name: str, rows: Sequence[Row], result: Any) -> str:
    return _line(name, [figures(rows, result.read)], [result])


def _line(name: str, every: Sequence[Figures], results: Sequence[Any], *more: str) -> str:
    def mean(field: str) -> float:
        return float(np.mean([getattr(one, field) for one in every]))

    styles = sorted(every[0].styles)
    lowest = min(styles, key=lambda style: np.mean([one.styles.get(style, 1.0) for one in every]))
    least = float(np.mean([one.styles.get(lowest, 1.0) for one in every]))
    cells = [
        name,
        *more,
        *(_percent(mean(field)) for field in ("top1", "top3", "acts", "outside_seen")),
        f"{_percent(least)} ({lowest})",
        f"{mean('calibration'):.3f}".replace(".", ","),
        f"{np.mean([r.seconds for r in results]):.0f} s",
        f"{np.median([ms for r in results for ms in r.ms]):.1f} ms".replace(".", ","),
        f"{np.mean([r.megabytes for r in results]):.0f} Mo",
        f"{max(r.peak for r in results):.0f} Mo",
    ]
    return "| " + " | ".join(cells) + " |"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %".replace(".", ",")
