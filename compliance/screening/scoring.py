"""How well two names agree, 0 to 100, and why. Pure; the index finds the same by looking at less.

Parts agree in one of five ways. Each part of one name goes with at most one of the other; order does not matter. The
better covered name counts seven tenths, the other three: so a missing middle name costs little, a missing surname much.
One agreeing part alone never makes a hit on a person of several names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rapidfuzz.distance import Levenshtein

from .names import Part, Parts, is_han

ALONE: Final = 60.0
"""What a name can reach by one agreeing part of several."""
LOWEST: Final = 75
"""No threshold below it: with the most that country and birth year add, a hit always has two agreeing parts."""
COUNTRY_AGREES, COUNTRY_DIFFERS = 4.0, -6.0
YEAR_AGREES, YEAR_DIFFERS = 6.0, -15.0
MOST_ADDED: Final = COUNTRY_AGREES + YEAR_AGREES
_BETTER, _OTHER = 0.7, 0.3
_DISTINCTIVE: Final = 6  # letters of a one-word name of a company or ship that may agree alone


@dataclass(frozen=True, slots=True)
class Agreement:
    """One part of the asked name and one of the listed: how well (0 to 1) and in which way."""

    share: float
    way: str  # exact, spelling, sound, close


EXACT, SPELLING, SOUND = Agreement(1.0, "exact"), Agreement(0.96, "spelling"), Agreement(0.88, "sound")
_CLOSE: Final = {(d, n): Agreement(1 - d / n, "close") for n in range(4, 200) for d in (1, 2)}


def allowed(length: int) -> int:
    """Letters that may differ in a folded part of this length: none up to 3, one up to 7, two beyond."""
    return 0 if length <= 3 else 1 if length <= 7 else 2


def agreement(asked: Part, listed: Part) -> Agreement | None:
    """How two parts agree, or None. Symmetric."""
    if asked.text == listed.text:
        return EXACT
    if is_han(asked.text) or is_han(listed.text):
        return None
    if asked.fold == listed.fold:
        return SPELLING
    if asked.bones == listed.bones and len(asked.bones) >= 3:
        return SOUND
    most = allowed(min(len(asked.fold), len(listed.fold)))
    if not most:
        return None
    distance = Levenshtein.distance(asked.fold, listed.fold, score_cutoff=most)
    return _CLOSE[distance, max(len(asked.fold), len(listed.fold))] if distance <= most else None


Found = Mapping[tuple[int, int], Agreement]
"""(number of the asked part, number of the listed part) -> how they agree."""


def found(asked: Parts, listed: Parts) -> dict[tuple[int, int], Agreement]:
    """Every pair that agrees: the full look that an index spares."""
    pairs = {(i, j): agreement(a, b) for i, a in enumerate(asked) for j, b in enumerate(listed)}
    return {pair: how for pair, how in pairs.items() if how is not None}


def score(asked: Sequence[int], listed: Sequence[int], pairs: Found, is_thing: bool = False) -> float:
    """0 to 100 from the weights of both names' parts and what agrees. ``is_thing``: a company or ship, not a person."""
    chosen = best(pairs)
    if not chosen:
        return 0.0
    of_asked = sum(asked[i] * how.share for (i, _), how in chosen) / sum(asked)
    of_listed = sum(listed[j] * how.share for (_, j), how in chosen) / sum(listed)
    value = 100 * (_BETTER * max(of_asked, of_listed) + _OTHER * min(of_asked, of_listed))
    if len(chosen) > 1 or len(asked) == len(listed) == 1:
        return value
    one_word = min(len(asked), len(listed)) == 1
    (i, _), _how = chosen[0]
    return value if one_word and is_thing and asked[i] >= _DISTINCTIVE else min(value, ALONE)


def best(pairs: Found) -> list[tuple[tuple[int, int], Agreement]]:
    """The best pairs first, each part once."""
    if len(pairs) == 1:
        return list(pairs.items())
    chosen, left, right = [], set(), set()
    for pair, how in sorted(pairs.items(), key=lambda item: (-item[1].share, item[0])):
        if pair[0] not in left and pair[1] not in right:
            left.add(pair[0])
            right.add(pair[1])
            chosen.append((pair, how))
    return chosen


@dataclass(frozen=True, slots=True)
class Claim:
    """Who is asked about. ``country`` (ISO 3166 alpha-2) and ``born`` (a year) weigh; neither is needed."""

    name: str
    country: str | None = None
    born: int | None = None


@dataclass(frozen=True, slots=True)
class Adjusted:
    score: float
    why: tuple[str, ...]


def adjust(value: float, why: Sequence[str], claim: Claim, countries: Sequence[str], years: Sequence[int]) -> Adjusted:
    """The names' score, moved by what else agrees or differs; at most 100. Nothing known moves nothing."""
    made = Adjusted(value, tuple(why))
    if claim.country and countries:
        agrees = claim.country in countries
        by = COUNTRY_AGREES if agrees else COUNTRY_DIFFERS
        made = _move(made, by, f"country:{'agrees' if agrees else 'differs'}")
    if claim.born and years:
        agrees = any(abs(claim.born - year) <= 1 for year in years)
        made = _move(made, YEAR_AGREES if agrees else YEAR_DIFFERS, f"birth_year:{'agrees' if agrees else 'differs'}")
    return replace(made, score=round(min(made.score, 100.0), 1))


def _move(made: Adjusted, by: float, why: str) -> Adjusted:
    return Adjusted(made.score + by, (*made.why, why))
