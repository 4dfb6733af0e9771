"""The transcript: whole, and harmless."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from bot.conversation import events
from bot.database.engine import Database
from bot.database.models import (
    Conversation,
)
from bot.privacy import transcript
from tests.privacy.stored import WORDS, add, page_of, parts_of


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_a_page_tells_the_conversation(database: Database) -> None:
    add(database, "mine", 0)
    page = page_of(database, "mine")
    assert "Ville-Exemple" in page
    assert WORDS in page
    assert "<h2>12 mars 2026</h2>" in page and "<h2>13 mars 2026</h2>" in page
    assert "15 h 05" in page  # 14:05 UTC is 15:05 in Paris
    assert "<strong>Vous</strong>" in page
    assert "<strong>Camille Dutest, conseiller ou conseillère</strong>" in page
    assert "Puis cliquez." in page and "<br>" in page
    assert 'href="https://www.caf.fr/?a=1&amp;b=2"' in page
    assert "vérifié le 1er mars 2026" in page
    assert '<html lang="fr">' in page


def test_a_page_has_nothing_executable_and_no_inline_style(database: Database) -> None:
    add(database, "mine", 0)
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)>" onclick="x {{ 7 * 7 }}'
    with database.write() as session:
        conversation = session.get_one(Conversation, "mine")
        events.append(session, conversation, "message", "resident", evil)
        events.append(session, conversation, "message", "counsellor", "Oui", name=evil)
        events.append(
            session, conversation, "message", "bot", "Voir",
            links=[
                {"label": evil, "url": "https://x.fr/\"onmouseover=\"alert(1)"},
                {"label": "b", "url": " JavaScript:alert(1)"},
                {"label": "c", "url": "data:text/html,<script>alert(1)</script>"},
            ],
            sources=[{"label": evil, "url": "javascript:alert(2)", "checked_on": "<b>"}],
        )  # fmt: skip
    page = page_of(database, "mine")
    reader = _Reader(page)
    assert not {"script", "img", "style", "iframe", "b"} & set(reader.tags)
    names = {name for name, _ in reader.attributes}
    assert not any(name.startswith("on") or name == "style" for name in names)
    links = [value or "" for name, value in reader.attributes if name in ("href", "src")]
    assert links[0] == "/static/transcript.css"
    assert all(link.startswith("https://") for link in links[1:])
    assert "{{ 7 * 7 }}" in page


def test_the_style_is_there_and_calls_nobody() -> None:
    file = Path(transcript.__file__).parents[1] / "channels" / "web" / "static" / "transcript.css"
    style = file.read_text(encoding="utf-8")
    assert "@media print" in style
    assert "url(" not in style and "@import" not in style


def test_plain_text_is_not_escaped(database: Database) -> None:
    add(database, "mine", 0)
    told = transcript.as_text(*parts_of(database, "mine"))
    assert "Ouvrez <b>caf.fr</b>." in told
    assert "Lien : Site de la Caf – https://www.caf.fr/?a=1&b=2" in told
    assert "javascript:" not in told
    assert "Vous, le 12 mars 2026 à 15 h 05 :" in told
    assert "Source : Fiche, vérifié le 1er mars 2026 – https://www.service-public.gouv.fr/x" in told
    assert "\n\n\n" not in told


def test_an_empty_conversation_is_said_to_be_empty(database: Database) -> None:
    add(database, "mine", 0)
    conversation, _, commune = parts_of(database, "mine")
    assert "Cette conversation est vide." in transcript.as_html(conversation, [], commune)
    assert "Cette conversation est vide." in transcript.as_text(conversation, [], commune)
