"""Pure rules of quotes, order items and bills. State belongs to the item; an order aggregates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from daigou.core.money import Money, total
from daigou.core.states import Machine, move
from daigou.pricing.rules import FeeRule, Quotation
from daigou.providers.stripe.amounts import step

QUOTE = Machine(
    "quote",
    "issued",
    move("accept", "issued", "accepted", "quote.accept"),
    move("expire", "issued", "expired", "quote.expire"),
)

ORDER = Machine(
    "order",
    "placed",
    move("pay", "placed", "paid", "item.pay"),
    move("cancel", "placed", "cancelled", "order.cancel"),
    move("expire", "placed", "expired", "bill.expire"),
    move("complete", "paid", "completed", "item.complete"),
)

ITEM = Machine(
    "item",
    "payment_pending",
    move("pay", "payment_pending", "paid", "item.pay"),
    move("withdraw", "payment_pending paid", "withdrawn", "order.cancel"),
    # the price rose before it was bought: it waits for the difference
    move("raise_price", "paid", "balance_due", "item.reprice"),
    move("pay_difference", "balance_due", "paid", "item.pay"),
    move("decline_price", "balance_due", "withdrawn", "item.decline"),
    move("purchase", "paid", "purchased", "item.purchase"),
    move("fail_purchase", "paid", "invalid", "item.purchase"),
    # money may not be held any longer, and nothing is proven: payments.holding
    move("expire_hold", "paid purchased received inspected", "invalid", "release.decide"),
    move("receive", "purchased", "received", "item.receive"),
    move("inspect", "received", "inspected", "item.inspect"),
    move("accept", "inspected", "in_stock", "item.accept"),
    move("pack", "in_stock", "in_parcel", "parcel.edit"),
    move("unpack", "in_parcel", "in_stock", "parcel.edit"),
    move("ship", "in_parcel", "shipped", "item.ship"),
    move("deliver", "shipped", "delivered", "item.deliver"),
    move("complete", "delivered", "completed", "item.complete"),
    # after-sales: the item waits where it is until the return is decided
    move("request_return", "inspected in_stock delivered", "return_requested", "return.open"),
    move("keep_inspected", "return_requested", "inspected", "return.decide"),
    move("keep_in_stock", "return_requested", "in_stock", "return.decide"),
    move("keep_delivered", "return_requested", "delivered", "return.decide"),
    move("return", "return_requested", "returned", "return.decide"),
    move("refund", "returned invalid withdrawn", "refunded", "refund.settle"),
    # its parcel did not arrive: a person decides
    move("write_off", "shipped", "returned", "parcel.settle"),
    move("take_back", "shipped", "in_stock", "parcel.settle"),
)

PRICE_CHANGE = Machine(
    "price_change",
    "reported",
    move("ask", "reported", "awaiting", "item.reprice"),
    move("lower", "reported", "lowering", "item.reprice"),
    move("settle", "awaiting lowering", "applied", "item.pay"),
    move("decline", "awaiting", "declined", "item.decline"),
    move("expire", "awaiting", "expired", "bill.expire"),
)

BILL = Machine(
    "bill",
    "due",
    move("process", "due", "processing", "bill.settle"),
    move("reopen", "processing", "due", "bill.settle"),
    move("settle", "due processing", "paid", "bill.settle"),
    move("expire", "due", "expired", "bill.expire"),
    move("cancel", "due", "cancelled", "order.cancel"),
)

QUOTE_HOURS = 24
PAY_HOURS = 48
DIFFERENCE_HOURS = 72
MOST_RISE = 2  # a price that more than doubles is no change of it


def commission_at(commission_minor: int, before_minor: int, after_minor: int) -> int:
    """The commission frozen at order time, at its own rate on the new price, half to even."""
    return round(Fraction(commission_minor * after_minor, before_minor))


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be bought as one line: ``goods`` for all pieces and ``freight`` once, in the merchant's currency."""

    listing_id: UUID | None
    version: int | None
    merchant_id: UUID
    merchant_ref: str
    merchant: str
    title: str
    photo: str | None
    category: str
    condition: str
    origin: str
    hs_code: str
    quantity: int
    goods: Money
    freight: Money
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class Line:
    """An offer in the shopper's currency, with the locked rate it was made with."""

    offer: Offer
    goods: Money
    freight: Money
    fee: Money
    rate: Quotation
    commission_permille: Decimal

    @property
    def total(self) -> Money:
        return self.goods + self.freight + self.fee

    @property
    def commission(self) -> Money:
        """What the platform keeps of the merchant's goods price, half to even."""
        return self.offer.goods.times(Fraction(self.commission_permille) / 1000)


def itemise(
    offers: Sequence[Offer], rates: Mapping[str, Quotation], fee: FeeRule, commission: Mapping[str, Decimal]
) -> list[Line]:
    """Each line's goods and freight converted half to even; one service fee on all goods, shared out to sum exactly.

    ``rates`` and ``commission`` (permille) are by the merchants' currencies.
    """
    goods = [rates[o.goods.currency].convert(o.goods) for o in offers]
    freight = [rates[o.freight.currency].convert(o.freight) for o in offers]
    currency = goods[0].currency
    fees = fee.of(total(goods, currency)).allocate([max(g.minor, 1) for g in goods], step(currency))
    return [
        Line(offer, price, way, our_fee, rates[offer.goods.currency], commission[offer.goods.currency])
        for offer, price, way, our_fee in zip(offers, goods, freight, fees, strict=True)
    ]


def as_json(line: Line) -> dict[str, Any]:
    """The line as a quote keeps it: strings, integers and None only."""
    offer = line.offer
    kept = {name: getattr(offer, name) for name in Offer.__slots__ if name not in ("goods", "freight")}
    return {
        **kept,
        "listing_id": None if offer.listing_id is None else str(offer.listing_id),
        "merchant_id": str(offer.merchant_id),
        "goods_minor": offer.goods.minor,
        "freight_minor": offer.freight.minor,
        "currency": offer.goods.currency,
        "rate": str(line.rate.rate),
        "rate_day": line.rate.day.isoformat(),
        "rate_source": line.rate.source,
        "spread_permille": str(line.rate.spread_permille),
        "goods": line.goods.minor,
        "freight": line.freight.minor,
        "fee": line.fee.minor,
        "commission_permille": str(line.commission_permille),
    }


def from_json(row: Mapping[str, Any], currency: str) -> Line:
    """A quote's line back from what was kept; ``currency`` is the quote's."""
    plain = {name: row[name] for name in Offer.__slots__ if name in row and name not in ("goods", "freight")}
    listing_id = None if row["listing_id"] is None else UUID(row["listing_id"])
    goods, freight = Money(row["goods_minor"], row["currency"]), Money(row["freight_minor"], row["currency"])
    plain |= {"listing_id": listing_id, "merchant_id": UUID(row["merchant_id"]), "goods": goods, "freight": freight}
    rate = Quotation(
        row["currency"],
        currency,
        Decimal(row["rate"]),
        date.fromisoformat(row["rate_day"]),
        row["rate_source"],
        Decimal(row["spread_permille"]),
    )
    goods, freight, fee = (Money(row[name], currency) for name in ("goods", "freight", "fee"))
    return Line(Offer(**plain), goods, freight, fee, rate, Decimal(row["commission_permille"]))
