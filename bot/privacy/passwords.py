"""Finds passwords and secret codes by the words around them.

Every search starts at words such as « mot de passe » and reads a few words on (or back), never
further: the time taken is proportional to the length of the text.
"""

from __future__ import annotations

import re

from bot.privacy.marks import ANY_MARK, Span
from bot.privacy.shapes import AROUND, UNIT, is_mixed, is_plain_word, trimmed
from bot.privacy.words import LOST_BEFORE

_MARKS = ANY_MARK[1:-1]
_PHRASE = (
    r"mot?s? ?(?:de|d|2|des|du) ?pas{1,3}e?s?|mot?s?[ -]?pas{1,2}es?|mot-de-passe|m ?d ?p|"
    r"m\.d\.p\.?|mpd|pas{1,2}e?words?|passwd|pwd|(?:mon|mn) pass(?= ?(?:c'|c |cest|:|=|est))|"
    r"pass(?= ?[:=])"
)
_CODE_PHRASE = (
    r"codes? (?:secrets?|confidentiels?|pin|puk|perso\w*|d ?'? ?acces|prive|parental|"
    r"(?:de (?:la |ma )?)?(?:carte bleue|carte|cb))|pin code|phrase secrete|reponse secrete"
)
_TRIGGER = re.compile(rf"(?<![a-z0-9])(?:(?P<password>{_PHRASE})|{_CODE_PHRASE})(?![a-z0-9])")

_MADE = (
    r"(?:mis|mi|mit|met|mets|tape|taper|ecrit|ecri|marque|choisi|choisit|pris|prend|prends|rentre|"
    r"rentrer|entre|entrer|essaye|essayer|note|utilise|saisi|fait|cree|garde)"
)
_I_HAVE = (
    r"(?:j ?'? ?a?i?|je|g|ge|on a|on|il a|elle a|il|elle)(?: (?:avais|ai|a|y ai|l'ai|lui ai))?"
)
_CONNECT = re.compile(
    r" {0,3},? ?(?:(?P<sign>:+|=+>?|-+>|→|⇒)"
    r"|(?P<that>(?:c ?' ?(?:est|etait|e|et)|c (?:est|etait)|cest|cetait|c|ces|ses|s'est|se|ce"
    rf"|{_I_HAVE} ?{_MADE}|(?:que )?voici|voila|qui est|suivant)(?![a-z0-9']))"
    r"|(?P<is>(?:est|etait|sera|serait|s'appelle)(?![a-z0-9'])))"
)
_SPELLED_CE = re.compile(r"[ ,]*[cs]e$", re.I)
_MOST_CONNECTORS = 3
_WORD = re.compile(rf" {{0,3}}((?:[^\s:=.,;!?()\"«»→{_MARKS}]|\.(?=[a-z])){{1,60}})(?=[\s:=]|->|$)")
_MOST_WORDS_BETWEEN = 6
_PREPARES = re.compile(r"(?:de|du|d|d'\w*|des|pour|pr|sur|a|au|dans|que|ke|qu'\w+|actuel|perso)$")
_TURNS_AWAY = frozenset(("refuse", "oublie", "perdu", "incorrect", "bloque", "et", "mais", "car"))
_QUOTED = re.compile(
    r" {0,2}(?:\"([^\"\n]{1,60})\"|«([^»\n]{1,60})»|'([^'\n]{2,60})'(?![a-z])|\(([^()\s]{3,40})\))"
)
_VALUE = re.compile(rf"[ \n]{{0,3}}([^\s{_MARKS}]{{1,128}})")
_SPELLED = re.compile(r" {0,3}((?:[^\s] ){3,30}[^\s])(?!\S)")
_TAIL = re.compile(
    r" ((?:\d{1,8}|[!@#$*?&%+]{1,3}|(?=[a-z]{0,12}\d)[a-z0-9]{2,16})[!*#]{0,3})(?![^\s.,;)])"
)
_ALPHA_TAIL = re.compile(r" ([a-z]{2,20})(?![^\s.,;!)])")
_MORE_DIGITS = re.compile(r"(?:[ .\-]\d{1,4}){1,8}(?![\d€])")
_SAID_OF_IT = re.compile(r"(?:é|ée|és|ées|ement|ible|able)$")
_AHEAD = re.compile(r" {0,3}[,;]? {0,3}([^\s]{1,64})")
_MOST_WORDS_AHEAD = 8

_BACK_REACH = 70
_MY = r"(?: (?:mon|le|un|mn|nouveau|ancien|son|notre|la case)){0,2}"
_BACK_AS = re.compile(
    rf"(?P<value>\S{{3,40}})\"? (?:comme|come|com|en guise de|en tant que){_MY} $"
)
_BACK_PUT = re.compile(
    rf"(?<![a-z]){_MADE} (?:bien |toujours |tjrs |juste )?(?P<value>\S{{3,40}}) "
    rf"(?:pour|pr|en|dans|au|sur|a la place du){_MY} $"
)
_BACK_THAT = re.compile(r"(?<!\S)(?:c'est|cest|c est|c) (?P<value>\S{3,40}),? (?:mon|mn) $")
_BACK_IS = re.compile(
    r"(?:^|(?<=\s))(?P<value>\S{3,40}),? (?:c ?'? ?est|cest|c|ces|ses|est|c etait)"
    r"(?: (?:bien|aussi))? (?:mon|le|mn|notre|son) (?:nouveau |ancien )?$"
)
_LOST = re.compile(rf"(?<![a-z]){LOST_BEFORE}(?![a-z])")
_LOST_REACH = 30
_LOGIN_BEFORE = re.compile(
    r"(?<![a-z])(?:identifi\w{1,5}|login|user\w{0,4}|pseudo)(?: ?[:=]| c'?est| c| est)? ?"
    rf"(?:(?P<value>[^\s,;:=]{{2,40}})|{ANY_MARK}) ?[,;/\n]? ?(?:(?:et|avec|le|mon|mn) ){{0,3}}$"
)


def find_secrets(text: str, folded: str) -> list[Span]:
    """Returns the passwords and secret codes given away in a text.

    Args:
        text: The text.
        folded: The same, as `marks.fold` gives it.
    """
    spans: list[Span] = []
    for trigger in _TRIGGER.finditer(folded):
        kind = "password" if trigger["password"] else "code"
        for found in (
            _before(text, folded, trigger.start()),
            _after(text, folded, trigger.start(), trigger.end()),
        ):
            if found is not None:
                spans.append(Span(*found, kind))
    return spans


def _after(text: str, folded: str, trigger: int, place: int) -> tuple[int, int] | None:
    """Returns where the secret that follows is, or None."""
    if found := _after_login(folded, trigger, place):
        return found
    lost = _LOST.search(folded, max(0, trigger - _LOST_REACH), trigger)
    prepared = True
    for between in range(_MOST_WORDS_BETWEEN + 1):
        link, after_link = _connector(text, folded, place)
        if link:
            sure = link == "sign" or (not lost and (between == 0 or prepared))
            return _value(text, folded, after_link, link if sure else "")
        if between == 0:
            spelled = _SPELLED.match(folded, place)
            if found := spelled.span(1) if spelled else _quoted(folded, place, touching=False):
                return found
        if found := _shaped(text, folded, place, adjacent=between == 0):
            return found
        word = _WORD.match(folded, place)
        if word is None:
            break
        if between == 0:
            prepared = bool(_PREPARES.match(word[1])) or is_plain_word(word[1])
            prepared = prepared or "." in word[1]
        prepared = prepared and word[1] not in _TURNS_AWAY
        place = word.end()
    return _ahead(text, folded, place)


def _after_login(folded: str, trigger: int, place: int) -> tuple[int, int] | None:
    """« identifiant martin mot de passe soleil »: the login tells that the password follows."""
    login = _LOGIN_BEFORE.search(folded[max(0, trigger - _BACK_REACH) : trigger])
    value = _VALUE.match(folded, place)
    if login is None or value is None or folded[place : place + 1] != " ":
        return None
    if login["value"] and is_plain_word(login["value"]):
        return None
    end = trimmed(folded, value.start(1), value.end(1))
    core = folded[value.start(1) : end].strip(AROUND)
    return None if is_plain_word(core) or not core[0].isalnum() else (value.start(1), end)


def _connector(text: str, folded: str, place: int) -> tuple[str, int]:
    """Returns the strongest of the words or signs that say « here it is », and where they end."""
    link = ""
    for _ in range(_MOST_CONNECTORS):
        match = _CONNECT.match(folded, place)
        if match is None:
            break
        # « cé doudou » is « c'est », « ce matin » is not.
        said = text[place : match.end()]
        if _SPELLED_CE.match(said):
            break
        link = match.lastgroup if link != "sign" and match.lastgroup else link
        place = match.end()
    return link, place


def _quoted(folded: str, place: int, touching: bool = True) -> tuple[int, int] | None:
    """Returns where the words between quotation marks are, unless they give nothing away."""
    # A mark that touches « mot de passe » closes a quotation rather than opening one.
    if not touching and folded[place : place + 1] in ('"', "'"):
        return None
    match = _QUOTED.match(folded, place)
    if match is None:
        return None
    begin, end = match.span(match.lastindex or 1)
    if all(map(is_plain_word, folded[begin:end].split())) or re.match(ANY_MARK, folded[begin:end]):
        return None
    return begin, end


def _value(text: str, folded: str, place: int, link: str) -> tuple[int, int] | None:
    """Returns where the secret is after a connector; no link means that it must look like one."""
    if found := _quoted(folded, place):
        return found
    if spelled := _SPELLED.match(folded, place):
        return spelled.span(1)
    for hop in range(3):
        match = _VALUE.match(folded, place)
        if match is None:
            return None
        begin = match.start(1)
        end = trimmed(folded, begin, match.end(1))
        core = folded[begin:end].strip(AROUND)
        if not is_plain_word(core):
            return _judged(text, folded, begin, end, link)
        if re.search(r"[.!?]", folded[begin : match.end(1)]):
            return None
        # « c'est le 4512 », « c'est toujours azerty75 »
        place = match.end(1)
        following = _VALUE.match(folded, place)
        figures = following is not None and any(map(str.isdigit, following[1]))
        if hop == 2 or not link or not figures:
            return _ahead(text, folded, place)
    return None


def _judged(text: str, folded: str, begin: int, end: int, link: str) -> tuple[int, int] | None:
    core = folded[begin:end].strip(AROUND)
    if core.isdigit():
        end = _digits_end(folded, end)
        given = bool(link) and end - begin >= 3 and not UNIT.match(folded, end)
        return (begin, end) if given else None
    if is_mixed(text[begin:end]) or _is_secret(text[begin:end], core, link):
        return begin, _with_tail(folded, end)
    return None


def _is_secret(original: str, core: str, link: str) -> bool:
    if not link or len(core) < (2 if link == "sign" else 3):
        return False
    # « est dépassé », « est indevinable »: said of it, not the thing itself.
    return not (link == "is" and len(core) > 4 and _SAID_OF_IT.search(original.lower()))


def _shaped(text: str, folded: str, place: int, adjacent: bool) -> tuple[int, int] | None:
    """« mdp toto123 », « code secret 4512 »: nothing in between, the shape alone tells."""
    match = _VALUE.match(folded, place)
    if match is None or folded[place] not in " \n":
        return None
    begin = match.start(1)
    end = trimmed(folded, begin, match.end(1))
    core = folded[begin:end].strip(AROUND)
    if core.isdigit():
        end = _digits_end(folded, end)
        given = adjacent and 4 <= end - begin <= 30 and not UNIT.match(folded, end)
        return (begin, end) if given else None
    if is_mixed(text[begin:end]):
        return begin, end
    if not adjacent or is_plain_word(core) or len(core) < 5:
        return None
    inside = text[begin:end]
    figure = re.fullmatch(r"[a-z]{4,}\d[!*?]?", core) and not re.match(r"kelk|quelq|chak", core)
    capital = re.search(r"[a-zà-ÿ][A-Z]", inside) and not re.match(r"i[A-Z]|Mc|France|Next", inside)
    sign = re.search(r"[^\W\d]\d?[!*#$]$", inside) and inside[0].isupper() and not inside.isupper()
    return (begin, end) if figure or capital or sign else None


def _digits_end(folded: str, end: int) -> int:
    more = _MORE_DIGITS.match(folded, end)
    return more.end() if more and not UNIT.match(folded, more.end()) else end


def _with_tail(folded: str, end: int) -> int:
    """« toto 123 », « petit chat »: a password said in several words."""
    tail = _TAIL.match(folded, end)
    if tail and not UNIT.match(folded, tail.end()):
        return tail.end()
    place = end
    for _ in range(3):
        word = _ALPHA_TAIL.match(folded, place)
        if word is None or is_plain_word(word[1]):
            break
        place = word.end()
    ended = re.match(r"[ .!?)]{0,3}(?:$|\n)", folded[place : place + 4])
    return place if place > end and ended else end


def _ahead(text: str, folded: str, place: int) -> tuple[int, int] | None:
    """Looks in the rest of the sentence for a word that can only be a password."""
    for _ in range(_MOST_WORDS_AHEAD):
        match = _AHEAD.match(folded, place)
        if match is None:
            return None
        begin = match.start(1)
        end = trimmed(folded, begin, match.end(1))
        if is_mixed(text[begin:end]) and not re.search(ANY_MARK, text[begin:end]):
            return begin, end
        if match[1][-1] in ".!?":
            return None
        place = match.end(1)
    return None


def _before(text: str, folded: str, trigger: int) -> tuple[int, int] | None:
    """« j'ai mis azerty comme mot de passe », « toto75 c'est mon mdp »."""
    low = max(0, trigger - _BACK_REACH)
    for pattern in (_BACK_AS, _BACK_PUT, _BACK_THAT, _BACK_IS):
        match = pattern.search(folded[low:trigger])
        if match is None:
            continue
        begin, end = low + match.start("value"), low + match.end("value")
        core = folded[begin:end].strip(AROUND)
        if is_plain_word(core) or re.search(ANY_MARK, core):
            continue
        if pattern is _BACK_THAT and _SAID_OF_IT.search(text[begin:end].lower()):
            continue
        shaped = is_mixed(text[begin:end]) or (core.isdigit() and len(core) >= 4)
        if pattern is _BACK_IS and not (shaped or begin == 0):
            continue
        return begin, end
    return None
