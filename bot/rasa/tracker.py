"""Trackers that live for one turn.

The service keeps the conversation and sends its state with every turn; a tracker that outlived the
turn would only make the next one slower.
"""

from __future__ import annotations

from typing import Iterable, Optional, Text

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker


class OneTurnTrackerStore(TrackerStore):
    """Keeps nothing: every tracker is new."""

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Forgets the tracker."""

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """Finds nothing."""
        return None

    async def keys(self) -> Iterable[Text]:
        """Lists nothing."""
        return []
