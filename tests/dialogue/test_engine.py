"""The trained model behind the project's channel, and what happens when something breaks."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from typing import Any, Dict, Iterator, Optional, Tuple

import pytest
import rasa.core.run
from rasa.utils.endpoints import ClientResponseError

from actions import acts, turn
from bot.rasa import project
from bot.rasa.local_actions import LocalActions
from bot.rasa.serve import application
from knowledge import catalogue
from knowledge import compile as compiler


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The engine on a port of its own, in this process: its parts can be broken on purpose."""
    model = project.latest_model()
    assert model, "train first: make train"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    loop = asyncio.new_event_loop()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        app = application(model)
        server = loop.run_until_complete(
            app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True)
        )
        loop.run_until_complete(server.startup())
        loop.run_until_complete(server.before_start())
        loop.run_until_complete(server.after_start())
        loop.run_forever()

    threading.Thread(target=serve, daemon=True).start()
    address = f"http://127.0.0.1:{port}/webhooks/passerelle"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/ready", timeout=1)
            break
        except OSError:
            time.sleep(0.25)
    yield address
    loop.call_soon_threadsafe(loop.stop)


def ask(
    url: str, text: str, guide: Optional[Dict[str, Any]] = None, **metadata: Any
) -> Tuple[int, Dict[str, Any]]:
    body = {"sender": f"t-{time.monotonic_ns()}", "text": text,
            "metadata": {"guide": guide, **metadata}}  # fmt: skip
    request = urllib.request.Request(
        f"{url}/turn", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_sentence_opens_its_procedure(url: str) -> None:
    status, answer = ask(url, "g perdu mon mdp caf cmt je fai")
    assert status == 200
    assert answer["understood"]["intent"] == "caf-compte"
    assert answer["state"]["current"]["procedure"] == "caf-compte"


def test_a_turn_needs_nothing_but_what_it_brings(url: str) -> None:
    _, first = ask(url, "refaire mon passeport")
    _, second = ask(url, "combien ça coûte", first["state"])
    assert second["parts"][0]["procedure"] == "ants-passeport"
    assert second["state"]["current"] == first["state"]["current"]


def test_a_button_is_not_a_sentence(url: str) -> None:
    _, answer = ask(url, "", None, choice="open:ants-passeport")
    assert answer["state"]["current"]["procedure"] == "ants-passeport"


def test_a_slash_does_not_name_an_intent(url: str) -> None:
    _, answer = ask(url, "/ants-passeport")
    _, same = ask(url, "ants-passeport")
    assert answer["understood"]["ranking"] == same["understood"]["ranking"]


def test_every_intent_of_the_domain_has_its_rule_and_its_action() -> None:
    known = catalogue.load()
    domain, rules = compiler.domain(known), compiler.rules(known)
    ruled = {rule["steps"][0]["intent"] for rule in rules["rules"]}
    assert ruled == set(domain["intents"])
    names = {action().name() for action in acts.ACTIONS}
    assert names == set(domain["actions"])
    assert {rule["steps"][1]["action"] for rule in rules["rules"]} <= names


def test_every_intent_has_at_least_eighty_examples() -> None:
    from rasa.shared.importers.rasa import RasaFileImporter

    files = [str(path) for path in project.training_files()]
    data = RasaFileImporter(training_data_paths=files).get_nlu_data()
    counts = data.number_of_examples_per_intent
    assert not compiler.missing_examples(catalogue.load(), counts)
    assert {name: n for name, n in counts.items() if n < 80} == {}


def test_a_crashing_action_is_an_error_and_never_an_empty_success(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(acts, "answer", broken)
    status, answer = ask(url, "bonjour")
    assert (status, answer) == (200, {"error": "no_answer"})


def test_local_actions_fail_as_an_action_server_does() -> None:
    with pytest.raises(ClientResponseError) as caught:
        asyncio.run(LocalActions().request(json={"next_action": "action_unknown", "tracker": {}}))
    assert caught.value.status == 404


def test_the_guide_is_loaded_once() -> None:
    assert turn.guide() is turn.guide()


def test_the_fingerprint_changes_with_the_examples(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = compiler.write(catalogue.load(), tmp_path)
    before = project.fingerprint(compiled)
    assert project.fingerprint(compiled) == before
    extra = tmp_path / "extra.yml"
    extra.write_text("version: '3.1'\n", encoding="utf-8")
    files = project.training_files()
    monkeypatch.setattr(project, "training_files", lambda: [*files, extra])
    assert project.fingerprint(compiled) != before
    assert rasa.core.run is not None
