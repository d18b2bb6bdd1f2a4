"""Logistic regression over named signs, and the figures that say how good it is: pure, without chance and libraries.

The model is small on purpose: one weight for each sign that a person can read, found by Newton's method on the
penalised likelihood (Hoerl & Kennard's ridge; Bishop 2006, 4.3.3). The same examples always make the same weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from math import exp, log
from typing import Any, Final

from daigou.core.states import Machine, move

MODEL = Machine(
    "model",
    "trained",
    move("activate", "trained retired", "active", "habit.decide"),
    move("retire", "active", "retired", "habit.decide"),
)

PENALTY: Final = 1.0
"""Of the squares of the weights: one surprise must not make a sign decisive."""
STEPS: Final = 50
CLOSE: Final = 1e-9
LARGEST: Final = 30.0
"""Beyond this the logistic function is 0 or 1 in double precision, and its logarithm is kept finite."""
HELD_OUT: Final = 0.25
"""Of the examples, the newest: a model is measured on days that it has not seen."""
BINS: Final = 5
LEAST_WRONG, LEAST_RIGHT = 20, 60
"""Examples of each kind without which nothing is learned."""


@dataclass(frozen=True, slots=True)
class Example:
    """One decided payment: the share of each sign's most points (0 to 1), and whether it was wrong."""

    at: datetime
    signs: tuple[float, ...]
    wrong: bool


@dataclass(frozen=True, slots=True)
class Weights:
    intercept: float
    by_sign: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """Of a fifth of the held-out examples: the mean likelihood that was said, and the share that was wrong."""

    said: float
    was: float
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """On held-out examples. ``precision`` and ``recall`` at a likelihood of a half, None where undefined.

    ``ranking`` is the area under the curve: how often a wrong one stands before a right one; a half is chance.
    ``brier`` is the mean square of what was said against what was: 0 is perfect.
    """

    examples: int
    wrong: int
    precision: float | None
    recall: float | None
    ranking: float | None
    brier: float | None
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def enough(examples: Sequence[Example]) -> bool:
    wrong = sum(each.wrong for each in examples)
    return wrong >= LEAST_WRONG and len(examples) - wrong >= LEAST_RIGHT


def parted(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """What is learned from and what is measured on: by time, so that nothing of the future is learned."""
    ordered = sorted(examples, key=lambda each: (each.at, each.signs, each.wrong))
    cut = len(ordered) - int(len(ordered) * HELD_OUT)
    return ordered[:cut], ordered[cut:]


def learn(examples: Sequence[Example]) -> Weights:
    """The weights of these examples. Without any, the model that says a half to everything."""
    if not examples:
        return Weights(0.0, ())
    rows = [(1.0, *each.signs) for each in examples]
    found = [0.0] * len(rows[0])
    for _ in range(STEPS):
        step = _newton(rows, [each.wrong for each in examples], found)
        found = [value + change for value, change in zip(found, step, strict=True)]
        if max(abs(change) for change in step) < CLOSE:
            break
    return Weights(found[0], tuple(found[1:]))


def likelihood(weights: Weights, signs: Sequence[float]) -> float:
    """Between 0 and 1: how likely a person finds it wrong, as far as these signs say."""
    return _logistic(weights.intercept + sum(w * s for w, s in zip(weights.by_sign, signs, strict=True)))


def measure(weights: Weights, held_out: Sequence[Example]) -> Figures:
    """How good the weights are on examples that they were not learned from."""
    said = [(likelihood(weights, each.signs), each.wrong) for each in held_out]
    named = [wrong for chance, wrong in said if chance >= 0.5]
    wrong = sum(each.wrong for each in held_out)
    return Figures(
        examples=len(said),
        wrong=wrong,
        precision=sum(named) / len(named) if named else None,
        recall=sum(named) / wrong if wrong else None,
        ranking=_ranking(said),
        brier=sum((chance - is_wrong) ** 2 for chance, is_wrong in said) / len(said) if said else None,
        bins=tuple(_bins(said)),
    )


def _newton(rows: Sequence[tuple[float, ...]], wrong: Sequence[bool], at: Sequence[float]) -> list[float]:
    """One step: the curvature's inverse times the slope of the penalised likelihood."""
    size = len(at)
    slope = [-PENALTY * value * (place > 0) for place, value in enumerate(at)]
    curve = [[PENALTY * (row == column > 0) for column in range(size)] for row in range(size)]
    for row, is_wrong in zip(rows, wrong, strict=True):
        chance = _logistic(sum(value * part for value, part in zip(at, row, strict=True)))
        spread = max(chance * (1 - chance), CLOSE)
        for i, part in enumerate(row):
            if part:
                slope[i] += (is_wrong - chance) * part
                for j in range(i + 1):
                    curve[i][j] += spread * part * row[j]
    for i in range(size):
        for j in range(i):
            curve[j][i] = curve[i][j]
    return _solved(curve, slope)


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss with pivots. The penalty keeps the matrix regular."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(len(rows)):
        pivot = max(range(column, len(rows)), key=lambda place: abs(rows[place][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for below in range(column + 1, len(rows)):
            part = rows[below][column] / rows[column][column]
            rows[below] = [a - part * b for a, b in zip(rows[below], rows[column], strict=True)]
    found = [0.0] * len(rows)
    for place in reversed(range(len(rows))):
        known = sum(rows[place][k] * found[k] for k in range(place + 1, len(rows)))
        found[place] = (rows[place][-1] - known) / rows[place][place]
    return found


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-max(-LARGEST, min(LARGEST, value))))


def _ranking(said: Sequence[tuple[float, bool]]) -> float | None:
    """Mann and Whitney: by the ranks of the wrong ones, ties by their mean rank."""
    wrong = sum(is_wrong for _, is_wrong in said)
    right = len(said) - wrong
    if not wrong or not right:
        return None
    ordered = sorted(chance for chance, _ in said)
    first = {chance: place for place, chance in reversed(list(enumerate(ordered, 1)))}
    last = {chance: place for place, chance in enumerate(ordered, 1)}
    ranks = sum((first[chance] + last[chance]) / 2 for chance, is_wrong in said if is_wrong)
    return (ranks - wrong * (wrong + 1) / 2) / (wrong * right)


def _bins(said: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Equal parts by what was said, the least likely first."""
    ordered = sorted(said)
    cuts = [len(ordered) * part // BINS for part in range(BINS + 1)]
    parts = [ordered[begin:end] for begin, end in pairwise(cuts) if end > begin]
    return [Bin(sum(c for c, _ in part) / len(part), sum(w for _, w in part) / len(part), len(part)) for part in parts]


def log_loss(weights: Weights, examples: Sequence[Example]) -> float:
    """The penalised loss that learn() makes smallest."""
    chances = ((likelihood(weights, each.signs), each.wrong) for each in examples)
    missed = -sum(log(chance if is_wrong else 1 - chance) for chance, is_wrong in chances)
    return missed + PENALTY / 2 * sum(weight**2 for weight in weights.by_sign)
