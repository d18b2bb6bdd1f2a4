"""The rows in force: what is usual before a habit is known, what follows from a score. A change takes two people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from typing import Any, Final

from sqlalchemy import or_, select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.core import clock, kept
from daigou.core.access import Actor, require
from daigou.core.db import advisory_lock, after_commit, db, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy

from .models import HabitPrior, HabitThreshold
from .scoring import Prior

KIND: Final = "habit.threshold"
MOST_POINTS: Final = 200
ALLOW, STEP_UP, HOLD, FREEZE = "allow", "step_up", "hold", "freeze"
ORDER: Final = (FREEZE, HOLD, STEP_UP)
"""Verdicts from the hardest on."""
NAMES: Final = {
    STEP_UP: lazy("Asks the shopper to confirm who they are"),
    HOLD: lazy("Waits for a person"),
    FREEZE: lazy("Closes the account until its owner has a new password"),
}
ANYWHERE: Final = "*"
# For installations whose rows are missing: as careful as the first rows were.
_NOBODY: Final = Prior(log(120), 1.1, 5)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows in force on one day, as this process keeps them."""

    points: Mapping[str, int]
    priors: Mapping[tuple[str, str], Prior]

    def verdict(self, points: int) -> str:
        return next((name for name in ORDER if name in self.points and points >= self.points[name]), ALLOW)

    def prior(self, tier: str, country: str) -> Prior:
        return self.priors.get((tier, country)) or self.priors.get((tier, ANYWHERE)) or _NOBODY


def table() -> Table:
    """Two queries once a minute."""
    return kept.once_a_minute("habits", _read)


def forget() -> None:
    """After a change of rows: this process reads them anew."""
    kept.forget("habits")


def _read() -> Table:
    day = clock.today()
    points = {row.verdict: row.points for row in _in_force(HabitThreshold, day)}
    priors = {(row.tier, row.country): _prior(row) for row in _in_force(HabitPrior, day)}
    return Table(points, priors)


def _prior(row: HabitPrior) -> Prior:
    return Prior(log(row.typical_minor / 100), row.spread_permille / 1000, row.weight)


def _in_force(model: Any, day: date) -> Sequence[Any]:
    """The rows of a day, the newest last, so that it wins."""
    statement = select(model).where(model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to > day))
    return db.session.execute(statement.order_by(model.valid_from)).scalars().all()


def history(actor: Actor) -> dict[str, list[HabitThreshold]]:
    """Every row by verdict, the newest first."""
    require(actor, "habit.view")
    found: dict[str, list[HabitThreshold]] = {name: [] for name in NAMES}
    for row in db.session.execute(select(HabitThreshold).order_by(HabitThreshold.valid_from.desc())).scalars():
        found[row.verdict].append(row)
    return found


def priors(actor: Actor) -> Sequence[HabitPrior]:
    """What is usual before a habit is known, today."""
    require(actor, "habit.view")
    return _in_force(HabitPrior, clock.today())


def standing(row: HabitThreshold) -> str:
    """``future``, ``present`` or ``past``."""
    today = clock.today()
    if row.valid_from > today:
        return "future"
    return "past" if row.valid_to is not None and row.valid_to <= today else "present"


def propose(actor: Actor, name: str, points: int, valid_from: date, source: str, reason: str) -> Proposal:
    """Put another threshold before a second person. Invalid by field; Impossible while one waits."""
    _check(name, points, valid_from)
    about = f"habit_threshold/{name}"
    with transaction():
        advisory_lock(about)
        if proposals.open_about(KIND, about) is not None:
            raise Impossible("habit.proposed", lazy("A change of this waits for a second person already."))
        return proposals.propose(
            actor,
            KIND,
            about=about,
            summary=_summary(name, points, valid_from),
            reason=reason,
            payload={"name": name, "points": points, "valid_from": valid_from.isoformat(), "source": source},
        )


def _summary(name: str, points: int, day: date) -> str:
    before = table().points.get(name)
    return _(
        "%(what)s: from %(points)s points on instead of %(before)s, beginning on %(day)s.",
        what=NAMES[name],
        points=points,
        before=before,
        day=day.isoformat(),
    )


def _check(name: str, points: int, valid_from: date) -> None:
    wrong: dict[str, object] = {}
    if name not in NAMES:
        wrong["name"] = lazy("Choose one of these.")
    elif not 1 <= points <= MOST_POINTS or not _is_ordered({**table().points, name: points}):
        wrong["points"] = lazy("The thresholds must rise: confirming, then waiting, then closing.")
    if valid_from <= clock.today():
        wrong["valid_from"] = lazy("A change begins tomorrow at the earliest.")
    if wrong:
        raise Invalid(wrong)


def _is_ordered(points: Mapping[str, int]) -> bool:
    rising = [points[name] for name in reversed(ORDER) if name in points]
    return rising == sorted(set(rising))


def _apply(actor: Actor, proposal: Proposal) -> None:
    """The row before ends on the day when the new one begins; one that had not begun yet is replaced."""
    sent = proposal.payload
    name, points, begins = sent["name"], int(sent["points"]), date.fromisoformat(sent["valid_from"])
    _check(name, points, begins)
    for row in _overlapping(name, begins):
        row.valid_to = max(begins, row.valid_from)
    db.session.add(
        HabitThreshold(verdict=name, points=points, valid_from=begins, source=f"{sent['source']} ({proposal.ref})")
    )
    door.note(actor, proposal.about, "habit:threshold_changed", proposal=proposal.ref, points=points)
    after_commit(forget)


def _overlapping(name: str, begins: date) -> Sequence[HabitThreshold]:
    statement = (
        select(HabitThreshold)
        .where(HabitThreshold.verdict == name, or_(HabitThreshold.valid_to.is_(None), HabitThreshold.valid_to > begins))
        .with_for_update()
    )
    return db.session.execute(statement).scalars().all()


proposals.register(
    proposals.Kind(
        KIND,
        propose="habit.propose",
        decide="habit.decide",
        title=lazy("Threshold for unusual payments"),
        apply=_apply,
    )
)
