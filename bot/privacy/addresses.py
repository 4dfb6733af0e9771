"""Finds mail addresses, however they are dictated, and IBANs."""

from __future__ import annotations

import re

from stdnum import iban

from bot.privacy.marks import Span

_AT = re.compile(
    r" {0,2}(?:@|[(\[{<] ?(?:at|a|arobase) ?[)\]}>]"
    r"|(?<![a-z])(?:h?arr?ob+a[sz]\w{0,3}|a commercial)(?![a-z])) {0,2}"
)
_PROVIDERS = (
    "gmail|googlemail|orange|wanadoo|free|hotmail|outlook|live|msn|yahoo|ymail|laposte|sfr|neuf|"
    "bbox|bouyguestelecom|icloud|proton|protonmail|gmx|numericable|aol|cegetel|club-internet"
)
_TOP = "com|fr|net|org|eu|be|ch|lu"
_LOCAL_WORD = r"[a-z0-9_+%\-]{1,64}"
# No joint begins as another or as a word: there is one way to read a text, hence no going back.
_LOCAL_JOINT = r"(?:\.| \. | _ | point | tiret (?:du bas )?| underscore )"
# Read backwards from the at sign, on a short slice.
_LOCAL = re.compile(rf"(?<![a-z0-9_+%\-])(?:{_LOCAL_WORD}{_LOCAL_JOINT}){{0,5}}{_LOCAL_WORD}$")
_LOCAL_REACH = 90
_DOMAIN = re.compile(
    rf"[a-z0-9\-]{{1,63}}(?:\.[a-z0-9\-]{{1,63}}|(?: point | ?\. ?|,)(?:{_TOP})(?![a-z0-9])){{0,4}}"
)
_PROVIDER = re.compile(rf"(?:{_PROVIDERS})(?![a-z])")
# The at sign was forgotten: only what cannot be a sentence (« je vais sur gmail.com »).
_NO_AT = re.compile(
    rf"(?<![a-z0-9._\-])(?=[a-z\-]{{0,40}}[0-9._])[a-z0-9._\-]{{3,60}}[a-z0-9] "
    rf"(?:{_PROVIDERS}) ?\. ?(?:com|fr|net)(?![a-z0-9])"
)

_GAP = r"[ .\-_/]{0,2}"
_IBAN_START = re.compile(rf"(?<![a-z0-9])(?:iban)?(?P<cc>[a-z]{_GAP}[a-z]){_GAP}\d{_GAP}\d")
_IBAN_NEXT = re.compile(rf"{_GAP}([a-z0-9])")
_IBAN_LONGEST = 34
_IBAN_WORD = re.compile(r"(?<![a-z])(?:iban|rib|ribe|compte bancaire)(?![a-z])")
_WORD_REACH = 30
_FRENCH_ACCOUNT = frozenset({"fr", "mc"})


def find_emails(text: str, folded: str) -> list[Span]:
    """Returns the mail addresses of a text.

    Args:
        text: The text.
        folded: The same, as `marks.fold` gives it.
    """
    spans = []
    for at in _AT.finditer(folded):
        begin_of_slice = max(0, at.start() - _LOCAL_REACH)
        local = _LOCAL.search(folded[begin_of_slice : at.start()])
        domain = _DOMAIN.match(folded, at.end())
        if local is None or domain is None:
            continue
        # « rdv @ 14h » is none: a spaced sign wants a domain.
        dotted = not domain[0].replace("-", "").isalnum()
        if dotted or at[0] == "@" or _PROVIDER.match(domain[0]):
            spans.append(Span(begin_of_slice + local.start(), domain.end(), "email"))
    spans += [Span(match.start(), match.end(), "email") for match in _NO_AT.finditer(folded)]
    return spans


def find_ibans(text: str, folded: str) -> list[Span]:
    """Returns the IBANs of a text, French ones even mistyped.

    Args:
        text: The text.
        folded: The same, as `marks.fold` gives it.
    """
    spans: list[Span] = []
    for start in _IBAN_START.finditer(folded):
        begin = start.start("cc")
        if spans and begin < spans[-1].end:
            continue
        end = _iban_end(folded, begin)
        if end is not None:
            spans.append(Span(begin, end, "iban"))
    return spans


def _iban_end(folded: str, begin: int) -> int | None:
    characters: list[str] = []
    ends: list[int] = []
    place = begin
    while len(characters) < _IBAN_LONGEST and (match := _IBAN_NEXT.match(folded, place)):
        characters.append(match[1])
        place = match.end()
        ends.append(place)
    compact = "".join(characters)
    # Where a group of characters ends: an IBAN does not stop in the middle of a word.
    stops = [
        n
        for n in range(15, len(compact) + 1)
        if not folded[ends[n - 1] : ends[n - 1] + 1].isalnum()
    ]
    for length in stops:
        if iban.is_valid(compact[:length], check_country=False):
            return ends[length - 1]
    announced = _IBAN_WORD.search(folded, max(0, begin - _WORD_REACH), begin + 4) is not None
    if compact[:2] in _FRENCH_ACCOUNT or announced:
        for length in reversed(stops):
            digits = sum(map(str.isdigit, compact[:length]))
            # A digit too few or too many, or a wrong one: still somebody's account.
            if (
                length <= 30
                and digits >= 14
                and digits >= length - 8
                and compact[length - 1].isdigit()
            ):
                return ends[length - 1]
    return None
