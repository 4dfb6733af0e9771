"""Masks personal identifiers before anything is stored or sent to the engine.

What is masked, and by what: social security number, IBAN and card (their check digits, by
python-stdnum), phone (phonenumbers), e-mail, fiscal number, CAF number and passwords (the words
around them). A number that is none of these stays: an amount or a date helps the counsellor.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import phonenumbers
from stdnum import iban, luhn
from stdnum.exceptions import ValidationError
from stdnum.fr import nir

_GAP = r"[ .\-/\u00a0\u202f]?"

_EMAIL = re.compile(
    r"[\w.+%-]+\s?(?:@|\(at\)|\[at\]|\s(?:arobase|arobaze|arobas)\s)\s?[\w-]+(?:\s?\.\s?[\w-]+)+", re.I
)
_IBAN = re.compile(rf"\b[A-Z]{{2}}{_GAP}\d{{2}}(?:{_GAP}[A-Z0-9]){{11,30}}\b", re.I)
_NIR = re.compile(rf"(?<!\d)[123478](?:{_GAP}\d){{4}}{_GAP}(?:\d|2{_GAP}[AB])(?:{_GAP}[\dAB])(?:{_GAP}\d){{5,8}}(?!\d)", re.I)
_CARD = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{12,18}}(?!\d)")
_NUMBER = rf"\d(?:{_GAP}\d){{%s}}(?!\d)"
_IS = r"[^\d\n]{0,30}?"
_FISCAL = re.compile(
    rf"((?:num[ée]ro|n[°o]|num)?\s*(?:fiscal|fiscale|spi|d'acc[èe]s|t[ée]l[ée]d[ée]clarant)\b{_IS})({_NUMBER % '6,12'})",
    re.I,
)
_FISCAL_ALONE = re.compile(rf"(?<!\d)[0-3](?:{_GAP}\d){{12}}(?!\d)")
_CAF = re.compile(rf"((?:allocataire|matricule|caf)\b{_IS})({_NUMBER % '5,7'})", re.I)
_PHONE_LOOSE = re.compile(rf"(?<!\d)(?:\+33|0033|0){_GAP}[1-9](?:{_GAP}\d){{8}}(?!\d)")
_PASSWORD = re.compile(
    r"((?:mot\s*(?:de|2|d)?\s*passe?|mots?\s*de\s*passes?|mdp|password|passwd|code\s+secret|code\s+pin)"
    r"(?:\s+(?:de|du|d'|sur|pour)\s*(?:la\s+|le\s+|l')?\w+)?"
    r"\s*(?:c'est|cest|c\s|est|ai mis|:|=|->)\s*(?:c'est\s+)?(?::\s*)?[\"«']?\s*)"
    r"([^\s\"»']{3,})",
    re.I,
)
_PASSWORD_SHAPE = re.compile(r"(?=.*\d|.*[^\w])", re.I)
# Words that follow « mon mot de passe est » when no password is given away.
_NOT_A_PASSWORD = frozenset(
    "refusé refuse refusée perdu oublié oublie bloqué bloque faux incorrect expiré expire invalide "
    "périmé toujours pas trop plus mauvais erroné inconnu demandé obligatoire quoi où comment que "
    "dans sur celui impossible différent compliqué enregistré changé bon".split()
)

LABELS = {
    "nir": "[numéro de sécurité sociale masqué]",
    "iban": "[IBAN masqué]",
    "card": "[numéro de carte masqué]",
    "phone": "[téléphone masqué]",
    "email": "[adresse mail masquée]",
    "fiscal": "[numéro fiscal masqué]",
    "caf": "[numéro CAF masqué]",
    "password": "[mot de passe masqué]",
}


def mask(text: str) -> str:
    """Returns the text with every personal identifier replaced by its label."""
    text = _EMAIL.sub(LABELS["email"], text)
    text = _IBAN.sub(_if(_is_iban, "iban"), text)
    text = _NIR.sub(_if(_is_nir, "nir"), text)
    text = _CARD.sub(_if(_is_card, "card"), text)
    text = _FISCAL.sub(lambda m: m[1] + LABELS["fiscal"], text)
    text = _CAF.sub(lambda m: m[1] + LABELS["caf"], text)
    text = _phones(text)
    text = _FISCAL_ALONE.sub(LABELS["fiscal"], text)
    return _PASSWORD.sub(_password, text)


def _if(test: Callable[[str], bool], kind: str) -> Callable[[re.Match[str]], str]:
    return lambda match: LABELS[kind] if test(match[0]) else match[0]


def _compact(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text).upper()


def _is_iban(text: str) -> bool:
    # A French IBAN typed with a wrong digit is still one: its shape is enough.
    compact = _compact(text)
    return iban.is_valid(compact) or bool(re.fullmatch(r"FR\d{12}[A-Z0-9]{11}\d{2}", compact))


def _is_nir(text: str) -> bool:
    compact = _compact(text)
    if len(compact) == 15:
        try:
            nir.validate(compact)
            return True
        except ValidationError:
            pass
    # 13 digits without the key, or a mistyped key: sex, year and month must be possible.
    return len(compact) in (13, 14, 15) and bool(
        re.match(r"[12378]\d{2}(0[1-9]|1[0-2]|[2-9]\d)", compact)
    )


def _is_card(text: str) -> bool:
    digits = _compact(text)
    return len(digits) >= 13 and (luhn.is_valid(digits) or len(digits) == 16)


def _phones(text: str) -> str:
    found = [
        (match.start, match.end)
        for match in phonenumbers.PhoneNumberMatcher(text, "FR")
        if len(re.sub(r"\D", "", match.raw_string)) >= 9
    ]
    for begin, end in reversed(found):
        text = text[:begin] + LABELS["phone"] + text[end:]
    return _PHONE_LOOSE.sub(LABELS["phone"], text)


def _password(match: re.Match[str]) -> str:
    word = match[2].strip(".,!?;").lower()
    if word in _NOT_A_PASSWORD or match[2].startswith("["):
        return match[0]
    if not _PASSWORD_SHAPE.match(match[2]) and match[0].rstrip(match[2]).rstrip()[-1:] not in ":=":
        if word.isalpha() and len(word) < 5:
            return match[0]
    return match[1] + LABELS["password"]
