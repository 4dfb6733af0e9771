"""Shows the figures: on the screen, in `results.json`, and in `docs/bench.md`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bench.figures import Line
from bench.results import Results
from bench.sizes import DOCUMENT
from bench.texts import text

NO_FIGURE = "—"
THOUSANDS = "\u202f"
NO_BREAK = "\u00a0"
BUSY = 0.5


def number(value: float | None, unit: str = "") -> str:
    """Writes a figure in French, with as many decimals as it deserves."""
    if value is None:
        return NO_FIGURE
    decimals = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    written = f"{value:,.{decimals}f}".replace(",", THOUSANDS).replace(".", ",")
    return f"{written}{NO_BREAK}{unit}" if unit else written


def ratio(line: Line) -> str:
    """Writes a ratio."""
    return NO_FIGURE if line.ratio is None else f"{line.ratio:.2f}".replace(".", ",")


def verdict(line: Line) -> str:
    """Says whether the line's promise is kept; empty without a promise."""
    if line.kept is None or line.most is None:
        return ""
    word = text("kept" if line.kept else "broken")
    return f"{word} (≤ {line.most:.1f})".replace(".", ",")


def cells(line: Line) -> list[str]:
    """Returns a line's cells."""
    return [
        text(f"lines.{line.key}"),
        number(line.plain, line.unit),
        number(line.ours, line.unit),
        ratio(line),
        verdict(line),
    ]


def table(lines: Sequence[Line]) -> str:
    """Draws the table for a terminal."""
    rows = [[text(f"columns.{i}") for i in range(5)], *map(cells, lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    drawn = [
        "  ".join(
            cell.ljust(width) if i in (0, 4) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([drawn[0], "─" * len(drawn[0].ljust(sum(widths) + 8)), *drawn[1:]])


def as_json(results: Results, lines: Sequence[Line]) -> str:
    """Returns every figure, and what it was measured on."""
    held = results.held
    data = {
        "size": results.size.name,
        "measured_on": date.today().isoformat(),
        "machine": results.machine,
        "versions": results.versions,
        "examples": results.examples,
        "intents": results.intents,
        "sentences": results.sentences,
        "together": results.together,
        "training": {
            "plain": asdict(results.plain_training),
            "passerelle": asdict(results.our_training) if results.our_training else None,
        },
        "seconds_to_ready": results.seconds_to_ready,
        "streams_asked": held.asked if held else 0,
        "turns_timed": {
            name: {
                "fresh": len(measured.fresh.ms),
                "late": len(measured.late.ms),
                "concurrent": measured.turns,
            }
            for name, measured in results.measured.items()
        },
        "lines": [
            {
                "key": line.key,
                "label": text(f"lines.{line.key}"),
                "plain": line.plain,
                "passerelle": line.ours,
                "ratio": line.ratio,
                "unit": line.unit,
                "kept": line.kept,
            }
            for line in lines
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def document(results: Results, lines: Sequence[Line]) -> str:
    """Returns the page of the documentation."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["number"] = number
    return environment.get_template("bench.md.jinja").render(
        results=results,
        columns=[text(f"columns.{i}") for i in range(5)],
        rows=[cells(line) for line in lines],
        today=date.today().strftime("%d/%m/%Y"),
        busy=busy(results),
    )


def busy(results: Results) -> bool:
    """Tells whether the machine was already at work before the measures."""
    return bool(results.machine["load"] > BUSY * results.machine["cores"])


def publish(results: Results, lines: Sequence[Line], page: Path = DOCUMENT) -> list[Path]:
    """Writes the figures; a quick run never touches the documentation.

    Returns:
        What was written.
    """
    written = [results.size.home / "results.json"]
    written[0].write_text(as_json(results, lines), encoding="utf-8")
    if not results.size.quick:
        page.write_text(document(results, lines), encoding="utf-8")
        written.append(page)
    return written
