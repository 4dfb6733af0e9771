"""A commune, as its YAML describes it."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_SPAN = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")
_LEAST_CONTRAST = 4.5


def _span(value: str) -> str:
    if not _SPAN.match(value) or value[:5] >= value[6:]:
        raise ValueError("un horaire s'écrit « 09:00-12:00 »")
    return value


def _readable(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("une couleur s'écrit « #1d5c63 »")
    if _contrast_with_white(value) < _LEAST_CONTRAST:
        raise ValueError("cette couleur est trop claire pour du texte blanc (contraste AA)")
    return value


def _contrast_with_white(colour: str) -> float:
    """WCAG 2 contrast ratio."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


class Featured(BaseModel):
    """Procedure ids to suggest, per audience; by default what most people come for."""

    model_config = ConfigDict(extra="forbid")
    resident: list[str] = [
        "caf-declaration-trimestrielle",
        "ants-carte-identite",
        "impots-avis",
        "ameli-carte-vitale",
        "ft-actualisation",
        "franceconnect",
    ]
    agent: list[str] = ["nextcloud-partager", "cyber-phishing"]


class Commune(BaseModel):
    """What differs from one commune to the next."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    name: str = Field(min_length=2)
    accent: Annotated[str, AfterValidator(_readable)]
    logo: str | None = None
    hours_text: str
    absence_text: str
    timezone: str = "Europe/Paris"
    hours: dict[Day, list[Annotated[str, AfterValidator(_span)]]]
    closed_on: list[date] = []
    featured: Featured = Featured()
    sites: list[Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]] = []

    def is_open(self, moment: datetime) -> bool:
        """Tells whether counsellors usually answer at this moment.

        Args:
            moment: Any moment with a zone.
        """
        local = moment.astimezone(ZoneInfo(self.timezone))
        if local.date() in self.closed_on:
            return False
        at = local.time()
        return any(
            time.fromisoformat(span[:5]) <= at < time.fromisoformat(span[6:])
            for span in self.hours.get(DAYS[local.weekday()], [])
        )

    def suggestions(self, audience: str) -> list[str]:
        """Returns the procedures to suggest to this audience."""
        return self.featured.agent if audience == "agent" else self.featured.resident


class CommuneError(Exception):
    """A commune's YAML is wrong; the message names the file and the reason."""


def load(folder: Path) -> dict[str, Commune]:
    """Loads every commune of a folder.

    Raises:
        CommuneError: A file is wrong, or there is none.
    """
    communes = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            communes[path.stem] = Commune(id=path.stem, **data)
        except (yaml.YAMLError, ValidationError, TypeError) as error:
            raise CommuneError(f"{path} : {error}") from error
    if not communes:
        raise CommuneError(f"{folder} : aucune commune")
    return communes
