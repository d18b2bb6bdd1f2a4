"""Requests of authorities: entered, taken by somebody, answered in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, keyset, load, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from . import rules
from .models import RegulatorRequest

OPEN = ("received", "running")
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """What an authority wrote. Without ``due_on`` it has a month."""

    authority: str
    reference: str
    about: str
    received_on: date
    due_on: date | None = None


def enter(actor: Actor, letter: Letter) -> RegulatorRequest:
    """Put it on the register. Invalid by field."""
    require(actor, "privacy.keep")
    due = letter.due_on or letter.received_on + timedelta(days=rules.DAYS_TO_ANSWER)
    wrong: dict[str, object] = {
        name: lazy("This is needed.") for name in ("authority", "about") if not getattr(letter, name).strip()
    }
    if letter.received_on > clock.today():
        wrong["received_on"] = lazy("This day has not come yet.")
    if due < letter.received_on:
        wrong["due_on"] = lazy("This day lies before the letter came.")
    if wrong:
        raise Invalid(wrong)
    with transaction():
        row = RegulatorRequest(
            ref=ids.new_ref("REG"), authority=letter.authority.strip(), reference=letter.reference.strip(),
            about=letter.about.strip(), received_on=letter.received_on, due_on=due, entered_by=actor.account_id,
        )  # fmt: skip
        door.created(actor, row, due_on=due.isoformat())
    return row


def take(actor: Actor, ref: str) -> None:
    with transaction():
        row = load_locked(RegulatorRequest, ref=ref)
        door.transition(actor, row, "take")
        row.owner = actor.account_id


def answer(actor: Actor, ref: str, words: str) -> None:
    """What was answered and how it was sent. Invalid without words."""
    if not words.strip():
        raise Invalid({"answer": lazy("Say what was answered, and how it was sent.")})
    with transaction():
        row = load_locked(RegulatorRequest, ref=ref)
        row.answer, row.owner = words.strip(), row.owner or actor.account_id
        door.transition(actor, row, "answer", late=clock.today() > row.due_on)


def register(actor: Actor, cursor: str | None = None) -> Page:
    """Every request, the one that is due last first."""
    require(actor, "privacy.view")
    return keyset(select(RegulatorRequest), RegulatorRequest.due_on, RegulatorRequest.id, cursor=cursor)


def find(actor: Actor, ref: str) -> RegulatorRequest:
    require(actor, "privacy.view")
    found: RegulatorRequest = load(RegulatorRequest, ref=ref)
    return found


def remind() -> int:
    """The job: officers hear of a request whose day comes near, each step once."""
    told = 0
    with transaction() as session:
        rows = select(RegulatorRequest).where(RegulatorRequest.state.in_(OPEN)).order_by(RegulatorRequest.due_on)
        for row in session.scalars(rows.limit(_BATCH).with_for_update(skip_locked=True)):
            end_of_day = datetime.combine(row.due_on, time.max, UTC)
            step = rules.step_of(end_of_day, clock.now())
            if step > row.reminders:
                row.reminders = step
                door.record(system("privacy"), row, "reminded", step=step)
                outbox.put("regulator.due", request_id=row.id)
                told += 1
    return told
