"""Ways to pay as dated rows with their source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Index, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model


class PaymentMethod(Model):
    """One way to pay, as it is offered from ``valid_from`` until before ``valid_to``.

    ``rides_on`` is the provider's own type: contactless wallets, prepaid cards and UnionPay are cards to it.
    ``currencies`` are by the platform account's country ("*": any other), ``countries`` the payers' ("*": all).
    ``limits`` are [least, most] in minor units by currency, where this way has its own.
    """

    __tablename__ = "payment_methods"

    code: Mapped[str] = mapped_column(String(30))
    rides_on: Mapped[str] = mapped_column(String(30))
    currencies: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    countries: Mapped[list[str]] = mapped_column(JSONB)
    usual_in: Mapped[list[str]] = mapped_column(JSONB, default=list)
    limits: Mapped[dict[str, list[int]]] = mapped_column(JSONB, default=dict)
    wait_days: Mapped[int] = mapped_column(default=0)  # 0: confirmed at once; else how long the money may take
    refund_days: Mapped[int]  # how long a refund can go back this way
    cost_permille: Mapped[Decimal] = mapped_column(Numeric(7, 3))  # what the provider takes of us: for ranking only
    instalments: Mapped[bool] = mapped_column(default=False)  # the provider lends, after a credit check of its own
    wants_address: Mapped[bool] = mapped_column(default=False)  # only with the payer's name and delivery address
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_payment_methods_code", "code", "valid_from"),)
