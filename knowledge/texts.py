"""The assistant's own sentences, from `texts.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.model import Link

_FILE = Path(__file__).parent / "texts.yml"


@cache
def _texts() -> dict[str, Any]:
    return dict(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def say(key: str, **values: object) -> str:
    """Returns a sentence with its blanks filled.

    Args:
        key: Key in `texts.yml`; a dot goes one level down (`welcome.agent`).
        values: What the blanks stand for.

    Raises:
        KeyError: No such sentence, or a blank was not filled.
    """
    value: Any = _texts()
    for part in key.split("."):
        value = value[part]
    return str(value).format(**values)


def label(key: str, **values: object) -> str:
    """Returns the words of a button."""
    return say(f"labels.{key}", **values)


def link(key: str) -> Link:
    """Returns one of the general links."""
    data = _texts()["links"][key]
    return Link(data["label"], data["url"])
