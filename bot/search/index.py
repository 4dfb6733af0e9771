"""The index: tantivy's ranking (BM25), with the French stemmer, in memory.

A few thousand short pages are indexed in about a second: the index is built from the database when
it is first needed, and again after an import. Nothing is kept on disk that could disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import tantivy

from knowledge.understand import plain

ANALYZER = "french"
# How much a word counts in the title, the theme and summary, the rest of the page.
WEIGHTS = {"title": 4.0, "about": 2.0, "body": 1.0}
HEAP_BYTES = 50_000_000
# A page that shares one common word with the question is not an answer to it.
LEAST_SHARE = 0.6
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
        found: dict[tuple[str, str], tuple[float, int]] = {}
        for word in words:
            # Word by word, to know how many of them each page has.
            query = self._index.parse_query(
                word, list(WEIGHTS), field_boosts=WEIGHTS, fuzzy_fields=_fuzzy(word)
            )
            for score, address in searcher.search(query, most * 20).hits:
                document = searcher.doc(address)
                key = (document["kind"][0], document["id"][0])
                before = found.get(key, (0.0, 0))
                found[key] = (before[0] + score, before[1] + 1)
        least = ceil(len(words) * LEAST_SHARE)
        hits = [
            Hit(kind, name, score) for (kind, name), (score, count) in found.items()
            if count >= least
        ]  # fmt: skip
        return sorted(hits, key=lambda hit: -hit.score)[:most]


def content_words(text: str) -> list[str]:
    """Returns the words that say what is looked for, without accents, each once."""
    words = plain(text).split()
    return list(dict.fromkeys(word for word in words if word not in _EMPTY and len(word) > 1))


def _fuzzy(word: str) -> dict[str, tuple[bool, int, bool]]:
    """A long word may have one wrong letter, in a title."""
    return {"title": (False, 1, True)} if len(word) >= 7 else {}
