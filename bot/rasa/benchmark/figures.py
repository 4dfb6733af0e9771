"""From what a candidate read to its figures. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from knowledge.compile import spoken_acts

OUTSIDE = frozenset({"out_of_scope", "other_procedure"})
# Candidates are compared where they refuse this share of what is served.
REFUSED = 0.03
CURVE = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08)


@dataclass(frozen=True)
class Row:
    """A labelled sentence; everything outside of what is served has the id `out_of_scope`."""

    id: str
    style: str
    text: str

    @property
    def outside(self) -> bool:
        """Whether nothing serves it."""
        return self.id in OUTSIDE


@dataclass
class Reading:
    """What a candidate made of a sentence.

    Attributes:
        inside: Intents that are served, likeliest first, with their confidence.
        chance: How much it looks outside of what is served; any scale.
    """

    inside: List[Tuple[str, float]]
    chance: float


@dataclass
class Figures:
    """Shares from 0 to 1, at the threshold where `REFUSED` of what is served is refused."""

    top1: float = 0.0
    top3: float = 0.0
    acts: float = 0.0
    outside_seen: float = 0.0
    calibration: float = 0.0
    styles: Dict[str, float] = field(default_factory=dict)


def reading(answer: Dict[str, Any]) -> Reading:
    """Reads what `one` wrote of a sentence."""
    ranking = answer["ranking"]
    inside = [(name, score) for name, score in ranking if name not in OUTSIDE]
    chance = answer.get("outside")
    if chance is None:
        # A candidate without its own decision: what it gives to the outside, and its doubt.
        best = inside[0][1] if inside else 0.0
        chance = sum(score for name, score in ranking if name in OUTSIDE) - best
    return Reading(inside, float(chance))


def threshold(rows: Sequence[Row], read: Sequence[Reading], refused: float = REFUSED) -> float:
    """Returns the chance from which this share of what is served would be refused."""
    inside = [r.chance for row, r in zip(rows, read, strict=True) if not row.outside]
    return float(np.quantile(inside, 1 - refused)) if inside else 1.0


def figures(rows: Sequence[Row], read: Sequence[Reading], at: Optional[float] = None) -> Figures:
    """Returns the figures of a candidate.

    Args:
        rows: The sentences.
        read: What it made of each.
        at: Threshold of the chance of being outside; by default the one of `REFUSED`.
    """
    limit = threshold(rows, read) if at is None else at
    styles: Dict[str, List[bool]] = defaultdict(list)
    top1, top3, acts, outside, sure = [], [], [], [], []
    for row, one in zip(rows, read, strict=True):
        refused = one.chance > limit
        if row.outside:
            outside.append(refused)
            continue
        names = [name for name, _ in one.inside[:3]]
        right = not refused and names[:1] == [row.id]
        if is_act(row.id):
            acts.append(right)
            continue
        top1.append(right)
        top3.append(row.id in names)
        styles[row.style].append(right)
        sure.append((one.inside[0][1] if one.inside else 0.0, names[:1] == [row.id]))
    return Figures(
        top1=_share(top1),
        top3=_share(top3),
        acts=_share(acts),
        outside_seen=_share(outside),
        calibration=_calibration_error(sure),
        styles={name: _share(values) for name, values in sorted(styles.items())},
    )


def is_act(intent: str) -> bool:
    """Tells a dialogue act from a procedure."""
    return intent in spoken_acts()


def curve(rows: Sequence[Row], read: Sequence[Reading]) -> List[Tuple[float, float, float]]:
    """Returns (share refused of what is served, share seen of the outside, top 1)."""
    found = []
    for refused in CURVE:
        at = threshold(rows, read, refused)
        judged = figures(rows, read, at)
        found.append((refused, judged.outside_seen, judged.top1))
    return found


def per_procedure(rows: Sequence[Row], read: Sequence[Reading], at: float) -> Dict[str, float]:
    """Returns the F1 of each procedure, lowest first."""
    right: Counter[str] = Counter()
    said: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for row, one in zip(rows, read, strict=True):
        got = "out_of_scope" if one.chance > at or not one.inside else one.inside[0][0]
        wanted[row.id] += 1
        said[got] += 1
        right[row.id] += got == row.id
    scores = {
        name: 2 * right[name] / (wanted[name] + said[name])
        for name in wanted
        if not is_act(name) and name not in OUTSIDE
    }
    return dict(sorted(scores.items(), key=lambda item: (item[1], item[0])))


def confusions(
    rows: Sequence[Row], read: Sequence[Reading], at: float, most: int = 20
) -> List[Tuple[str, str, int]]:
    """Returns the commonest mistakes: expected, got, times."""
    pairs: Counter[Tuple[str, str]] = Counter()
    for row, one in zip(rows, read, strict=True):
        got = "out_of_scope" if one.chance > at or not one.inside else one.inside[0][0]
        if got != row.id and not (row.outside and got == "out_of_scope"):
            pairs[("out_of_scope" if row.outside else row.id, got)] += 1
    return [(expected, got, count) for (expected, got), count in pairs.most_common(most)]


def _calibration_error(sure: Sequence[Tuple[float, bool]], bins: int = 10) -> float:
    groups: Dict[int, List[Tuple[float, bool]]] = defaultdict(list)
    for confidence, right in sure:
        groups[min(bins - 1, int(confidence * bins))].append((confidence, right))
    gaps = (
        len(group) * abs(_share([c for c, _ in group]) - _share([r for _, r in group]))
        for group in groups.values()
    )
    return sum(gaps) / max(1, len(sure))


def _share(values: Sequence[Any]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
