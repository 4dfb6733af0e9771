"""Everything one run has measured, and the lines of the table drawn from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.figures import Line, Timings, growth, median
from bench.measures import Measured
from bench.sizes import Size
from bench.streams import Held
from bench.training import Training

PLAIN, ENGINE, SERVICE, WEB = "plain", "engine", "service", "web"
SYSTEMS = (PLAIN, ENGINE, SERVICE)
# The promises: never slower than a plain Rasa, and as quick at the 100th turn as at the first.
MOST_LATENCY_RATIO = 1.0
MOST_GROWTH = 1.3


@dataclass
class Results:
    """What one run has measured.

    Attributes:
        size: How much was measured.
        machine: See `machine.describe`.
        versions: See `machine.versions`.
        examples: Training examples of both systems.
        intents: They belong to.
        sentences: Held-out sentences.
        together: Whether both systems were up at the same time.
        plain_training: Of the plain Rasa.
        our_training: Of Passerelle; None in a quick run.
        seconds_to_ready: By system, of every start.
        measured: By system.
        memory_mb: By process.
        held: The open streams.
    """

    size: Size
    machine: dict[str, Any]
    versions: dict[str, str]
    examples: int
    intents: int
    sentences: int
    together: bool
    plain_training: Training
    our_training: Training | None
    seconds_to_ready: dict[str, list[float]] = field(default_factory=dict)
    measured: dict[str, Measured] = field(
        default_factory=lambda: {name: Measured() for name in SYSTEMS}
    )
    memory_mb: dict[str, float] = field(default_factory=dict)
    held: Held | None = None

    def started(self, seconds: Mapping[str, float]) -> None:
        """Adds the times of one start."""
        for name, value in seconds.items():
            self.seconds_to_ready.setdefault(name, []).append(value)

    def ready(self, name: str) -> float | None:
        """Returns the middle time to ready of a system."""
        seconds = self.seconds_to_ready.get(name)
        return median(seconds) if seconds else None


def lines(results: Results) -> list[Line]:
    """Draws the table."""
    return [
        *_latency(results),
        *_hundredth(results),
        *_capacity(results),
        *_training(results),
        *_streams(results),
        *_accuracy(results),
    ]


def _latency(results: Results) -> list[Line]:
    found = []
    for system in (ENGINE, SERVICE):
        found += _percentiles(
            f"fresh_{system}",
            results.measured[PLAIN].fresh,
            results.measured[system].fresh,
        )
    return found


def _hundredth(results: Results) -> list[Line]:
    plain, found = results.measured[PLAIN], []
    for system in (ENGINE, SERVICE):
        ours = results.measured[system]
        found += _percentiles(f"late_{system}", plain.late, ours.late)
        found.append(
            Line(
                f"growth_{system}",
                growth(plain.late.p50, plain.early.p50),
                growth(ours.late.p50, ours.early.p50),
                most=MOST_GROWTH,
                own=True,
            )
        )
    return found


def _percentiles(key: str, plain: Timings, ours: Timings) -> list[Line]:
    return [
        Line(f"{key}_p50", plain.p50, ours.p50, "ms", MOST_LATENCY_RATIO),
        Line(f"{key}_p95", plain.p95, ours.p95, "ms", MOST_LATENCY_RATIO),
    ]


def _capacity(results: Results) -> list[Line]:
    measured, memory = results.measured, results.memory_mb
    both = _sum(memory.get(ENGINE), memory.get(SERVICE))
    return [
        *(
            Line(f"per_second_{name}", measured[PLAIN].per_second, measured[name].per_second, "/s")
            for name in (ENGINE, SERVICE)
        ),
        Line("ready_engine", results.ready(PLAIN), results.ready(ENGINE), "s"),
        Line("ready_service", results.ready(PLAIN), results.ready(SERVICE), "s"),
        Line("ready_web", None, results.ready(WEB), "s"),
        Line("memory_engine", memory.get(PLAIN), memory.get(ENGINE), "Mo"),
        Line("memory_both", memory.get(PLAIN), both, "Mo"),
        Line(
            "unanswered",
            measured[PLAIN].without_answer,
            measured[ENGINE].without_answer + measured[SERVICE].without_answer,
        ),
    ]


def _training(results: Results) -> list[Line]:
    plain, ours = results.plain_training, results.our_training
    return [
        Line("training", plain.seconds, ours.seconds if ours else None, "s"),
        Line("training_cpu", plain.cpu_seconds, ours.cpu_seconds if ours else None, "s"),
        Line("training_memory", plain.peak_mb, ours.peak_mb if ours else None, "Mo"),
    ]


def _streams(results: Results) -> list[Line]:
    held = results.held
    if held is None:
        return []
    return [
        Line("streams_held", None, held.held),
        Line("delivery_p50", None, held.delivery.p50, "ms"),
        Line("delivery_p95", None, held.delivery.p95, "ms"),
        Line("reply_p95", None, held.reply.p95, "ms"),
        Line("streams_memory", None, held.service_mb, "Mo"),
        Line("undelivered", None, held.delivery.unanswered + held.reply.unanswered),
    ]


def _accuracy(results: Results) -> list[Line]:
    plain, ours = results.measured[PLAIN].accuracy, results.measured[ENGINE].accuracy
    return [
        Line(f"accuracy_{name}", _percent(plain.get(name)), _percent(ours.get(name)), "%")
        for name in ours
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _sum(*values: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
