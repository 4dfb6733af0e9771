"""What a sentence says of a situation, and the questions that it spares."""

from __future__ import annotations

import pytest

from knowledge import communes, entities
from knowledge.reply import State
from tests.kernel.building import press, real, say, words


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("j'ai perdu mon permis", {"lost"}),
        ("on m'a volé mon sac avec ma carte d'identité", {"stolen"}),
        ("mon passeport est périmé", {"expired"}),
        ("la carte d'identité de ma fille est perdue", {"child", "lost"}),
        ("ma carte vitale est passée à la machine à laver", {"damaged"}),
        ("je suis perdu", set()),
        ("je suis perdue avec mon permis de conduire", set()),
        ("je n'ai pas perdu ma carte vitale", set()),
        ("jé pa perdu ma carte vitale", set()),
        ("j'ai oublié mon mot de passe caf", {"lost_password"}),
        ("j'ai perdu mon travail, je suis locataire", {"jobseeker", "tenant"}),
        ("c'est pour mon fils, et pour moi aussi", set()),
        ("je suis auto-entrepreneur", {"self_employed"}),
        ("bonjour", set()),
    ],
)
def test_facts(text: str, facts: set[str]) -> None:
    assert set(entities.read(text).facts) == facts


def test_documents_and_organisations() -> None:
    read = entities.read("la secu me demande ma carte vitale et un RIB")
    assert (read.documents, read.organisations) == (("bank-details", "health-card"), ("ameli",))


def test_the_latest_fact_wins_over_its_contrary() -> None:
    assert entities.merged(["couple", "tenant"], ["alone"]) == ("alone", "tenant")
    assert entities.lasting(["lost", "child", "retired"]) == ("retired",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("j'habite à Lyon", "Lyon"),
        ("mairie de st etienne", "Saint-Étienne"),
        ("la ville de la rochelle", "La Rochelle"),
        ("mon code postal c'est 69100", "Villeurbanne"),
        ("75011", "Paris 11e Arrondissement"),
        ("j'habite à Saint-Denis 93200", "Saint-Denis"),
        ("j'habite à Saint-Denis 97400", "Saint-Denis"),
        ("je veux payer mes impôts", None),
        ("la mairie de mon village", None),
    ],
)
def test_communes(text: str, name: str | None) -> None:
    found = communes.named(text)
    assert (found and found.name) == name


def test_a_postcode_says_which_of_two_homonyms() -> None:
    north, island = (communes.named(f"j'habite à Saint-Denis {c}") for c in ("93200", "97400"))
    assert north and island and north.insee[:2] == "93" and island.insee[:2] == "97"
    assert communes.by_insee(north.insee) == north and communes.by_insee("00000") is None


# --- in a procedure ------------------------------------------------------------------------------


def test_what_was_said_is_not_asked() -> None:
    opened = say(State(), "ants-permis-duplicata", facts=["lost"])
    first = real()["ants-permis-duplicata"].steps[0]
    assert opened.state.current is not None
    assert opened.state.current.answers == {first.id: "perdu"}
    assert "J'ai noté : « Je l'ai perdu »" in words(opened)
    assert "revenir" in words(opened)
    back = say(opened.state, "back")
    assert back.state.current is not None and back.state.current.step == first.id


def test_a_fact_of_one_need_is_not_taken_for_another() -> None:
    opened = say(State(), "ants-permis-duplicata", facts=["lost", "couple"])
    other = say(opened.state, "ants-carte-identite")
    assert other.state.facts == ("couple",)
    assert other.state.current is not None and not other.state.current.answers


def test_starting_again_asks_everything() -> None:
    opened = say(State(), "ants-permis-duplicata", facts=["lost"])
    again = say(opened.state, "restart")
    assert again.state.current is not None and not again.state.current.answers
    assert again.state.facts == ()


def test_two_requests_are_both_kept() -> None:
    opened = say(State(), "ants-carte-identite", also="ants-passeport")
    assert real()["ants-passeport"].label in words(opened)
    assert [position.procedure for position in opened.state.paused] == ["ants-passeport"]
    resumed = press(opened.state, "resume:ants-passeport")
    assert resumed.state.current is not None
    assert resumed.state.current.procedure == "ants-passeport"


def test_the_commune_that_was_named_is_used_to_say_where() -> None:
    lyon = communes.named("j'habite à Lyon")
    assert lyon is not None
    opened = say(State(), "ants-passeport", place=lyon.insee)
    told = say(opened.state, "where")
    assert "Pour Lyon" in words(told)
    assert any("lannuaire" in link.url for link in told.parts[0].links)
