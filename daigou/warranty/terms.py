"""What holds on a day: terms of the official warranty, plans of the extended one, and what merchants include."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy import or_, select

from daigou.catalog.models import Listing
from daigou.core import clock, kept
from daigou.core.db import db
from daigou.orders.models import OrderItem

from .models import CoverInclusion, CoverPlan, WarrantyTerm

Row = TypeVar("Row", WarrantyTerm, CoverPlan)


def _rows(model: type[Row]) -> Sequence[Row]:
    """All rows of a dated table."""
    return kept.once_a_minute(model.__tablename__, partial(_read, model))


def _read(model: type[Row]) -> Sequence[Row]:
    found = db.session.execute(select(model)).scalars().all()
    for row in found:
        db.session.expunge(row)
    return found


def _in_force(rows: Iterable[Row], day: date) -> list[Row]:
    """The newest row comes first."""
    held = [row for row in rows if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)]
    return sorted(held, key=lambda row: row.valid_from, reverse=True)


def term_for(category: str, condition: str, day: date) -> WarrantyTerm | None:
    """The official warranty's row for such a thing; None where there is none."""
    found = (row for row in terms(day) if (row.category, row.condition) == (category, condition))
    return next(found, None)


def terms(day: date) -> Sequence[WarrantyTerm]:
    """All that hold on a day."""
    return _in_force(_rows(WarrantyTerm), day)


def plans(day: date) -> Sequence[CoverPlan]:
    """The plans that are sold on a day, the shortest first; of each its newest row."""
    newest = {row.code: row for row in reversed(_in_force(_rows(CoverPlan), day))}
    return sorted(newest.values(), key=lambda row: (row.months, row.code))


def sold(of: Iterable[CoverPlan], category: str, country: str | None, payer: str) -> list[CoverPlan]:
    """Which of these this payer may buy for such a thing. Without a country: those that are sold everywhere."""
    return [
        plan
        for plan in of
        if payer in plan.payers and category in plan.categories and ("*" in plan.countries or country in plan.countries)
    ]


def included_in(item: OrderItem) -> CoverPlan | None:
    """The plan that the item's listing had in it when it was ordered."""
    if item.listing_id is None:
        return None
    statement = (
        select(CoverPlan)
        .join(CoverInclusion, CoverInclusion.plan_id == CoverPlan.id)
        .where(CoverInclusion.listing_id == item.listing_id, CoverInclusion.created_at <= item.created_at)
        .where(or_(CoverInclusion.ended_at.is_(None), CoverInclusion.ended_at > item.created_at))
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def included_now(listing: Listing) -> CoverPlan | None:
    """What a shopper who orders this listing now gets with it."""
    return next((plan for plan in plans(clock.today()) if plan.code == listing.included_cover), None)


def including(listing_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these listings include a plan now, in one query."""
    statement = select(CoverInclusion.listing_id).where(
        CoverInclusion.listing_id.in_(listing_ids), CoverInclusion.ended_at.is_(None)
    )
    return set(db.session.execute(statement).scalars())
