"""A typed answer stands for a button, or for nothing: never for the wrong one."""

from __future__ import annotations

import pytest

from knowledge.model import Step
from knowledge.understand import answer_to, is_exact, match_choice, plain
from tests.kernel.building import small, small_procedure, step


def question(*choices: dict[str, object]) -> Step:
    data = small()
    data["steps"][0] = step("qui", choices=list(choices), next="papiers")
    return small_procedure(steps=data["steps"]).steps[0]


CODE = question(
    {"id": "oui", "label": "Oui, j'ai le code", "act": "affirm", "says": ["je l'ai", "code reçu"]},
    {"id": "non", "label": "Non, pas encore", "act": "deny", "says": ["le vendeur dort"]},
    {"id": "doute", "label": "Je ne sais pas", "says": ["aucune idée", "pas sûr"]},
)
WHO = question(
    {"id": "seul", "label": "Seul", "says": ["seul", "célibataire", "moi"]},
    {"id": "couple", "label": "En couple", "says": ["avec mon mari", "pacsé"]},
    {"id": "coloc", "label": "En colocation", "says": ["coloc", "avec des amis"]},
    {"id": "etucoloc", "label": "Étudiant en colocation", "says": ["étudiant en coloc"]},
)


def chosen(question: Step, text: str, intent: str = "") -> str | None:
    choice = match_choice(question, text, intent)
    return choice.id if choice else None


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("1", "oui"),
        (" 2. ", "non"),
        ("3)", "doute"),
        ("0", None),
        ("4", None),
        ("12", None),
        ("9" * 5000, None),
        ("²", None),
    ],
)
def test_a_number_takes_the_choice_of_that_rank(text: str, choice: str | None) -> None:
    assert chosen(CODE, text) == choice


@pytest.mark.parametrize(
    "text",
    ["Oui, j'ai le code", "OUI J AI LE CODE", "oui j’ai le code !!", "Code reçu", "code recu"],
)
def test_the_words_of_a_choice_take_it_however_typed(text: str) -> None:
    assert chosen(CODE, text) == "oui"


@pytest.mark.parametrize("intent", ["", "deny", "affirm", "back", "caf-compte"])
def test_exact_words_win_over_what_the_engine_understood(intent: str) -> None:
    assert chosen(CODE, "je ne sais pas", intent) == "doute"
    assert chosen(CODE, "le vendeur dort", intent) == "non"


@pytest.mark.parametrize(
    ("text", "intent", "choice"),
    [
        ("oui", "affirm", "oui"),
        ("ouais carrément", "affirm", "oui"),
        ("👍", "affirm", "oui"),
        ("nan", "deny", "non"),
        ("pas du tout", "deny", "non"),
        ("ben non aucune idée", "deny", "doute"),
        ("oui", "", None),
    ],
)
def test_a_plain_yes_or_no(text: str, intent: str, choice: str | None) -> None:
    assert chosen(CODE, text, intent) == choice


@pytest.mark.parametrize("intent", ["affirm", "deny"])
def test_a_yes_or_no_takes_nothing_where_no_choice_is_one(intent: str) -> None:
    assert chosen(WHO, "oui" if intent == "affirm" else "non", intent) is None


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("je vis avec mon mari", "couple"),
        ("euh plutôt célibataire", "seul"),
        ("je suis en coloc", "coloc"),
        ("étudiant en coloc je crois", "etucoloc"),
        ("coloc ou avec mon mari", None),
        ("collocation", None),
        ("moiteur", None),
        ("je ne sais pas", None),
        ("", None),
        ("???", None),
    ],
)
def test_a_short_sentence_that_holds_the_words_of_one_choice(text: str, choice: str | None) -> None:
    assert chosen(WHO, text) == choice


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (CODE, "je l'ai pas"),
        (CODE, "je l'ai plus"),
        (CODE, "code reçu jamais"),
        (WHO, "pas avec mon mari"),
        (WHO, "je suis pas célibataire"),
    ],
)
def test_negated_words_are_not_the_choice(question: Step, text: str) -> None:
    assert chosen(question, text) is None


def test_negated_words_with_a_no_are_a_no() -> None:
    assert chosen(CODE, "je l'ai pas", "deny") == "non"


@pytest.mark.parametrize("intent", ["", "affirm", "deny", "stuck"])
def test_a_long_sentence_is_more_than_an_answer(intent: str) -> None:
    long = "oui je l'ai mais le site me dit que le code est déjà utilisé"
    assert chosen(CODE, long, intent) is None


def test_the_words_of_two_choices_take_neither_even_word_for_word() -> None:
    same = question(
        {"id": "a", "label": "Un avis", "says": ["le papier"]},
        {"id": "b", "label": "Un courrier", "says": ["le papier"]},
    )
    assert chosen(same, "le papier") is None
    assert not is_exact(same, "le papier")


def test_exact_is_word_for_word_or_a_number() -> None:
    assert is_exact(CODE, "JE L'AI")
    assert is_exact(CODE, "3")
    assert not is_exact(CODE, "4")
    assert not is_exact(CODE, "je l'ai bien")
    assert not is_exact(CODE, "")


def test_a_step_without_choices_has_no_answer() -> None:
    action = small_procedure().steps[1]
    for text in ("1", "oui", "", "c'est fait"):
        assert match_choice(action, text, "affirm") is None
        assert not is_exact(action, text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Où ÇA ?! ", "ou ca"),
        ("l’œil d'Hélène", "l oeil d helene"),
        ("FranceConnect+", "franceconnect"),
        ("\n\t", ""),
    ],
)
def test_plain(text: str, folded: str) -> None:
    assert plain(text) == folded


@pytest.mark.parametrize(
    ("text", "intent", "expected", "choice"),
    [
        ("oui", "affirm", (), "oui"),
        ("oui", "affirm", ("affirm", "deny"), None),
        ("je l'ai", "affirm", ("affirm", "deny"), "oui"),
        ("c'est bon", "affirm", ("affirm",), None),
        ("je l'ai", "documents", (), "oui"),
        ("dites je l'ai", "documents", (), None),
        ("dites je l'ai", "out_of_scope", (), "oui"),
    ],
)
def test_an_open_question_takes_only_what_is_meant_for_it(
    text: str, intent: str, expected: tuple[str, ...], choice: str | None
) -> None:
    answer = answer_to(CODE, text, intent, expected)
    assert (answer.id if answer else None) == choice
