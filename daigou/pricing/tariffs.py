"""The tariff as dated rows: what was, is and will be charged. A change takes two people and never reaches back.

Orders keep the fees that they were placed with; a row only says what later ones are placed with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import advisory_lock, after_commit, db, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.core.money import Money

from . import board
from .models import Fee

KIND = "fee.change"
MOST = {"service": 300, "commission": 300, "spread": 100, "insurance": 200, "reserve": 1000}
NAMES = {
    "service": lazy("Service fee"),
    "commission": lazy("Commission"),
    "spread": lazy("Exchange margin"),
    "insurance": lazy("Parcel insurance"),
    "reserve": lazy("Share of the commission for the reserve fund"),
}
# What people are charged. The reserve fund is our own affair, fed from what was charged.
CHARGED = ("service", "commission", "spread", "insurance")


@dataclass(frozen=True, slots=True)
class Change:
    """A row to come. ``currency`` None stands for every currency without a row of its own."""

    kind: str
    permille: Decimal
    minimum_minor: int
    currency: str | None
    valid_from: date
    source: str


def history() -> dict[str, Sequence[Fee]]:
    """Every row by kind, the newest first: future, present and past."""
    statement = select(Fee).order_by(Fee.kind, Fee.currency, Fee.valid_from.desc())
    found: dict[str, list[Fee]] = {kind: [] for kind in NAMES}
    for row in db.session.execute(statement).scalars():
        found.setdefault(row.kind, []).append(row)
    return dict(found)


def standing(row: Fee, today: date) -> str:
    """``future``, ``present`` or ``past``."""
    if row.valid_from > today:
        return "future"
    return "past" if row.valid_to is not None and row.valid_to <= today else "present"


def propose(actor: Actor, change: Change, reason: str) -> Proposal:
    """Put a new row before a second person. Invalid by field."""
    _check(change)
    payload = {
        "kind": change.kind,
        "permille": str(change.permille),
        "minimum_minor": change.minimum_minor,
        "currency": change.currency,
        "valid_from": change.valid_from.isoformat(),
        "source": change.source,
    }
    about = f"fee/{change.kind}.{change.currency or 'all'}"
    with transaction():
        advisory_lock(about)
        if proposals.open_about(KIND, about) is not None:
            raise Impossible("fee.proposed", lazy("A change of this fee waits for a second person already."))
        return proposals.propose(actor, KIND, about=about, summary=_summary(change), reason=reason, payload=payload)


def _summary(change: Change) -> str:
    words = _(
        "%(fee)s (%(currency)s): %(percent)s %% from %(day)s on.",
        fee=NAMES[change.kind],
        currency=change.currency or _("all currencies"),
        percent=f"{(change.permille / 10).normalize():f}",
        day=change.valid_from.isoformat(),
    )
    if change.minimum_minor and change.currency:
        words += " " + _("At least %(least)s.", least=str(Money(change.minimum_minor, change.currency)))
    return words


def _check(change: Change) -> None:
    wrong: dict[str, Any] = {}
    if change.kind not in MOST:
        wrong["kind"] = lazy("Choose one of these.")
    elif not 0 <= change.permille <= MOST[change.kind]:
        wrong["percent"] = lazy("Between 0 and %(most)s percent.", most=str(Decimal(MOST[change.kind]) / 10))
    if change.valid_from <= clock.today():
        wrong["valid_from"] = lazy("A change begins tomorrow at the earliest: what was charged stays as it was.")
    if change.minimum_minor and change.currency is None:
        wrong["minimum"] = lazy("A minimum needs a currency.")
    if wrong:
        raise Invalid(wrong)


def _apply(actor: Actor, proposal: Proposal) -> None:
    """The row before ends on the day when the new one begins; a row that had not begun yet is replaced."""
    sent = proposal.payload
    change = Change(
        sent["kind"],
        Decimal(sent["permille"]),
        int(sent["minimum_minor"]),
        sent["currency"],
        date.fromisoformat(sent["valid_from"]),
        sent["source"],
    )
    _check(change)
    for row in _overlapping(change):
        row.valid_to = max(change.valid_from, row.valid_from)
    db.session.add(
        Fee(
            kind=change.kind,
            permille=change.permille,
            minimum_minor=change.minimum_minor,
            currency=change.currency,
            valid_from=change.valid_from,
            source=f"{change.source} ({proposal.ref})",
        )
    )
    door.note(actor, proposal.about, "fee:changed", proposal=proposal.ref, permille=str(change.permille))
    after_commit(board.forget)


def _overlapping(change: Change) -> Sequence[Fee]:
    statement = (
        select(Fee)
        .where(
            Fee.kind == change.kind,
            Fee.currency == change.currency if change.currency else Fee.currency.is_(None),
            or_(Fee.valid_to.is_(None), Fee.valid_to > change.valid_from),
        )
        .with_for_update()
    )
    return db.session.execute(statement).scalars().all()


proposals.register(
    proposals.Kind(KIND, propose="fee.propose", decide="fee.decide", title=lazy("Change of a fee"), apply=_apply)
)
