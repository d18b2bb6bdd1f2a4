"""Parcels, what they hold, and what carriers say of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import PARCEL


class CarrierLine(Model):
    """A carrier's service as a dated row: zones and steps of weight, divisor, what it insures and refuses."""

    __tablename__ = "carrier_lines"

    code: Mapped[str] = mapped_column(String(40))
    carrier: Mapped[str] = mapped_column(String(40))  # the name the carrier aggregator knows
    service: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    origin: Mapped[str] = mapped_column(String(2))
    destination: Mapped[str] = mapped_column(String(2))
    divisor: Mapped[int | None]  # cm³ per kg for chargeable weight; None: actual weight only (postal lines)
    days_min: Mapped[int]
    days_max: Mapped[int]
    max_weight_g: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    steps: Mapped[list[dict[str, int]]] = mapped_column(JSONB)  # {"up_to_g", "minor"}, rising
    insured_up_to_minor: Mapped[int]
    incoterms: Mapped[list[str]] = mapped_column(JSONB)  # DAP, DDP
    exclusions: Mapped[list[str]] = mapped_column(JSONB)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("code", "origin", "destination", "valid_from"),
        Index("ix_carrier_lines_lane", "origin", "destination", "valid_from"),
    )


class Parcel(Stateful, Model):
    __tablename__ = "parcels"
    machine: Machine = PARCEL

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    country: Mapped[str] = mapped_column(String(2))  # destination
    address_id: Mapped[UUID] = mapped_column(ForeignKey("addresses.id"))
    consignee_sealed = sealed_column("transaction")
    consignee = Sealed("transaction")  # the address as it was when the parcel was submitted
    line_code: Mapped[str | None] = mapped_column(String(40))
    incoterm: Mapped[str | None] = mapped_column(String(3))
    insured: Mapped[bool] = mapped_column(Boolean, default=False)
    currency: Mapped[str] = mapped_column(String(3))
    # all frozen at submission, in the shopper's currency
    declared_minor: Mapped[int] = mapped_column(default=0)
    freight_minor: Mapped[int] = mapped_column(default=0)
    standard_minor: Mapped[int] = mapped_column(default=0)  # freight by the cheapest line then offered
    insurance_minor: Mapped[int] = mapped_column(default=0)
    duty_minor: Mapped[int] = mapped_column(default=0)  # duty and import tax, paid here under DDP only
    actual_g: Mapped[int] = mapped_column(default=0)
    chargeable_g: Mapped[int] = mapped_column(default=0)
    length_mm: Mapped[int] = mapped_column(default=0)
    width_mm: Mapped[int] = mapped_column(default=0)
    height_mm: Mapped[int] = mapped_column(default=0)
    packed_g: Mapped[int | None]  # on the warehouse's scale; the carrier is told this one
    # at the carrier
    ship_requested_at: Mapped[datetime | None]
    shipment_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    tracker_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    tracking_code: Mapped[str | None] = mapped_column(String(60), unique=True)
    label_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    tracked_at: Mapped[datetime | None]  # when the carrier was last asked
    ruling: Mapped[str] = mapped_column(Text, default="")  # why a person settled it as they did, when it did not arrive

    __table_args__ = (
        Index("ix_parcels_account", "account_id", "created_at", "id"),
        Index("ix_parcels_state", "state", "state_since", "id"),
        Index(
            "ix_parcels_tracked",
            "tracked_at",
            postgresql_where=text("tracker_id IS NOT NULL AND delivered_at IS NULL"),
        ),
    )

    @property
    def freight_total(self) -> Money:
        return Money(self.freight_minor + self.insurance_minor + self.duty_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.ref}


class ParcelItem(Model):
    __tablename__ = "parcel_items"

    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"), index=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"), index=True)
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        # an item lies in one parcel at a time
        Index("uq_parcel_items_live", "item_id", unique=True, postgresql_where=text("removed_at IS NULL")),
    )


class TrackingEvent(Model):
    """One scan: our word for it, and the carrier's own beside it. The same scan told twice is one row."""

    __tablename__ = "tracking_events"

    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"))
    at: Mapped[datetime]
    position: Mapped[int]  # in the carrier's own list: it tells several scans of one second apart
    status: Mapped[str] = mapped_column(String(40))
    carrier_status: Mapped[str] = mapped_column(String(60))
    carrier_detail: Mapped[str] = mapped_column(String(60), default="")
    message: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    country: Mapped[str] = mapped_column(String(2), default="")

    __table_args__ = (
        UniqueConstraint("parcel_id", "at", "carrier_status", "carrier_detail", "message"),
        Index("ix_tracking_events_parcel", "parcel_id", "at", "id"),
    )
