"""Everything the service is made of, put together in one place."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commune import model as communes
from bot.commune.model import Commune
from bot.conversation import keys
from bot.conversation.inbox import Inbox
from bot.conversation.keyring import Keyring
from bot.conversation.service import Conversations
from bot.conversation.shortcut import Shortcut
from bot.conversation.turns import TurnRunner
from bot.conversation.wakeup import Wakeups
from bot.counsellor.service import Accounts
from bot.database.engine import Database
from bot.dialogue.port import Engine
from bot.dialogue.rasa import RasaEngine
from bot.handoff.service import Desk
from bot.handoff.tickets import Tickets
from bot.search.service import Search
from bot.settings import Settings
from knowledge import catalogue, glossary
from knowledge.guide import Guide

LEASE_MARGIN = 4.0


@dataclass(frozen=True)
class Services:
    """The parts of a running service; routes and channels get them from here."""

    settings: Settings
    database: Database
    wakeups: Wakeups
    communes: dict[str, Commune]
    guide: Guide
    conversations: Conversations
    keyring: Keyring
    inbox: Inbox
    tickets: Tickets
    desk: Desk
    accounts: Accounts
    engine: Engine
    search: Search
    turns: TurnRunner


def assemble(settings: Settings, engine: Engine | None = None) -> Services:
    """Puts the service together; nothing is opened or contacted yet.

    Args:
        settings: What was set from outside.
        engine: Stands for Rasa in tests; Rasa by default.
    """
    database = Database(settings.database)
    wakeups = Wakeups()
    known = communes.load(settings.communes)
    procedures, words = catalogue.load(), glossary.load()
    guide = Guide(procedures, words)
    secret = keys.service_secret(settings.secret.get_secret_value(), settings.var)
    conversations = Conversations(database, wakeups, known, guide, secret)
    # The margin: for the transaction after the engine's answer.
    shortcut = Shortcut(settings.engine_time_limit + LEASE_MARGIN)
    search = Search(database, procedures, words)
    engine = engine or RasaEngine(settings.engines, settings.engine_time_limit)
    return Services(
        settings=settings,
        database=database,
        wakeups=wakeups,
        communes=known,
        guide=guide,
        conversations=conversations,
        keyring=Keyring(database),
        inbox=Inbox(database, wakeups, shortcut, settings.messages_per_minute),
        tickets=Tickets(database, known, guide),
        desk=Desk(database, wakeups, guide),
        accounts=Accounts(database, wakeups, known, settings.session_hours),
        engine=engine,
        search=search,
        turns=TurnRunner(
            database, wakeups, known, guide, engine, search, shortcut, settings.engine_patience
        ),
    )
