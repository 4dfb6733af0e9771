"""Serves the trained model: `python -m bot.rasa serve`.

`rasa run` without what this project does not use: TensorFlow, the HTTP API, other channels, a
second server for the actions.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import List, Optional

import rasa.core.run
import rasa.telemetry
from rasa.core.utils import AvailableEndpoints
from sanic import Sanic

from bot.rasa import project
from bot.rasa.channel import PasserelleInput
from bot.rasa.local_actions import LocalActions
from bot.rasa.tracker import OneTurnTrackerStore


def application(model: Path) -> Sanic:
    """Builds the server; the model is loaded when it starts."""
    endpoints = AvailableEndpoints(action=LocalActions())
    endpoints.tracker_store = OneTurnTrackerStore(None)  # type: ignore[arg-type]
    app = rasa.core.run.configure_app(
        [PasserelleInput()], enable_api=False, endpoints=endpoints, use_uvloop=True
    )
    app.register_listener(
        lambda app, loop: rasa.core.run.load_agent_on_start(str(model), endpoints, None, app, loop),
        "before_server_start",
    )
    return app


def main(arguments: Optional[List[str]] = None) -> int:
    """Serves until it is stopped.

    Returns:
        1 when there is no model to serve.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="never a public address")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--model", type=Path, default=project.MODELS, help="a model or a folder")
    options = parser.parse_args(arguments)
    project.quiet()
    model = project.latest_model(options.model) if options.model.is_dir() else options.model
    if model is None or not model.exists():
        print("Aucun modèle. Lancez d'abord : make train", file=sys.stderr)
        return 1
    application(model).run(
        host=options.host, port=options.port, access_log=False, motd=False, workers=1
    )
    return 0
