"""What a password looks like, and what it does not."""

from __future__ import annotations

import re

from bot.privacy.marks import fold
from bot.privacy.words import NOT_A_PASSWORD

AROUND = "\"'()[]«».,;:!?…"
_END = ".,;:)\"»…'"
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu)'[a-z']*$")
UNIT = re.compile(
    r" ?(?:€|euro|eur\b|fois|x\b|caractere|chiffre|lettre|car\b|jour|mois|ans?\b|heure|h\b|min|sec|"
    r"%|essai|tentative|sur \d|etape|compte|site)"
)
# Letters and figures that are no password: « 14h30 », « 2eme », « kelk1 », « iphone12 ».
NOT_MIXED = re.compile(
    r"\d+(?:h\d*|e|er|ere|eme|nd|x|fois|j|jrs?|min|mn|s|m|g|go|mo|cm|km|ans?|eur\w*|€|%)$|"
    r"[a-z]+1$|h24$|24h.*|\d{1,2}[a-z]{2,}\d?$|"
    r"(?:iphone|windows|win|covid|android|galaxy|cerfa|office|ipad)\d+\w*$|"
    r"[\w.+\-]+@[\w\-]+\.\w+.*|https?:.*|www\..*"
)


def trimmed(folded: str, begin: int, end: int) -> int:
    """Returns where a word ends without the sentence's punctuation.

    An exclamation mark stays: it may belong to the password.
    """
    while end - begin > 1 and folded[end - 1] in _END:
        end -= 1
    return end


def is_plain_word(core: str) -> bool:
    """Tells whether a folded word is one that people say around passwords."""
    return not core or core in NOT_A_PASSWORD or _ELIDED.match(core) is not None


def is_mixed(original: str) -> bool:
    """Tells whether a word has the shape of a password: nobody writes such a word otherwise.

    Args:
        original: The word as it was typed, capitals and accents included.
    """
    inside = original.strip(AROUND)
    core = fold(inside)
    if len(core) < 5 or NOT_MIXED.match(core) or core in NOT_A_PASSWORD:
        return False
    if not any(map(str.isalpha, core)):
        return False
    if re.search(r"\d\d", core):
        return True
    if any(map(str.isdigit, core)) and re.search(r"[^\w.,;:'\-/]", core):
        return True
    return bool(re.search(r"\w[!@#$%*_]\w", inside))
