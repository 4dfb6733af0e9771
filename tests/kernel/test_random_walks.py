"""Two hundred turns of anything: whatever people do, the promises hold."""

from __future__ import annotations

import json
import random

import pytest

from knowledge import walk
from knowledge.guide import ACTS, Turn
from knowledge.reply import Reply, State
from tests.kernel.building import buttons, guide, real

TURNS = 200
TYPED = ["oui", "non", "ok", "1", "3", "42", "", "??", "👍", "c'est fait", "hein", "a" * 900]


def turn(dice: random.Random, state: State, seen: list[str], waiting: bool) -> Turn:
    """Returns what somebody might do next: a shown button, an old one, or words."""
    common = {"state": state, "waiting": waiting}
    if seen and dice.random() < 0.5:
        recent = seen[-8:] if dice.random() < 0.7 else seen
        return Turn(text="", choice=dice.choice(recent), **common)  # type: ignore[arg-type]
    meanings = [*sorted(ACTS), *real(), "", "unheard_of"]
    text = dice.choice(TYPED)
    if state.current and not state.current.finished and dice.random() < 0.4:
        choices = real()[state.current.procedure].step(state.current.step).choices
        text = dice.choice(choices).label if choices else "c'est fait"
    return Turn(
        text=text,
        intent=dice.choice(meanings),
        ranking=dice.sample(meanings, 4),
        audience=dice.choice(["resident", "agent"]),
        **common,  # type: ignore[arg-type]
    )


def check(before: Turn, reply: Reply) -> None:
    assert 1 <= len(reply.parts) <= 3 or reply.handoff
    assert len(reply.parts) <= 3
    for part in reply.parts:
        assert part.text.strip()
        assert "{" not in part.text
    state = reply.state
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state
    held = [p.procedure for p in state.paused]
    assert len(held) == len(set(held))
    assert not any(position.finished for position in state.paused)
    if state.current:
        procedure = real()[state.current.procedure]
        assert state.current.procedure not in held
        assert walk.mend(procedure, state.current) is state.current
        assert len(state.current.trail) == len(set(state.current.trail)) <= len(procedure.steps)
        if not state.current.finished:
            number, total = walk.progress(procedure, state.current)
            assert 1 <= number <= total
    if before.intent == "human" and not before.choice and not before.waiting and not before.text:
        assert reply.handoff
    # Nothing that was begun is lost without a word for it: it is finished, current or put aside.
    if before.state.current and not before.state.current.finished:
        begun = before.state.current.procedure
        assert begun in [*held, state.current.procedure if state.current else ""]


@pytest.mark.parametrize("seed", range(10))
def test_a_random_walk_keeps_every_promise(seed: int) -> None:
    dice = random.Random(seed)
    state, seen, waiting = State(), [], False
    for _ in range(TURNS):
        what = turn(dice, state, seen, waiting)
        reply = guide().answer(what)
        check(what, reply)
        seen += buttons(reply)
        waiting = (waiting or bool(reply.handoff)) and not reply.leave_queue
        if waiting and dice.random() < 0.3:
            given_back = Turn(text="", state=reply.state)
            reply = guide().return_from_counsellor(reply.state, None)
            check(given_back, reply)
            seen += buttons(reply)
            waiting = False
        # The state travels as JSON between two turns, as it does in the service.
        state = State.from_json(json.loads(json.dumps(reply.state.to_json())))
