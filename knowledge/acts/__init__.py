"""Everything a person can mean, and the function that answers it.

A new act is a function in one of these modules and a line in the table. Each function takes the
catalogue and the turn, and returns a reply with at least one bubble, or a hand-over.
"""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.acts import moving, people, questions, same_step, unclear
from knowledge.turn import Act

ACTS: Mapping[str, Act] = {
    # moving through a procedure
    "next": moving.go_on,
    "affirm": moving.affirm,
    "deny": moving.deny,
    "back": moving.back,
    "restart": moving.restart,
    "stop": moving.stop,
    "resume": moving.resume,
    # the same step, otherwise
    "repeat": same_step.repeat,
    "simplify": same_step.simplify,
    "stuck": same_step.stuck,
    # questions about the procedure
    "documents": questions.documents,
    "cost": questions.cost,
    "delay": questions.delay,
    "where": questions.where,
    "scam_check": questions.scam_check,
    # between people
    "human": people.human,
    "distress": people.distress,
    "insult": people.insult,
    "greet": people.greet,
    "thanks": people.thanks,
    "goodbye": people.goodbye,
    # not understood, or not served
    "clarify": unclear.clarify,
    "other": unclear.other,
    "out_of_scope": unclear.out_of_scope,
    "other_procedure": unclear.other_procedure,
}
