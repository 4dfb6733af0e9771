"""The guide: from what the person meant and where they are, to what is said next. Pure.

One public function per thing a person can mean. Every one takes a `Turn` and returns a `Reply`
with at least one bubble, or a hand-over: a turn never ends in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from knowledge import show, walk
from knowledge.catalogue import Catalogue
from knowledge.model import Procedure
from knowledge.reply import Button, Part, Reply, State
from knowledge.texts import label, link, say
from knowledge.understand import is_exact, match_choice
from knowledge.walk import Position

MOST_PARTS = 3
# Meanings that a question of the procedure never captures: nobody is trapped in a form.
NEVER_AN_ANSWER = frozenset({"human", "stop", "distress", "back", "scam_check", "stuck", "restart"})


@dataclass(frozen=True)
class Turn:
    """One message with its context.

    Attributes:
        text: What the person typed, already masked; empty when they pressed a button.
        state: Where the conversation is.
        intent: A procedure id, a dialogue act, or one of the fallbacks.
        ranking: The best procedures and acts, most likely first, for a clarification.
        choice: Id of the pressed button, or None.
        audience: `resident` or `agent`.
        waiting: The person is in the queue of the counsellors.
        featured: Procedures to suggest, in order.
        resume_code: The code to come back with.
    """

    text: str
    state: State
    intent: str = ""
    ranking: Sequence[str] = ()
    choice: str | None = None
    audience: str = "resident"
    waiting: bool = False
    featured: Sequence[str] = ()
    resume_code: str = ""
    known: Mapping[str, str] = field(default_factory=dict)


class Guide:
    """Answers turns from one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def answer(self, turn: Turn) -> Reply:
        """Answers a turn: a pressed button, the answer to the open question, or an act."""
        if turn.waiting and turn.intent not in ("distress",) and not turn.choice:
            return self._while_waiting(turn)
        if turn.choice:
            return self._close(turn, self.press(turn, turn.choice))
        given = self._answer_to_step(turn)
        if given is not None:
            return self._close(turn, given)
        if turn.intent in turn.state.expects:
            return self._close(turn, self.press(turn, turn.state.expects[turn.intent]))
        if turn.intent in self.catalogue:
            return self._close(turn, self.open(turn, turn.intent))
        handler = getattr(self, turn.intent, None) if turn.intent in ACTS else None
        return self._close(turn, handler(turn) if handler else self.out_of_scope(turn))

    def welcome(self, audience: str, commune: str, hours: str, featured: Sequence[str]) -> Reply:
        """The first words of a conversation."""
        first = Part(say(f"welcome.{audience}", commune=commune, human_hours=hours).strip())
        ask = Part(say("ask_need"), choices=self._featured(featured, audience))
        return Reply((first, ask), State())

    def return_from_counsellor(self, state: State, step_id: str | None) -> Reply:
        """The bot takes the conversation back, at the step that the counsellor chose.

        Raises:
            KeyError: The step is not of the current procedure.
        """
        opening = Part(say("back_from_counsellor"))
        position = state.current
        if position is None:
            return Reply((opening, Part(say("ask_need"))), replace(state, expects={}, stuck=0))
        if step_id:
            position = walk.jump(self.catalogue[position.procedure], position, step_id)
        state = replace(state, current=position, expects={}, stuck=0, doubts=0)
        return Reply((opening, *self._here(state)), state)

    # --- buttons -------------------------------------------------------------------------

    def press(self, turn: Turn, button: str) -> Reply:
        """Answers a pressed button, whatever its age."""
        kind, _, rest = button.partition(":")
        if kind == "act" and rest in ACTS:
            return getattr(self, rest)(turn)
        if kind == "queue" and rest == "leave":
            shown = self._here(turn.state) or (Part(say("ask_need")),)
            return Reply((Part(say("queue_left")), *shown), turn.state, leave_queue=True)
        if kind == "open" and rest in self.catalogue:
            return self.open(turn, rest)
        if kind == "resume":
            return self.resume(turn, rest)
        step_id, _, detail = rest.partition(":")
        position = turn.state.current
        procedure = self._procedure(turn.state)
        if position is None or procedure is None:
            return self._lost_button(turn)
        if kind == "help" and step_id == position.step:
            return self._help(turn, procedure, detail)
        try:
            position = walk.rewind(position, step_id)
            if kind == "answer":
                return self._moved(turn, walk.advance(procedure, position, detail))
            if kind == "done" and step_id == turn.state.current.step:  # type: ignore[union-attr]
                return self._moved(turn, walk.advance(procedure, position))
        except (KeyError, ValueError):
            pass
        return self._lost_button(turn)

    def _lost_button(self, turn: Turn) -> Reply:
        here = self._here(turn.state) or (Part(say("ask_need"), self._featured_of(turn)),)
        return Reply((Part(say("expired_choice")), *here), turn.state)

    def _help(self, turn: Turn, procedure: Procedure, rank: str) -> Reply:
        step = procedure.step(turn.state.current.step)  # type: ignore[union-attr]
        if not rank.isdigit() or int(rank) >= len(step.stuck):
            return self._lost_button(turn)
        ask = show.after_help(procedure, step)
        yes = "act:repeat" if step.choices else f"done:{step.id}"
        state = replace(turn.state, expects={"affirm": yes, "deny": "act:human"})
        return Reply((Part(step.stuck[int(rank)].help), ask), state)

    # --- moving ----------------------------------------------------------------------------

    def open(self, turn: Turn, procedure_id: str) -> Reply:
        """Opens a procedure, putting aside the one that was being walked."""
        state, procedure = turn.state, self.catalogue[procedure_id]
        if state.current and state.current.procedure == procedure_id:
            if not state.current.finished:
                return Reply((Part(say("already_here")), *self._here(state)), state)
            state = state.at(None)
        if any(position.procedure == procedure_id for position in state.paused):
            return self.resume(turn, procedure_id)
        opening, state = self._set_aside(state)
        state = replace(state, current=walk.start(procedure), stuck=0)
        return Reply((*opening, show.summary(procedure), *self._here(state)), state)

    def resume(self, turn: Turn, procedure_id: str = "") -> Reply:
        """Takes up a procedure that was put aside; the latest by default."""
        state = turn.state
        chosen = [p for p in state.paused if not procedure_id or p.procedure == procedure_id]
        if not chosen:
            if state.current:
                return self.repeat(turn)
            return Reply(
                (Part(say("nothing_to_resume")), Part(say("ask_need"), self._featured_of(turn))),
                state,
            )
        position = chosen[-1]
        state = replace(state, paused=tuple(p for p in state.paused if p != position))
        _, state = self._set_aside(state)
        state = replace(state, current=position, stuck=0)
        back = Part(say("came_back", label=self.catalogue[position.procedure].label))
        return Reply((back, *self._here(state)), state)

    def next(self, turn: Turn) -> Reply:
        """« C'est fait », « et après ? »."""
        procedure, position = self._procedure(turn.state), turn.state.current
        if procedure is None or position is None:
            return self.resume(turn) if turn.state.paused else self._which(turn)
        if position.finished:
            return self._ended(turn.state)
        if procedure.step(position.step).choices:
            return Reply((Part(say("step_needs_choice")), *self._here(turn.state)), turn.state)
        return self._moved(turn, walk.advance(procedure, position))

    def affirm(self, turn: Turn) -> Reply:
        """« Oui », where no question expects it: the step is done, or nothing is going on."""
        if turn.state.current and not turn.state.current.finished:
            return self.next(turn)
        return Reply((Part(say("affirm_nothing"), self._featured_of(turn)),), turn.state)

    def deny(self, turn: Turn) -> Reply:
        """« Non », where no question expects it: the step is not done."""
        if turn.state.current and not turn.state.current.finished:
            helped = self.stuck(turn)
            return replace(helped, parts=(Part(say("not_done_yet")), *helped.parts))
        return Reply((Part(say("deny_nothing"), self._featured_of(turn)),), turn.state)

    def back(self, turn: Turn) -> Reply:
        """« Revenir »."""
        position = turn.state.current
        if position is None:
            return self._which(turn)
        earlier = walk.back(position)
        if earlier is None:
            return Reply((Part(say("first_step_already")), *self._here(turn.state)), turn.state)
        state = replace(turn.state, current=earlier, stuck=0)
        return Reply((Part(say("back_done")), *self._here(state)), state)

    def restart(self, turn: Turn) -> Reply:
        """« On recommence »."""
        procedure = self._procedure(turn.state)
        if procedure is None:
            return Reply(
                (Part(say("nothing_to_restart")), Part(say("ask_need"), self._featured_of(turn))),
                turn.state,
            )
        state = replace(turn.state, current=walk.start(procedure), stuck=0)
        return Reply((Part(say("restarted")), *self._here(state)), state)

    def stop(self, turn: Turn) -> Reply:
        """« J'arrête là » : the place is kept."""
        procedure, position = self._procedure(turn.state), turn.state.current
        if procedure is None or position is None or position.finished:
            return Reply((Part(say("stopped_without_procedure")),), turn.state.at(None))
        number, total = walk.progress(procedure, position)
        text = say(
            "stopped",
            label=procedure.label,
            number=number,
            total=total,
            resume_code=turn.resume_code,
        )
        again = Button(f"resume:{procedure.id}", label("resume", label=procedure.label))
        _, state = self._set_aside(turn.state)
        state = replace(state, expects={"affirm": again.id})
        return Reply((Part(text.strip(), (again, show.HUMAN)),), state)

    # --- the same step, otherwise ------------------------------------------------------------

    def repeat(self, turn: Turn) -> Reply:
        """« Redites-moi »."""
        return Reply(self._here(turn.state), turn.state) if turn.state.current else self._which(turn)

    def simplify(self, turn: Turn) -> Reply:
        """« Plus simplement »."""
        procedure, position = self._procedure(turn.state), turn.state.current
        if procedure is None or position is None:
            return self._which(turn)
        if position.finished:
            return self._ended(turn.state)
        if turn.state.expects.get("deny") == "act:human":
            state = replace(turn.state, expects={"affirm": "act:human"})
            return Reply((Part(say("simple_again"), (show.HUMAN,)), *self._here(state)), state)
        state = replace(turn.state, expects={"deny": "act:human"})
        return Reply((show.simple(procedure, position),), state)

    def stuck(self, turn: Turn) -> Reply:
        """« Je ne vois pas ce bouton » : what is on the screen, then the known blockages."""
        procedure, position = self._procedure(turn.state), turn.state.current
        if procedure is None or position is None or position.finished:
            ask = Part(say("stuck_without_step"), (*self._featured_of(turn), show.HUMAN))
            return Reply((ask,), turn.state)
        step = procedure.step(position.step)
        state = replace(turn.state, stuck=turn.state.stuck + 1, expects={})
        parts = list(show.screen(procedure, step))
        if state.stuck > 1:
            parts.insert(0, Part(say("stuck_again"), (show.HUMAN,)))
            state = replace(state, expects={"affirm": "act:human"})
        return Reply(tuple(parts), state)

    # --- questions about the procedure ---------------------------------------------------------

    def documents(self, turn: Turn) -> Reply:
        """« Quels papiers ? »."""
        return self._about(turn, show.documents)

    def cost(self, turn: Turn) -> Reply:
        """« C'est payant ? »."""
        return self._about(turn, show.cost)

    def delay(self, turn: Turn) -> Reply:
        """« Combien de temps ? », « est-ce trop tard ? »."""
        return self._about(turn, show.delay)

    def where(self, turn: Turn) -> Reply:
        """« C'est où ? »."""
        return self._about(turn, show.where)

    def scam_check(self, turn: Turn) -> Reply:
        """« C'est une arnaque ? »."""
        procedure = self._procedure(turn.state)
        general = Part(say("scam_general").strip(), links=(link("cybermalveillance"),))
        first = Part(" ".join((say("scam_intro"), *(procedure.beware if procedure else ()))))
        return Reply((first, general, *self._reminder(turn.state)), turn.state)

    # --- people ----------------------------------------------------------------------------------

    def human(self, turn: Turn) -> Reply:
        """« Je veux parler à quelqu'un » : the service opens the ticket and says how long it takes."""
        procedure = self._procedure(turn.state)
        parts: tuple[Part, ...] = ()
        if procedure is not None:
            parts = (Part(say("human_bring", items=show.listed(procedure.human_bring))),)
        return Reply(parts, turn.state, handoff="asked")

    def distress(self, turn: Turn) -> Reply:
        """A person in danger or in despair: the numbers first, soberly."""
        state = replace(turn.state, expects={"affirm": "act:human"})
        ask = Part(say("distress_human"), (show.HUMAN,))
        numbers = Part(say("distress").strip())
        return Reply((numbers,) if turn.waiting else (numbers, ask), state)

    def insult(self, turn: Turn) -> Reply:
        """Anger is answered with an apology and a person."""
        state = replace(turn.state, expects={"affirm": "act:human", "deny": "act:repeat"})
        return Reply((Part(say("insult").strip(), (show.HUMAN, show.REPEAT)),), state)

    def greet(self, turn: Turn) -> Reply:
        """« Bonjour »."""
        here = self._here(turn.state)
        if here:
            return Reply((Part(say("hello_again")), *here), turn.state)
        return Reply((Part(say("ask_need"), self._featured_of(turn)),), turn.state)

    def thanks(self, turn: Turn) -> Reply:
        """« Merci »."""
        return Reply((Part(say("thanks")), *self._reminder(turn.state)), turn.state)

    def goodbye(self, turn: Turn) -> Reply:
        """« Au revoir » : what was begun is kept."""
        procedure = self._procedure(turn.state)
        if procedure is None or turn.state.current is None or turn.state.current.finished:
            return Reply((Part(say("goodbye")),), turn.state)
        text = say("goodbye_kept", label=procedure.label, resume_code=turn.resume_code)
        return Reply((Part(text),), turn.state)

    # --- not understood ----------------------------------------------------------------------------

    def clarify(self, turn: Turn) -> Reply:
        """Two or three readings are possible: ask once, then offer a person."""
        buttons = [b for b in map(self._reading, turn.ranking) if b is not None][:3]
        if turn.state.doubts or not buttons:
            return self.out_of_scope(turn)
        state = replace(turn.state, doubts=1)
        return Reply((Part(say("clarify"), (*buttons, show.OTHER, show.HUMAN)),), state)

    def other(self, turn: Turn) -> Reply:
        """« Autre chose », after a clarification."""
        choices = (*self._featured_of(turn), show.HUMAN)
        return Reply((Part(say("ask_need"), choices),), replace(turn.state, doubts=1))

    def out_of_scope(self, turn: Turn) -> Reply:
        """Not a need that Passerelle serves, or not understood."""
        state = replace(turn.state, doubts=turn.state.doubts + 1)
        if state.doubts > 1:
            state = replace(state, expects={"affirm": "act:human"})
            failed = Part(say("clarify_failed"), (show.HUMAN,), links=(link("service_public"),))
            return Reply((failed, *self._reminder(state)), state)
        if self._walking(state):
            return Reply((Part(say("not_understood_in_step")), *self._here(state)), state)
        choices = (*self._featured_of(turn), show.HUMAN)
        return Reply((Part(say("not_understood")), Part(say("ask_need"), choices)), state)

    def other_procedure(self, turn: Turn) -> Reply:
        """A real procedure that is not written yet."""
        if turn.audience == "agent":
            part = Part(say("other_procedure_agent").strip(), (show.HUMAN,))
        else:
            links = (link("service_public"),)
            part = Part(say("other_procedure").strip(), (show.HUMAN,), links=links)
        state = replace(turn.state, expects={"affirm": "act:human"})
        return Reply((part, *self._reminder(state)), state)

    # --- pieces --------------------------------------------------------------------------------------

    def _while_waiting(self, turn: Turn) -> Reply:
        if turn.intent == "stop":
            return self.press(turn, show.LEAVE_QUEUE.id)
        return Reply((Part(say("queue_noted"), (show.LEAVE_QUEUE,)),), turn.state)

    def _answer_to_step(self, turn: Turn) -> Reply | None:
        procedure, position = self._procedure(turn.state), turn.state.current
        if procedure is None or position is None or position.finished:
            return None
        step = procedure.step(position.step)
        if turn.intent in turn.state.expects:
            return None
        if turn.intent in NEVER_AN_ANSWER and not is_exact(step, turn.text):
            return None
        choice = match_choice(step, turn.text, turn.intent) if step.choices else None
        return self._moved(turn, walk.advance(procedure, position, choice.id)) if choice else None

    def _moved(self, turn: Turn, position: Position) -> Reply:
        state = replace(turn.state, current=position, stuck=0, expects={})
        return self._ended(state) if position.finished else Reply(self._here(state), state)

    def _ended(self, state: State) -> Reply:
        procedure = self.catalogue[state.current.procedure]  # type: ignore[union-attr]
        kept = [self.catalogue[p.procedure] for p in reversed(state.paused)]
        buttons = [Button(f"resume:{p.id}", label("resume", label=p.label)) for p in kept]
        buttons += [
            Button(f"open:{p.id}", p.label)
            for p in self.catalogue.related(procedure)
            if p not in kept
        ]
        if kept:
            state = replace(state, expects={"affirm": buttons[0].id})
        ask = Part(say("finished_next"), (*buttons[:3], show.HUMAN))
        return Reply((show.ending(procedure), ask), state)

    def _about(self, turn: Turn, view: show.View) -> Reply:
        procedure = self._procedure(turn.state)
        if procedure is None:
            return self._which(turn)
        answers = turn.state.current.answers if turn.state.current else {}
        return Reply((view(procedure, answers), *self._reminder(turn.state)), turn.state)

    def _which(self, turn: Turn) -> Reply:
        return Reply((Part(say("which_procedure"), self._featured_of(turn)),), turn.state)

    def _here(self, state: State) -> tuple[Part, ...]:
        """The current step again, whole."""
        procedure, position = self._procedure(state), state.current
        if procedure is None or position is None:
            return ()
        if position.finished:
            return (Part(say("already_finished")),)
        return (show.step(procedure, position),)

    def _reminder(self, state: State) -> tuple[Part, ...]:
        """The current step in short: its number and its buttons."""
        procedure, position = self._procedure(state), state.current
        if procedure is None or position is None or position.finished:
            return ()
        return (show.reminder(procedure, position),)

    def _walking(self, state: State) -> bool:
        return state.current is not None and not state.current.finished

    def _procedure(self, state: State) -> Procedure | None:
        # A procedure can leave the catalogue while somebody is in it.
        return self.catalogue.get(state.current.procedure) if state.current else None

    def _set_aside(self, state: State) -> tuple[tuple[Part, ...], State]:
        position = state.current
        if position is None or position.finished or position.procedure not in self.catalogue:
            return (), state.at(None)
        name = self.catalogue[position.procedure].label
        kept = tuple(p for p in state.paused if p.procedure != position.procedure)
        state = replace(state, current=None, paused=(*kept, position))
        return (Part(say("switched", paused=name)),), state

    def _featured(self, featured: Sequence[str], audience: str) -> tuple[Button, ...]:
        ids = [i for i in featured if i in self.catalogue]
        ids = ids or [p.id for p in self.catalogue.for_audience(audience)][:6]
        return tuple(Button(f"open:{i}", self.catalogue[i].label) for i in ids)

    def _featured_of(self, turn: Turn) -> tuple[Button, ...]:
        return self._featured(turn.featured, turn.audience)

    def _reading(self, meaning: str) -> Button | None:
        if meaning in self.catalogue:
            return Button(f"open:{meaning}", self.catalogue[meaning].label)
        if meaning in CLARIFIABLE:
            return Button(f"act:{meaning}", label(meaning))
        return None

    def _close(self, turn: Turn, reply: Reply) -> Reply:
        """Ends a turn: what the question expected is used up, doubts end with an understanding."""
        state = reply.state
        if state.expects is turn.state.expects:
            state = replace(state, expects={})
        if state.doubts == turn.state.doubts:
            state = replace(state, doubts=0)
        return replace(reply, state=state, parts=reply.parts[:MOST_PARTS])


ACTS = frozenset(
    "greet goodbye thanks affirm deny next back repeat stuck stop restart documents cost delay where "
    "human simplify scam_check distress insult resume clarify other out_of_scope "
    "other_procedure".split()
)
CLARIFIABLE = frozenset("documents cost delay where human stuck simplify back stop repeat".split())
