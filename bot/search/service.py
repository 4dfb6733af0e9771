"""What is found, said as a bubble: procedures as buttons, official pages as links."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from bot.database.engine import Database
from bot.search import store
from bot.search.index import Entry, Hit, Index
from knowledge import show
from knowledge.catalogue import Catalogue
from knowledge.glossary import Glossary
from knowledge.model import Link
from knowledge.reply import Button, Part
from knowledge.texts import say

MOST_LINKS = 3
MOST_PROCEDURES = 2
MOST_TITLE = 80
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip


class Search:
    """Searches for one service; the index follows the imports of any process.

    Args:
        database: Where the imported pages are.
        catalogue: The procedures.
        glossary: The words.
    """

    def __init__(self, database: Database, catalogue: Catalogue, glossary: Glossary) -> None:
        self._database = database
        self._catalogue = catalogue
        self._glossary = glossary
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._stamp = ""
        self._fiches: dict[str, tuple[str, str, date, bool]] = {}

    def part(self, text: str, audience: str) -> dict[str, Any] | None:
        """Returns a bubble with what was found, in the terms of the API; None when nothing was.

        Args:
            text: What the person typed.
            audience: Only procedures for it are offered.
        """
        hits = self.find(text)
        buttons = self._buttons(hits, audience)
        links, outdated = self._links(hits)
        if not buttons and not links:
            return None
        said = say("search.found" if links else "search.procedures")
        if outdated:
            said += " " + say("search.outdated")
        return Part(said, (*buttons, show.HUMAN), links=links).to_json()

    def find(self, text: str, most: int = 10) -> list[Hit]:
        """Returns what fits the words best, best first."""
        return self._current().find(text, most)

    def _current(self) -> Index:
        with self._lock:
            stamp = store.stamp(self._database)
            if self._index is None or stamp != self._stamp:
                self._index, self._stamp = Index(self._entries()), stamp
            return self._index

    def _entries(self) -> Iterator[Entry]:
        for procedure in self._catalogue.values():
            about = f"{procedure.label} {procedure.summary}"
            yield Entry("procedure", procedure.id, procedure.title, about)
        for term in self._glossary.values():
            if (term.see or "") in self._catalogue:
                yield Entry("term", term.id, f"{term.name} {' '.join(term.also)}")
        today = datetime.now(UTC).date()
        self._fiches = {}
        for fiche in store.all_fiches(self._database):
            current = store.is_current(fiche.dated, fiche.trusted, today)
            self._fiches[fiche.id] = (fiche.title, fiche.url, fiche.dated, current)
            about = f"{fiche.theme} {fiche.summary}"
            yield Entry("fiche", fiche.id, fiche.title, about, fiche.body)

    def _buttons(self, hits: list[Hit], audience: str) -> tuple[Button, ...]:
        wanted = dict.fromkeys(
            (self._glossary[hit.id].see or "") if hit.kind == "term" else hit.id
            for hit in hits
            if hit.kind in ("procedure", "term")
        )
        known = [self._catalogue[name] for name in wanted if name in self._catalogue]
        offered = [show.open_button(p) for p in known if p.audience == audience]
        return tuple(offered[:MOST_PROCEDURES])

    def _links(self, hits: list[Hit]) -> tuple[tuple[Link, ...], bool]:
        found = [self._fiches[h.id] for h in hits if h.kind == "fiche" and h.id in self._fiches]
        # What is still current goes first.
        found.sort(key=lambda fiche: not fiche[3])
        links, outdated = [], False
        for title, url, dated, current in found[:MOST_LINKS]:
            label = title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1].rstrip() + "…"
            if not current:
                outdated = True
                label = say("search.old", title=label, month=_month(dated))
            links.append(Link(label, url))
        return tuple(links), outdated


def _month(day: date) -> str:
    name = _MONTHS[day.month - 1]
    return f"d'{name} {day.year}" if name[0] in "ao" else f"de {name} {day.year}"
