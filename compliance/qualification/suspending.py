"""Suspending a merchant, with reasons; its appeal, which another officer decides."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from compliance.audit import door, proposals
from daigou.accounts.models import Merchant
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, find, keyset, load, load_locked, transaction
from daigou.core.errors import Denied, Invalid
from daigou.core.i18n import lazy

from . import conflicts, holds, life_letters
from .life_models import Suspension
from .life_rules import SUSPEND_REASONS

HOLD = "suspension"


def suspend(actor: Actor, ref: str, code: str, words: str) -> Suspension:
    """Nothing can be bought of it from now on; orders that are under way go on. Its owner is told why."""
    if code not in SUSPEND_REASONS:
        raise Invalid({"code": lazy("Choose one of these.")})
    with transaction():
        merchant = load_locked(Merchant, ref=ref)
        conflicts.require_none_with(actor, merchant)
        door.transition(actor, merchant, "suspend", reason=code)
        row = Suspension(
            ref=ids.new_ref("SUS"), merchant_id=merchant.id, merchant_ref=merchant.ref, subject=merchant.subject,
            reason_code=code, words=proposals.checked(words), imposed_by=actor.account_id,
        )  # fmt: skip
        door.created(actor, row, reason=code)
        db.session.flush()
        holds.put(actor, merchant, HOLD, row.ref)
        life_letters.suspended(merchant, row)
    return row


def appeal(actor: Actor, words: str) -> Suspension:
    """The owner says why it is wrong. One at a time; after a decision they may appeal again with something new."""
    with transaction():
        row = load_locked(Suspension, id=_open(actor.merchant_id))
        door.transition(actor, row, "appeal")
        row.appeal, row.appealed_at = proposals.checked(words), clock.now()
    return row


def uphold(actor: Actor, ref: str, words: str) -> None:
    """The suspension stays."""
    _decide(actor, ref, "uphold", words)


def lift(actor: Actor, ref: str, words: str) -> None:
    """The merchant is active again; what else holds its listings (papers, tests) goes on holding them."""
    _decide(actor, ref, "lift", words)


def of(merchant: Merchant) -> Sequence[Suspension]:
    """All of a merchant's, newest first."""
    statement = select(Suspension).where(Suspension.merchant_id == merchant.id).order_by(Suspension.id.desc())
    return db.session.execute(statement.limit(20)).scalars().all()


def merchants(actor: Actor, state: str, cursor: str | None) -> Page:
    """For the officer's list: merchants in one state, newest first."""
    require(actor, "merchant.suspend")
    return keyset(select(Merchant).where(Merchant.state == state), Merchant.id, cursor=cursor)


def find_merchant(actor: Actor, ref: str) -> Merchant:
    require(actor, "merchant.suspend")
    return load(Merchant, ref=ref)


def _open(merchant_id: object) -> object:
    statement = select(Suspension.id).where(Suspension.merchant_id == merchant_id, Suspension.state != "lifted")
    return db.session.execute(statement).scalar_one_or_none()


def _decide(actor: Actor, ref: str, move: str, words: str) -> None:
    with transaction():
        merchant = load_locked(Merchant, id=load(Suspension, ref=ref).merchant_id)
        row = load_locked(Suspension, ref=ref)
        conflicts.require_none_with(actor, merchant)
        if row.is_("appealed") and row.imposed_by == actor.account_id:
            words_own = lazy("You imposed this suspension. Another officer decides on the appeal.")
            raise Denied("suspension.own", words_own, actor=actor.subject, thing=row.stream)
        appealed = row.is_("appealed")
        door.transition(actor, row, move, appealed=appealed)
        row.decided_by, row.decision = actor.account_id, proposals.checked(words)
        if move == "lift":
            holds.lift(actor, merchant, HOLD, row.ref)
            if merchant.is_("suspended"):
                door.transition(actor, merchant, "activate", suspension=row.ref)
        life_letters.appeal_decided(merchant, row)


def current(merchant: Merchant) -> Suspension | None:
    """The one that is not lifted."""
    key = _open(merchant.id)
    return find(Suspension, id=key) if key else None
