"""DILA's archive of service-public's pages (« fiches vos droits et démarches »), read by element.

The format moves with the years (schema 3.3 in 2020, 3.5 today): what is known is read wherever it
is, the rest is left alone. A page that cannot be read is reported, and stops nothing.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

SITE = "https://www.service-public.gouv.fr"
# A page of the archive is 1 MB at most; more is not a page.
MOST_BYTES = 8_000_000
MOST_BODY = 20_000
_NAME = re.compile(r"(?:^|/)(?P<id>[FN]\d{1,6})\.xml$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PATH = re.compile(r"^https://www\.service-public\.(?:gouv\.)?fr(?P<path>/[\w/-]+)$")
_AUDIENCES = {"particuliers", "associations", "professionnels", "entreprises"}


class BadArchive(Exception):
    """Not an archive of such pages; the message says why, in French."""


@dataclass(frozen=True)
class Fiche:
    """An official page.

    Attributes:
        id: `F…` (a page) or `N…` (a group of pages).
        title: Its title.
        url: Its address on the official site today.
        theme: Its theme, and its group, for the search.
        summary: Its description; may be empty.
        body: Its words, without their form.
        dated: Day of its last change.
    """

    id: str
    title: str
    url: str
    theme: str
    summary: str
    body: str
    dated: date


@dataclass(frozen=True)
class Unread:
    """A file that could not be read, and why, in French."""

    name: str
    reason: str


def names(path: Path) -> list[str]:
    """Returns the names of the pages in an archive.

    Raises:
        BadArchive: It is no zip, or holds no page.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = [name for name in archive.namelist() if _NAME.search(name)]
    except (OSError, zipfile.BadZipFile) as error:
        raise BadArchive(f"{path} n'est pas une archive zip lisible.") from error
    if not found:
        raise BadArchive(f"{path} ne contient aucune fiche (fichiers F….xml ou N….xml).")
    return found


def read(path: Path) -> Iterator[Fiche | Unread]:
    """Reads every page of an archive, one at a time.

    Raises:
        BadArchive: It is no zip, or holds no page.
    """
    wanted = names(path)
    with zipfile.ZipFile(path) as archive:
        for name in wanted:
            yield _one(archive, name)


def _one(archive: zipfile.ZipFile, name: str) -> Fiche | Unread:
    if archive.getinfo(name).file_size > MOST_BYTES:
        return Unread(name, "fichier trop gros")
    try:
        with archive.open(name) as file:
            return page(file)
    except (ParseError, DefusedXmlException, zipfile.BadZipFile, UnicodeDecodeError) as error:
        return Unread(name, f"XML illisible ({type(error).__name__})")
    except ValueError as error:
        return Unread(name, str(error))


def page(file: IO[bytes]) -> Fiche:
    """Reads one page.

    Raises:
        ValueError: It has no id, no title or no date; the message is in French.
        ParseError: It is not XML.
    """
    root = parse(file).getroot()
    if root is None:
        raise ValueError("fichier vide")
    found = root.get("ID") or _text(root, "identifier")
    if not re.fullmatch(r"[FN]\d{1,6}", found):
        raise ValueError("pas d'identifiant de fiche")
    title = _text(root, "title") or _text(root, "Titre")
    if not title:
        raise ValueError("pas de titre")
    theme = [_text(root, "subject"), *(_text(e, "Titre") for e in _all(root, "DossierPere"))]
    return Fiche(
        id=found,
        title=title,
        url=_address(root, found),
        theme=" ".join(filter(None, theme)),
        summary=_text(root, "description"),
        body=_body(root)[:MOST_BODY],
        dated=_dated(root),
    )


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _local(element) == name)


def _text(root: Element, name: str) -> str:
    """Returns the words of the first element of this name that has some."""
    return next(
        filter(None, (" ".join("".join(e.itertext()).split()) for e in _all(root, name))), ""
    )


def _body(root: Element) -> str:
    chunks = (
        " ".join(e.itertext()) for name in ("Introduction", "Texte") for e in _all(root, name)
    )
    return " ".join(" ".join(chunks).split())


def _dated(root: Element) -> date:
    """Returns the latest day that the page gives of itself.

    Raises:
        ValueError: It gives none.
    """
    told = " ".join([*("".join(e.itertext()) for e in _all(root, "date")), *root.attrib.values()])
    days = []
    for day in _DAY.findall(told):
        try:
            days.append(date.fromisoformat(day))
        except ValueError:
            continue
    if not days:
        raise ValueError("pas de date")
    return max(days)


def _address(root: Element, found: str) -> str:
    """Returns the address on today's site, whose domain has changed since 2020."""
    told = _PATH.match(root.get("spUrl", ""))
    if told:
        return SITE + told["path"]
    audience = _text(root, "Audience").lower()
    audience = audience if audience in _AUDIENCES else "particuliers"
    return f"{SITE}/{audience}/vosdroits/{found}"
