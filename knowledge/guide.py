"""The guide: from what the person meant and where they are, to what is said next. Pure.

One public function per thing a person can mean. Every one takes a `Turn` and returns a `Reply`
with at least one bubble, or a hand-over: a turn never ends in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge import show, walk
from knowledge.catalogue import Catalogue
from knowledge.model import Procedure, Step
from knowledge.reply import Button, Part, Reply, State
from knowledge.texts import label, link, say
from knowledge.understand import is_exact, match_choice, plain
from knowledge.walk import Position

# Meanings that a question of the procedure captures only word for word: nobody is trapped in a
# form, and « quels papiers pour un particulier ? » is not the answer « un particulier ».
SELDOM_AN_ANSWER = frozenset(
    {
        *("human", "stop", "distress", "back", "restart", "stuck", "repeat", "simplify"),
        *("documents", "cost", "delay", "where", "scam_check", "insult", "goodbye"),
    }
)


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


class Guide:
    """Answers turns from one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def answer(self, turn: Turn) -> Reply:
        """Answers a turn: a pressed button, the answer to the open question, or an act."""
        turn = replace(turn, state=self.fit(turn.state))
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
        lines = say(f"welcome.{audience}", commune=commune, human_hours=hours).splitlines()
        first = Part("\n".join(line.strip() for line in lines))
        ask = Part(say("ask_need"), choices=self._featured(featured, audience))
        return Reply((first, ask), State())

    def return_from_counsellor(self, state: State, step_id: str | None) -> Reply:
        """The bot takes the conversation back, at the step that the counsellor chose.

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
        return Reply((opening, *self._here(state)), state)

    def fit(self, state: State) -> State:
        """Fits a state to the catalogue, which may have been edited since it was stored."""
        current = self._fit(state.current) if state.current else None
        paused = tuple(filter(None, map(self._fit, state.paused)))
        if current == state.current and paused == state.paused:
            return state
        return replace(state, current=current, paused=paused)

    def _fit(self, position: Position) -> Position | None:
        procedure = self.catalogue.get(position.procedure)
        return walk.mend(procedure, position) if procedure else None

    # --- buttons -------------------------------------------------------------------------

    def press(self, turn: Turn, button: str) -> Reply:
        """Answers a pressed button, whatever its age."""
        kind, _, rest = button.partition(":")
        if kind == "act" and rest in ACTS:
            reply: Reply = getattr(self, rest)(turn)
            return reply
        if kind == "queue" and rest == "leave":
            shown = self._here(turn.state) or (Part(say("ask_need")),)
            return Reply((Part(say("queue_left")), *shown), turn.state, leave_queue=True)
        if kind == "open" and rest in self.catalogue:
            return self.open(turn, rest)
        if kind == "resume":
            return self.resume(turn, rest)
        procedure_id, _, rest = rest.partition(":")
        step_id, _, detail = rest.partition(":")
        position = turn.state.current
        if position is None or position.procedure != procedure_id:
            return self._lost_button(turn)
        procedure = self.catalogue[procedure_id]
        current = step_id == position.step and not position.finished
        if kind == "help" and current:
            return self._help(turn, procedure, procedure.step(step_id), detail)
        if kind == "done" and current and not procedure.step(step_id).choices:
            return self._moved(turn, walk.advance(procedure, position))
        if kind == "answer":
            try:
                answered = walk.rewind(position, step_id)
                return self._moved(turn, walk.advance(procedure, answered, detail or None))
            except (KeyError, ValueError):
                pass
        return self._lost_button(turn)

    def _lost_button(self, turn: Turn) -> Reply:
        here = self._here(turn.state) or (Part(say("ask_need"), self._featured_of(turn)),)
        return Reply((Part(say("expired_choice")), *here), turn.state)

    def _help(self, turn: Turn, procedure: Procedure, step: Step, rank: str) -> Reply:
        if not rank.isdecimal() or int(rank) >= len(step.stuck):
            return self._lost_button(turn)
        ask = show.after_help(procedure, step)
        state = replace(turn.state, expects={"affirm": show.REPEAT.id, "deny": show.STUCK.id})
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
                return Reply(self._here(state), state)
            return Reply(
                (Part(say("nothing_to_resume")), Part(say("ask_need"), self._featured_of(turn))),
                state,
            )
        position = chosen[-1]
        state = replace(state, paused=tuple(p for p in state.paused if p != position))
        opening, state = self._set_aside(state)
        state = replace(state, current=position, stuck=0)
        back = Part(say("came_back", label=self.catalogue[position.procedure].label))
        return Reply((*opening, back, *self._here(state)), state)

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
            opening = () if turn.state.stuck else (Part(say("not_done_yet")),)
            return replace(helped, parts=(*opening, *helped.parts))
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
        text = say("stopped", label=procedure.label, number=number, total=total)
        again = Button(f"resume:{procedure.id}", label("resume", label=procedure.label))
        _, state = self._set_aside(turn.state)
        return Reply((Part(text + self._code(turn), (again, show.HUMAN)),), state)

    # --- the same step, otherwise ------------------------------------------------------------

    def repeat(self, turn: Turn) -> Reply:
        """« Redites-moi »."""
        here = self._here(turn.state)
        return Reply(here, turn.state) if here else self._which(turn)

    def simplify(self, turn: Turn) -> Reply:
        """« Plus simplement »."""
        procedure, position = self._procedure(turn.state), turn.state.current
        if procedure is None or position is None:
            return self._which(turn)
        if position.finished:
            return self._ended(turn.state)
        if "simplify" in turn.state.expects:
            state = self._offering(turn.state)
            return Reply((Part(say("simple_again"), (show.HUMAN,)), *self._here(state)), state)
        # Asked again, it means that the simple text was not simple enough.
        state = replace(turn.state, expects={"simplify": "act:simplify"})
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
            state = self._offering(state)
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
        return self._then_back(turn, first, general)

    # --- people ----------------------------------------------------------------------------------

    def human(self, turn: Turn) -> Reply:
        """« Je veux parler à quelqu'un » : the service opens the ticket and says how long."""
        procedure = self._procedure(turn.state)
        parts: tuple[Part, ...] = ()
        if procedure is not None:
            parts = (Part(say("human_bring", items=show.listed(procedure.human_bring))),)
        return Reply(parts, turn.state, handoff="asked")

    def distress(self, turn: Turn) -> Reply:
        """A person in danger or in despair: the numbers first, soberly."""
        numbers = Part(say("distress").strip())
        if turn.waiting:
            return Reply((numbers,), turn.state)
        ask = Part(say("distress_human"), (show.HUMAN,))
        return Reply((numbers, ask), self._offering(turn.state))

    def insult(self, turn: Turn) -> Reply:
        """Anger is answered with an apology and a person."""
        choices = (show.HUMAN, show.REPEAT) if self._walking(turn.state) else (show.HUMAN,)
        return Reply((Part(say("insult").strip(), choices),), self._offering(turn.state))

    def greet(self, turn: Turn) -> Reply:
        """« Bonjour »."""
        if self._walking(turn.state):
            return Reply((Part(say("hello_again")), *self._here(turn.state)), turn.state)
        return Reply((Part(say("ask_need"), self._featured_of(turn)),), turn.state)

    def thanks(self, turn: Turn) -> Reply:
        """« Merci »."""
        return self._then_back(turn, Part(say("thanks")))

    def goodbye(self, turn: Turn) -> Reply:
        """« Au revoir » : what was begun is kept."""
        current = turn.state.current if self._walking(turn.state) else None
        kept = (*turn.state.paused, *((current,) if current else ()))
        if not kept:
            return Reply((Part(say("goodbye")),), turn.state)
        text = say("goodbye_kept", label=self.catalogue[kept[-1].procedure].label)
        return Reply((Part(text + self._code(turn)),), turn.state)

    # --- not understood -----------------------------------------------------------------

    def clarify(self, turn: Turn) -> Reply:
        """Two or three readings are possible: ask once, then offer a person."""
        readings = map(self._reading, dict.fromkeys(turn.ranking))
        buttons = [button for button in readings if button is not None][:3]
        if turn.state.doubts or not buttons:
            return self.out_of_scope(turn)
        # « Oui » alone takes the likeliest reading; its answer shows at once whether it was right.
        expects = {"affirm": buttons[0].id, "deny": show.OTHER.id}
        state = replace(turn.state, doubts=1, expects=expects)
        return Reply((Part(say("clarify"), (*buttons, show.OTHER, show.HUMAN)),), state)

    def other(self, turn: Turn) -> Reply:
        """« Autre chose », after a clarification."""
        choices = (*self._featured_of(turn), show.HUMAN)
        state = replace(turn.state, doubts=turn.state.doubts + 1)
        return Reply((Part(say("ask_need"), choices),), state)

    def out_of_scope(self, turn: Turn) -> Reply:
        """Not a need that Passerelle serves, or not understood."""
        state = replace(turn.state, doubts=turn.state.doubts + 1)
        if state.doubts > 1:
            state = self._offering(state)
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
        state = self._offering(turn.state)
        return Reply((part, *self._reminder(state)), state)

    # --- pieces -------------------------------------------------------------------------

    def _while_waiting(self, turn: Turn) -> Reply:
        if turn.intent == "stop":
            return self.press(turn, show.LEAVE_QUEUE.id)
        return Reply((Part(say("queue_noted"), (show.LEAVE_QUEUE,)),), turn.state)

    def _answer_to_step(self, turn: Turn) -> Reply | None:
        procedure, position = self._procedure(turn.state), turn.state.current
        if procedure is None or position is None or position.finished:
            return None
        step = procedure.step(position.step)
        exact = is_exact(step, turn.text)
        if turn.intent in turn.state.expects and (not exact or plain(turn.text) in ("oui", "non")):
            return None
        if turn.intent in SELDOM_AN_ANSWER and not exact:
            return None
        choice = match_choice(step, turn.text, turn.intent)
        return self._moved(turn, walk.advance(procedure, position, choice.id)) if choice else None

    def _moved(self, turn: Turn, position: Position) -> Reply:
        state = replace(turn.state, current=position, stuck=0, expects={})
        return self._ended(state) if position.finished else Reply(self._here(state), state)

    def _ended(self, state: State) -> Reply:
        procedure = self.catalogue[state.current.procedure]  # type: ignore[union-attr]
        ask = Part(say("finished_next"), self._beyond(state, procedure))
        expects = {"deny": "act:goodbye"}
        if state.paused:
            expects["affirm"] = ask.choices[0].id
        return Reply((show.ending(procedure), ask), replace(state, expects=expects))

    def _beyond(self, state: State, procedure: Procedure) -> tuple[Button, ...]:
        """What can be done after a procedure: those put aside first, then the related ones."""
        kept = [self.catalogue[p.procedure] for p in reversed(state.paused)]
        buttons = [Button(f"resume:{p.id}", label("resume", label=p.label)) for p in kept]
        buttons += [
            Button(f"open:{p.id}", p.label)
            for p in self.catalogue.related(procedure)
            if p not in kept
        ]
        return (*buttons[:3], show.HUMAN)

    def _offering(self, state: State) -> State:
        """After « voulez-vous parler à quelqu'un ? », a « non » leads back to the step."""
        expects = {"affirm": show.HUMAN.id}
        if self._walking(state):
            expects["deny"] = show.REPEAT.id
        return replace(state, expects=expects)

    def _then_back(self, turn: Turn, *parts: Part) -> Reply:
        """Says something else, then recalls the step; « d'accord » shows it whole again."""
        state, reminder = turn.state, self._reminder(turn.state)
        if state.current and reminder:
            step = self.catalogue[state.current.procedure].step(state.current.step)
            if not step.choices:
                state = replace(state, expects={"affirm": show.REPEAT.id})
        return Reply((*parts, *reminder), state)

    @staticmethod
    def _code(turn: Turn) -> str:
        return "\n" + say("keep_code", resume_code=turn.resume_code) if turn.resume_code else ""

    def _about(self, turn: Turn, view: show.View) -> Reply:
        procedure = self._procedure(turn.state)
        if procedure is None:
            return self._which(turn)
        answers = turn.state.current.answers if turn.state.current else {}
        return self._then_back(turn, view(procedure, answers))

    def _which(self, turn: Turn) -> Reply:
        return Reply((Part(say("which_procedure"), self._featured_of(turn)),), turn.state)

    def _here(self, state: State) -> tuple[Part, ...]:
        """The current step again, whole."""
        procedure, position = self._procedure(state), state.current
        if procedure is None or position is None:
            return ()
        if position.finished:
            ask = say("already_finished") + " " + say("finished_next")
            return (Part(ask, self._beyond(state, procedure)),)
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
        return self.catalogue[state.current.procedure] if state.current else None

    def _set_aside(self, state: State) -> tuple[tuple[Part, ...], State]:
        position = state.current
        if position is None or position.finished:
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
        return replace(reply, state=state)


ACTS = frozenset(
    {
        *("greet", "goodbye", "thanks", "insult", "distress", "human", "scam_check"),
        *("affirm", "deny", "next", "back", "repeat", "simplify", "stuck"),
        *("stop", "restart", "resume", "documents", "cost", "delay", "where"),
        *("clarify", "other", "out_of_scope", "other_procedure"),
    }
)
CLARIFIABLE = frozenset(
    {
        *("documents", "cost", "delay", "where", "human"),
        *("stuck", "simplify", "back", "stop", "repeat"),
    }
)
