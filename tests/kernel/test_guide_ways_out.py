"""The guide: nobody is trapped, what is said, and what comes back from a counsellor."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from knowledge import walk
from knowledge.acts.unclear import CLARIFIABLE
from knowledge.guide import ACTS, Guide, Turn
from knowledge.model import Procedure
from knowledge.reply import State
from knowledge.texts import label
from knowledge.texts import say as sentence
from knowledge.walk import Position
from tests.kernel.building import buttons, guide, positions, press, real, say, words
from tests.kernel.test_guide import (
    EMERGENCY,
    FIRST,
    SECOND,
    at,
    every_act,
    every_moment,
    every_procedure,
    no,
    sound,
    yes,
)

# --- nobody is trapped ---------------------------------------------------------------------------


@every_procedure
@pytest.mark.parametrize("act", sorted({"human", "stop", "back", "documents", "cost", "where"}))
def test_a_question_does_not_swallow_other_meanings(name: str, act: str) -> None:
    """« Quels papiers pour un particulier ? » is no answer, though it holds the words of one."""
    state = at(name, "question")
    assert state.current is not None
    for choice in real()[name].step(state.current.step).choices:
        text = f"dites {choice.says[0] if choice.says else choice.label} svp"
        assert say(state, act, text).state.current != walk.advance(
            real()[name], state.current, choice.id
        )


@every_procedure
def test_a_number_answers_the_question_whatever_the_engine_made_of_it(name: str) -> None:
    state = at(name, "question")
    assert state.current is not None
    first = real()[name].step(state.current.step).choices[0]
    expected = walk.advance(real()[name], state.current, first.id)
    for intent in ("human", "back", "deny", "out_of_scope", SECOND, ""):
        assert say(state, intent, "1").state.current == expected


@every_procedure
def test_stuck_twice_offers_a_person(name: str) -> None:
    for kind in ("question", "action"):
        once = sound(say(at(name, kind), "stuck"))
        assert "act:human" in buttons(once)
        twice = sound(say(once.state, "stuck"))
        assert sentence("stuck_again") in words(twice)
        assert twice.parts[0].choices[0].id == "act:human"
        assert any(button.startswith("help:") for button in buttons(twice))
        assert yes(twice.state).handoff == "asked"


def test_not_done_twice_still_shows_the_known_blockages() -> None:
    once = no(at(FIRST, "action"))
    twice = no(once.state)
    for reply in (once, twice):
        assert any(button.startswith("help:") for button in buttons(reply))
    assert sentence("stuck_again") in words(twice)


def test_another_step_forgets_that_one_was_stuck() -> None:
    stuck = say(at(FIRST, "action"), "stuck").state
    assert stuck.stuck == 1
    assert say(stuck, "next").state.stuck == 0


@pytest.mark.parametrize("first", ["out_of_scope", "clarify", "", "unheard_of"])
@pytest.mark.parametrize("second", ["out_of_scope", "clarify", "", "unheard_of"])
def test_two_misunderstandings_in_a_row_offer_a_person(first: str, second: str) -> None:
    for state in every_moment(FIRST):
        if state.doubts:
            continue
        once = say(state, first, "blablabla", ranking=("cost",))
        twice = sound(say(once.state, second, "bloblo", ranking=("cost",)))
        assert sentence("clarify_failed") in words(twice)
        assert "act:human" in buttons(twice)
        assert yes(twice.state).handoff == "asked"


def test_something_else_after_a_clarification_counts_as_not_understood() -> None:
    asked = say(State(), "clarify", "hein", ranking=(FIRST, SECOND))
    other = sound(press(asked.state, "act:other"))
    assert "act:human" in buttons(other)
    assert sentence("clarify_failed") in words(say(other.state, "clarify", "hé", ranking=(FIRST,)))


def test_an_understanding_in_between_starts_the_count_again() -> None:
    once = say(at(FIRST, "action"), "out_of_scope", "bla").state
    assert once.doubts == 1
    between = say(once, "cost").state
    assert between.doubts == 0
    again = say(between, "out_of_scope", "bla")
    assert sentence("clarify_failed") not in words(again)


@every_procedure
def test_distress_gives_the_numbers_first_at_any_moment(name: str) -> None:
    for state in every_moment(name):
        for waiting in (False, True):
            reply = sound(say(state, "distress", "je veux mourir", waiting=waiting))
            for number in EMERGENCY:
                assert re.search(rf"\b{number}\b", reply.parts[0].text)
            assert reply.state.current == state.current
            assert reply.handoff is None
        assert "act:human" in buttons(say(state, "distress", "je veux mourir"))


@every_procedure
def test_asking_for_a_person_always_hands_over(name: str) -> None:
    for state in every_moment(name):
        assert sound(say(state, "human", "je veux un humain")).handoff == "asked"
        assert sound(press(state, "act:human")).handoff == "asked"
        assert say(state, "human", "un humain").state.current == state.current


def test_in_the_queue_words_are_noted_and_one_can_leave() -> None:
    for state in every_moment(FIRST):
        noted = sound(say(state, "caf-compte", "mon compte", waiting=True))
        assert sentence("queue_noted") in words(noted)
        assert noted.state == state
        for left in (
            press(state, "queue:leave", waiting=True),
            say(state, "stop", "laissez", waiting=True),
        ):
            assert sound(left).leave_queue
            assert left.state.current == state.current


def test_asked_twice_for_plainer_words_a_person_is_offered() -> None:
    for kind in ("question", "action"):
        state = at(FIRST, kind)
        assert state.current is not None
        once = sound(say(state, "simplify"))
        assert real()[FIRST].step(state.current.step).simple in words(once)
        for twice in (say(once.state, "simplify"), press(once.state, "act:simplify")):
            assert sentence("simple_again") in words(sound(twice))
            assert yes(twice.state).handoff == "asked"
    assert no(say(at(FIRST, "action"), "simplify").state).handoff is None


def test_a_finished_procedure_is_not_a_dead_end() -> None:
    for act in ("repeat", "resume", "next", "simplify", "out_of_scope", "stuck", "greet"):
        reply = sound(say(at(FIRST, "end"), act, "rien"))
        assert [b for b in buttons(reply) if b.split(":")[0] in ("open", "resume")], act


# --- what is said --------------------------------------------------------------------------------


@every_procedure
def test_questions_about_the_procedure_are_answered_from_it(name: str) -> None:
    procedure = real()[name]
    for state in (at(name, "question"), at(name, "action"), at(name, "end")):
        assert state.current is not None
        for document in walk.documents(procedure, state.current.answers):
            assert document.text in words(say(state, "documents"))
        assert procedure.cost[1:] in words(say(state, "cost"))
        assert procedure.delay in words(say(state, "delay"))
        assert procedure.missed in words(say(state, "delay"))
        assert procedure.where in words(say(state, "where"))
        assert procedure.beware[0] in words(say(state, "scam_check"))
        for act in ("documents", "cost", "delay"):
            assert say(state, act).parts[0].sources == procedure.sources
    screen = at(name, "action")
    assert screen.current is not None
    assert procedure.step(screen.current.step).screen in words(say(screen, "stuck"))


@pytest.mark.parametrize("audience", ["resident", "agent"])
@pytest.mark.parametrize("hours", ["", "Un conseiller répond de 9 h à 17 h."])
def test_the_welcome_says_who_speaks_and_offers_a_choice(audience: str, hours: str) -> None:
    reply = sound(guide().welcome(audience, "Ville d'Essai", hours, ["nowhere", FIRST]))
    assert "programme" in words(reply)
    assert hours in words(reply)
    assert "  " not in words(reply)
    assert "\n " not in words(reply)
    assert buttons(reply) == [f"open:{FIRST}"]
    default = guide().welcome(audience, "Ville d'Essai", hours, [])
    for button in buttons(default):
        assert real()[button.removeprefix("open:")].audience == audience


@pytest.mark.parametrize("meaning", sorted(CLARIFIABLE))
def test_what_can_be_clarified_has_a_button(meaning: str) -> None:
    assert label(meaning)
    assert f"act:{meaning}" in buttons(say(State(), "clarify", "hein", ranking=(meaning,)))


# --- the counsellor gives back, the catalogue changes --------------------------------------------


@every_procedure
def test_a_counsellor_gives_back_at_any_step(name: str) -> None:
    for state in every_moment(name):
        sound(guide().return_from_counsellor(state, None))
        if state.current is None or state.current.procedure != name:
            continue
        for step in real()[name].steps:
            reply = sound(guide().return_from_counsellor(state, step.id))
            assert reply.state.current is not None
            assert reply.state.current.step == step.id
            assert step.text in words(reply)
        with pytest.raises(KeyError):
            guide().return_from_counsellor(state, "nowhere")


GONE = Position("retirée", "premiere", {"premiere": "oui"}, ("zero",))
CHANGED = Position(FIRST, "renommee", {"compte": "oui"}, ("compte",))


@every_act
@pytest.mark.parametrize(
    "state",
    [
        State(GONE),
        State(paused=(GONE,)),
        State(Position(FIRST, "end"), paused=(GONE, CHANGED)),
        State(CHANGED, paused=(GONE,)),
        State(Position(FIRST, "connexion", {"compte": "chat"}, ("compte",))),
    ],
    ids=["gone", "put aside and gone", "finished", "renamed step", "renamed choice"],
)
def test_a_place_from_before_an_edit_is_fitted(state: State, act: str) -> None:
    reply = sound(say(state, act, "bla", ranking=(FIRST,)))
    kept = [*reply.state.paused, *filter(None, [reply.state.current])]
    assert all(position.procedure in real() for position in kept)
    sound(press(state, f"act:{act}"))
    sound(press(state, "resume:retirée"))
    sound(guide().return_from_counsellor(state, None))


@every_procedure
def test_a_fitted_state_names_nothing_that_is_gone(name: str) -> None:
    """What the hand-over card reads: the step, its progress, the answers."""
    procedure = real()[name]
    for position in positions(procedure):
        edits = [replace(position, step="renommee"), replace(position, procedure="retirée")]
        edits += [
            replace(position, answers={**position.answers, gone: "renomme"})
            for gone in position.trail
        ]
        edits += [
            replace(position, trail=tuple("renommee" if s == gone else s for s in position.trail))
            for gone in position.trail
        ]
        for edited in edits:
            fitted = guide().fit(State(edited)).current
            if edited.procedure != name:
                assert fitted is None
                continue
            assert fitted is not None
            if not fitted.finished:
                assert procedure.step(fitted.step)
                assert walk.progress(procedure, fitted)
            for step_id, choice_id in fitted.answers.items():
                assert procedure.step(step_id).choice(choice_id)
        assert guide().fit(State(position)).current is position


def test_a_renamed_step_brings_back_as_far_as_the_answers_lead() -> None:
    reply = say(State(CHANGED), "repeat")
    assert reply.state.current == Position(FIRST, "connexion", {"compte": "oui"}, ("compte",))


def test_an_empty_catalogue_still_answers() -> None:
    class Nothing(dict[str, Procedure]):
        def for_audience(self, audience: str) -> list[Procedure]:
            return []

    bare = Guide(Nothing())  # type: ignore[arg-type]
    for act in ACTS:
        reply = bare.answer(Turn(text="bla", state=State(GONE), intent=act))
        assert reply.parts or reply.handoff
