"""Doubt: when to act, when to ask which of two or three, when to say it was not understood."""

from __future__ import annotations

from typing import Any, Dict, List, Text

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

CLARIFY = "clarify"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class Doubt(GraphComponent, IntentClassifier):
    """Replaces an intent that is not sure enough."""

    @classmethod
    def required_components(cls) -> List[Any]:
        """Components that must come before this one."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Defaults; `docs/nlu.md` shows the curve they were chosen from.

        `outside`: intents that no procedure or act serves; their confidences add up, times
        `outside_weight`, against the best of the others. `sure`: least confidence to act.
        `hopeless`: under it, not understood. `urgent`: intent -> least confidence at which it goes
        before all others, for what must not be missed.
        """
        return {
            "outside": ["out_of_scope", "other_procedure"],
            "unknown_intent": "out_of_scope",
            "outside_weight": 1.3,
            "sure": 0.2,
            "hopeless": 0.12,
            "urgent": {"distress": 0.3},
        }

    def __init__(self, config: Dict[Text, Any]) -> None:
        """Creates the component."""
        self._config = config

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
            if ranking:
                message.set(INTENT, self.decide(ranking), add_to_output=True)
        return messages

    def decide(self, ranking: List[Dict[Text, Any]]) -> Dict[Text, Any]:
        """Returns the intent to act on.

        Args:
            ranking: Intents with their confidence, most likely first.
        """
        scores = {entry[INTENT_NAME_KEY]: entry[PREDICTED_CONFIDENCE_KEY] for entry in ranking}
        for name, least in self._config["urgent"].items():
            if scores.get(name, 0.0) >= least:
                return _entry(name, scores[name])
        outside = {name: scores.get(name, 0.0) for name in self._config["outside"]}
        inside = {name: score for name, score in scores.items() if name not in outside}
        best, score = max(inside.items(), key=lambda item: item[1], default=("", 0.0))
        if sum(outside.values()) * self._config["outside_weight"] >= score:
            name = max(outside, key=lambda key: outside[key])
            return _entry(name, sum(outside.values()))
        if score >= self._config["sure"]:
            return _entry(best, score)
        if score >= self._config["hopeless"]:
            return _entry(CLARIFY, score)
        return _entry(self._config["unknown_intent"], 1.0 - score)


def _entry(name: Text, confidence: float) -> Dict[Text, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: float(confidence)}
