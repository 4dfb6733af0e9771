"""The model behind the classifier: linear margins, made into honest probabilities.

A linear support vector machine gives each intent a margin. What the margins are worth is learnt on
sentences that the machine did not see (a part of the examples set apart): a temperature turns them
into probabilities, and a second, small model weighs all the signs that a sentence is outside of
what is served: the best margins, how close they are, how many of its words are known.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, List, Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

AT_ONCE = 2


@dataclass
class Settings:
    """How to learn.

    Attributes:
        cost: C of the machine.
        apart: Share of the examples set apart to judge the margins.
        outside: Intents that nothing serves.
        balance: 0 weighs every example the same, 1 every intent the same.
    """

    cost: float = 0.5
    apart: float = 0.25
    outside: Sequence[str] = ("out_of_scope", "other_procedure")
    balance: float = 0.0


class LinearModel:
    """Margins, probabilities, and the chance of being outside."""

    def __init__(self, settings: Settings) -> None:
        """Creates an untrained model."""
        self._settings = settings
        self.classes: Any = None
        self._weights: Any = None
        self._bias: Any = None
        self._temperature = 1.0
        self._scaler: Any = None
        self._judge: Any = None

    def fit(self, matrix: Any, labels: Sequence[str]) -> "LinearModel":
        """Learns.

        Args:
            matrix: Sparse features, of shape (examples, features).
            labels: Intents, of length examples.
        """
        labels = np.asarray(labels)
        known, unseen = train_test_split(
            np.arange(len(labels)),
            test_size=max(self._settings.apart, len(set(labels)) / len(labels)),
            stratify=labels,
            random_state=0,
        )

        def learn(rows: Any) -> LinearSVC:
            return self._machine(matrix[rows], labels[rows])

        # The machine lets go of Python's lock while it learns.
        with ThreadPoolExecutor(AT_ONCE) as pool:
            part, whole = pool.map(learn, (known, np.arange(len(labels))))
        self.classes = whole.classes_
        # One row per feature, in one piece: scikit-learn would copy the matrix at each turn.
        self._weights = np.ascontiguousarray(whole.coef_.T, dtype=np.float32)
        self._bias = whole.intercept_.astype(np.float32)
        margins = part.decision_function(matrix[unseen])
        self._calibrate(margins, labels[unseen])
        self._learn_outside(margins, labels[unseen])
        return self

    def margins(self, matrix: Any) -> np.ndarray:
        """Returns the margins, of shape (sentences, intents)."""
        return np.asarray(matrix @ self._weights + self._bias)

    def probabilities(self, margins: np.ndarray) -> np.ndarray:
        """Returns the probability of each intent, of the shape of the margins."""
        return softmax(margins * self._temperature, axis=1)

    def outside(self, margins: np.ndarray) -> np.ndarray:
        """Returns the chance, from 0 to 1, that each sentence is outside of what is served."""
        return expit(self._signs(margins) @ self._judge[:-1] + self._judge[-1])

    def _machine(self, matrix: Any, labels: Any) -> LinearSVC:
        names, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
        weights = (len(labels) / (len(names) * counts)) ** self._settings.balance
        machine = LinearSVC(C=self._settings.cost, tol=1e-2, random_state=0)
        return machine.fit(matrix, labels, sample_weight=weights[inverse])

    def _calibrate(self, margins: np.ndarray, labels: np.ndarray) -> None:
        place = np.searchsorted(self.classes, labels)

        def surprise(temperature: float) -> float:
            told = log_softmax(margins * temperature, axis=1)
            return -float(told[np.arange(len(labels)), place].mean())

        self._temperature = float(minimize_scalar(surprise, bounds=(0.5, 20), method="bounded").x)

    def _learn_outside(self, margins: np.ndarray, labels: np.ndarray) -> None:
        signs = self._signs(margins)
        scaler = StandardScaler().fit(signs)
        judge = LogisticRegression(class_weight="balanced", max_iter=500)
        judge.fit(scaler.transform(signs), np.isin(labels, self._settings.outside))
        # The scaling goes into the weights: one product at each turn.
        weights = judge.coef_[0] / scaler.scale_
        self._judge = np.append(weights, judge.intercept_[0] - float(weights @ scaler.mean_))

    def _signs(self, margins: np.ndarray) -> np.ndarray:
        """Returns what tells inside from outside, of shape (sentences, 6)."""
        out = np.isin(self.classes, self._settings.outside)
        probabilities = self.probabilities(margins)
        inside = np.sort(margins[:, ~out], axis=1)
        return np.column_stack(
            [
                margins[:, out].max(axis=1),
                inside[:, -1],
                inside[:, -1] - inside[:, -2],
                inside[:, -2],
                np.log(probabilities[:, out].sum(axis=1) + 1e-6),
                np.log(probabilities[:, ~out].max(axis=1) + 1e-6),
            ]
        )


def names(classes: Sequence[str], values: np.ndarray, most: int) -> List[Any]:
    """Returns the likeliest intents with their probability, likeliest first."""
    best = np.argsort(-values)[:most]
    return [(str(classes[i]), float(values[i])) for i in best]
