"""Masks personal identifiers before anything is stored or sent to the engine.

Passwords and codes are found by the words around them (`passwords`, `codes`); numbers and
addresses by their shape, their check digits and the words before them (`numbers`, `addresses`).
A number that is none of these stays: an amount or a date helps the counsellor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.privacy import addresses, codes, numbers, passwords
from bot.privacy.marks import LABELS, Span, fold, put_marks, to_labels, to_marks

__all__ = ["LABELS", "mask"]

# Passwords first: « P@sse75 » is no mail address, and a code may look like another number.
_SEARCHES: tuple[Callable[[str, str], list[Span]], ...] = (
    passwords.find_secrets,
    codes.find_codes,
    addresses.find_emails,
    addresses.find_ibans,
    numbers.find_numbers,
    codes.find_logins,
)
# What one pass uncovers is seen by the next (« mdp : a@b.fr 1234 »); nobody's sentence needs more.
_MOST_PASSES = 6


def mask(text: str, keep: Collection[str] = ()) -> str:
    """Returns the text with every personal identifier replaced by its label.

    Takes a time proportional to the length of the text, whatever it holds. Masking twice changes
    nothing more.

    Args:
        text: What somebody typed.
        keep: Kinds to leave as they are, among the keys of `LABELS`: a counsellor may give the
            telephone number of the town hall.
    """
    text = to_marks(text)
    for _ in range(_MOST_PASSES):
        before = text
        for search in _SEARCHES:
            spans = [span for span in search(text, fold(text)) if span.kind not in keep]
            if spans:
                text = put_marks(text, spans)
        if text == before:
            break
    return to_labels(text)
