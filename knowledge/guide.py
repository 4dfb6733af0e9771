"""The guide: from what the person meant and where they are, to what is said next. Pure.

This is the kernel's door. It finds what a turn means; `acts` and `buttons` answer it. A turn
never ends in silence: a reply has at least one bubble, or is a hand-over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge import place, show, walk
from knowledge.acts import ACTS, moving, questions, unclear
from knowledge.buttons import press
from knowledge.catalogue import Catalogue
from knowledge.entities import merged
from knowledge.glossary import Glossary
from knowledge.reply import Part, Reply, State
from knowledge.texts import say
from knowledge.turn import Turn, ask_need
from knowledge.understand import answer_to

__all__ = ["ACTS", "Guide", "Turn"]


class Guide:
    """Answers turns from one catalogue.

    Attributes:
        catalogue: The procedures.
        glossary: The words; none by default.
    """

    def __init__(self, catalogue: Catalogue, glossary: Glossary | None = None) -> None:
        self.catalogue = catalogue
        self.glossary = glossary or Glossary(())

    def answer(self, turn: Turn) -> Reply:
        """Answers a turn: a pressed button, the answer to the open question, or an act."""
        state = self.fit(turn.state)
        if turn.facts:
            state = replace(state, facts=merged(state.facts, turn.facts))
        if turn.place:
            state = replace(state, place=turn.place)
        turn = replace(turn, state=state)
        if turn.waiting and turn.intent != "distress" and not turn.choice:
            return self._while_waiting(turn)
        return _close(turn, self._meant(turn))

    def welcome(self, audience: str, commune: str, hours: str, featured: Sequence[str]) -> Reply:
        """Says the first words of a conversation.

        Args:
            audience: `resident` or `agent`.
            commune: Its name.
            hours: When a counsellor answers, as a sentence; may be empty.
            featured: Procedures to suggest, in order.
        """
        turn = Turn("", State(), audience=audience, featured=featured)
        text = say(f"welcome.{audience}", commune=commune, human_hours=hours)
        # Without opening hours, a line begins with the blank that followed them.
        first = Part("\n".join(map(str.strip, text.splitlines())))
        return Reply((first, ask_need(self.catalogue, turn)), turn.state)

    def return_from_counsellor(self, state: State, step_id: str | None) -> Reply:
        """Takes the conversation back, at the step that the counsellor chose.

        Args:
            state: Where the conversation was.
            step_id: A step of the current procedure; None to stay in place.

        Raises:
            KeyError: The step is not of the current procedure.
        """
        opening = Part(say("back_from_counsellor"))
        state = replace(self.fit(state), expects={}, stuck=0, doubts=0)
        position = state.current
        if position is None:
            return Reply((opening, Part(say("ask_need"))), state)
        if step_id:
            position = walk.jump(self.catalogue[position.procedure], position, step_id)
        state = state.at(position)
        return Reply((opening, *place.here(self.catalogue, state)), state)

    def fit(self, state: State) -> State:
        """Fits a state to the catalogue, which may have been edited since it was stored."""
        return place.fit(self.catalogue, state)

    def _meant(self, turn: Turn) -> Reply:
        """Answers what the turn means: the first of these readings that holds."""
        catalogue, state = self.catalogue, turn.state
        if turn.choice:
            return press(catalogue, turn, turn.choice)
        if turn.intent != "distress" and (term := self.glossary.asked(turn.text)):
            return questions.meaning(catalogue, turn, term)
        if state.walking:
            procedure = catalogue[state.walking.procedure]
            step = procedure.step(state.walking.step)
            choice = answer_to(step, turn.text, turn.intent, state.expects)
            if choice:
                reached = walk.advance(procedure, state.walking, choice.id)
                return place.moved(catalogue, state, reached)
        if turn.intent in state.expects:
            return press(catalogue, turn, state.expects[turn.intent])
        if turn.intent in catalogue:
            return moving.open_procedure(catalogue, turn, turn.intent)
        return ACTS.get(turn.intent, unclear.out_of_scope)(catalogue, turn)

    def _while_waiting(self, turn: Turn) -> Reply:
        """In the queue, words are for the counsellor."""
        if turn.intent == "stop":
            return press(self.catalogue, turn, show.LEAVE_QUEUE.id)
        return Reply((Part(say("queue_noted"), (show.LEAVE_QUEUE,)),), turn.state)


def _close(turn: Turn, reply: Reply) -> Reply:
    """Ends a turn: what the question expected is used up, doubts end with an understanding."""
    state = reply.state
    if state.expects is turn.state.expects:
        state = replace(state, expects={})
    if state.doubts == turn.state.doubts:
        state = replace(state, doubts=0)
    return replace(reply, state=state)
