"""Entities: what a sentence says of a situation, by the kernel's own reading."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from knowledge import communes, entities


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class SituationEntities(GraphComponent, EntityExtractorMixin):
    """Finds facts, documents, organisations and communes.

    The list is fixed and its readings are certain enough: nothing is learnt.
    """

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SituationEntities":
        """See `GraphComponent.create`."""
        # The list takes half a second to read: before the first message, not during it.
        found_in("j'habite à Lyon")
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the entities of each message."""
        for message in messages:
            text = message.get(TEXT) or ""
            message.set(ENTITIES, found_in(text), add_to_output=True)
        return messages


def found_in(text: Text) -> List[Dict[Text, Any]]:
    """Returns the entities of a sentence, in Rasa's form."""
    read = entities.read(text)
    place = communes.named(text)
    found = [
        *(("fact", value) for value in read.facts),
        *(("document", value) for value in read.documents),
        *(("organisation", value) for value in read.organisations),
        *([("commune", place.insee)] if place else []),
    ]
    # What is found is a reading of the whole sentence: it has no place in it.
    return [
        {"entity": name, "value": value, "start": 0, "end": len(text), "extractor": "situation"}
        for name, value in found
    ]
