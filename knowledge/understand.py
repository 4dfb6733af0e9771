"""Reading a short answer: which button a typed sentence stands for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from knowledge.model import Step, StepChoice

MOST_WORDS = 8


def plain(text: str) -> str:
    """Returns the text in lower case, without accents or punctuation, single-spaced."""
    folded = unicodedata.normalize("NFD", text.lower().replace("œ", "oe"))
    letters = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def match_choice(step: Step, text: str, intent: str) -> StepChoice | None:
    """Returns the choice that a typed answer stands for, or None.

    A number takes the choice of that rank; the words of one choice, alone, take it; a plain yes or
    no takes the choice that has that act. A longer sentence is more than an answer.

    Args:
        step: The step whose question is open.
        text: What the person typed.
        intent: What the engine understood of it.
    """
    words = plain(text)
    if words.isdigit():
        rank = int(words)
        return step.choices[rank - 1] if 1 <= rank <= len(step.choices) else None
    exact = [c for c in step.choices if words in _phrases(c)]
    if len(exact) == 1:
        return exact[0]
    if intent in ("affirm", "deny"):
        for choice in step.choices:
            if choice.act == intent:
                return choice
    if len(words.split()) > MOST_WORDS:
        return None
    within = [c for c in step.choices if _says_one_of(words, _phrases(c))]
    return within[0] if len(within) == 1 else None


def is_exact(step: Step, text: str) -> bool:
    """Tells whether the text is, word for word, one of the step's answers."""
    return any(plain(text) in _phrases(choice) for choice in step.choices)


def _phrases(choice: StepChoice) -> list[str]:
    return [plain(phrase) for phrase in (choice.label, *choice.says)]


def _says_one_of(words: str, phrases: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(phrase)}\b", words) for phrase in phrases if phrase)
