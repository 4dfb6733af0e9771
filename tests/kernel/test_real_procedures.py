"""What every written procedure promises, on every way through it."""

from __future__ import annotations

import re

import pytest

from knowledge import catalogue, show, walk
from knowledge.model import Procedure, holds
from knowledge.texts import label
from knowledge.understand import match_choice
from tests.kernel.building import positions, real

MOST_STEPS = 12
TELEGRAM_BYTES = 64
every_procedure = pytest.mark.parametrize("procedure", real().values(), ids=list(real()))


def texts(procedure: Procedure) -> list[str]:
    """Returns all that is shown of a procedure."""
    found = [procedure.label, procedure.summary, procedure.cost, procedure.delay, procedure.missed]
    found += [procedure.after, *procedure.beware, procedure.where, procedure.human_when]
    found += [*procedure.human_bring]
    found += [d.text for d in procedure.documents] + [d.case for d in procedure.documents if d.case]
    for step in procedure.steps:
        found += [step.text, step.simple, step.screen]
        found += [choice.label for choice in step.choices]
        found += [text for blockage in step.stuck for text in (blockage.when, blockage.help)]
    return found


def test_the_catalogue_loads_without_any_problem() -> None:
    loaded, problems = catalogue.inspect()
    assert problems == []
    assert len(loaded.for_audience("resident")) == 95


@every_procedure
def test_every_way_ends_within_twelve_steps(procedure: Procedure) -> None:
    ends = [position for position in positions(procedure) if position.finished]
    assert ends
    assert max(len(end.trail) for end in ends) <= MOST_STEPS


@every_procedure
def test_the_announced_total_never_grows(procedure: Procedure) -> None:
    totals: dict[tuple[object, ...], int] = {}
    for position in positions(procedure):
        if position.finished:
            continue
        number, total = walk.progress(procedure, position)
        assert number == len(position.trail) + 1 <= total
        way = tuple(position.answers.items())
        totals[(position.trail, way)] = total
        if position.trail:
            before = walk.back(position)
            assert before is not None
            assert total <= walk.progress(procedure, before)[1]


@every_procedure
def test_every_step_is_met_on_some_way(procedure: Procedure) -> None:
    met = {position.step for position in positions(procedure)}
    assert {step.id for step in procedure.steps} <= met


@every_procedure
def test_every_document_is_needed_on_some_way_and_not_on_another(procedure: Procedure) -> None:
    ends = [position.answers for position in positions(procedure) if position.finished]
    for document in procedure.documents:
        verdicts = [holds(document.condition, answers) for answers in ends]
        assert True in verdicts, document.text
        if document.condition:
            assert False in verdicts, document.text


@every_procedure
def test_a_condition_only_looks_at_a_question_asked_before(procedure: Procedure) -> None:
    for position in positions(procedure):
        if position.finished:
            continue
        condition = procedure.step(position.step).condition
        assert condition is None or set(condition) <= set(position.trail)


@every_procedure
def test_every_choice_can_be_typed_by_its_label_its_words_and_its_number(
    procedure: Procedure,
) -> None:
    for step in procedure.steps:
        for rank, choice in enumerate(step.choices, start=1):
            for typed in (choice.label, choice.label.upper(), *choice.says, str(rank)):
                assert match_choice(step, typed, "") == choice, (step.id, typed)


@every_procedure
def test_a_yes_has_its_no(procedure: Procedure) -> None:
    for step in procedure.steps:
        acts = [choice.act for choice in step.choices if choice.act]
        assert sorted(acts) in ([], ["affirm", "deny"], ["deny"], ["affirm"]), step.id
        if "affirm" in acts:
            assert "deny" in acts, step.id


@every_procedure
def test_a_question_is_asked_where_an_answer_is_awaited(procedure: Procedure) -> None:
    for step in procedure.steps:
        if step.choices:
            assert "?" in step.text, step.id


@every_procedure
def test_texts_fit_the_page_and_french_typography(procedure: Procedure) -> None:
    for text in texts(procedure):
        assert text == text.strip()
        assert "{" not in text, text
        assert "…" in text or "..." not in text, text
        assert not re.search(r'["“”’]', text), text
        assert not re.search(r"\w[?!;]", text), text
        assert not re.search(r"«\S|\S»", text), text
        assert text.count("«") == text.count("»"), text
        assert not re.search(r"  |\s[.,]", text), text
    for step in procedure.steps:
        assert all(len(blockage.when) <= 60 for blockage in step.stuck)


@every_procedure
def test_the_person_is_called_vous(procedure: Procedure) -> None:
    for text in texts(procedure):
        assert not re.search(r"\b(tu|ton|tes|toi)\b|\bt'", text.lower()), text


@every_procedure
def test_sentences_are_short(procedure: Procedure) -> None:
    for step in procedure.steps:
        for sentence in re.split(r"(?<=[.!?:])\s", f"{step.text} {step.simple}"):
            assert len(sentence.split()) <= 25, (step.id, sentence)


@every_procedure
def test_button_ids_fit_a_telegram_button(procedure: Procedure) -> None:
    for position in positions(procedure):
        if position.finished:
            continue
        step = procedure.step(position.step)
        parts = [show.step(procedure, position), *show.screen(procedure, step)]
        for button in (b for part in parts for b in part.choices):
            assert len(button.id.encode()) <= TELEGRAM_BYTES, button.id


@every_procedure
def test_a_resume_button_is_not_too_long(procedure: Procedure) -> None:
    assert len(procedure.label) <= 60
    assert len(label("resume", label=procedure.label)) <= 75
