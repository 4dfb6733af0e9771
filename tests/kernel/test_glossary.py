"""The glossary: real words, questions as people ask them, and what is not a question."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml

from knowledge import glossary
from knowledge.glossary import Glossary
from knowledge.guide import Guide
from knowledge.guide import Turn as GuideTurn
from knowledge.reply import State
from tests.kernel.building import real
from tests.kernel.test_guide import FIRST, at


@cache
def words() -> Glossary:
    return glossary.load()


def test_there_are_enough_words_and_each_is_sound() -> None:
    assert len(words()) >= 250
    assert list(glossary.inspect(real())) == []


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("C'est quoi le quotient familial ?", "Quotient familial"),
        ("cé koi le qf", "Quotient familial"),
        ("c quoi un RIB svp", "RIB"),
        ("que veut dire APL", "APL"),
        ("ça veut dire quoi numéro fiscal", "Numéro fiscal"),
        ("keske c'est que l'ASPA", "Aspa"),
        ("un justificatif de domicile c'est quoi", "Justificatif de domicile"),
        ("qu'est-ce qu'un navigateur", "Navigateur"),
        ("c'est quoi déjà le revenu fiscal de référence dans ma déclaration",
         "Revenu fiscal de référence"),
    ],
)  # fmt: skip
def test_a_question_about_a_word_finds_it(asked: str, term: str) -> None:
    found = words().asked(asked)
    assert found is not None and found.name == term


@pytest.mark.parametrize(
    "said",
    ["c'est quoi ce bouton", "c'est quoi la suite", "c'est quoi le prix", "quotient familial",
     "je veux mon quotient familial", "c'est quoi mon numéro", "la caf me doit de l'argent", ""],
)  # fmt: skip
def test_what_asks_for_no_meaning_finds_nothing(said: str) -> None:
    assert words().asked(said) is None


def test_the_meaning_is_told_at_any_step_then_the_step_comes_back() -> None:
    guide = Guide(real(), words())
    state = at(FIRST, "action")
    turn = GuideTurn("c'est quoi le quotient familial ?", state, intent="caf-attestation")
    reply = guide.answer(turn)
    assert reply.parts[0].text.startswith("Quotient familial : ")
    assert [button.id for button in reply.parts[0].choices] == ["open:caf-attestation"]
    assert reply.state.current == state.current
    assert reply.parts[1].step == state.current.step  # type: ignore[union-attr]


def test_danger_goes_before_a_definition() -> None:
    guide = Guide(real(), words())
    turn = GuideTurn("c'est quoi le RSA, je veux mourir", State(), intent="distress")
    assert "3114" in guide.answer(turn).parts[0].text


def test_faults_are_told(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    sound = {
        "id": "rib",
        "term": "RIB",
        "text": "Un papier : le numéro de votre compte bancaire.",
    }
    path.write_text(yaml.safe_dump([sound, {**sound, "id": "iban", "see": "nulle-part"}]), "utf-8")
    with pytest.raises(ValueError, match="« rib » nomme rib et iban"):
        glossary.load(path)
    path.write_text(yaml.safe_dump([{**sound, "see": "nulle-part"}]), "utf-8")
    assert list(glossary.inspect(real(), path)) == ["rib : démarche inconnue : nulle-part"]
    path.write_text(yaml.safe_dump([{"id": "rib"}]), "utf-8")
    with pytest.raises(ValueError, match="term"):
        glossary.load(path)


def test_a_word_that_a_procedure_only_needs_offers_no_button() -> None:
    guide = Guide(real(), words())
    reply = guide.answer(GuideTurn("c'est quoi un justificatif de domicile ?", State(), "where"))
    assert reply.parts[0].text.startswith("Justificatif de domicile : ")
    assert not reply.parts[0].choices
