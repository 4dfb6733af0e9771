"""The catalogue refuses what would mislead people, and says in French where to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge import catalogue
from knowledge.catalogue import CatalogueError
from tests.kernel.building import days_ago, problems, small, step, with_step, write

ENGLISH = ("required", "property", "unexpected", "not allowed", "is not", "too long", "expected")


def without(key: str) -> dict[str, Any]:
    data = small()
    del data[key]
    return data


def choices(*changes: dict[str, Any]) -> dict[str, Any]:
    data = small()
    for choice, change in zip(data["steps"][0]["choices"], changes, strict=False):
        choice |= change
    return data


def source(**changes: Any) -> dict[str, Any]:
    data = small()
    data["sources"][0] |= changes
    return data


def document(**changes: Any) -> dict[str, Any]:
    return small(documents=[{"text": "Un papier"} | changes])


def doubled_step() -> dict[str, Any]:
    data = small()
    data["steps"].insert(1, step("qui"))
    return data


def orphan() -> dict[str, Any]:
    data = small()
    data["steps"].append(step("perdue"))
    return data


LONG = "Un mot. " * 60
REFUSED = [
    pytest.param(without("cost"), "cost", "champ manquant", id="missing field"),
    pytest.param(without("sources"), "sources", "champ manquant", id="missing source"),
    pytest.param(small(sources=[]), "sources", "au moins 1", id="no source"),
    pytest.param(small(colour="vert"), "colour", "champ inconnu", id="unknown field"),
    pytest.param(with_step(1, colour="vert"), "colour", "champ inconnu", id="unknown step field"),
    pytest.param(with_step(1, text=LONG), "480", "texte trop long", id="too long text"),
    pytest.param(small(label="L" * 61), "61", "texte trop long", id="too long label"),
    pytest.param(small(cost=""), "cost", "texte vide", id="empty text"),
    pytest.param(small(audience="élu"), "audience", "valeur inconnue", id="unknown audience"),
    pytest.param(small(id="Essai"), "Essai", "forme refusée", id="bad id"),
    pytest.param(small(steps=[step("a")]), "steps", "au moins 5", id="too few steps"),
    pytest.param(small(cost=12), "cost", "il faut un texte", id="wrong type"),
    pytest.param(small(beware="Attention"), "beware", "il faut une liste", id="text for a list"),
    pytest.param([1, 2], "le fichier", "il faut des champs", id="not a procedure"),
    pytest.param("", "le fichier", "il faut des champs", id="empty file"),
    pytest.param(small(organisation="mairie"), "", "organisme absent", id="unknown organisation"),
    pytest.param(with_step(1, next="ailleurs"), "ailleurs", "étape inconnue", id="unknown next"),
    pytest.param(choices({"next": "loin"}), "loin", "étape inconnue", id="unknown choice next"),
    pytest.param(orphan(), "perdue", "aucun chemin", id="unreachable step"),
    pytest.param(with_step(2, next="qui"), "qui", "un chemin ramène", id="a way that turns round"),
    pytest.param(doubled_step(), "qui", "en double", id="duplicate step"),
    pytest.param(choices({"id": "enfant"}), "enfant", "en double", id="duplicate choice"),
    pytest.param(with_step(1, **{"if": {"x": ["oui"]}}), "x", "condition inconnue", id="if: step"),
    pytest.param(
        with_step(1, **{"if": {"qui": ["chat"]}}), "chat", "condition inconnue", id="if: choice"
    ),
    pytest.param(document(**{"if": {"qui": ["chat"]}, "case": "si"}), "chat", "condition inconnue"),
    pytest.param(document(**{"if": {"qui": ["enfant"]}}), "case", "champ manquant", id="no case"),
    pytest.param(document(**{"if": {}, "case": "si"}), "if", "au moins 1", id="empty condition"),
    pytest.param(source(checked_on="2024-02-30"), "2024-02-30", "date impossible", id="bad date"),
    pytest.param(source(checked_on="hier"), "hier", "forme refusée", id="not a date"),
    pytest.param(source(checked_on=days_ago(-9)), days_ago(-9), "futur", id="future date"),
]


@pytest.mark.parametrize(("data", "named", "reason"), REFUSED)
def test_a_mistake_is_refused_in_french_with_its_file_and_line(
    tmp_path: Path, data: Any, named: str, reason: str
) -> None:
    path = write(tmp_path, data)

    with pytest.raises(CatalogueError) as raised:
        catalogue.load(tmp_path)

    found = [p for p in raised.value.problems if reason in p.reason]
    assert found, raised.value
    assert any(named in problem.reason for problem in found)
    lines = path.read_text(encoding="utf-8").count("\n") + 1
    for problem in raised.value.problems:
        assert problem.path == path
        assert 1 <= problem.line <= lines
        assert f"{path}:{problem.line}: erreur : " in str(raised.value)
        assert not any(word in problem.reason for word in ENGLISH), problem.reason


@pytest.mark.parametrize(
    ("data", "reason", "on_the_line"),
    [
        (small(colour="vert"), "champ inconnu", "colour: vert"),
        (small(label="L" * 61), "trop long", "label: LLL"),
        (with_step(1, next="ailleurs"), "étape inconnue", "next: ailleurs"),
        (choices({}, {"next": "loin"}), "étape inconnue", "next: loin"),
        (source(url="https://caf.fr.evil.com/"), "officiels", "url: https://caf.fr.evil.com/"),
        (source(checked_on="2024-02-30"), "impossible", "2024-02-30"),
        (small(organisation="mairie"), "organisme", "organisation: mairie"),
    ],
)
def test_the_line_is_the_one_to_mend(
    tmp_path: Path, data: Any, reason: str, on_the_line: str
) -> None:
    path = write(tmp_path, data)
    (problem,) = [p for p in problems(tmp_path) if reason in p.reason]
    assert on_the_line in path.read_text(encoding="utf-8").splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    "url",
    [
        "https://caf.fr.evil.com/",
        "https://notcaf.fr/",
        "https://caf.fr@evil.com/",
        "https://evil.com\\@caf.fr/",
        "https://evil.com\\.caf.fr/",
        "https://evil.com/caf.fr",
        "https://evil.com?caf.fr",
        "https://evil.com#.caf.fr",
        "https://caf-fr.com/",
        "https://cаf.fr/",  # with a Cyrillic letter
        "https://[caf.fr/",
        "https://fr/",
        "https://.fr/",
        "https:///caf.fr",
    ],
)
@pytest.mark.parametrize("place", ["source", "step", "where"])
def test_a_look_alike_link_is_refused(tmp_path: Path, url: str, place: str) -> None:
    link = {"label": "Ouvrir", "url": url}
    data = {
        "source": source(url=url),
        "step": with_step(1, link=link),
        "where": small(where={"text": "À l'accueil de la CAF.", "link": link}),
    }[place]
    write(tmp_path, data)
    assert [p for p in problems(tmp_path) if "hors des domaines officiels" in p.reason]


@pytest.mark.parametrize("url", ["http://www.caf.fr/", "javascript:alert(1)", "caf.fr", "https://"])
def test_a_link_that_is_not_https_is_refused(tmp_path: Path, url: str) -> None:
    write(tmp_path, source(url=url))
    assert any(not problem.warning for problem in problems(tmp_path))


@pytest.mark.parametrize(
    "url",
    ["https://caf.fr/", "https://www.caf.fr/a?b=c", "https://CAF.fr/", "https://x.gouv.fr/"],
)
def test_an_official_link_is_accepted(tmp_path: Path, url: str) -> None:
    write(tmp_path, source(url=url))
    assert problems(tmp_path) == []


def test_a_stale_source_is_a_warning_only(tmp_path: Path) -> None:
    write(tmp_path, source(checked_on=days_ago(366)))

    (problem,) = problems(tmp_path)

    assert problem.warning
    assert "à relire" in problem.reason
    assert "avertissement" in str(problem)
    assert list(catalogue.load(tmp_path)) == ["essai"]


def test_a_source_of_the_last_year_and_of_today_is_fine(tmp_path: Path) -> None:
    for days in (0, 365):
        write(tmp_path, source(checked_on=days_ago(days)))
        assert problems(tmp_path) == []


def test_the_same_id_in_two_files_names_both(tmp_path: Path) -> None:
    first = write(tmp_path, small(), "a/essai.yml")
    second = write(tmp_path, small(), "b/essai.yml")

    (problem,) = problems(tmp_path)

    assert problem.path == second
    assert str(first) in problem.reason


def test_a_file_is_named_after_its_procedure(tmp_path: Path) -> None:
    write(tmp_path, small(), "autre.yml")
    (problem,) = problems(tmp_path)
    assert "essai.yml" in problem.reason


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("id: essai\ncost: le prix : dix\n", 2, "guillemets"),
        ("id: essai\n\tlabel: x\n", 2, "tabulation"),
        ('id: essai\nlabel: "jamais fermé\n', 3, "guillemet"),
        ("id: essai\n---\nid: autre\n", 2, "un seul document"),
        ("id: [essai\nlabel: x\n", 2, "YAML illisible"),
        ("id: essai\x00", 1, "YAML illisible"),
    ],
)
def test_unreadable_yaml_is_explained(tmp_path: Path, text: str, line: int, reason: str) -> None:
    write(tmp_path, text)
    (problem,) = problems(tmp_path)
    assert problem.line == line
    assert reason in problem.reason


def test_a_file_that_is_not_utf8_is_explained(tmp_path: Path) -> None:
    (tmp_path / "essai.yml").write_bytes("id: essai\nlabel: démarche\n".encode("latin-1"))
    (problem,) = problems(tmp_path)
    assert problem.line == 2
    assert "UTF-8" in problem.reason


def test_a_field_written_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, small())
    path.write_text(path.read_text(encoding="utf-8") + "cost: C'est cher.\n", encoding="utf-8")

    (problem,) = problems(tmp_path)

    assert "cost écrit deux fois" in problem.reason
    assert problem.line == path.read_text(encoding="utf-8").count("\n")


def test_every_mistake_is_told_at_once_and_sound_files_still_load(tmp_path: Path) -> None:
    write(tmp_path, small(colour="vert", label="non"), "a.yml")
    write(tmp_path, ":", "b.yml")
    write(tmp_path, small())

    loaded, found = catalogue.inspect(tmp_path)

    assert len(found) >= 3
    assert list(loaded) == ["essai"]


def test_a_sound_procedure_loads_whole(tmp_path: Path) -> None:
    write(tmp_path, small(), "deep/er/essai.yml")
    loaded = catalogue.load(tmp_path)
    assert loaded["essai"].label == "Faire un essai"
    assert [p.id for p in loaded.for_audience("resident")] == ["essai"]
    assert loaded.for_audience("agent") == []
    assert loaded.organisations["caf"].name == "CAF"
