"""Finds passwords, secret codes and logins by the words around them.

Every search starts at a word such as « mot de passe » and reads a few words on (or back), never
further: the time taken is proportional to the length of the text.
"""

from __future__ import annotations

import re

from bot.privacy.marks import ANY_MARK, Span
from bot.privacy.words import (
    AROUND_CODE,
    LOST_BEFORE,
    NOT_A_PASSWORD,
    NOT_A_SECRET_CODE,
    PUBLIC_NUMBERS,
)

_PASSWORD_WORD = (
    r"mot?s? ?(?:de|d|2|des|du) ?pas{1,3}e?s?|mot?s?[ -]?pas{1,2}es?|mot-de-passe|m ?d ?p|m\.d\.p\.?|mpd|"
    r"pas{1,2}e?words?|passwd|pwd|(?:mon|mn) pass(?= ?(?:c'|c |cest|:|=|est))"
)
_SECRET_WORD = (
    r"codes? (?:secrets?|confidentiels?|pin|puk|perso\w*|d ?'? ?acces|prive|de (?:la |ma )?(?:carte|cb)|cb|"
    r"(?:de (?:la |ma )?)?carte bleue|parental)|pin code|phrase secrete|reponse secrete"
)
_TRIGGER = re.compile(
    rf"(?<![a-z0-9])(?:(?P<password>{_PASSWORD_WORD})|{_SECRET_WORD})(?![a-z0-9])"
)

_MADE = (
    r"(?:mis|mi|mit|met|mets|tape|taper|ecrit|ecri|marque|choisi|choisit|pris|prend|prends|rentre|rentrer|entre|entrer|"
    r"essaye|essayer|note|utilise|saisi|fait|cree|garde)"
)
_I_HAVE = r"(?:(?:j ?'? ?a?i?|je|g|ge|on a|on|il a|elle a|il|elle)(?: (?:avais|ai|a|y ai|l'ai|lui ai))? ?)"
_CONNECT = re.compile(
    r" {0,3},? ?(?:(?P<sign>:+|=+>?|-+>|→|⇒)"
    rf"|(?P<that>(?:c ?' ?(?:est|etait|e|et)|c (?:est|etait)|cest|cetait|c|ces|ses|s'est|se)(?![a-z0-9'])"
    rf"|(?:{_I_HAVE}{_MADE}|que? ?voici|voici|voila|qui est|est le suivant|suivant)(?![a-z0-9']))"
    r"|(?P<is>(?:est|etait|sera|serait|s appelle)(?![a-z0-9'])))"
)
_MOST_CONNECTORS = 3
_WORD = re.compile(r" {0,3}([^\s:=.,;!?()\"«»→" + ANY_MARK[1:-1] + r"]{1,60})(?=[\s:=]|->|$)")
_MOST_WORDS_BETWEEN = 6
_PREPOSITION = re.compile(
    r"(?:de|du|d|d'\w*|des|pour|pr|sur|a|au|dans|que|ke|qu'\w+|actuel|perso)$"
)
_QUOTED = re.compile(r" {0,2}(?:\"([^\"\n]{1,60})\"|«([^»\n]{1,60})»|'([^'\n]{2,60})'(?![a-z]))")
_VALUE = re.compile(rf" {{0,3}}([^\s{ANY_MARK[1:-1]}]{{1,128}})")
_SPELLED = re.compile(r" {0,3}((?:[^\s] ){3,30}[^\s])(?!\S)")
_TAIL = re.compile(
    r" ((?:\d{1,8}|[!@#$*?&%+]{1,3}|(?=[a-z]{0,12}\d)[a-z0-9]{2,16})[!*#]{0,3})(?![^\s.,;)])"
)
_ALPHA_TAIL = re.compile(r" ([a-z]{2,20})(?![^\s.,;!)])")
_UNIT = re.compile(
    r" ?(?:€|euro|eur\b|fois|x\b|caractere|chiffre|lettre|car\b|jour|mois|an\b|ans\b|heure|h\b|min|sec|%|essai|tentative|sur \d|etape|compte|site)"
)
_CLAUSE_END = re.compile(r"[.!?\n]")
_AHEAD = re.compile(r" {0,3}[,;]? {0,3}([^\s]{1,64})")
_MOST_WORDS_AHEAD = 8
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu)'")
# Letters and figures that are no password: « 14h30 », « 2eme », « kelk1 », « caf75 ».
_NOT_MIXED = re.compile(
    r"\d+(?:h\d*|e|er|ere|eme|nd|x|fois|j|jrs?|min|mn|s|m|g|go|mo|cm|km|ans?|eur\w*|€|%)$|[a-z]+1$|h24$|24h.*|"
    r"(?:iphone|windows|win|covid|android|galaxy|cerfa|office|ipad)\d+\w*$|\d{1,2}[a-z]{2,}\d?$|"
    r"[\w.+\-]+@[\w\-]+\.\w+.*|https?:.*|www\..*"
)
_BACK_REACH = 70
_BACK_AS = re.compile(
    r"(?P<value>\S{3,40})\"? (?:comme|come|com|en guise de|en tant que)(?: (?:mon|le|un|mn|nouveau|son|notre)){0,2} $"
)
_BACK_PUT = re.compile(
    rf"(?<![a-z]){_MADE} (?:bien |toujours |tjrs |juste )?(?P<value>\S{{3,40}}) (?:pour|pr|en|dans|au|sur|a la place du)(?: (?:mon|le|un|mn|nouveau|la case)){{0,2}} $"
)
_BACK_IS = re.compile(
    r"(?P<start>^|[.!?\n,] ?)?(?<!\S)(?P<value>\S{3,40}),? (?:c ?'? ?est|cest|c|ces|ses|est|c etait)(?: (?:bien|aussi))? (?:mon|le|mn|notre|son) (?:nouveau |ancien )?$"
)

_CODE = re.compile(
    r"(?<![a-z0-9])(?:codes?|otp|sms|texto|cryptogramme|cvv|cvc|pin|chiffres (?:au|du) dos)(?![a-z0-9])"
)
_CODE_EXCEPT = re.compile(rf" (?:{NOT_A_SECRET_CODE})(?![a-z])")
_MOST_AROUND_CODE = 9
_CODE_WORD = re.compile(r"[ ,:=\"«(\n]{0,4}([^\s,:=\"«()]{1,24})")
_CODE_VALUE = re.compile(
    r"[ ,:=\"«(\n]{0,4}((?:[a-z]{1,2}-)?\d(?:[ \-.]?\d){2,9}|(?=[a-z]{0,8}\d)(?=[a-z0-9]{0,9}[a-z])[a-z0-9]{5,10})(?![\w*/€]|[.,/\-]\d)"
)
_CODE_BACK = re.compile(
    r"(?<![\w,./\-*])(\d(?:[ \-]?\d){3,7}),? (?:comme|c ?'? ?est|cest|c|ces|est|pour)(?: (?:le|mon|mn|un|bien)){0,2} $"
)
_YEAR = re.compile(r"(?:19|20)\d\d$")
_COUNT_OF = re.compile(r"(?:\d{1,2}|quatre|six|huit) (?:chiffres|caracteres|lettres)")

_LOGIN = re.compile(
    rf"(?<![a-z0-9])(?:identifiants?|identifians?|identifian|login|user|username|nom d'utilisateur|pseudo)"
    rf"(?P<link> ?(?:[:=]|c ?'? ?est|cest|c|est|ses|ces)(?![a-z]))? ?(?P<value>[^\s,;:{ANY_MARK[1:-1]}]{{2,60}})"
)
_THEN_PASSWORD = re.compile(
    rf"[ ,;/.+\-\n]{{1,4}}(?:(?:et|avec|le|mon|mn) ){{0,3}}(?:{_PASSWORD_WORD}) ?(?:\S{{1,6}} ){{0,2}}\S? ?{ANY_MARK}"
)


_LOGIN_BEFORE = re.compile(
    r"(?<![a-z])(?:identifi\w+|login|user\w*|pseudo)(?: ?[:=]| c'?est| c| est)? ?"
    rf"(?:(?P<value>[^\s,;:=]{{2,40}})|{ANY_MARK}) ?[,;/\n]? ?(?:(?:et|avec|le|mon|mn) ){{0,3}}$"
)


def find_secrets(text: str, folded: str) -> list[Span]:
    """Returns the passwords and codes given away in a text.

    Args:
        text: The text.
        folded: The same, as `marks.fold` gives it.
    """
    spans: list[Span] = []
    for trigger in _TRIGGER.finditer(folded):
        kind = "password" if trigger["password"] else "code"
        spans += _before(text, folded, trigger.start(), kind)
        found = _after(text, folded, trigger.start(), trigger.end())
        if found is not None:
            spans.append(Span(*found, kind))
    for code in _CODE.finditer(folded):
        spans += _code(folded, code.start(), code.end())
    return spans


def find_logins(text: str, folded: str) -> list[Span]:
    """Returns the logins given with a masked password, or in the form of one (`durand59`).

    Args:
        text: The text, its passwords masked.
        folded: The same, as `marks.fold` gives it.
    """
    spans = []
    for match in _LOGIN.finditer(folded):
        value = match["value"].rstrip(".)!?\"'")
        core = value.strip("\"'(")
        if not core or core in NOT_A_PASSWORD or _ELIDED.match(core):
            continue
        shaped = any(map(str.isdigit, core)) and len(core) >= 5 and not _NOT_MIXED.match(core)
        if shaped or _THEN_PASSWORD.match(folded, match.start("value") + len(value)):
            begin = match.start("value")
            spans.append(Span(begin, begin + len(value), "login"))
    return spans


# --- after « mot de passe » ---------------------------------------------------------------------


def _after(text: str, folded: str, trigger: int, place: int) -> tuple[int, int] | None:
    """Returns where the secret that follows is, or None."""
    if found := _after_login(folded, trigger, place):
        return found
    lost = re.search(rf"(?<![a-z]){LOST_BEFORE}(?![a-z])", folded[max(0, trigger - 30) : trigger])
    between = 0
    prepared = True
    while between <= _MOST_WORDS_BETWEEN:
        link, after_link = _connector(folded, place)
        if link:
            sure = link == "sign" or (not lost and (between == 0 or prepared))
            return _value(text, folded, after_link, link if sure else "")
        if between == 0 and (found := _quoted(folded, place)):
            return found
        if found := _shaped(text, folded, place, adjacent=between == 0):
            return found
        word = _WORD.match(folded, place)
        if word is None:
            break
        if between == 0:
            prepared = bool(_PREPOSITION.match(word[1])) or word[1] in NOT_A_PASSWORD
        if word[1] in ("refuse", "oublie", "perdu", "incorrect", "bloque", "et", "mais", "car"):
            prepared = False
        place = word.end()
        between += 1
    return _ahead(text, folded, place)


def _after_login(folded: str, trigger: int, place: int) -> tuple[int, int] | None:
    """« identifiant martin mot de passe soleil »: the login tells that the password follows."""
    login = _LOGIN_BEFORE.search(folded[max(0, trigger - _BACK_REACH) : trigger])
    value = _VALUE.match(folded, place)
    if login is None or value is None or folded[place : place + 1] != " ":
        return None
    if login["value"] and _plain_word(login["value"]):
        return None
    end = _trimmed(folded, value.start(1), value.end(1))
    core = folded[value.start(1) : end].strip("\"'()")
    return None if _plain_word(core) or not core[0].isalnum() else (value.start(1), end)


def _connector(folded: str, place: int) -> tuple[str, int]:
    """Returns the strongest of the words or signs that say « here it is », and where they end."""
    link = ""
    for _ in range(_MOST_CONNECTORS):
        match = _CONNECT.match(folded, place)
        if match is None:
            break
        link = match.lastgroup if link != "sign" and match.lastgroup else link
        place = match.end()
    return link, place


def _quoted(folded: str, place: int) -> tuple[int, int] | None:
    match = _QUOTED.match(folded, place)
    if match is None or folded[place : place + 1] not in " '\"«":
        return None
    # A mark that touches « mot de passe » closes a quotation rather than opening one.
    if folded[place] in "\"'":
        return None
    inside = match[match.lastindex or 1].strip()
    if not inside or all(word in NOT_A_PASSWORD for word in re.findall(r"[^\s]+", inside)):
        return None
    return match.start(match.lastindex or 1), match.end(match.lastindex or 1)


def _value(text: str, folded: str, place: int, link: str) -> tuple[int, int] | None:
    """Returns where the secret is after a connector; no link means that it must look like one."""
    if found := _quoted(folded, place):
        return found
    if folded[place : place + 1] in ('"', "'") and (found := _quoted(" " + folded, place)):
        return found[0] - 1, found[1] - 1
    if spelled := _SPELLED.match(folded, place):
        return spelled.span(1)
    for hop in range(3):
        match = _VALUE.match(folded, place)
        if match is None:
            return None
        begin = match.start(1)
        end = _trimmed(folded, begin, match.end(1))
        core = folded[begin:end].strip("\"'()[]«».,;:!?…")
        if not _plain_word(core):
            break
        if folded[end : match.end(1)].strip("\"')») ") or _CLAUSE_END.search(
            folded[begin : match.end(1)]
        ):
            return None
        # « c'est le 4512 », « c'est toujours azerty75 »
        place = match.end(1)
        if hop == 2 or not link:
            return _ahead(text, folded, place)
        following = _VALUE.match(folded, place)
        if following is None or not any(map(str.isdigit, following[1])):
            return _ahead(text, folded, place)
    else:
        return None
    if core.isdigit():
        enough = len(core) >= 3 and not _UNIT.match(folded, end)
        return (begin, _digits_end(folded, begin, end)) if enough and link else None
    if link and _is_secret(text[begin:end], core, link) or _mixed(text, begin, end, core):
        return begin, _with_tail(folded, end, core)
    return None


def _trimmed(folded: str, begin: int, end: int) -> int:
    """A comma or a full stop belongs to the sentence; an exclamation mark may be of the password."""
    while end - begin > 1 and folded[end - 1] in ".,;:)\"»…'":
        end -= 1
    return end


def _plain_word(core: str) -> bool:
    return (
        not core
        or core in NOT_A_PASSWORD
        or bool(_ELIDED.match(core) and core.replace("'", "").isalpha())
    )


def _is_secret(original: str, core: str, link: str) -> bool:
    if len(core) < 3 and not (link == "sign" and len(core) == 2):
        return False
    # « est dépassé », « est trop simplement choisi »: said of it, not the thing itself.
    said_of_it = re.search(r"(?:é|ée|és|ées|ement|ible|able)$", original.lower())
    return not (link == "is" and len(core) > 4 and said_of_it)


def _mixed(text: str, begin: int, end: int, core: str) -> bool:
    """Tells whether a word has the shape of a password: nobody writes such a word otherwise."""
    if len(core) < 5 or _NOT_MIXED.match(core) or core in NOT_A_PASSWORD:
        return False
    letters = any(map(str.isalpha, core))
    if letters and re.search(r"\d\d", core):
        return True
    if letters and any(map(str.isdigit, core)) and re.search(r"[^\w.,;:'\-/]", core):
        return True
    inside = text[begin:end].strip("\"'()[]«».,;:!?")
    return bool(
        letters and re.search(r"\w[!@#$%&*_+]\w", inside) and not re.search(r"\w[/&+]\w", inside)
    )


def _shaped(text: str, folded: str, place: int, adjacent: bool) -> tuple[int, int] | None:
    """« mdp toto123 », « code secret 4512 »: nothing in between, the shape alone tells."""
    match = _VALUE.match(folded, place)
    if match is None or folded[place : place + 1] not in (" ", "\n"):
        return None
    begin = match.start(1)
    end = _trimmed(folded, begin, match.end(1))
    core = folded[begin:end].strip("\"'()[]«».,;:!?…")
    if core.isdigit():
        long_enough = adjacent and 4 <= len(core) <= 12
        return (
            (begin, _digits_end(folded, begin, end))
            if long_enough and not _UNIT.match(folded, end)
            else None
        )
    if _mixed(text, begin, end, core):
        return begin, end
    if not adjacent or _plain_word(core) or len(core) < 5:
        return None
    inside = text[begin:end]
    one_figure = re.fullmatch(r"[a-z]{4,}\d[!*?]?", core) and not re.match(
        r"kelk|quelq|dem1|chak|auc", core
    )
    capital_inside = re.search(r"[a-zà-ÿ][A-Z]", inside) and not re.match(
        r"(?:i[A-Z]|Mc|France|Next)", inside
    )
    bang = (
        re.search(r"\w[!*#$]$", inside.rstrip(".,;"))
        and inside[0].isupper()
        and not inside.isupper()
    )
    return (begin, end) if one_figure or capital_inside or bang else None


def _digits_end(folded: str, begin: int, end: int) -> int:
    more = re.compile(r"(?:[ .\-]\d{1,4}){1,8}(?![\d€])").match(folded, end)
    return more.end() if more and not _UNIT.match(folded, more.end()) else end


def _with_tail(folded: str, end: int, core: str) -> int:
    """« toto 123 », « petit chat »: a password said in several words."""
    tail = _TAIL.match(folded, end)
    if tail and not _UNIT.match(folded, tail.end()) and not _NOT_MIXED.match(tail[1]):
        return tail.end()
    place = end
    for _ in range(3):
        word = _ALPHA_TAIL.match(folded, place)
        if word is None or word[1] in NOT_A_PASSWORD:
            break
        place = word.end()
    if place > end and re.match(r"[ .!?)]{0,3}(?:$|\n)", folded[place : place + 4]):
        return place
    return end


def _ahead(text: str, folded: str, place: int) -> tuple[int, int] | None:
    """Looks in the rest of the sentence for a word that can only be a password."""
    for _ in range(_MOST_WORDS_AHEAD):
        match = _AHEAD.match(folded, place)
        if match is None:
            return None
        begin = match.start(1)
        end = _trimmed(folded, begin, match.end(1))
        core = folded[begin:end].strip("\"'()[]«».,;:!?…")
        if _mixed(text, begin, end, core):
            return begin, end
        if match[1][-1] in ".!?":
            return None
        place = match.end(1)
    return None


# --- before « mot de passe » --------------------------------------------------------------------


def _before(text: str, folded: str, trigger: int, kind: str) -> list[Span]:
    """« j'ai mis azerty comme mot de passe », « toto75 c'est mon mdp »."""
    low = max(0, trigger - _BACK_REACH)
    for pattern in (_BACK_AS, _BACK_PUT, _BACK_IS):
        match = pattern.search(folded[low:trigger])
        if match is None:
            continue
        begin, end = low + match.start("value"), low + match.end("value")
        core = folded[begin:end].strip("\"'()[]«».,;:!?…")
        if _plain_word(core) or not core.strip("".join(map(chr, range(0xE000, 0xE010)))):
            continue
        if pattern is _BACK_IS and not (
            _mixed(text, begin, end, core)
            or core.isdigit()
            and len(core) >= 4
            or match["start"] == ""
            and low == 0
        ):
            continue
        return [Span(begin, end, kind)]
    return []


# --- one-time codes -----------------------------------------------------------------------------


def _code(folded: str, trigger: int, place: int) -> list[Span]:
    """« le code reçu est 482913 », « 482913 c'est le code »."""
    word = folded[trigger:place]
    back = _CODE_BACK.search(folded[max(0, trigger - 30) : trigger])
    if back and not _is_public(back[1]) and word != "sms":
        low = max(0, trigger - 30)
        return [Span(low + back.start(1), low + back.end(1), "code")]
    if _CODE_EXCEPT.match(folded, place):
        return []
    short = word in ("cryptogramme", "cvv", "cvc") or word.startswith("chiffres")
    least = 3 if short else 5 if word in ("sms", "texto") else 4
    for _ in range(_MOST_AROUND_CODE):
        count = _COUNT_OF.match(folded[place + 1 : place + 24].lstrip(": "))
        value = None if count else _CODE_VALUE.match(folded, place)
        if value is not None:
            digits = re.sub(r"[^a-z0-9]", "", value[1])
            figures = sum(map(str.isdigit, digits))
            refused = figures < least or _is_public(digits) or _UNIT.match(folded, value.end())
            if refused or len(digits) > 10 or not digits.isdigit() and figures < 2:
                return []
            return [Span(value.start(1), value.end(1), "code")]
        following = _CODE_WORD.match(folded, place)
        if following is None:
            return []
        core = following[1].rstrip('.!?)"»')
        if core not in AROUND_CODE and not count and not (core.isdigit() and len(core) == 1):
            return []
        if core != following[1] and "." in following[1] and core != "caf.fr":
            return []
        place = following.end()
    return []


def _is_public(digits: str) -> bool:
    digits = re.sub(r"\D", "", digits)
    return (
        digits in PUBLIC_NUMBERS
        or bool(_YEAR.match(digits))
        or digits.startswith("08")
        and len(digits) >= 8
    )
