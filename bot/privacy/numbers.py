"""Finds the numbers that identify a person, among all the numbers of a text.

A text is cut into groups of digits; groups that follow closely form a run. From each group on, the
first 7, 9, 10, 13, 15… digits of the run are tried against the known shapes. No search goes back:
the time taken is proportional to the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.fr import nif, nir

from bot.privacy.marks import Span

_DIGITS = re.compile(r"\d+")
_TIGHT = re.compile(r"[ .\-/_,()]{1,3}")
_MOST_DIGITS = 24
_GAP = r"[ .\-/_]{0,2}"
_CORSICAN = re.compile(
    rf"(?<![a-z0-9])[1278]{_GAP}(?:\d{_GAP}){{4}}2{_GAP}[ab]{_GAP}\d(?:{_GAP}\d){{5}}"
    rf"(?:{_GAP}\d){{0,2}}(?!{_GAP}\d)"
)
_DATE = re.compile(
    r"(?<!\d)(?<!\d[./\-])(?:"
    r"(?:0?[1-9]|[12]\d|3[01])(?P<a>[./\-])(?:0?[1-9]|1[0-2])(?P=a)(?:(?:19|20)\d\d|\d\d)"
    r"|(?:0?[1-9]|[12]\d|3[01]) (?:0?[1-9]|1[0-2]) (?:19|20)\d\d"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-\d\d)"
    r"(?!\d)(?![./\-]\d)"
)
_PLAIN_DATE = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:(?:19|20)?\d\d)$")
_MONEY = re.compile(r" {0,2}(?:€|euros?(?![a-z])|eur(?![a-z])|balles|francs?(?![a-z]))")
_CAF_LETTER = re.compile(r"[ \-]?[a-z](?![a-z0-9'])")
_O_FOR_ZERO = re.compile(r"(?<![a-z0-9])o(?=[67](?:[ .\-/]?\d){8}(?!\d))")

# The words that say what the next number is; the nearest wins.
_WORDS = re.compile(
    r"(?<![a-z])(?:(?P<income>revenus? fisca\w+|revenu fiscal|parts? fiscales?|avis)"
    r"|(?P<fiscal>fisca(?:l|le|ls|ux)|spi|numero d'?impots?)"
    r"|(?P<access>d ?'? ?acces|acces en ligne|daccee?s?|tele ?-?declarants?|teledeclaration)"
    r"|(?P<nir>secu|securite sociale|s\. ?s\.|nir|insee|(?:carte )?vitale|n° ?ss|num ss)"
    r"|(?P<caf>all?oc\w*|matricules?|caf|kaf|msa|dossiers?)"
    r"|(?P<phone>(?:mon|mn|son|notre) num(?:ero)?|tel|tels|telephones?|phone|portables?|port"
    r"|mobiles?|whats ?app|joindre|joignables?"
    r"|rappel\w*|appelez|appeler|contacte[rz]|fixe)"
    r"|(?P<card>cb|carte (?:bancaire|bleue|visa|de credit)|visa|mastercard)"
    r"|(?P<other>siret|siren|rna|cerfa|formulaires?|articles?|code postal|euros|montants?|somme)"
    r")(?![a-z])"
)
_REACH = 48
_AFTER_CAF = re.compile(
    r" {0,2},? ?(?:c ?'?est|est|cest|c|=|:|\(|pour)? ?(?:mon|le|mn|notre)? ?"
    r"(?:numero|num|n°|no)? ?(?:d ?'? ?)?(?:all?ocataire|matricule)"
)


@dataclass(frozen=True)
class _Start:
    """The digits from one group on.

    Attributes:
        counts: Number of digits -> the digits and where they end, at the end of each group.
        whole: Number of digits up to the end of the run.
        first: This is the first group of its run.
        glued: Number of digits of the first group alone.
        plus: A plus sign comes before.
        near: What the words before announce, or an empty text.
    """

    begin: int
    counts: dict[int, tuple[str, int]]
    whole: int
    first: bool
    glued: int
    plus: bool
    near: str


def find_numbers(text: str, folded: str) -> list[Span]:
    """Returns the numbers of a text that identify a person.

    Args:
        text: The text.
        folded: The same, as `marks.fold` gives it.
    """
    folded = _O_FOR_ZERO.sub("0", folded)
    spans = [Span(m.start(), m.end(), "nir") for m in _CORSICAN.finditer(folded)]
    closed = [(s.begin, s.end) for s in spans] + [m.span() for m in _DATE.finditer(folded)]
    for run in _runs(folded, sorted(closed)):
        done = 0
        for rank, (begin, _) in enumerate(run):
            if begin < done:
                continue
            start = _start(folded, run, rank)
            found = _classify(start, folded)
            if found is None:
                continue
            kind, count = found
            done = start.counts[count][1]
            if kind == "caf" and (letter := _CAF_LETTER.match(folded, done)):
                done = letter.end()
            begin = folded.rindex("+", 0, begin) if start.plus else begin
            spans.append(Span(begin, done, kind))
    return spans


def _runs(folded: str, closed: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yields the runs of groups of digits, without those inside the closed places (dates)."""
    run: list[tuple[int, int]] = []
    rank = 0
    for match in _DIGITS.finditer(folded):
        while rank < len(closed) and closed[rank][1] <= match.start():
            rank += 1
        if rank < len(closed) and closed[rank][0] <= match.start():
            if run:
                yield run
            run = []
            continue
        if run and not _TIGHT.fullmatch(folded, run[-1][1], match.start()):
            yield run
            run = []
        run.append(match.span())
    if run:
        yield run


def _start(folded: str, run: list[tuple[int, int]], rank: int) -> _Start:
    begin, end = run[rank]
    counts: dict[int, tuple[str, int]] = {}
    digits = ""
    for group_begin, group_end in run[rank : rank + _MOST_DIGITS]:
        digits += folded[group_begin:group_end]
        counts[len(digits)] = (digits, group_end)
        if len(digits) > _MOST_DIGITS:
            break
    near = ""
    for match in _WORDS.finditer(folded, max(0, begin - _REACH), begin):
        near = match.lastgroup or ""
    plus = folded[max(0, begin - 2) : begin].replace(" ", "").replace("(", "").endswith("+")
    return _Start(begin, counts, len(digits), rank == 0, end - begin, plus, near)


def _classify(start: _Start, folded: str) -> tuple[str, int] | None:
    """Returns the kind of the number and its count of digits, or None."""
    if start.whole < 6:
        return None
    if start.near == "fiscal":
        for count in (13, 12, 14):
            if count in start.counts and not _public(start.counts[count][0]):
                return "fiscal", count
    for kind, found in (
        ("phone", _international(start)),
        ("nir", _nir(start)),
        ("iban", _rib(start)),
        ("card", _card(start)),
        ("phone", _national(start)),
        ("fiscal", _fiscal(start)),
        ("phone", _loose_phone(start)),
    ):
        if found is not None:
            return kind, found
    return _short(start, folded)


def _public(digits: str) -> bool:
    """08…: numbers of services, which are nobody's own."""
    return digits.startswith("08") or digits.startswith("338") or digits.startswith("00338")


def _international(start: _Start) -> int | None:
    zeros = start.counts and next(iter(start.counts.values()))[0].startswith("00")
    for count in sorted(start.counts, reverse=True):
        digits = start.counts[count][0]
        if not 8 <= count <= 17 or not (start.plus or digits.startswith("00")):
            # Written without its plus sign.
            if count == 11 and re.match(r"33[1-79]", digits) and start.near != "other":
                return count
            continue
        number = digits if start.plus else digits[2:]
        if re.fullmatch(r"330?[1-79]\d{8}", number):
            return count
        if number.startswith("33") or _public(digits):
            continue
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}")):
                return count
        except phonenumbers.NumberParseException:
            continue
    # Not a number that is attributed today, but one in the form of a number.
    if (start.plus or zeros) and 9 <= start.whole <= 16:
        digits = start.counts[start.whole][0]
        return None if _public(digits) else start.whole
    return None


def _nir(start: _Start) -> int | None:
    if start.near == "other":
        return None
    for count in (15, 13, 14):
        digits = start.counts.get(count, ("", 0))[0]
        if not digits:
            continue
        if count == 15 and nir.is_valid(digits):
            return count
        announced = start.near == "nir"
        if count == 13 and not announced and _is_nif(digits):
            continue
        month = int(digits[3:5])
        born = 1 <= month <= 12 or (month >= 20 and (announced or count == 15))
        if digits[0] in "12" + "3478" * announced and born and digits[5:7] != "00":
            return count
    if start.near == "nir" and 11 <= start.whole <= 16 and start.counts[start.whole][0][0] != "0":
        return start.whole
    return None


def _is_nif(digits: str) -> bool:
    try:
        nif.validate(digits)
    except ValidationError:
        return False
    return True


def _rib(start: _Start) -> int | None:
    digits = start.counts.get(23, ("", 0))[0]
    if not digits:
        return None
    bank, desk, account, key = digits[:5], digits[5:10], digits[10:21], digits[21:]
    rest = 97 - (89 * int(bank) + 15 * int(desk) + 3 * int(account)) % 97
    return 23 if rest == int(key) else None


def _card(start: _Start) -> int | None:
    for count in (16, 19, 18, 17, 15, 14):
        digits = start.counts.get(count, ("", 0))[0]
        if not digits or start.near == "other":
            continue
        valid = luhn.is_valid(digits)
        # A card with a mistyped digit is still a card.
        if count == 16 and (digits[0] in "23456" or start.near == "card"):
            return count
        if count > 16 and digits[0] in "56" and valid:
            return count
        if count == 15 and digits[:2] in ("34", "37") and valid:
            return count
        if count == 14 and digits[:2] in ("30", "36", "38", "39") and valid:
            return count
    if start.near == "card" and 13 <= start.whole <= 19:
        return start.whole
    return None


def _national(start: _Start) -> int | None:
    digits = start.counts.get(10, ("", 0))[0]
    return 10 if re.match(r"0[1-79]", digits) else None


def _fiscal(start: _Start) -> int | None:
    digits = start.counts.get(13, ("", 0))[0]
    return 13 if digits and digits[0] in "0123" and start.near != "other" else None


def _loose_phone(start: _Start) -> int | None:
    """A digit missing or in excess, a foreign number without its prefix."""
    digits, count = start.counts[start.whole][0], start.whole
    if not start.first or _public(digits):
        return None
    if count in (9, 11) and re.match(r"0[67]", digits):
        return count
    if start.near != "phone":
        return None
    # « 15 17 18 112 » makes nine digits too: without its zero, only a mobile, or one written whole.
    if count == 9 and (digits[0] in "67" or (start.glued == 9 and digits[0] in "12345")):
        return count
    return count if 9 <= count <= 13 and digits[0] == "0" else None


def _short(start: _Start, folded: str) -> tuple[str, int] | None:
    """Numbers of seven digits or so: only the words before tell what they are."""
    count = start.glued if 6 <= start.glued <= 8 else start.whole
    if count not in start.counts or (count != start.glued and not start.first):
        return None
    digits, end = start.counts[count]
    if _MONEY.match(folded, end):
        return None
    if start.near == "access" and count == 7:
        return "access", count
    spaced = count != start.glued
    if count in (6, 8) and (_PLAIN_DATE.match(digits) or spaced):
        return None
    before = folded[max(0, start.begin - _REACH) : start.begin]
    if start.near == "caf" and (count == 7 or (count in (6, 8) and "dossier" not in before)):
        return "caf", count
    if count == 7 and _AFTER_CAF.match(folded, end):
        return "caf", count
    return None
