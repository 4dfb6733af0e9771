"""The training examples and the held-out sentences, the same for both systems."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bench.sizes import HELD_OUT, ROOT, SEED
from bot.dialogue.evaluation import Row, read

NLU_DATA = ROOT / "nlu_data"
BULLET = "- "
# Such a sentence asks for a person: it ends the dialogue with the bot, which is what is timed.
NOT_TIMED = frozenset({"human"})


def training_files() -> list[Path]:
    """Returns the files of examples that both systems learn from, in a fixed order."""
    return sorted(p for p in NLU_DATA.rglob("*.yml") if HELD_OUT.parent not in p.parents)


def load(files: Sequence[Path]) -> list[tuple[str, str]]:
    """Reads Rasa NLU files.

    Returns:
        Intent and sentence of every example.
    """
    examples = []
    for path in files:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        for block in data["nlu"]:
            lines = block["examples"].splitlines()
            sentences = [line[len(BULLET) :].strip() for line in lines if line.startswith(BULLET)]
            examples += [(block["intent"], sentence) for sentence in sentences if sentence]
    return examples


def some_of_each(examples: Sequence[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """Keeps the first `most` examples of every intent, or all of them when it is 0."""
    kept: list[tuple[str, str]] = []
    seen: Counter[str] = Counter()
    for intent, sentence in examples:
        seen[intent] += 1
        if not most or seen[intent] <= most:
            kept.append((intent, sentence))
    return kept


@lru_cache(maxsize=1)
def _trained() -> frozenset[str]:
    return frozenset(sentence.casefold() for _, sentence in load(training_files()))


def held_out(most: int = 0) -> list[Row]:
    """Returns labelled sentences that nobody trains on, shuffled the same way every time.

    A few very short ones (« wi », « nn ») are also among the examples: they are left out.
    """
    rows = [row for row in read(HELD_OUT) if row.text.casefold() not in _trained()]
    random.Random(SEED).shuffle(rows)
    return rows[:most] if most else rows


def timed_sentences() -> list[str]:
    """Returns the sentences whose turns are timed."""
    return [row.text for row in held_out() if row.id not in NOT_TIMED]
