"""The register of leaks (GDPR art. 33(5)): every one is on it, and each has its clock of 72 hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import rules
from .models import Breach
from .purposes import PURPOSES

OPEN = ("noticed", "assessed")
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """What is known at first. ``people`` is about how many, None while nobody knows."""

    noticed_at: datetime
    what: str
    kinds: Sequence[str]
    people: int | None


@dataclass(frozen=True, slots=True)
class Assessment:
    risk: str
    consequences: str
    measures: str


def notice(actor: Actor, first: Notice) -> Breach:
    """Start the clock. Invalid by field."""
    require(actor, "privacy.keep")
    wrong: dict[str, object] = {}
    if not first.what.strip():
        wrong["what"] = lazy("Say what happened, as far as it is known.")
    if not first.kinds or set(first.kinds) - set(PURPOSES):
        wrong["kinds"] = lazy("Choose which data is concerned.")
    if first.noticed_at > clock.now() + timedelta(minutes=5):
        wrong["noticed_at"] = lazy("This moment has not come yet.")
    if wrong:
        raise Invalid(wrong)
    with transaction():
        row = Breach(
            ref=ids.new_ref("BRE"), noticed_at=first.noticed_at, what=first.what.strip(), kinds=sorted(first.kinds),
            people=first.people, noticed_by=actor.account_id,
        )  # fmt: skip
        door.created(actor, row, noticed_at=first.noticed_at.isoformat(), kinds=list(row.kinds), people=first.people)
    return row


def assess(actor: Actor, ref: str, found: Assessment) -> None:
    """What it may lead to and what was done. May be said again while it is open. Invalid by field."""
    wrong: dict[str, object] = {}
    if found.risk not in rules.RISKS:
        wrong["risk"] = lazy("Choose how great the risk for people is.")
    if not found.consequences.strip():
        wrong["consequences"] = lazy("Say what it may lead to for the people concerned.")
    if not found.measures.strip():
        wrong["measures"] = lazy("Say what was done against it.")
    if wrong:
        raise Invalid(wrong)
    with transaction():
        row = load_locked(Breach, ref=ref)
        row.risk, row.consequences, row.measures = found.risk, found.consequences.strip(), found.measures.strip()
        door.transition(actor, row, "assess", risk=found.risk)


def report(actor: Actor, ref: str, authority: str, why_late: str = "") -> None:
    """The authority was told: which one, under which reference; late, also why. Invalid without."""
    with transaction():
        row = load_locked(Breach, ref=ref)
        late = clock.now() > rules.authority_due(row.noticed_at)
        wrong: dict[str, object] = {}
        if not authority.strip():
            wrong["authority"] = lazy("Name the authority and the reference it gave.")
        if late and not why_late.strip():
            wrong["why_late"] = lazy("72 hours have passed: the authority must be told why (GDPR art. 33(1)).")
        if wrong:
            raise Invalid(wrong)
        row.authority, row.why_late, row.reported_at = authority.strip(), why_late.strip(), clock.now()
        door.transition(actor, row, "report", late=late)


def tell_people(actor: Actor, ref: str) -> None:
    """Those concerned were told (GDPR art. 34)."""
    with transaction():
        row = load_locked(Breach, ref=ref)
        require(actor, "privacy.keep")
        row.people_told_at = row.people_told_at or clock.now()
        door.record(actor, row, "people_told")


def close(actor: Actor, ref: str) -> None:
    """Impossible while the authority or the people have still to be told."""
    with transaction():
        row = load_locked(Breach, ref=ref)
        if rules.must_be_reported(row.risk or "some") and row.reported_at is None:
            raise Impossible("breach.unreported", lazy("With this risk the authority must be told first."))
        if rules.people_must_be_told(row.risk or "") and row.people_told_at is None:
            raise Impossible("breach.untold", lazy("With this risk the people concerned must be told first."))
        door.transition(actor, row, "close", risk=row.risk)


def register(actor: Actor, cursor: str | None = None) -> Page:
    """Every leak, newest first."""
    require(actor, "privacy.view")
    return keyset(select(Breach), Breach.noticed_at, Breach.id, cursor=cursor)


def find(actor: Actor, ref: str) -> Breach:
    require(actor, "privacy.view")
    found: Breach = load(Breach, ref=ref)
    return found


def remind() -> int:
    """The job: officers hear of a clock that runs out, each step once. How many were told."""
    told = 0
    with transaction() as session:
        open_ones = select(Breach).where(Breach.state.in_(OPEN)).limit(_BATCH).with_for_update(skip_locked=True)
        for row in session.scalars(open_ones):
            step = rules.step_of(rules.authority_due(row.noticed_at), clock.now())
            if step > row.reminders:
                row.reminders = step
                door.record(system("privacy"), row, "reminded", step=step)
                outbox.put("breach.due", breach_id=row.id)
                told += 1
    return told
