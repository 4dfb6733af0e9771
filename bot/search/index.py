"""The index: tantivy's ranking (BM25), with the French stemmer, in memory.

A few thousand short pages are indexed in about a second: the index is built from the database when
it is first needed, and again after an import. Nothing is kept on disk that could disagree with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

import tantivy

from knowledge.understand import plain

ANALYZER = "french"
# How much a word counts in the title, the theme and summary, the rest of the page.
WEIGHTS = {"title": 4.0, "about": 2.0, "body": 1.0}
HEAP_BYTES = 50_000_000
MOST_READ = 400
# What a page must have of a question to answer it: a part of all its words, and a part in its title
# alone. A rare word counts more than a common one; one in the body may be there by chance.
HELD = {"title": 1.0, "about": 0.9, "body": 0.5}
LEAST_HELD, LEAST_IN_TITLE = 0.5, 0.2
# Said in any request, and in most pages.
_EMPTY = frozenset(
    """a ai au aux avec bonjour ca ce ces cette comment dans de des du elle en est et faire faut il
    j je l la le les leur ma madame mes moi mon monsieur merci n ne nous on ou par pas plait pour
    qu quand que quel quelle quels qui quoi s sa savoir se ses si son sur svp t ta te un une veux
    voudrais vous votre vos y demande demander demarche dois puis peux avoir besoin aide aider
    obtenir chercher cherche fait fais suis c d m""".split()  # noqa: SIM905 - words to read
)


@dataclass(frozen=True)
class Entry:
    """Something that can be found; `kind` is `procedure`, `term` or `fiche`."""

    kind: str
    id: str
    title: str
    about: str = ""
    body: str = ""


@dataclass(frozen=True)
class Hit:
    """Something found, and how well it fits; scores compare within one search only."""

    kind: str
    id: str
    score: float


class Index:
    """Finds entries.

    Args:
        entries: All that can be found.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        builder = tantivy.SchemaBuilder()
        for name in ("kind", "id"):
            builder.add_text_field(name, stored=True, tokenizer_name="raw")
        for name in WEIGHTS:
            builder.add_text_field(name, tokenizer_name=ANALYZER, index_option="freq")
        self._index = tantivy.Index(builder.build())
        self._analyzer = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
            .filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.ascii_fold())
            .filter(tantivy.Filter.stemmer("French"))
            .build()
        )
        self._index.register_tokenizer(ANALYZER, self._analyzer)
        writer = self._index.writer(HEAP_BYTES, 1)
        for entry in entries:
            writer.add_document(
                tantivy.Document(
                    kind=entry.kind, id=entry.id, title=entry.title, about=entry.about,
                    body=entry.body,
                )
            )  # fmt: skip
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def find(self, text: str, most: int = 10) -> list[Hit]:
        """Returns what fits the words best, best first; nothing when little of them is found.

        Args:
            text: Words as people type them; none of them is an operator.
            most: How many to return.
        """
        words = content_words(text)
        if not words:
            return []
        searcher = self._index.searcher()
        asked, found = 0.0, defaultdict[tuple[str, str], _Held](_Held)
        for word in words:
            rarity = self._rarity(searcher, word)
            asked += rarity
            held: dict[tuple[str, str], float] = {}
            # Field by field, to know where each page has it.
            for field in WEIGHTS:
                for score, address in searcher.search(self._query(word, [field]), MOST_READ).hits:
                    document = searcher.doc(address)
                    key = (document["kind"][0], document["id"][0])
                    found[key].score += score
                    held[key] = max(held.get(key, 0.0), rarity * HELD[field])
                    if field == "title":
                        found[key].in_title += rarity
            for key, part in held.items():
                found[key].part += part
        hits = [
            Hit(kind, name, page.score * page.part / asked)
            for (kind, name), page in found.items()
            if page.part >= LEAST_HELD * asked and page.in_title >= LEAST_IN_TITLE * asked
        ]
        return sorted(hits, key=lambda hit: -hit.score)[:most]

    def _query(self, word: str, fields: list[str]) -> tantivy.Query:
        # A long word may have one wrong letter, in a title.
        fuzzy = {"title": (False, 1, True)} if len(word) >= 7 and "title" in fields else {}
        return self._index.parse_query(word, fields, field_boosts=WEIGHTS, fuzzy_fields=fuzzy)

    def _rarity(self, searcher: tantivy.Searcher, word: str) -> float:
        """Returns what a word tells: its inverse document frequency, as BM25 has it."""
        hits = searcher.search(self._query(word, list(WEIGHTS)), 1)
        pages: int = hits.count  # type: ignore[attr-defined]  # not in its stubs
        return log(1 + (searcher.num_docs - pages + 0.5) / (pages + 0.5))


@dataclass
class _Held:
    """What a page has of a question."""

    score: float = 0.0
    part: float = 0.0
    in_title: float = 0.0


def content_words(text: str) -> list[str]:
    """Returns the words that say what is looked for, without accents, each once."""
    words = plain(text).split()
    return list(dict.fromkeys(word for word in words if word not in _EMPTY and len(word) > 1))
