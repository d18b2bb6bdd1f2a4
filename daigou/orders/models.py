"""Carts, quotes, orders, their items, and the bills that people pay."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import BILL, ITEM, ORDER, PRICE_CHANGE, QUOTE


class CartLine(Model):
    """``owner`` is an account's key, or the random key in the cookie of somebody who has not signed in."""

    __tablename__ = "cart_lines"

    owner: Mapped[str] = mapped_column(String(60))
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listings.id"))
    quantity: Mapped[int]
    seen_minor: Mapped[int]  # the price when it was put in, so that a change since can be said

    __table_args__ = (
        UniqueConstraint("owner", "listing_id"),
        CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
    )


class Quote(Stateful, Model):
    """An itemised price with its exchange rate locked until ``valid_until``.

    From a cart, or from one sourcing request.
    """

    __tablename__ = "quotes"
    machine: Machine = QUOTE

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))  # what the shopper pays in
    sourcing_id: Mapped[UUID | None] = mapped_column(ForeignKey("sourcing_requests.id"))
    # One per line, as rules.as_json() writes and rules.from_json() reads: "goods_minor" and "freight_minor" in the
    # merchant's "currency", "goods", "freight" and "fee" in the quote's, all in minor units.
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    total_minor: Mapped[int]
    rate_day: Mapped[date]
    valid_until: Mapped[datetime]

    __table_args__ = (
        Index("ix_quotes_account", "account_id", "created_at", "id"),
        Index("ix_quotes_due", "valid_until", postgresql_where=text("state = 'issued'")),
    )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class Order(Stateful, Model):
    __tablename__ = "orders"
    machine: Machine = ORDER

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quotes.id"), unique=True)
    currency: Mapped[str] = mapped_column(String(3))
    country: Mapped[str] = mapped_column(String(2))
    total_minor: Mapped[int]

    items: Mapped[list[OrderItem]] = relationship(back_populates="order", lazy="raise", order_by="OrderItem.line_no")

    __table_args__ = (Index("ix_orders_account", "account_id", "created_at", "id"),)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.ref}


class OrderItem(Stateful, Model):
    """What is bought, by whom, at which frozen price.

    All the ``*_minor`` without a prefix are in the shopper's currency.
    """

    __tablename__ = "order_items"
    machine: Machine = ITEM

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    order_ref: Mapped[str] = mapped_column(String(20))
    line_no: Mapped[int]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    listing_id: Mapped[UUID | None] = mapped_column(ForeignKey("listings.id"))
    listing_version: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(160))
    photo: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(30))
    condition: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(2))
    hs_code: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[int]
    # what the merchant is owed, in its currency
    merchant_currency: Mapped[str] = mapped_column(String(3))
    merchant_goods_minor: Mapped[int]
    merchant_freight_minor: Mapped[int]
    commission_minor: Mapped[int]
    # what the shopper pays
    currency: Mapped[str] = mapped_column(String(3))
    goods_minor: Mapped[int]
    freight_minor: Mapped[int]
    fee_minor: Mapped[int]
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    # measured as listed until the warehouse weighs it
    weight_g: Mapped[int]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    # the merchant's purchase
    purchased_at: Mapped[datetime | None]
    supplier: Mapped[str] = mapped_column(String(120), default="")
    receipt_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    inbound_tracking: Mapped[str] = mapped_column(String(60), default="")
    serial: Mapped[str] = mapped_column(String(80), default="")
    delivered_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(back_populates="items", lazy="raise")

    __table_args__ = (
        Index("ix_order_items_account", "account_id", "state", "id"),
        Index("ix_order_items_merchant", "merchant_id", "state", "state_since", "id"),
        Index("ix_order_items_state", "state", "state_since", "id"),
        Index(
            "ix_order_items_inbound", text("upper(inbound_tracking)"), postgresql_where=text("inbound_tracking <> ''")
        ),
    )

    @property
    def total(self) -> Money:
        """What the shopper pays for it: goods, domestic freight and service fee."""
        return Money(self.goods_minor + self.freight_minor + self.fee_minor, self.currency)

    @property
    def merchant_due(self) -> Money:
        """What the merchant gets for it, net of the commission frozen at order time."""
        return Money(
            self.merchant_goods_minor + self.merchant_freight_minor - self.commission_minor, self.merchant_currency
        )

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref, "merchant_ref": self.merchant_ref}


class PriceChange(Stateful, Model):
    """What a merchant reported before buying: all pieces of an item cost ``after`` instead of ``before``.

    ``difference_minor`` is what that makes in the shopper's currency, at the rate that the order locked; negative where
    the price fell.
    """

    __tablename__ = "price_changes"
    machine: Machine = PRICE_CHANGE

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    order_ref: Mapped[str] = mapped_column(String(20))
    merchant_currency: Mapped[str] = mapped_column(String(3))
    before_minor: Mapped[int]
    after_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    difference_minor: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    bill_id: Mapped[UUID | None] = mapped_column(ForeignKey("bills.id"), unique=True)

    __table_args__ = (
        Index("ix_price_changes_item", "item_id", "created_at"),
        # asked about one price at a time
        Index(
            "uq_price_changes_open",
            "item_id",
            unique=True,
            postgresql_where=text("state IN ('awaiting', 'lowering')"),
        ),
    )

    @property
    def before(self) -> Money:
        return Money(self.before_minor, self.merchant_currency)

    @property
    def after(self) -> Money:
        return Money(self.after_minor, self.merchant_currency)

    @property
    def difference(self) -> Money:
        return Money(self.difference_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref, "merchant_ref": self.merchant_ref}


class Bill(Stateful, Model):
    """What a shopper owes at one moment: the goods of an order, the difference when a price rose, a parcel's freight,
    an extended warranty.

    ``split`` says where the money goes once it is in: rows of {"escrow": item or parcel id, "minor": …}.
    """

    __tablename__ = "bills"
    machine: Machine = BILL

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # goods, difference, freight, cover
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    parcel_id: Mapped[UUID | None] = mapped_column(index=True)
    about_ref: Mapped[str] = mapped_column(String(20))  # ORD-… or PCL-…
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    split: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # shown: {"label", "minor"}
    due_until: Mapped[datetime]

    order: Mapped[Order | None] = relationship(lazy="raise")  # so that an order is written before its bill

    __table_args__ = (
        CheckConstraint("total_minor > 0", name="total_positive"),
        Index("ix_bills_account", "account_id", "created_at", "id"),
        Index("ix_bills_due", "due_until", postgresql_where=text("state = 'due'")),
    )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.about_ref}
