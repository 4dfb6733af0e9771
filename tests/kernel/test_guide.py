"""The guide never falls silent, never raises, never traps anybody: at every kind of moment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from knowledge import walk
from knowledge.guide import ACTS
from knowledge.reply import Reply, State
from knowledge.texts import say as sentence
from tests.kernel.building import CODE, buttons, positions, press, real, say, words

MOST_PARTS = 3
EMERGENCY = ("3114", "3919", "119", "115", "15", "17", "18", "112", "114")
FIRST, SECOND = "caf-declaration-trimestrielle", "ants-passeport"
# A procedure with a question, then an action: what the stories below walk through.
every_procedure = pytest.mark.parametrize("name", list(real()))
every_act = pytest.mark.parametrize("act", sorted(ACTS))


def sound(reply: Reply) -> Reply:
    """Checks what every reply must be, and returns it."""
    assert len(reply.parts) <= MOST_PARTS
    assert reply.parts or reply.handoff
    for part in reply.parts:
        assert part.text.strip() == part.text != ""
        assert not re.search(r"[{}]|None|\s\.$|: \.", part.text), part.text
        assert len({button.id for button in part.choices}) == len(part.choices)
        for button in part.choices:
            assert 1 < len(button.label) <= 80
    stored = json.loads(json.dumps(reply.to_json()))
    assert State.from_json(stored["state"]) == reply.state
    if reply.state.current:
        assert reply.state.current.procedure in real()
    return reply


def opened(name: str = FIRST) -> State:
    """Returns the state of somebody on the first step."""
    return sound(say(State(), name)).state


def at(name: str, kind: str) -> State:
    """Returns the state of somebody on a `question`, an `action` or at the `end`."""
    for position in positions(real()[name]):
        if position.finished:
            found = "end"
        else:
            found = "question" if real()[name].step(position.step).choices else "action"
        if found == kind:
            return State(position)
    raise AssertionError(f"{name} has no {kind}")


@cache
def moments(name: str) -> dict[str, State]:
    """Returns every kind of moment around one procedure."""
    other = FIRST if name != FIRST else SECOND
    aside = (walk.start(real()[other]),)
    action = at(name, "action")
    return {
        "nothing": State(),
        "nothing, one put aside": State(paused=aside),
        "first step": opened(name),
        "question": at(name, "question"),
        "action": action,
        "action, one put aside": replace(action, paused=aside),
        "finished": at(name, "end"),
        "finished, one put aside": replace(at(name, "end"), paused=aside),
        "stuck": replace(action, stuck=1),
        "not understood": replace(action, doubts=1),
        "offered a person": replace(action, expects={"affirm": "act:human", "deny": "act:repeat"}),
    }


def every_moment(name: str) -> Iterator[State]:
    yield from moments(name).values()


@every_procedure
@every_act
def test_every_act_is_answered_at_every_kind_of_moment(name: str, act: str) -> None:
    audience = real()[name].audience
    ranking = (name, "documents", "nothing_we_know", SECOND)
    for state in every_moment(name):
        for waiting in (False, True):
            for text in ("des mots sans rapport", "1"):
                reply = say(state, act, text, waiting=waiting, audience=audience, ranking=ranking)
                sound(reply)
        sound(press(state, f"act:{act}", audience=audience))


@every_procedure
def test_every_act_is_answered_on_every_step(name: str) -> None:
    on_each_step = {position.step: position for position in positions(real()[name])}
    for position in on_each_step.values():
        for act in ACTS:
            sound(say(State(position), act, "des mots sans rapport"))


@every_procedure
def test_every_button_that_is_shown_can_be_pressed(name: str) -> None:
    lost = sentence("expired_choice")
    for state in every_moment(name):
        for act in ACTS:
            shown = say(state, act, "des mots sans rapport", ranking=(name, "cost"))
            for button in buttons(shown):
                assert lost not in words(sound(press(shown.state, button))), (act, button)


@every_procedure
def test_an_old_button_never_raises_whenever_it_is_pressed(name: str) -> None:
    old = {button for state in every_moment(name) for button in all_buttons(state)}
    on_each_step = {position.step: State(position) for position in positions(real()[name])}
    for state in [State(), moments(SECOND)["action"], *on_each_step.values()]:
        for button in old:
            sound(press(state, button))


def all_buttons(state: State) -> set[str]:
    return {button for act in ACTS for button in buttons(say(state, act, "rien", ranking=(FIRST,)))}


@pytest.mark.parametrize(
    "button",
    [
        *("", ":", "act:", "act:fly", "act:__init__", "open:", "open:nowhere", "resume:nowhere"),
        *("queue:", "done:", "done:::", "answer:x:y:z", "help", f"help:{FIRST}:compte:²"),
        *(f"help:{FIRST}:compte:99", f"help:{FIRST}:compte:-1", f"help:{FIRST}:end:0"),
        *(f"done:{FIRST}:end", f"done:{FIRST}:compte", f"answer:{FIRST}:compte"),
        *(f"answer:{FIRST}:compte:chat", f"answer:{FIRST}:end:oui", f"done:{FIRST}:valider"),
        *("é" * 500, "'; DROP TABLE turns; --", "act:answer", "act:press", "act:_close"),
    ],
)
@pytest.mark.parametrize("moment", ["nothing", "first step", "action", "finished"])
def test_a_button_that_nobody_was_shown_changes_nothing(button: str, moment: str) -> None:
    state = moments(FIRST)[moment]
    reply = sound(press(state, button))
    assert reply.state.current == state.current
    assert reply.handoff is None


# --- walking through ---------------------------------------------------------------------------


@every_procedure
def test_a_whole_procedure_is_walked_with_its_buttons(name: str) -> None:
    procedure = real()[name]
    reply = sound(say(State(), name))
    assert procedure.summary in words(reply)
    for number in range(1, 14):
        position = reply.state.current
        assert position is not None
        if position.finished:
            break
        text = procedure.step(position.step).text
        assert f"Étape {number} sur " in words(reply)
        assert text in words(reply)
        reply = sound(press(reply.state, buttons(reply)[0]))
    assert procedure.after in words(reply)
    assert "act:human" in buttons(reply)


@every_procedure
def test_a_whole_procedure_is_walked_by_typing(name: str) -> None:
    procedure = real()[name]
    reply = say(State(), name)
    for _ in range(13):
        position = reply.state.current
        assert position is not None
        if position.finished:
            break
        step = procedure.step(position.step)
        typed = step.choices[-1].label if step.choices else "c'est fait"
        reply = sound(say(reply.state, "out_of_scope" if step.choices else "next", typed))
    assert procedure.after in words(reply)


def test_pressing_done_twice_does_not_skip_a_step() -> None:
    state = at(FIRST, "action")
    done = next(b for b in buttons(say(state, "repeat")) if b.startswith("done:"))
    once = press(state, done)
    twice = press(once.state, done)
    assert once.state.current != state.current
    assert twice.state.current == once.state.current
    assert sentence("expired_choice") in words(twice)


def test_an_old_answer_can_be_given_again_otherwise() -> None:
    moved = press(opened(), f"answer:{FIRST}:compte:oui").state
    later = say(moved, "next").state
    changed = press(later, f"answer:{FIRST}:compte:non").state
    assert changed.current is not None
    assert changed.current.step == "acces"
    assert changed.current.answers == {"compte": "non"}


def test_a_button_of_another_procedure_moves_nothing() -> None:
    """Two procedures have a step « connexion »: the button of one must not move the other."""
    shared = [p for p in real().values() if "connexion" in {step.id for step in p.steps}]
    assert len(shared) > 1
    one, other = shared[0], shared[1]
    there = walk.jump(other, walk.start(other), "connexion")
    for kind in ("done:{}:connexion", "answer:{}:connexion:oui", "help:{}:connexion:0"):
        reply = press(State(there), kind.format(one.id))
        assert reply.state.current == there
        assert sentence("expired_choice") in words(reply)


def test_switching_and_coming_back_restores_the_place() -> None:
    here = say(press(opened(), f"answer:{FIRST}:compte:oui").state, "next").state
    there = sound(say(here, SECOND))
    assert sentence("switched", paused=real()[FIRST].label) in words(there)
    assert there.state.current == walk.start(real()[SECOND])
    assert there.state.paused == (here.current,)

    for reply in (
        say(there.state, FIRST),
        press(there.state, f"resume:{FIRST}"),
        press(there.state, f"open:{FIRST}"),
        say(there.state, "resume"),
    ):
        assert sound(reply).state.current == here.current
        assert reply.state.paused == (walk.start(real()[SECOND]),)


def test_three_procedures_are_kept_and_taken_up_latest_first() -> None:
    state = State()
    for name in (FIRST, SECOND, "impots-avis"):
        state = say(state, name).state
    assert [p.procedure for p in state.paused] == [FIRST, SECOND]
    state = say(state, "resume").state
    assert state.current is not None
    assert state.current.procedure == SECOND


def test_the_end_offers_what_was_put_aside() -> None:
    state = moments(FIRST)["action, one put aside"]
    while state.current and not state.current.finished:
        reply = press(state, buttons(say(state, "repeat"))[0])
        state = reply.state
    assert buttons(reply)[0] == f"resume:{SECOND}"
    assert sound(say(state, "affirm", "oui")).state.current == walk.start(real()[SECOND])


def test_stopping_keeps_the_place_and_gives_the_code() -> None:
    state = at(FIRST, "action")
    reply = sound(say(state, "stop"))
    assert CODE in words(reply)
    assert reply.state.current is None
    assert sound(press(reply.state, buttons(reply)[0])).state.current == state.current


def test_an_ok_after_stopping_does_not_start_again() -> None:
    stopped = say(at(FIRST, "action"), "stop").state
    assert say(stopped, "affirm", "ok").state.current is None


def test_stopping_twice_keeps_the_way_back() -> None:
    stopped = say(at(FIRST, "action"), "stop").state
    again = sound(say(stopped, "stop"))
    assert f"resume:{FIRST}" in buttons(again)
    assert sound(say(again.state, "next")).state.current == at(FIRST, "action").current


def test_opening_the_same_procedure_stays_in_place() -> None:
    state = at(FIRST, "action")
    assert sound(say(state, FIRST)).state.current == state.current


def test_a_finished_procedure_can_be_opened_again() -> None:
    assert sound(say(at(FIRST, "end"), FIRST)).state.current == walk.start(real()[FIRST])


def test_back_and_restart() -> None:
    moved = press(opened(), f"answer:{FIRST}:compte:oui").state
    assert sound(say(moved, "back")).state.current == walk.start(real()[FIRST])
    assert sound(say(at(FIRST, "end"), "restart")).state.current == walk.start(real()[FIRST])
    assert sentence("first_step_already") in words(say(opened(), "back"))


# --- yes and no --------------------------------------------------------------------------------


def yes(state: State) -> Reply:
    return sound(say(state, "affirm", "oui"))


def no(state: State) -> Reply:
    return sound(say(state, "deny", "non"))


@every_procedure
def test_yes_and_no_answer_a_yes_or_no_question_even_in_its_simple_words(name: str) -> None:
    procedure = real()[name]
    for position in positions(procedure):
        step = None if position.finished else procedure.step(position.step)
        for choice in step.choices if step else ():
            if choice.act is None:
                continue
            typed = {"affirm": "oui", "deny": "non"}[choice.act]
            expected = walk.advance(procedure, position, choice.id)
            for before in ("repeat", "simplify", "stuck", "documents", "cost", "thanks", "greet"):
                state = say(State(position), before).state
                moved = say(state, choice.act, typed)
                assert moved.state.current == expected, (step and step.id, before)
                assert moved.handoff is None


def test_yes_and_no_where_no_question_is_open() -> None:
    action = at(FIRST, "action")
    assert yes(action).state.current != action.current
    stuck = no(action)
    assert stuck.state.current == action.current
    assert sentence("stuck_which") in words(stuck)
    assert buttons(yes(State()))
    assert buttons(no(State()))


@pytest.mark.parametrize("name", [FIRST, "franceconnect", "nextcloud-partager"])
@pytest.mark.parametrize("moment", ["question", "action"])
def test_after_a_help_yes_shows_the_step_and_no_goes_on_helping(name: str, moment: str) -> None:
    state = say(at(name, moment), "stuck").state
    assert state.current is not None
    helped = sound(press(state, f"help:{name}:{state.current.step}:0"))
    step = real()[name].step(state.current.step)
    assert step.stuck[0].help in words(helped)
    assert "act:human" in buttons(helped)

    understood = yes(helped.state)
    assert understood.state.current == state.current
    assert step.text in words(understood)

    still = no(helped.state)
    assert still.state.current == state.current
    assert sentence("stuck_again") in words(still)


@pytest.mark.parametrize("moment", ["question", "action"])
@pytest.mark.parametrize("act", ["distress", "insult", "other_procedure"])
def test_after_an_offer_of_a_person_yes_hands_over_and_no_returns_to_the_step(
    moment: str, act: str
) -> None:
    state = at(FIRST, moment)
    offered = sound(say(state, act)).state
    assert yes(offered).handoff == "asked"
    refused = no(offered)
    assert refused.handoff is None
    assert refused.state.current == state.current
    assert state.current is not None
    assert real()[FIRST].step(state.current.step).text in words(refused)


def test_what_a_question_expects_is_used_up_by_the_next_turn() -> None:
    for kind in ("question", "action"):
        offered = say(at(FIRST, kind), "insult").state
        for act in ("cost", "repeat", "greet"):
            later = say(offered, act).state
            assert "deny" not in later.expects
            assert yes(later).handoff is None


def test_after_the_last_step_no_says_goodbye() -> None:
    ended = say(at(FIRST, "end"), "next")
    assert sentence("finished_next") in words(ended)
    assert sentence("goodbye") in words(no(ended.state))


def test_an_ok_to_an_information_does_not_tick_the_step() -> None:
    state = at(FIRST, "action")
    for act in ("documents", "cost", "delay", "where", "scam_check", "thanks"):
        told = say(state, act)
        assert yes(told.state).state.current == state.current
        assert say(told.state, "next", "c'est fait").state.current != state.current


def test_yes_after_a_clarification_takes_the_likeliest_and_no_asks_again() -> None:
    asked = sound(say(State(), "clarify", "hein", ranking=(SECOND, SECOND, FIRST, "cost")))
    assert buttons(asked) == [
        f"open:{SECOND}",
        f"open:{FIRST}",
        "act:cost",
        "act:other",
        "act:human",
    ]
    assert yes(asked.state).state.current == walk.start(real()[SECOND])
    assert "act:human" in buttons(no(asked.state))
