"""The imported pages and the search: a small archive of our own, made like DILA's."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.database import migrate
from bot.database.engine import Database
from bot.search import archive, store
from bot.search.archive import BadArchive, Fiche, Unread
from bot.search.index import Entry, Index, content_words
from bot.search.service import Search
from knowledge import glossary
from tests.kernel.building import real

TODAY = datetime.now(UTC).date()
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<Publication xmlns:dc="http://purl.org/dc/elements/1.1/" ID="{id}" type="Fiche" nouveau="3.5"
  spUrl="{url}"><dc:title>{title}</dc:title><dc:subject>Famille</dc:subject>
<dc:description>{about}</dc:description><dc:date>modified {day}</dc:date>
<Audience>Particuliers</Audience><Inconnu><Encore>x</Encore></Inconnu>
<Texte><Chapitre><Paragraphe>{body}</Paragraphe></Chapitre></Texte></Publication>"""
OLD_SITE = "https://www.service-public.fr/particuliers/vosdroits/{}"


def page(
    name: str, title: str, day: date | str = TODAY, about: str = "", body: str = "", url: str = ""
) -> str:
    return PAGE.format(
        id=name, title=title, day=day, about=about, body=body, url=url or OLD_SITE.format(name)
    )


def zipped(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as found:
        for name, content in files.items():
            found.writestr(f"vosdroits/{name}.xml", content)
    return path


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = Database(f"sqlite:///{tmp_path / 'search.db'}")
    migrate.upgrade(found)
    return found


# --- reading -------------------------------------------------------------------------------------


def test_a_page_is_read_by_element_and_sent_to_the_site_of_today(tmp_path: Path) -> None:
    file = zipped(tmp_path / "a.zip", F3078=page("F3078", "Naturalisation", body="Le décret."))
    (read,) = archive.read(file)
    assert isinstance(read, Fiche)
    assert (read.id, read.title, read.dated) == ("F3078", "Naturalisation", TODAY)
    assert read.url == "https://www.service-public.gouv.fr/particuliers/vosdroits/F3078"
    assert "Le décret." in read.body and "Famille" in read.theme


def test_an_address_elsewhere_is_not_followed(tmp_path: Path) -> None:
    evil = page("F1", "Un titre", url="https://example.com/particuliers/F1")
    (read,) = archive.read(zipped(tmp_path / "a.zip", F1=evil))
    assert isinstance(read, Fiche) and read.url.endswith("gouv.fr/particuliers/vosdroits/F1")


def test_a_bad_page_stops_nothing(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><Publication ID="F2">&a;</Publication>'
    file = zipped(
        tmp_path / "a.zip", F1="<pas du xml", F2=bomb, F3=page("F3", "Bon"), F4="<Publication/>",
        F5=page("F5", "", TODAY), F6=page("F6", "Sans date", "hier"), LISEZMOI="x",
    )  # fmt: skip
    read = list(archive.read(file))
    assert [one.id for one in read if isinstance(one, Fiche)] == ["F3"]
    assert len([one for one in read if isinstance(one, Unread)]) == 5


@pytest.mark.parametrize("content", [None, "texte"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "a.zip"
    if content:
        path.write_text(content)
    else:
        zipped(path, LISEZMOI="x")
    with pytest.raises(BadArchive, match=r"a\.zip"):
        list(archive.read(path))


# --- finding -------------------------------------------------------------------------------------

ENTRIES = [
    Entry("fiche", "F1", "Naturalisation française par décret", "Nationalité"),
    Entry("fiche", "F2", "Adoption d'un enfant", "Famille", "Le tribunal prononce l'adoption."),
    Entry("fiche", "F3", "Carte grise d'une remorque", "Véhicules", "adoption du modèle européen"),
]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("je voudrais demander la naturalisation", "F1"),
        ("NATURALISATION FRANCAISE", "F1"),
        ("adopter un enfant", "F2"),
        ("les adoptions d'enfants", "F2"),
        ("naturalistion", "F1"),
    ],
)
def test_french_words_are_found_whatever_their_form(words: str, first: str) -> None:
    assert Index(ENTRIES).find(words)[0].id == first


@pytest.mark.parametrize("words", ["", "bonjour svp", "la météo de demain", "AND OR (", "?*~:"])
def test_nothing_is_found_for_nothing(words: str) -> None:
    assert Index(ENTRIES).find(words) == []


def test_a_page_that_only_mentions_the_words_is_no_answer() -> None:
    assert [hit.id for hit in Index(ENTRIES).find("adoption")] == ["F2"]
    assert Index(ENTRIES).find("le modèle européen") == []


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    common = [Entry("fiche", f"C{n}", f"Permis numéro {n}", "Dossier") for n in range(20)]
    index = Index([*common, *ENTRIES])
    assert [hit.id for hit in index.find("permis adoption")] == ["F2"]
    assert index.find("permis bateau") == []


def test_words_that_say_nothing_are_left_out() -> None:
    assert content_words("Bonjour, je voudrais faire une demande d'adoption") == ["adoption"]


# --- saying --------------------------------------------------------------------------------------


def test_an_old_page_is_dated_and_goes_after_a_current_one(database: Database) -> None:
    pages = [
        Fiche("F1", "Adoption d'un enfant", "https://a", "", "", "", date(2020, 4, 2)),
        Fiche("F2", "Adoption : un enfant étranger", "https://b", "", "", "", TODAY),
    ]
    search = Search(database, real(), glossary.load())
    store.replace_all(database, pages, trusted=False)
    part = search.part("adopter un enfant", "resident")
    assert part is not None
    labels = [link["label"] for link in part["links"]]
    assert labels[0] == "Adoption : un enfant étranger"
    assert labels[1] == "Adoption d'un enfant (copie d'avril 2020)"
    assert "ancienne" in part["text"]

    # Imported again, and the operator vouches for them: the index follows.
    store.replace_all(database, pages[:1], trusted=True)
    part = search.part("adopter un enfant", "resident")
    assert part is not None
    assert [link["label"] for link in part["links"]] == ["Adoption d'un enfant"]
    assert "ancienne" not in part["text"]


def test_a_page_is_current_for_eighteen_months() -> None:
    for days, current in ((540, True), (560, False)):
        then = TODAY - timedelta(days=days)
        assert store.is_current(then, False, TODAY) is current
        assert store.is_current(then, True, TODAY)


def test_procedures_are_found_for_their_audience(database: Database) -> None:
    search = Search(database, real(), glossary.load())
    part = search.part("timbre fiscal", "resident")
    assert part is not None
    assert part["choices"][0]["id"] == "open:ants-timbre-fiscal"
    for_agent = search.part("timbre fiscal", "agent")
    assert for_agent is None
    assert search.part("xyzzy plugh", "resident") is None
