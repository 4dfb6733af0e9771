"""How much is measured, and where the bench keeps its things."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOME = ROOT / "var" / "bench"
DOCUMENT = ROOT / "docs" / "bench.md"
DIALOGUE_PYTHON = ROOT / ".venv-dialogue" / "bin" / "python"
HELD_OUT = ROOT / "nlu_data" / "evaluation" / "heldout.tsv"
SEED = 7


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        name: `full` or `quick`.
        home: Where projects, models, logs and figures are kept.
        examples_per_intent: Training examples kept of each intent; 0 keeps all.
        epochs: Of the plain Rasa's neural parts; 0 keeps Rasa's default.
        warm_up: Turns of each system that are not counted.
        fresh: Turns on fresh conversations.
        block: Turns of one system before the other one's turn comes.
        long_conversations: Conversations brought to their 100th turn.
        clients: Concurrent clients of the throughput measure.
        conversations_per_client: Each of `turns_per_conversation` turns.
        turns_per_conversation: See above.
        starts: Starts of each system; the median counts.
        streams: Open widget streams.
        deliveries: Messages sent while they are open.
        accuracy_rows: Held-out sentences of the accuracy lines; 0 takes all.
    """

    name: str
    home: Path
    examples_per_intent: int = 0
    epochs: int = 0
    warm_up: int = 20
    fresh: int = 240
    block: int = 20
    long_conversations: int = 6
    clients: int = 8
    conversations_per_client: int = 6
    turns_per_conversation: int = 6
    starts: int = 3
    streams: int = 300
    deliveries: int = 120
    accuracy_rows: int = 0

    @property
    def quick(self) -> bool:
        """Whether the figures are only good for finding faults in the bench."""
        return self.name == "quick"


FULL = Size("full", HOME)
QUICK = Size(
    "quick",
    HOME / "quick",
    examples_per_intent=12,
    epochs=4,
    warm_up=5,
    fresh=20,
    block=5,
    long_conversations=1,
    clients=4,
    conversations_per_client=2,
    turns_per_conversation=3,
    starts=1,
    streams=30,
    deliveries=10,
    accuracy_rows=40,
)
