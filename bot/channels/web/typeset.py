"""How the pages' templates show texts: French typography, dates, a step's progress."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup, escape

_FILE = Path(__file__).parent / "templates" / "texts.yml"
_CODE = re.compile(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b")
_STEP = re.compile(r"^(Étape (\d+) sur (\d+))\.\s*")


@cache
def texts() -> dict[str, Any]:
    """Returns what the pages say around the conversation."""
    return dict(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def step(text: str) -> dict[str, Any] | None:
    """Returns the progress that a text starts with and the rest of it, or None."""
    found = _STEP.match(text)
    if found is None:
        return None
    number, total = int(found[2]), int(found[3])
    return {"label": found[1], "number": number, "total": total, "rest": text[found.end() :]}


def french(text: str) -> str:
    """Keeps « » : ; ? ! on the line of their word."""
    return re.sub(r" (?=[»:;?!])|(?<=«) ", "\N{NO-BREAK SPACE}", text)


def codes(text: str) -> Markup:
    """Keeps a code to come back in one piece."""
    return Markup(_CODE.sub(r'<b class="code">\g<0></b>', str(escape(text))))  # noqa: S704


def french_date(day: str) -> str:
    """Returns an ISO date in words."""
    found = date.fromisoformat(day)
    number = "1er" if found.day == 1 else str(found.day)
    return f"{number} {texts()['months'][found.month - 1]} {found.year}"


def fill(text: str, **values: object) -> str:
    """Returns a text with its blanks filled."""
    return text.format(**values)


FILTERS = {
    "step": step,
    "french": french,
    "codes": codes,
    "french_date": french_date,
    "fill": fill,
}
