"""Invoices are issued once for what they are about, under the next number, and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from daigou.accounts.models import Account, Member, Merchant
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.money import Money, total
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders.models import Order, OrderItem
from daigou.payments.escrow.models import Release
from daigou.payments.payouts.models import Recourse
from daigou.payments.refunds.models import Refund

from . import rules
from .models import Invoice, InvoiceSequence
from .taxing import tax_of

CLERK = system("invoicing")


@dataclass(frozen=True, slots=True)
class Buyer:
    subject: str
    name: str
    country: str
    locale: str
    is_business: bool
    merchant_id: UUID | None = None
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What an invoice is to say. ``about`` is the locked order or merchant that its tax is posted for."""

    kind: str
    key: str
    about: Any
    income: str  # the account that the fee stands on: service_fee or commission
    lines: Sequence[tuple[str, Money]]
    since: date
    until: date
    corrects: str | None = None


def for_order(order_id: UUID) -> Invoice | None:
    """The service fee of a paid order. None when nothing was charged."""
    with transaction():
        order = load_locked(Order, id=order_id)
        items = _items(order.id)
        lines = [(item.ref, Money(item.fee_minor, order.currency)) for item in items if item.fee_minor]
        if not lines:
            return None
        today, key = clock.today(), f"order:{order.id}"
        return _issue(_shopper(order), Bill("service_fee", key, order, "service_fee", lines, today, today))


def _items(order_id: UUID) -> list[OrderItem]:
    statement = select(OrderItem).filter_by(order_id=order_id).order_by(OrderItem.line_no)
    return list(db.session.execute(statement).scalars())


def _shopper(order: Order) -> Buyer:
    account = db.session.get_one(Account, order.account_id)
    return Buyer(
        account.subject, str(account.name), order.country, account.locale, is_business=False, account_id=account.id
    )


def credit_refund(refund_id: UUID) -> Invoice | None:
    """What a refund gave back of our service fee, as a credit note to the order's invoice. None when nothing."""
    with transaction():
        refund = load(Refund, id=refund_id)
        item = db.session.get(OrderItem, refund.item_id) if refund.item_id else None
        if item is None:
            return None
        order = load_locked(Order, id=item.order_id)
        invoice = find(Invoice, key=f"order:{order.id}")
        amount = _fee_back(item) if invoice is not None else None
        if invoice is None or not amount:
            return None
        today, key, lines = clock.today(), f"refund:{refund.id}", [(item.ref, -amount)]
        bill = Bill("credit_note", key, order, "service_fee", lines, today, today, invoice.number)
        return _issue(_shopper(order), bill, invoice)


def _fee_back(item: OrderItem) -> Money:
    """What all refunds of an item gave back of our fee, less what was credited for it before."""
    statement = select(func.coalesce(func.sum(Refund.amount_minor), 0)).filter_by(item_id=item.id, state="succeeded")
    refunded = Money(int(db.session.execute(statement).scalar_one()), item.currency)
    minor = item.goods_minor, item.freight_minor, item.fee_minor
    goods, freight, fee = (Money(part, item.currency) for part in minor)
    whole = rules.fee_refunded(goods, freight, fee, refunded)
    notes = select(Invoice).where(Invoice.about_ref == item.order_ref, Invoice.kind == "credit_note")
    credited = [
        Money(-line["minor"], item.currency)
        for note in db.session.execute(notes).scalars()
        for line in note.lines
        if line["ref"] == item.ref
    ]
    return whole - total(credited, item.currency)


def for_month(today: date) -> int:
    """Every merchant's commission of the month before. Run twice, it finds them issued. How many were new."""
    since, until = rules.month_before(today)
    return sum(_commission(merchant_id, since, until) for merchant_id in _merchants(since, until))


def _merchants(since: date, until: date) -> list[UUID]:
    """Who was charged or credited any commission in these days."""
    found: set[UUID] = set()
    with transaction():
        for model in (Release, Recourse):
            rows = select(model.merchant_id).where(model.created_at >= since, model.created_at < until).distinct()
            found |= set(db.session.execute(rows).scalars())
    return sorted(found)


def _commission(merchant_id: UUID, since: date, until: date) -> int:
    """One invoice a currency; a month in which more went back than was charged makes a credit note."""
    issued = 0
    with transaction():
        merchant = load_locked(Merchant, id=merchant_id)
        for currency, lines in _charged(merchant_id, since, until).items():
            sign = total((amount for _ref, amount in lines), currency)
            kind = "commission" if sign.minor > 0 else "credit_note"
            key = f"commission:{merchant_id}:{currency}:{since:%Y-%m}"
            if sign and find(Invoice, key=key) is None:
                _issue(_shop(merchant), Bill(kind, key, merchant, "commission", lines, since, until))
                issued += 1
    return issued


def _charged(merchant_id: UUID, since: date, until: date) -> dict[str, list[tuple[str, Money]]]:
    found: dict[str, list[tuple[str, Money]]] = {}
    for model, sign in ((Release, 1), (Recourse, -1)):
        rows = (
            select(model.ref, model.currency, model.commission_minor)
            .where(model.merchant_id == merchant_id, model.created_at >= since, model.created_at < until)
            .where(model.commission_minor != 0)
            .order_by(model.created_at, model.id)
        )
        for ref, currency, minor in db.session.execute(rows):
            found.setdefault(currency, []).append((ref, Money(sign * int(minor), currency)))
    return found


def _shop(merchant: Merchant) -> Buyer:
    statement = (
        select(Account.locale)
        .join(Member, Member.account_id == Account.id)
        .where(Member.merchant_id == merchant.id, Member.role == "owner")
        .limit(1)
    )
    locale = db.session.execute(statement).scalar_one_or_none() or "en"
    return Buyer(merchant.subject, merchant.name, merchant.country, locale, is_business=True, merchant_id=merchant.id)


# ---- the one place that makes an invoice


def _issue(buyer: Buyer, bill: Bill, corrected: Invoice | None = None) -> Invoice:
    """The row, its number and its tax in the books. The caller holds the lock of what it is about."""
    known = find(Invoice, key=bill.key)
    if known is not None:
        return known
    today, country = clock.today(), current_app.extensions["config"].platform_country
    tax = _tax_of(corrected) if corrected else tax_of(buyer.country, buyer.is_business, today)
    parts = rules.split(total((amount for _ref, amount in bill.lines), bill.lines[0][1].currency), tax)
    row = Invoice(
        number=rules.number(country, today.year, _next(country, today.year)),
        kind=bill.kind,
        key=bill.key,
        subject=buyer.subject,
        merchant_id=buyer.merchant_id,
        account_id=buyer.account_id,
        about_ref=bill.about.ref,
        corrects=bill.corrects,
        country=buyer.country,
        locale=buyer.locale,
        issued_on=today,
        period_from=bill.since,
        period_to=bill.until,
        currency=parts.net.currency,
        gross_minor=parts.gross.minor,
        vat_minor=parts.vat.minor,
        vat_permille=tax.permille,
        treatment=tax.treatment,
        note=tax.note,
        seller=seller(),
        lines=[{"ref": ref, "minor": amount.minor} for ref, amount in bill.lines],
    )
    row.buyer = {"name": buyer.name}
    _keep(row, bill, country)
    return row


def _tax_of(invoice: Invoice) -> rules.Tax:
    """A credit note is taxed as what it credits was."""
    return rules.Tax(invoice.vat_permille, invoice.treatment, invoice.note)


def _keep(row: Invoice, bill: Bill, country: str) -> None:
    db.session.add(row)
    db.session.flush()
    lines = [debit(bill.income, row.vat), credit("vat_due", row.vat, country)]
    post(CLERK, bill.about, "taxed", f"invoice:{row.id}", lines, invoice=row.number)
    door.note(CLERK, row.stream, "invoice:issued", number=row.number, gross=str(row.gross), vat=str(row.vat))


def _next(country: str, year: int) -> int:
    """The next number. Its row stays locked until the invoice is committed: numbers have no gaps."""
    statement = (
        insert(InvoiceSequence)
        .values(country=country, year=year, last=1)
        .on_conflict_do_update(index_elements=["country", "year"], set_={"last": InvoiceSequence.last + 1})
        .returning(InvoiceSequence.last)
    )
    return int(db.session.execute(statement).scalar_one())


def seller() -> dict[str, str]:
    """Who we are, from the settings: name, address and tax number in one line, parted by bars."""
    config = current_app.extensions["config"]
    name, address, number = config.legal
    return {"name": name, "address": address, "tax_number": number, "country": config.platform_country}
