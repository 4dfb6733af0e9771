"""The keys of residents' devices: each opens one conversation."""

from __future__ import annotations

import time

from bot.conversation import keys
from bot.database.engine import Database
from bot.database.models import ConversationToken
from bot.errors import NotFound

REMEMBERED_SECONDS = 60.0
MOST_REMEMBERED = 10_000


class Keyring:
    """Checks keys.

    A key that was right is remembered for a minute: a key is never taken back, it goes with its
    conversation, of which nothing is left to read by then.

    Args:
        database: Where their hashes are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, tuple[str, float]] = {}

    def remembers(self, conversation_id: str, token: str) -> bool:
        """Tells at once, without the database, whether a key was right a moment ago."""
        seen = self._seen.get(keys.digest(token))
        return seen is not None and seen[0] == conversation_id and seen[1] > time.monotonic()

    def authorise(self, conversation_id: str, token: str) -> None:
        """Checks a device's key.

        Raises:
            NotFound: Wrong key, or no such conversation: nobody can tell which.
        """
        if self.opens(token) != conversation_id:
            raise NotFound

    def opens(self, token: str) -> str | None:
        """Returns the id of the conversation that a key opens, or None."""
        digest = keys.digest(token)
        with self._database.read() as session:
            found = session.get(ConversationToken, digest)
        if found is None:
            self._seen.pop(digest, None)
            return None
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
        self._seen[digest] = (found.conversation_id, time.monotonic() + REMEMBERED_SECONDS)
        return found.conversation_id
