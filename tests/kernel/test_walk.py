"""Walking: where one goes, how one comes back, and what is forgotten on the way."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from knowledge import walk
from knowledge.model import END, Procedure, holds
from knowledge.walk import Position
from tests.kernel.building import positions, small, small_procedure, step


@pytest.fixture
def procedure() -> Procedure:
    return small_procedure()


def walked(procedure: Procedure, *answers: str | None) -> Position:
    position = walk.start(procedure)
    for answer in answers:
        position = walk.advance(procedure, position, answer)
    return position


def test_a_walk_starts_on_the_first_step(procedure: Procedure) -> None:
    assert walk.start(procedure) == Position("essai", "qui")


def test_a_choice_leads_where_it_says_else_to_the_step_below(procedure: Procedure) -> None:
    assert walked(procedure, "adulte").step == "papiers"
    assert walked(procedure, "enfant").step == "enfant"
    assert walked(procedure, "adulte", "non").step == "envoyer"


def test_a_step_whose_condition_is_not_met_is_passed_over(procedure: Procedure) -> None:
    assert walked(procedure, "adulte", "oui", None).step == "envoyer"
    assert walked(procedure, "enfant", None, "oui", None).step == "pour-enfant"


def test_the_end_is_the_end(procedure: Procedure) -> None:
    end = walked(procedure, "adulte", "non", None)
    assert end.finished
    assert end.step == END
    assert end.trail == ("qui", "papiers", "envoyer")
    with pytest.raises(KeyError):
        walk.advance(procedure, end)


def test_a_question_needs_one_of_its_answers(procedure: Procedure) -> None:
    with pytest.raises(ValueError, match="choice"):
        walk.advance(procedure, walk.start(procedure))
    with pytest.raises(KeyError):
        walk.advance(procedure, walk.start(procedure), "chat")


def test_going_back_opens_the_question_again(procedure: Procedure) -> None:
    position = walked(procedure, "adulte", "oui")
    back = walk.back(position)
    assert back == Position("essai", "papiers", {"qui": "adulte"}, ("qui",))
    first = walk.back(back)
    assert first == walk.start(procedure)
    assert walk.back(first) is None


def test_one_can_go_back_from_the_end(procedure: Procedure) -> None:
    back = walk.back(walked(procedure, "adulte", "non", None))
    assert back is not None
    assert back.step == "envoyer"
    assert back.answers == {"qui": "adulte", "papiers": "non"}


def test_back_undoes_advance_everywhere(procedure: Procedure) -> None:
    for position in positions(procedure):
        if position.finished:
            continue
        for choice in [c.id for c in procedure.step(position.step).choices] or [None]:
            assert walk.back(walk.advance(procedure, position, choice)) == position


def test_rewinding_forgets_every_answer_from_there_on(procedure: Procedure) -> None:
    position = walked(procedure, "enfant", None, "oui", None)
    assert walk.rewind(position, "qui") == walk.start(procedure)
    assert walk.rewind(position, "papiers").answers == {"qui": "enfant"}
    assert walk.rewind(position, position.step) is position
    with pytest.raises(KeyError):
        walk.rewind(position, "envoyer")


def test_a_counsellor_can_put_a_person_anywhere(procedure: Procedure) -> None:
    position = walked(procedure, "adulte")
    ahead = walk.jump(procedure, position, "envoyer")
    assert (ahead.step, ahead.trail) == ("envoyer", ("qui", "papiers"))
    assert walk.back(ahead) == position
    assert walk.jump(procedure, ahead, "qui") == walk.start(procedure)
    end = walked(procedure, "adulte", "non", None)
    assert walk.jump(procedure, end, "enfant").trail == ("qui", "papiers", "envoyer")
    with pytest.raises(KeyError):
        walk.jump(procedure, position, "ailleurs")


def test_progress_is_the_longest_way_still_open(procedure: Procedure) -> None:
    assert walk.progress(procedure, walk.start(procedure)) == (1, 6)
    assert walk.progress(procedure, walked(procedure, "adulte")) == (2, 4)
    assert walk.progress(procedure, walked(procedure, "adulte", "non")) == (3, 3)


def test_progress_never_passes_its_total_after_a_jump(procedure: Procedure) -> None:
    for position in positions(procedure):
        for target in procedure.steps:
            number, total = walk.progress(procedure, walk.jump(procedure, position, target.id))
            assert 1 <= number <= total


def test_documents_follow_the_answers(procedure: Procedure) -> None:
    def texts(**answers: str) -> list[tuple[str, str | None]]:
        return [(d.text, d.case) for d in walk.documents(procedure, answers)]

    card = ("Votre pièce d'identité", None)
    assert texts() == [card, ("Le livret de famille", "si mineur"), ("Une preuve", "sinon")]
    assert texts(qui="enfant") == [card, ("Le livret de famille", None)]
    assert texts(qui="adulte") == [card, ("Une preuve", "sinon")]
    assert texts(qui="adulte", papiers="non") == [card, ("Une preuve", None)]
    assert texts(papiers="oui") == [card, ("Le livret de famille", "si mineur")]


def test_a_document_for_several_reasons_is_listed_once() -> None:
    twice = [
        {"text": "Un acte", "if": {"qui": ["enfant"]}, "case": "si mineur"},
        {"text": "Un acte", "if": {"papiers": ["non"]}, "case": "sinon"},
    ]
    procedure = small_procedure(documents=twice)
    assert [d.case for d in walk.documents(procedure, {})] == ["si mineur"]
    assert [d.case for d in walk.documents(procedure, {"papiers": "non"})] == [None]
    assert [d.case for d in walk.documents(procedure, {"qui": "enfant"})] == [None]
    assert walk.documents(procedure, {"qui": "adulte", "papiers": "oui"}) == []


def test_the_case_of_a_document_for_everybody_stays() -> None:
    procedure = small_procedure(documents=[{"text": "Un reçu", "case": "si vous en avez"}])
    assert [d.case for d in walk.documents(procedure, {})] == ["si vous en avez"]


@pytest.mark.parametrize(
    ("condition", "answers", "verdict"),
    [
        (None, {}, True),
        ({"a": ("x",)}, {}, None),
        ({"a": ("x",)}, {"a": "x"}, True),
        ({"a": ("x", "y")}, {"a": "y"}, True),
        ({"a": ("x",)}, {"a": "y"}, False),
        ({"a": ("x",), "b": ("z",)}, {"a": "x"}, None),
        ({"a": ("x",), "b": ("z",)}, {"a": "y"}, False),
        ({"a": ("x",), "b": ("z",)}, {"b": "w"}, False),
        ({"a": ("x",), "b": ("z",)}, {"a": "x", "b": "z"}, True),
    ],
)
def test_conditions(
    condition: dict[str, tuple[str, ...]] | None, answers: dict[str, str], verdict: bool | None
) -> None:
    assert holds(condition, answers) is verdict


def test_a_position_round_trips_through_json(procedure: Procedure) -> None:
    for position in positions(procedure):
        kept = Position.from_json(json.loads(json.dumps(position.to_json())))
        assert kept == position


def test_a_sound_position_is_not_mended(procedure: Procedure) -> None:
    for position in positions(procedure):
        assert walk.mend(procedure, position) is position


def test_after_an_edit_the_answers_that_still_stand_are_walked_again(procedure: Procedure) -> None:
    position = walked(procedure, "adulte", "oui", None)

    # The step « relire », already behind, left the procedure.
    edited = small()
    edited["steps"] = [s for s in edited["steps"] if s["id"] != "relire"]
    mended = walk.mend(small_procedure(steps=edited["steps"]), position)
    assert mended == Position("essai", "envoyer", dict(position.answers), ("qui", "papiers"))

    # The answer given to « papiers » is no longer one: the question is open again.
    edited = small()
    edited["steps"][2]["choices"][0]["id"] = "tous"
    del edited["steps"][3:5]
    edited["steps"].append(step("fin"))
    edited["steps"][3]["next"] = "fin"
    mended = walk.mend(small_procedure(steps=edited["steps"]), position)
    assert mended == Position("essai", "papiers", {"qui": "adulte"}, ("qui",))


def test_a_position_of_another_age_ends_on_a_step_that_exists(procedure: Procedure) -> None:
    lost = Position("essai", "disparue", {"jadis": "oui"}, ("jadis",))
    assert walk.mend(procedure, lost) == walk.start(procedure)
    lost = replace(walked(procedure, "adulte", "non", None), answers={"qui": "chat"})
    assert walk.mend(procedure, lost) == walk.start(procedure)


def test_a_step_whose_condition_is_not_known_is_passed_over(procedure: Procedure) -> None:
    position = replace(walk.jump(procedure, walk.start(procedure), "papiers"), answers={})
    relire = walk.advance(procedure, position, "oui")
    assert relire.step == "relire"
    assert walk.advance(procedure, relire).step == "envoyer"
