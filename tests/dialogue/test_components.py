"""The NLU components, trained on a handful of sentences."""

from __future__ import annotations

import sys

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.rasa.components.doubt import Doubt
from bot.rasa.components.french_intents import FrenchIntentClassifier
from bot.rasa.components.text import MeanVectors, plain, sound

EXAMPLES = {
    "passport": ["refaire mon passeport", "passeport périmé", "je veux un passeport pour voyager"],
    "tax": ["déclarer mes impôts", "déclaration de revenus", "je veux déclarer mes revenus"],
    "out_of_scope": ["quel temps fait-il", "une recette de gâteau", "qui a gagné le match"],
}


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> FrenchIntentClassifier:
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("model"))
    config = FrenchIntentClassifier.get_default_config()
    fresh = FrenchIntentClassifier(config, storage, Resource("classifier"))
    data = TrainingData([Message({TEXT: t, INTENT: i}) for i, ts in EXAMPLES.items() for t in ts])
    fresh.train(data)
    return FrenchIntentClassifier.load(config, storage, Resource("classifier"), None)


def understood(classifier: FrenchIntentClassifier, text: str) -> str:
    message = Message({TEXT: text})
    classifier.process([message])
    return message.get(INTENT)["name"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("refaire mon passeport", "passport"),
        ("refer mon paspor", "passport"),
        ("deklaré mé revenu", "tax"),
        ("DECLARER MES IMPOTS", "tax"),
    ],
)
def test_spelling_does_not_matter(
    classifier: FrenchIntentClassifier, text: str, intent: str
) -> None:
    assert understood(classifier, text) == intent


@pytest.mark.parametrize("text", ["", "🙂", "вы знаете рецепт", "أين أجد مطعما", "?!"])
def test_what_has_no_latin_letter_is_out_of_scope(
    classifier: FrenchIntentClassifier, text: str
) -> None:
    assert understood(classifier, text) == "out_of_scope"


def test_confidences_are_probabilities(classifier: FrenchIntentClassifier) -> None:
    message = Message({TEXT: "passeport"})
    classifier.process([message])
    ranking = message.get("intent_ranking")
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1.0, abs=1e-3)
    assert [e["confidence"] for e in ranking] == sorted(
        (e["confidence"] for e in ranking), reverse=True
    )


def test_texts_are_folded() -> None:
    assert plain("  Où est l'ŒUVRE, svp ?") == "ou est l oeuvre svp ?"


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [("déclarassion", "déclaration"), ("sallut", "salut"), ("kestion", "question"),
     ("arretté", "arrêter"), ("adrèce", "adresse"), ("chaumage", "chômage")],
)  # fmt: skip
def test_words_that_sound_alike_are_one(misspelt: str, right: str) -> None:
    assert sound(misspelt) == sound(right)


def test_words_without_a_vector_weigh_nothing() -> None:
    assert not MeanVectors(1.0).transform(["zzxqk wvvrt"]).any()


def test_tensorflow_is_not_there() -> None:
    import rasa.core.agent  # noqa: F401  (it would bring TensorFlow along)

    assert "tensorflow" in sys.modules
    assert getattr(sys.modules["tensorflow"], "__file__", None) is None


# --- doubt -------------------------------------------------------------------------------------

SURE = {**Doubt.get_default_config(), "sure": 0.3, "hopeless": 0.1}


def ranking(**scores: float) -> list:
    return [{"name": n.replace("_", "-") if n not in ("out_of_scope", "other_procedure") else n,
             "confidence": s}
            for n, s in sorted(scores.items(), key=lambda item: -item[1])]  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"passport": 0.8, "tax": 0.1}, "passport"),
        ({"passport": 0.25, "tax": 0.24}, "clarify"),
        ({"passport": 0.06, "tax": 0.05}, "out_of_scope"),
        ({"passport": 0.4, "out_of_scope": 0.3, "other_procedure": 0.25}, "out_of_scope"),
        ({"passport": 0.4, "out_of_scope": 0.2, "other_procedure": 0.25}, "other_procedure"),
        ({"passport": 0.5, "distress": 0.35}, "distress"),
        ({"passport": 0.5, "distress": 0.1}, "passport"),
    ],
)
def test_when_to_act_to_ask_and_to_give_up(scores: dict, expected: str) -> None:
    assert Doubt(SURE).decide(ranking(**scores))["name"] == expected
