"""A run whose figures are easy to follow."""

from __future__ import annotations

import pytest

from bench import measures
from bench.figures import Timings
from bench.measures import Measured
from bench.results import ENGINE, PLAIN, SERVICE, Results
from bench.sizes import FULL
from bench.streams import Held
from bench.training import Training

TRAINED = Training("abc", 1200.0, 2000.0, 2500.0, 1.5, 0, "2026-11-21T20:00:00+00:00")


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
