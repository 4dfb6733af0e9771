"""Finds one-time codes (« le code reçu est 482913 ») and logins (« identifiant durand59 »)."""

from __future__ import annotations

import re

from bot.privacy.marks import ANY_MARK, Span
from bot.privacy.shapes import NOT_MIXED, UNIT, is_mixed, is_plain_word, trimmed
from bot.privacy.words import AROUND_CODE, OTHER_CODES, PUBLIC_NUMBERS

_CODE = re.compile(
    r"(?<![a-z0-9])(?:codes?|otp|sms|texto|cryptogramme|cvv|cvc|pin|chiffres (?:au|du) dos)"
    r"(?![a-z0-9])"
)
_NOT_A_SECRET = re.compile(rf" (?:{OTHER_CODES})(?![a-z])")
_MOST_WORDS = 9
_WORD = re.compile(r"[ ,:=\"«(\n]{0,4}([^\s,:=\"«()]{1,24})")
_VALUE = re.compile(
    r"[ ,:=\"«(\n]{0,4}((?:[a-z]{1,2}-)?\d(?:[ \-.]?\d){2,9}"
    r"|(?=[a-z]{0,8}\d)(?=[a-z0-9]{0,9}[a-z])[a-z0-9]{5,10})(?![\w*/€]|[.,/\-]\d)"
)
_BEFORE = re.compile(
    r"(?<![\w,./\-*])((?:[a-z]{1,2}-)?\d(?:[ \-]?\d){3,7}),? "
    r"(?:comme|c ?'? ?est|cest|c|ces|est|pour)(?: (?:le|mon|mn|un|bien)){0,2} $"
)
_BACK_REACH = 32
_YEAR = re.compile(r"(?:19|20)\d\d$")
_COUNT = re.compile(r" ?(?:\d{1,2}|quatre|six|huit) (?:chiffres|caracteres|lettres)")
_SHORT = ("cryptogramme", "cvv", "cvc", "chiffres au dos", "chiffres du dos")
_MESSAGE = ("sms", "texto")

_LOGIN = re.compile(
    r"(?<![a-z0-9])(?:identifiants?|identifians?|login|user|username|nom d'utilisateur|pseudo)"
    r"(?![a-z])"
    r"(?: ?(?:[:=]|c ?'? ?est|cest|c|est|ses|ces)(?![a-z]))? ?"
    rf"(?P<value>[^\s,;:{ANY_MARK[1:-1]}]{{2,60}})"
)
_THEN_PASSWORD = re.compile(
    r"[ ,;/.+\-\n]{1,4}(?:(?:et|avec|le|mon|mn|mot|mo|de|2|passe|mdp|c|c'est|est|ses|:|=) ?){0,7}"
    + ANY_MARK
)
_NEXT = re.compile(r" ?[/,;\n] ?(\S{5,40})")


def find_codes(text: str, folded: str) -> list[Span]:
    """Returns the one-time and card codes of a text.

    Args:
        text: The text.
        folded: The same, as `marks.fold` gives it.
    """
    found = (_code(folded, match.start(), match.end()) for match in _CODE.finditer(folded))
    return [span for span in found if span is not None]


def find_logins(text: str, folded: str) -> list[Span]:
    """Returns the logins given with a masked password, or in the form of one (`durand59`).

    Args:
        text: The text, its passwords masked.
        folded: The same, as `marks.fold` gives it.
    """
    spans = []
    for match in _LOGIN.finditer(folded):
        begin = match.start("value")
        end = trimmed(folded, begin, match.end("value"))
        core = folded[begin:end].strip("\"'()!?")
        if is_plain_word(core):
            continue
        figures = any(map(str.isdigit, core))
        if (figures and len(core) >= 5 and not NOT_MIXED.match(core)) or _THEN_PASSWORD.match(
            folded, end
        ):
            spans.append(Span(begin, end, "login"))
            # « identifiants : 1234567 / Azerty59! »
            after = _NEXT.match(folded, end)
            if after and is_mixed(text[after.start(1) : after.end(1)]):
                spans.append(Span(*after.span(1), "password"))
    return spans


def _code(folded: str, trigger: int, place: int) -> Span | None:
    word = folded[trigger:place]
    low = max(0, trigger - _BACK_REACH)
    back = _BEFORE.search(folded[low:trigger])
    if back and word not in _MESSAGE and not _is_public(back[1]):
        return Span(low + back.start(1), low + back.end(1), "code")
    if _NOT_A_SECRET.match(folded, place):
        return None
    least = 3 if word in _SHORT else 5 if word in _MESSAGE else 4
    for _ in range(_MOST_WORDS):
        count = _COUNT.search(folded, place, place + 24)
        value = None if count else _VALUE.match(folded, place)
        if value is not None:
            good = _is_code(value[1], least) and not UNIT.match(folded, value.end())
            return Span(*value.span(1), "code") if good else None
        following = _WORD.match(folded, place)
        if following is None:
            return None
        core = following[1].rstrip('.!?)"»')
        if core not in AROUND_CODE and not count:
            return None
        if core != following[1]:
            return None
        place = following.end()
    return None


def _is_code(value: str, least: int) -> bool:
    compact = re.sub(r"[^a-z0-9]", "", value)
    figures = sum(map(str.isdigit, compact))
    if len(compact) > 10 or figures < least or _is_public(compact):
        return figures >= 2 and not compact.isdigit() and 5 <= len(compact) <= 10
    return True


def _is_public(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    service = digits.startswith("08") and len(digits) >= 8
    return digits in PUBLIC_NUMBERS or service or _YEAR.match(digits) is not None
