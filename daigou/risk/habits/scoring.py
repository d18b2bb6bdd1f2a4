"""How far a payment is from what its shopper usually pays: a sum of named signs, pure, each explained in words.

Every sign has a ceiling well below the point from which a person must look, so that no single one holds a payment. What
somebody has never done before says little while they have done little: signs of novelty grow with the habit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import exp
from typing import Any, Final

from .rules import SCALE, Habit, in_log, near_in_time

VERSION: Final = 1
"""Of this arithmetic; a kept check says by which it was made."""
LEAST_SPREAD: Final = 0.4
"""Somebody who always pays the same to the cent may still pay half as much again: e to the 0.4."""
USUAL: Final = 2.0
"""Spreads above the middle that nobody wonders at."""
STEP: Final = 10
"""Points for each spread beyond."""
GROWTH: Final = 4
"""Payments after which a sign of novelty has half its weight."""
MOST: Final = {
    "amount": 40, "country": 20, "currency": 8, "category": 8, "hour": 8, "method": 8, "browser": 12, "pace": 20,
    "declines": 35, "ways": 20, "cards": 30, "network": 25,
}  # fmt: skip
"""The most that each sign weighs, in points."""
FREE: Final = {"pace": 3, "declines": 2, "ways": 2, "cards": 2, "network": 0}
"""How many are nothing to wonder at."""
EACH: Final = {"pace": 7, "declines": 7, "ways": 10, "cards": 15, "network": 15}
"""Points for each one beyond."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What people of a tier and country usually pay: counts like ``weight`` payments of ones own.

    ``typical`` is the logarithm of euros, ``spread`` the standard deviation of logarithms.
    """

    typical: float
    spread: float
    weight: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A payment that is about to begin, and the last 24 hours' tries: ``paid`` went through, ``declined`` did not.

    ``at`` is in the shopper's zone; ``method`` is empty until one was tried. ``ways`` and ``cards`` are how many
    different ones were tried. ``strange_browser`` is a kind that this account has never used before today.
    ``refused_near`` are other accounts that share a card, bank account, address, phone or browser, and of which a
    payment was refused.
    """

    at: datetime
    cents: int
    currency: str
    country: str = ""
    categories: tuple[str, ...] = ()
    method: str = ""
    paid: int = 0
    declined: int = 0
    ways: int = 0
    cards: int = 0
    strange_browser: bool = False
    refused_near: int = 0


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of the sum: a code for its words, its points, and what it speaks of."""

    code: str
    points: int
    what: str = ""

    def as_row(self) -> dict[str, Any]:
        return {"code": self.code, "points": self.points, "what": self.what}


@dataclass(frozen=True, slots=True)
class Score:
    points: int
    signs: tuple[Sign, ...]  # the heaviest first

    @property
    def by_code(self) -> Mapping[str, int]:
        return {sign.code: sign.points for sign in self.signs}


def score(habit: Habit, prior: Prior, seen: Seen) -> Score:
    """The sum and its lines. A larger amount, one more decline, way or card never lowers it."""
    signs = (_amount(habit, prior, seen), *_novelties(habit, seen), *_tries(habit, seen))
    found = [sign for sign in signs if sign.points]
    found.sort(key=lambda sign: (-sign.points, sign.code))
    return Score(sum(sign.points for sign in found), tuple(found))


def usual_most(habit: Habit, prior: Prior) -> int:
    """Euro cents up to which an amount is nothing to wonder at, for the page that explains it."""
    middle, spread = _middle(habit, prior)
    return round(exp(middle + USUAL * spread) * 100)


def _middle(habit: Habit, prior: Prior) -> tuple[float, float]:
    """Middle and spread of the logarithms: ones own as far as they are known, what is usual for the rest."""
    own, known = habit.payments, habit.payments + prior.weight
    spread = max(habit.mad * SCALE, LEAST_SPREAD)
    return (
        (own * habit.median + prior.weight * prior.typical) / known,
        (own * spread + prior.weight * prior.spread) / known,
    )


def _amount(habit: Habit, prior: Prior, seen: Seen) -> Sign:
    middle, spread = _middle(habit, prior)
    beyond = (in_log(seen.cents) - middle) / spread - USUAL
    points = max(0, min(MOST["amount"], round(STEP * beyond)))
    return Sign("amount", points, str(round(exp(in_log(seen.cents) - middle), 1)))


def _novelties(habit: Habit, seen: Seen) -> list[Sign]:
    new = [name for name in seen.categories if name not in habit.categories]
    near = near_in_time(habit.hours, seen.at)
    return [
        _rare("country", habit.countries, seen.country, habit.payments),
        _rare("currency", habit.currencies, seen.currency, habit.payments),
        _rare("method", habit.methods, seen.method, habit.payments),
        Sign("category", _grown("category", habit.payments) if new else 0, ", ".join(sorted(new))),
        Sign("hour", 0 if near else _grown("hour", habit.payments), f"{seen.at.hour:02d}"),
        Sign("browser", MOST["browser"] if seen.strange_browser else 0),
    ]


def _rare(code: str, counts: Mapping[str, int], what: str, payments: int) -> Sign:
    """Never before: the whole weight; seldom (under one in twenty): a half of it; else nothing."""
    times = counts.get(what, 0)
    part = 0 if not what or times * 20 >= max(payments, 1) else 1 if times == 0 else 0.5
    return Sign(code, round(_grown(code, payments) * part), what)


def _grown(code: str, payments: int) -> int:
    """The weight of a sign of novelty after so many payments."""
    return round(MOST[code] * payments / (payments + GROWTH))


def _tries(habit: Habit, seen: Seen) -> list[Sign]:
    free = FREE | {"pace": max(FREE["pace"], 2 * habit.busiest_day)}
    counts = {
        "pace": seen.paid,
        "declines": seen.declined,
        "ways": seen.ways,
        "cards": seen.cards,
        "network": seen.refused_near,
    }
    return [
        Sign(code, min(MOST[code], EACH[code] * max(0, count - free[code])), str(count))
        for code, count in counts.items()
    ]
