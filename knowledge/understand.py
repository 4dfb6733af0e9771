"""Reading a short answer: which button a typed sentence stands for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from knowledge.model import Step, StepChoice

MOST_WORDS = 8
# Meanings that a question of the procedure captures only word for word: nobody is trapped in a
# form, and « quels papiers pour un particulier ? » is not the answer « un particulier ».
SELDOM_AN_ANSWER = frozenset(
    {
        *("human", "stop", "distress", "back", "restart", "stuck", "repeat", "simplify"),
        *("documents", "cost", "delay", "where", "scam_check", "insult", "goodbye"),
    }
)
# « Je l'ai pas » holds « je l'ai » and means the contrary.
NEGATIONS = frozenset({"pas", "plus", "jamais", "aucun", "aucune", "rien"})


def plain(text: str, keep: str = "") -> str:
    """Returns the text in lower case, without accents or punctuation, single-spaced.

    Args:
        text: French, however it is written.
        keep: Punctuation marks that stay.
    """
    folded = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    return " ".join(re.findall(f"[a-z0-9{re.escape(keep)}]+", letters))


def answer_to(step: Step, text: str, intent: str, expected: Container[str]) -> StepChoice | None:
    """Returns the choice that a turn makes at an open question, or None when it means otherwise.

    Args:
        step: The step whose question is open.
        text: What the person typed.
        intent: What the engine understood of it.
        expected: The acts that the bot's own last question waits for. It was asked after the
            step's: « oui » and « non » are for it.
    """
    exact = is_exact(step, text)
    if intent in expected and (not exact or plain(text) in ("oui", "non")):
        return None
    if intent in SELDOM_AN_ANSWER and not exact:
        return None
    return match_choice(step, text, intent)


def match_choice(step: Step, text: str, intent: str) -> StepChoice | None:
    """Returns the choice that a typed answer stands for, or None.

    The words of one choice take it, and so does a number, by its rank. In a short sentence, the
    words of one choice take it unless they are negated; else a yes or no takes the choice that has
    that act. A longer sentence is more than an answer.

    Args:
        step: The step whose question is open.
        text: What the person typed.
        intent: What the engine understood of it.
    """
    words = plain(text)
    exact = _exact(step, words)
    if exact or words.isdigit() or len(words.split()) > MOST_WORDS:
        return exact
    within = _within(step, words)
    if intent in ("affirm", "deny"):
        meant = [c for c in step.choices if c.act == intent and (not within or c in within)]
        if meant:
            return meant[0]
        within = [c for c in within if c.act is None]
    return within[0] if len(within) == 1 else None


def is_exact(step: Step, text: str) -> bool:
    """Tells whether the text is, word for word, one of the step's answers, or its number."""
    return _exact(step, plain(text)) is not None


def _exact(step: Step, words: str) -> StepChoice | None:
    exact = [choice for choice in step.choices if words in _phrases(choice)]
    if len(exact) == 1:
        return exact[0]
    rank = int(words) if words.isdigit() and len(words) < 3 else 0
    return step.choices[rank - 1] if 1 <= rank <= len(step.choices) else None


def _within(step: Step, words: str) -> list[StepChoice]:
    """Returns the choices whose words are in the sentence; longer words win over shorter ones."""
    found = [
        (phrase, choice)
        for choice in step.choices
        for phrase in _phrases(choice)
        if _holds(words, phrase) and not NEGATIONS & (set(words.split()) - set(phrase.split()))
    ]
    return [
        choice
        for choice in step.choices
        if any(
            own is choice
            and not any(_holds(longer, phrase) and longer != phrase for longer, _ in found)
            for phrase, own in found
        )
    ]


def _phrases(choice: StepChoice) -> list[str]:
    return [plain(phrase) for phrase in (choice.label, *choice.says)]


def _holds(words: str, phrase: str) -> bool:
    return bool(phrase) and f" {phrase} " in f" {words} "
