"""The bench's French sentences, from `texts.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


@lru_cache(maxsize=1)
def all_texts() -> dict[str, Any]:
    """Returns every text by its key."""
    loaded: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("texts.yml").read_text(encoding="utf-8")
    )
    return loaded


def text(key: str, **values: object) -> str:
    """Returns a text; `group.key` reads inside a group.

    Raises:
        KeyError: No such text.
    """
    found: Any = all_texts()
    for part in key.split("."):
        found = found[part]
    return str(found).format(**values)


def tell(key: str, **values: object) -> None:
    """Prints a text at once."""
    print(text(key, **values).rstrip(), flush=True)
