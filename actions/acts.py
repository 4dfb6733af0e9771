"""One action per thing a person can mean.

Rasa's rules pick the action by its name; what is said is the guide's affair. A new act needs its
function in `knowledge/guide.py`, its examples in `nlu_data/acts/`, and nothing here.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text, Type

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import answer
from knowledge.compile import CHOOSE, OPEN_PROCEDURE, action_of, spoken_acts


def _action(action_name: Text) -> Type[Action]:
    class GuideAction(Action):
        def name(self) -> Text:
            return action_name

        def run(
            self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]
        ) -> List[Dict[Text, Any]]:
            return answer(tracker, dispatcher)

    GuideAction.__name__ = GuideAction.__qualname__ = "".join(
        part.capitalize() for part in action_name.split("_")
    )
    return GuideAction


ACTIONS = [_action(n) for n in (OPEN_PROCEDURE, CHOOSE, *map(action_of, spoken_acts()))]
