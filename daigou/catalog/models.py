"""What merchants offer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from daigou.accounts.models import Merchant
from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import LISTING


class Listing(Stateful, Model):
    """One offer in the merchant's currency. ``version`` rises with every edit, so that cards can be cached by it."""

    __tablename__ = "listings"
    machine: Machine = LISTING

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    version: Mapped[int] = mapped_column(default=1)
    category: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(160))
    brand: Mapped[str] = mapped_column(String(80), default="")
    model: Mapped[str] = mapped_column(String(80), default="")
    origin: Mapped[str] = mapped_column(String(2))  # country of origin, for customs and the passport
    hs_code: Mapped[str] = mapped_column(String(12))
    condition: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(Text, default="")
    # {"purchased_on", "usage", "function", "accessories", "flaws"}: S19's structured template
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    included_cover: Mapped[str | None] = mapped_column(String(20))  # the plan of daigou.warranty that comes with it
    # titles and descriptions in other languages: {"zh_Hans": {"title": …, "description": …}}
    translations: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    price_minor: Mapped[int]
    domestic_freight_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    stock: Mapped[int]
    weight_g: Mapped[int]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    photos: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # refs of stored files, the cover first
    # what each of them shows, by its ref: one of rules.VIEWS; "" or nothing where nobody has said
    photo_views: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    item_number: Mapped[str] = mapped_column(String(80), default="")  # the merchant's own, or a digest of its row
    held: Mapped[bool] = mapped_column(default=False)  # paused because the merchant is held; comes back by itself
    published_no: Mapped[int | None]  # order of publication and standing, highest first on the listing page
    lead_days: Mapped[int] = mapped_column(default=0)  # of these, what the shop's standing gave: see ranking.py
    # Words and, for scripts without spaces, bigrams; kept by the service, searched by GIN.
    search: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)

    merchant: Mapped[Merchant] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("stock >= 0", name="stock_not_negative"),
        CheckConstraint("price_minor > 0", name="price_positive"),
        Index("ix_listings_window", "published_no", postgresql_where=text("state = 'active'")),
        Index("ix_listings_category", "category", "published_no", postgresql_where=text("state = 'active'")),
        Index("ix_listings_price", "currency", "price_minor", "id", postgresql_where=text("state = 'active'")),
        Index("ix_listings_kin", "brand", "model", "condition", postgresql_where=text("state = 'active'")),
        Index("ix_listings_merchant", "merchant_id", "id"),
        Index(
            "uq_listings_item_number", "merchant_id", "item_number",
            unique=True, postgresql_where=text("item_number <> '' AND state <> 'ended'"),
        ),
        Index("ix_listings_shown", "merchant_id", postgresql_where=text("state = 'active'")),
        Index("ix_listings_held", "merchant_id", postgresql_where=text("held")),
        Index("ix_listings_search", "search", postgresql_using="gin"),
    )  # fmt: skip

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def domestic_freight(self) -> Money:
        return Money(self.domestic_freight_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"merchant": self.merchant_id}
