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
from bot.rasa.components.entities import found_in
from bot.rasa.components.french_intents import OUTSIDE_CHANCE, FrenchIntentClassifier, _parts
from bot.rasa.components.noise import misspelt
from bot.rasa.components.spelling import plain, sound, spelt_out
from bot.rasa.components.views import MeanVectors, views

EXAMPLES = {
    "passport": ["refaire mon passeport", "passeport périmé", "je veux un passeport pour voyager",
                 "un passeport pour mon voyage", "mon passeport est périmé"],
    "tax": ["déclarer mes impôts", "déclaration de revenus", "je veux déclarer mes revenus",
            "la déclaration des impôts", "faire ma déclaration de revenus"],
    "out_of_scope": ["quel temps fait-il", "une recette de gâteau", "qui a gagné le match",
                     "quel temps demain", "la recette du gâteau au chocolat"],
}  # fmt: skip


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
    vectors = MeanVectors(size=2)
    vectors.learn(["refaire mon passeport", "déclarer mes impôts", "une recette de gâteau"])
    assert vectors.see("un voyage")[1].any()
    assert not vectors.see("zzxqk wvvrt")[1].any()


def test_a_sentence_is_seen_as_it_was_learnt() -> None:
    texts = [text for examples in EXAMPLES.values() for text in examples]
    seen = views(FrenchIntentClassifier.get_default_config())
    learnt = seen.learn(texts)
    assert learnt.shape[1] > 100
    assert abs(seen.see(texts) - learnt).max() < 1e-5
    assert seen.see(["zzxqk"]).shape == (1, learnt.shape[1])


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
    ("scores", "chance", "expected"),
    [
        ({"passport": 0.8, "tax": 0.1}, 0.1, "passport"),
        ({"passport": 0.25, "tax": 0.24}, 0.1, "clarify"),
        ({"passport": 0.06, "tax": 0.05}, 0.1, "out_of_scope"),
        ({"passport": 0.4, "out_of_scope": 0.3, "other_procedure": 0.25}, 0.9, "out_of_scope"),
        ({"passport": 0.4, "out_of_scope": 0.2, "other_procedure": 0.25}, 0.9, "other_procedure"),
        # The second opinion wins over the ranking, both ways.
        ({"passport": 0.8, "tax": 0.1}, 0.9, "out_of_scope"),
        ({"out_of_scope": 0.5, "passport": 0.4}, 0.1, "passport"),
        # What must not be missed goes first.
        ({"passport": 0.5, "distress": 0.35}, 0.1, "distress"),
        ({"out_of_scope": 0.5, "distress": 0.15}, 0.9, "distress"),
        ({"passport": 0.5, "distress": 0.05}, 0.1, "passport"),
    ],
)
def test_when_to_act_to_ask_and_to_give_up(scores: dict, chance: float, expected: str) -> None:
    assert Doubt(SURE).decide(ranking(**scores), chance)["name"] == expected


@pytest.mark.parametrize(
    ("parts", "second"),
    [
        ([("passport", 0.9), ("tax", 0.95)], "tax"),
        ([("passport", 0.9), ("tax", 0.5)], None),
        ([("passport", 0.5), ("tax", 0.9)], None),
        ([("passport", 0.9), ("passport", 0.95)], None),
        ([("passport", 0.9), ("thanks", 0.95)], None),
        ([("passport", 0.9), ("out_of_scope", 0.95)], None),
        ([], None),
    ],
)
def test_a_second_request_is_seen_when_both_are_sure(parts: list, second: str) -> None:
    read = [{"name": name, "confidence": confidence} for name, confidence in parts]
    assert Doubt(SURE).second("passport", read) == second


@pytest.mark.parametrize(
    ("parts", "heard"),
    [
        ([("out_of_scope", 0.9), ("where", 0.9)], "where"),
        ([("where", 0.6)], None),
        ([("greet", 0.99), ("out_of_scope", 0.9)], None),
        ([("affirm", 0.99)], None),
        ([("out_of_scope", 0.9), ("passport", 0.9)], "passport"),
    ],
)
def test_a_clear_part_is_heard_when_the_whole_is_not(parts: list, heard: str | None) -> None:
    message = Message({TEXT: "…"})
    message.set("intent_ranking", ranking(out_of_scope=0.5, tax=0.2))
    message.set(OUTSIDE_CHANCE, 0.9)
    message.set("parts", [{"name": name, "confidence": score} for name, score in parts])
    Doubt(SURE).process([message])
    assert message.get(INTENT)["name"] == (heard or "out_of_scope")


def test_a_sentence_is_cut_where_a_second_request_may_begin() -> None:
    assert _parts("je veux refaire mon passeport et aussi déclarer mes impôts") == [
        "je veux refaire mon passeport", "déclarer mes impôts"]  # fmt: skip
    assert _parts("refaire mon passeport") == []
    assert _parts("carte grise et permis") == []


# --- entities, spelling --------------------------------------------------------------------------


def test_entities_are_said_in_rasas_form() -> None:
    found = found_in("j'habite à Lyon et j'ai perdu ma carte vitale, la secu répond pas")
    assert [(e["entity"], e["value"]) for e in found] == [
        ("fact", "lost"), ("document", "health-card"), ("organisation", "ameli"),
        ("commune", "69123")]  # fmt: skip


def test_abbreviations_are_spelt_out() -> None:
    assert spelt_out("jdoi payé koi pr mon mdp stp ?") == (
        "je dois paye quoi pour mon mot de passe s il te plait ?"
    )


def test_noise_is_the_same_for_the_same_seed_and_leaves_words() -> None:
    text = "je voudrais renouveler la carte d'identité de mon enfant à la mairie demain matin"
    assert misspelt(text, 1) == misspelt(text, 1) != text
    assert misspelt(text, 1) != misspelt(text, 2)
    assert len(misspelt(text, 1).split()) >= len(text.split())


def test_the_chance_of_being_outside_tells_inside_from_outside(
    classifier: FrenchIntentClassifier,
) -> None:
    def chance(text: str) -> float:
        message = Message({TEXT: text})
        classifier.process([message])
        return message.get(OUTSIDE_CHANCE)

    assert 0 <= chance("refaire mon passeport") < chance("quel temps fait-il") <= 1
    assert chance("🙂") == 1.0
