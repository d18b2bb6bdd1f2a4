"""What holds on a day: terms of the official warranty, plans of the extended one, and what merchants include."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from daigou.core.db import db
from daigou.orders.models import OrderItem

from .models import CoverInclusion, CoverPlan, WarrantyTerm


def term_for(category: str, condition: str, day: date) -> WarrantyTerm | None:
    """The official warranty's row for such a thing; None where there is none."""
    statement = (
        select(WarrantyTerm)
        .where(WarrantyTerm.category == category, WarrantyTerm.condition == condition)
        .where(WarrantyTerm.valid_from <= day, or_(WarrantyTerm.valid_to.is_(None), WarrantyTerm.valid_to >= day))
        .order_by(WarrantyTerm.valid_from.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def terms(day: date) -> Sequence[WarrantyTerm]:
    """All that hold on a day, for the page that says them."""
    statement = (
        select(WarrantyTerm)
        .where(WarrantyTerm.valid_from <= day, or_(WarrantyTerm.valid_to.is_(None), WarrantyTerm.valid_to >= day))
        .order_by(WarrantyTerm.category, WarrantyTerm.days.desc(), WarrantyTerm.condition)
    )
    return db.session.execute(statement).scalars().all()


def plans(day: date) -> Sequence[CoverPlan]:
    """The plans that are sold on a day, the shortest first."""
    statement = (
        select(CoverPlan)
        .where(CoverPlan.valid_from <= day, or_(CoverPlan.valid_to.is_(None), CoverPlan.valid_to >= day))
        .order_by(CoverPlan.months, CoverPlan.code)
    )
    return db.session.execute(statement).scalars().all()


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


def included_now(listing_id: UUID) -> CoverPlan | None:
    """What a shopper who orders this listing now gets with it."""
    statement = (
        select(CoverPlan)
        .join(CoverInclusion, CoverInclusion.plan_id == CoverPlan.id)
        .where(CoverInclusion.listing_id == listing_id, CoverInclusion.ended_at.is_(None))
    )
    return db.session.execute(statement).scalar_one_or_none()


def including(listing_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these listings include a plan now, in one query."""
    statement = select(CoverInclusion.listing_id).where(
        CoverInclusion.listing_id.in_(listing_ids), CoverInclusion.ended_at.is_(None)
    )
    return set(db.session.execute(statement).scalars())
