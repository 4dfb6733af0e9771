"""Figures out of measures. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value under which this share of the values lies, between neighbours linearly.

    Args:
        values: In any order.
        share: From 0 to 1.

    Raises:
        ValueError: There is no value, or no such share.
    """
    if not values or not 0 <= share <= 1:
        raise ValueError(f"no {share} percentile of {len(values)} values")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = math.ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Sequence[float]) -> float:
    """Returns the middle value."""
    return percentile(values, 0.5)


@dataclass
class Timings:
    """Milliseconds of answered turns, and how many turns had no answer."""

    ms: list[float] = field(default_factory=list)
    unanswered: int = 0

    def add(self, ms: float, answered: bool) -> None:
        """Counts a turn; one without an answer is not a fast turn."""
        if answered:
            self.ms.append(ms)
        else:
            self.unanswered += 1

    @property
    def p50(self) -> float | None:
        """Half of the turns are faster."""
        return percentile(self.ms, 0.5) if self.ms else None

    @property
    def p95(self) -> float | None:
        """One turn in twenty is slower."""
        return percentile(self.ms, 0.95) if self.ms else None


@dataclass(frozen=True)
class Line:
    """A line of the table.

    Attributes:
        key: Of its label in `texts.yml`.
        plain: The plain Rasa's figure; None when it has none.
        ours: Passerelle's figure; None when it was not measured.
        unit: Shown after the figures.
        most: The ratio must not exceed it; None when nothing is promised.
        own: `most` limits our own figure instead of the ratio.
    """

    key: str
    plain: float | None
    ours: float | None
    unit: str = ""
    most: float | None = None
    own: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours divided by the plain Rasa's."""
        if self.plain is None or self.ours is None or self.plain == 0:
            return None
        return self.ours / self.plain

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept; None when there is none, or nothing to judge it by."""
        judged = self.ours if self.own else self.ratio
        return None if self.most is None or judged is None else judged <= self.most


def growth(late: float | None, early: float | None) -> float | None:
    """Returns how many times slower the late turns are."""
    return None if late is None or not early else late / early


def blocks(items: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    """Cuts a list into pieces of this size; the last one may be shorter."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def rotated(items: Sequence[T], by: int) -> list[T]:
    """Returns the items starting with another one, so that nobody is always first."""
    start = by % len(items) if items else 0
    return [*items[start:], *items[:start]]
