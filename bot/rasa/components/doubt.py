"""Doubt: when to act, when to ask which of two or three, when to say it was not understood."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
)
from rasa.shared.nlu.training_data.message import Message

from bot.rasa.components.french_intents import OUTSIDE_CHANCE, PARTS
from knowledge.acts.unclear import CLARIFIABLE
from knowledge.compile import spoken_acts

CLARIFY = "clarify"
# A second procedure asked for in the same sentence.
ALSO = "also"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class Doubt(GraphComponent, IntentClassifier):
    """Replaces an intent that is not sure enough; finds a second request."""

    @classmethod
    def required_components(cls) -> List[Any]:
        """Components that must come before this one."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Defaults; `docs/nlu.md` shows the curve they were chosen from.

        `outside`: intents that no procedure or act serves. `outside_at`: chance of being outside
        from which a sentence is. `sure`: least confidence to act. `hopeless`: under it, not
        understood. `second`: least confidence in a part of a sentence to hear it alone. `urgent`:
        intent -> least confidence at which it goes before all others, for what must not be missed.
        """
        return {
            "outside": ["out_of_scope", "other_procedure"],
            "unknown_intent": "out_of_scope",
            "outside_at": 0.6,
            "sure": 0.25,
            "hopeless": 0.08,
            "second": 0.8,
            "urgent": {"distress": 0.1},
        }

    def __init__(self, config: Dict[Text, Any]) -> None:
        """Creates the component."""
        self._config = config
        self._acts = {*spoken_acts(), *config["outside"]}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "Doubt":
        """See `GraphComponent.create`."""
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets the intent to act on; the ranking stays as it was."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            if not ranking:
                continue
            chance = message.get(OUTSIDE_CHANCE)
            parts = message.get(PARTS) or []
            intent = self.decide(ranking, 0.0 if chance is None else chance)
            if intent[INTENT_NAME_KEY] in (CLARIFY, *self._config["outside"]):
                intent = self.heard(parts) or intent
            second = self.second(intent[INTENT_NAME_KEY], parts)
            message.set(INTENT, intent, add_to_output=True)
            message.set(ALSO, second, add_to_output=True)
        return messages

    def decide(self, ranking: Sequence[Dict[Text, Any]], chance: float) -> Dict[Text, Any]:
        """Returns the intent to act on.

        Args:
            ranking: Intents with their confidence, most likely first.
            chance: Of being outside of what is served, from 0 to 1.
        """
        scores = {entry[INTENT_NAME_KEY]: entry[PREDICTED_CONFIDENCE_KEY] for entry in ranking}
        for name, least in self._config["urgent"].items():
            if scores.get(name, 0.0) >= least:
                return _entry(name, scores[name])
        outside = {name: scores.get(name, 0.0) for name in self._config["outside"]}
        inside = {name: score for name, score in scores.items() if name not in outside}
        if chance >= self._config["outside_at"] or not inside:
            return _entry(max(outside, key=lambda key: outside[key]), chance)
        best, score = max(inside.items(), key=lambda item: item[1])
        if score >= self._config["sure"]:
            return _entry(best, score)
        if score >= self._config["hopeless"]:
            return _entry(CLARIFY, score)
        return _entry(self._config["unknown_intent"], 1.0 - score)

    def heard(self, parts: Sequence[Dict[Text, Any]]) -> Optional[Dict[Text, Any]]:
        """Returns what one part of a sentence asks, when the whole is not clear, or None.

        « J'habite à Lyon, où je vais ? » is a question and something told. A greeting or a yes is
        no question: with words that are not understood, they do not make the sentence clear.
        """
        for part in parts:
            name, confidence = part[INTENT_NAME_KEY], part[PREDICTED_CONFIDENCE_KEY]
            asks = name in CLARIFIABLE or name not in self._acts
            if asks and confidence >= self._config["second"]:
                return _entry(name, confidence)
        return None

    def second(self, first: Text, parts: Sequence[Dict[Text, Any]]) -> Optional[Text]:
        """Returns what a sentence asks for beside its first request, or None.

        Args:
            first: What the whole sentence was taken for.
            parts: The likeliest intent of each part of the sentence.
        """
        sure = [
            part[INTENT_NAME_KEY]
            for part in parts
            if part[PREDICTED_CONFIDENCE_KEY] >= self._config["second"]
            and part[INTENT_NAME_KEY] not in self._acts
        ]
        others = [name for name in dict.fromkeys(sure) if name != first]
        return others[0] if first in sure and others else None


def _entry(name: Text, confidence: float) -> Dict[Text, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: float(confidence)}
