"""Dated terms and plans, covers of items, repair partners, and claims."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import CLAIM, COVER


class WarrantyTerm(Model):
    """A dated row: for how many days after delivery we stand for things of a category and condition, at no price.

    ``provision_permille`` of the goods' price is set aside for it; ``diagnose_days`` is what a partner may take.
    """

    __tablename__ = "warranty_terms"

    category: Mapped[str] = mapped_column(String(30))
    condition: Mapped[str] = mapped_column(String(20))
    days: Mapped[int]
    diagnose_days: Mapped[int]
    provision_permille: Mapped[Decimal] = mapped_column(Numeric(7, 3))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_warranty_terms_category", "category", "condition", "valid_from"),)


class CoverPlan(Model):
    """A dated row: an extended warranty of ``months``, at ``permille`` of the goods' price in bounds (euro cents).

    ``categories`` and ``countries`` are what it is sold for (``*``: everywhere), ``payers`` who may buy it.
    """

    __tablename__ = "cover_plans"

    code: Mapped[str] = mapped_column(String(20))
    months: Mapped[int]
    permille: Mapped[Decimal] = mapped_column(Numeric(7, 3))
    least_minor: Mapped[int]
    most_minor: Mapped[int]
    categories: Mapped[list[str]] = mapped_column(JSONB)
    countries: Mapped[list[str]] = mapped_column(JSONB)
    payers: Mapped[list[str]] = mapped_column(JSONB)
    diagnose_days: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_cover_plans_code", "code", "valid_from"),)


class CoverInclusion(Model):
    """A merchant includes a plan in a listing: orders from ``created_at`` to ``ended_at`` have it at its cost."""

    __tablename__ = "cover_inclusions"

    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listings.id"))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("cover_plans.id"))
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_cover_inclusions_listing", "listing_id", "created_at"),
        Index("uq_cover_inclusions_live", "listing_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )


class Cover(Stateful, Model):
    """What we stand for on one item, and until when: ``official`` (at no price) or ``extended``.

    ``paid_by``: platform, shopper or merchant. ``price_minor`` is in ``currency``, the shopper's or, where the merchant
    pays, the merchant's. ``secured_at``: its price can't be cancelled any more and is earned day by day.
    """

    __tablename__ = "covers"
    machine: Machine = COVER

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    paid_by: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    subject: Mapped[str] = mapped_column(String(40))
    order_ref: Mapped[str] = mapped_column(String(20))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(160))
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("cover_plans.id"))
    term_id: Mapped[UUID | None] = mapped_column(ForeignKey("warranty_terms.id"))
    months: Mapped[int] = mapped_column(default=0)
    diagnose_days: Mapped[int]
    source: Mapped[str] = mapped_column(Text)  # the dated row's, as it stood
    currency: Mapped[str] = mapped_column(String(3))
    price_minor: Mapped[int] = mapped_column(default=0)
    bill_id: Mapped[UUID | None] = mapped_column(ForeignKey("bills.id"), unique=True)
    begins: Mapped[date | None]
    ends: Mapped[date | None]
    secured_at: Mapped[datetime | None]
    given_back_minor: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        # one of each kind for an item, but for those that came to nothing
        Index(
            "uq_covers_live",
            "item_id",
            "kind",
            unique=True,
            postgresql_where=text("state NOT IN ('lapsed', 'cancelled', 'void')"),
        ),
        Index("ix_covers_account", "account_id", "created_at", "id"),
        Index("ix_covers_open", "state", "id", postgresql_where=text("state IN ('agreed', 'paid', 'active')")),
    )

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref, "merchant_ref": self.merchant_ref}


class RepairPartner(Model):
    """A workshop that diagnoses and repairs for us. Business data, shown to whoever sends something there."""

    __tablename__ = "repair_partners"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2))
    place: Mapped[str] = mapped_column(Text)  # street, postal code and city, as on a label
    categories: Mapped[list[str]] = mapped_column(JSONB)
    currency: Mapped[str] = mapped_column(String(3))  # it bills us in
    left_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_repair_partners_country", "country"),)

    @property
    def stream(self) -> str:
        return f"repair_partner/{self.id}"


class WarrantyClaim(Stateful, Model):
    """A defect that a shopper reports of a covered item. ``due`` is until when somebody has to do the next thing."""

    __tablename__ = "warranty_claims"
    machine: Machine = CLAIM

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    cover_id: Mapped[UUID] = mapped_column(ForeignKey("covers.id"), index=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    order_ref: Mapped[str] = mapped_column(String(20))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(160))
    category: Mapped[str] = mapped_column(String(30))
    country: Mapped[str] = mapped_column(String(2))
    story_sealed = sealed_column("conversation")
    story = Sealed("conversation")
    objection_sealed = sealed_column("conversation")
    objection = Sealed("conversation")
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("repair_partners.id"), index=True)
    diagnosis: Mapped[str] = mapped_column(Text, default="")  # the partner's, as the shopper reads it
    ruling: Mapped[str] = mapped_column(Text, default="")  # the officer's, after a second look
    currency: Mapped[str | None] = mapped_column(String(3))
    cost_minor: Mapped[int] = mapped_column(default=0)  # what the partner's work costs us
    refund_ref: Mapped[str] = mapped_column(String(20), default="")
    tracking: Mapped[str] = mapped_column(String(60), default="")  # of the way back to the shopper
    due: Mapped[datetime]

    __table_args__ = (
        Index(
            "uq_warranty_claims_open",
            "item_id",
            unique=True,
            postgresql_where=text(
                "state IN ('reported', 'assigned', 'arrived', 'covered', 'not_covered', 'appealed', 'repaired',"
                " 'dismissed')"
            ),
        ),
        Index("ix_warranty_claims_queue", "state", "due", "id"),
        Index("ix_warranty_claims_account", "account_id", "created_at", "id"),
    )

    @property
    def cost(self) -> Money | None:
        return Money(self.cost_minor, self.currency) if self.currency else None

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref, "merchant_ref": self.merchant_ref}
