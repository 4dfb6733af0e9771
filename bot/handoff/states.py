"""The life of a ticket, as a table: which move is allowed from which state. Pure."""

from __future__ import annotations

import enum

from bot.database.models import ConversationState, TicketState
from bot.errors import Conflict


class Move(enum.StrEnum):
    """What can be done to a ticket."""

    CLAIM = "claim"
    RELEASE = "release"
    TRANSFER = "transfer"
    REPLY = "reply"
    RETURN_TO_BOT = "return-to-bot"
    RESOLVE = "resolve"
    CANCEL = "cancel"


TABLE: dict[tuple[TicketState, Move], TicketState] = {
    (TicketState.WAITING, Move.CLAIM): TicketState.CLAIMED,
    (TicketState.WAITING, Move.CANCEL): TicketState.CANCELLED,
    (TicketState.CLAIMED, Move.REPLY): TicketState.CLAIMED,
    (TicketState.CLAIMED, Move.TRANSFER): TicketState.CLAIMED,
    (TicketState.CLAIMED, Move.RELEASE): TicketState.WAITING,
    (TicketState.CLAIMED, Move.RETURN_TO_BOT): TicketState.RETURNED,
    (TicketState.CLAIMED, Move.RESOLVE): TicketState.RESOLVED,
}

# Who answers while the ticket is in this state.
ANSWERS: dict[TicketState, ConversationState] = {
    TicketState.WAITING: ConversationState.WAITING,
    TicketState.CLAIMED: ConversationState.COUNSELLOR,
    TicketState.RESOLVED: ConversationState.BOT,
    TicketState.RETURNED: ConversationState.BOT,
    TicketState.CANCELLED: ConversationState.BOT,
}

OPEN = (TicketState.WAITING, TicketState.CLAIMED)


class TicketAlreadyClaimed(Conflict):
    """Another counsellor was quicker."""

    code = "ticket_already_claimed"
    message = "Un autre conseiller a déjà pris cette demande."


class MoveRefused(Conflict):
    """The ticket's state does not allow it."""

    code = "ticket_state"
    message = "Ce n'est plus possible : la demande a changé d'état. Rechargez la page."


def after(state: TicketState, move: Move) -> TicketState:
    """Returns the state that a move leads to.

    Raises:
        TicketAlreadyClaimed: Claiming what is claimed.
        MoveRefused: The table has no such move.
    """
    try:
        return TABLE[state, move]
    except KeyError:
        if move is Move.CLAIM and state is TicketState.CLAIMED:
            raise TicketAlreadyClaimed from None
        raise MoveRefused from None
