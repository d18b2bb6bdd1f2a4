"""What guarantees do by themselves. Everything can run twice; one thing that fails holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, exists, or_, select

from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.core.errors import Refusal
from daigou.ledger.models import Account, Balance
from daigou.orders.models import OrderItem

from . import covering, deadlines, premiums, rules
from .models import Cover, CoverInclusion, WarrantyTerm

log = logging.getLogger(__name__)

BATCH = 500
LOOK_BACK = timedelta(days=7)
"""What was delivered or paid longer ago was seen by an earlier sweep; a report of a defect looks for itself."""


def cover_paid(bill_id: str) -> None:
    covering.paid(UUID(bill_id))


def cover_unpaid(bill_id: str) -> None:
    covering.unpaid(UUID(bill_id))


def sweep() -> None:
    """Covers follow their items, and claims their deadlines."""
    today = clock.today()
    cancellable = today - timedelta(days=rules.CANCEL_DAYS)
    _each(covering.arrived, _uncovered())
    _each(covering.include, _including())
    _each(covering.begin, _covers(Cover.state.in_(("agreed", "paid")), OrderItem.state.in_(rules.REPORTABLE)))
    _each(premiums.void, _covers(Cover.state.in_(rules.LIVE), OrderItem.state.in_(rules.GONE)))
    _each(premiums.secure, _covers(_extended("active"), Cover.secured_at.is_(None), Cover.begins < cancellable))
    _each(premiums.end, _covers(Cover.state == "active", Cover.ends < today))
    _each(deadlines.keep, deadlines.overdue(BATCH))


def earn() -> None:
    """Once a month: every premium that is not earned yet, in batches by key."""
    after = None
    while keys := _unearned(after):
        _each(premiums.earn, keys)
        after = keys[-1]


def _each(work: Callable[[UUID], Any], keys: list[UUID]) -> None:
    for key in keys:
        try:
            work(key)
        except Refusal as refusal:
            log.warning("not done", extra={"about": str(key), "code": refusal.code})
        except Exception:
            db.session.rollback()
            log.exception("failed", extra={"about": str(key)})


def _extended(state: str) -> ColumnElement[bool]:
    return (Cover.kind == "extended") & (Cover.state == state)


def _keys(statement: Any) -> list[UUID]:
    with transaction():
        return list(db.session.execute(statement).scalars())


def _uncovered() -> list[UUID]:
    """What has arrived lately, has a term, and no official warranty yet."""
    there = exists().where(Cover.item_id == OrderItem.id, Cover.kind == "official")
    term = exists().where(
        WarrantyTerm.category == OrderItem.category, WarrantyTerm.condition == OrderItem.condition
    )
    recent = OrderItem.state_since > clock.now() - LOOK_BACK
    return _keys(
        select(OrderItem.id).where(OrderItem.state.in_(rules.REPORTABLE), recent, term, ~there).limit(BATCH)
    )


def _including() -> list[UUID]:
    """What was ordered with a plan included, and has no extended warranty yet."""
    there = exists().where(
        Cover.item_id == OrderItem.id, Cover.kind == "extended", Cover.state.not_in(("lapsed", "cancelled", "void"))
    )
    recent = OrderItem.state_since > clock.now() - LOOK_BACK
    return _keys(
        select(OrderItem.id)
        .join(CoverInclusion, CoverInclusion.listing_id == OrderItem.listing_id)
        .where(OrderItem.state.in_((*rules.BUYABLE, *rules.REPORTABLE)), recent, ~there)
        .where(CoverInclusion.created_at <= OrderItem.created_at)
        .where(or_(CoverInclusion.ended_at.is_(None), CoverInclusion.ended_at > OrderItem.created_at))
        .limit(BATCH)
    )


def _covers(*which: ColumnElement[bool]) -> list[UUID]:
    return _keys(
        select(Cover.id).join(OrderItem, OrderItem.id == Cover.item_id).where(*which).order_by(Cover.id).limit(BATCH)
    )


def _unearned(after: UUID | None) -> list[UUID]:
    statement = (
        select(Cover.id)
        .join(Account, (Account.owner == cast(Cover.id, String)) & (Account.kind == "warranty_premium"))
        .join(Balance, Balance.account_id == Account.id)
        .where(Balance.balance != 0, *([Cover.id > after] if after else []))
        .distinct()
        .order_by(Cover.id)
        .limit(BATCH)
    )
    return _keys(statement)
