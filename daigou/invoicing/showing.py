"""Invoices for those whom they concern, as rows and as PDF."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from compliance.audit import door
from daigou.core.access import Actor, require
from daigou.core.db import Page, keyset, load, transaction
from daigou.core.i18n import _, country_name, format_money
from daigou.core.money import Money
from daigou.providers import typesetting

from .models import Invoice


def of_merchant(actor: Actor, cursor: str | None) -> Page:
    """The merchant's, newest first."""
    statement = select(Invoice).where(Invoice.merchant_id == actor.merchant_id)
    return keyset(statement, Invoice.created_at, Invoice.id, cursor=cursor, size=12)


def of_shopper(actor: Actor, cursor: str | None) -> Page:
    statement = select(Invoice).where(Invoice.account_id == actor.account_id)
    return keyset(statement, Invoice.created_at, Invoice.id, cursor=cursor)


def everybody(actor: Actor, cursor: str | None) -> Page:
    require(actor, "books.view")
    return keyset(select(Invoice), Invoice.created_at, Invoice.id, cursor=cursor)


def pdf(actor: Actor, number: str) -> bytes:
    """Set from the row alone, so it always says the same. That it was read stands in the log."""
    with transaction():
        row = load(Invoice, number=number)
        require(actor, "invoice.view", row)
        door.note(actor, row.stream, "invoice:read", number=row.number)
    return typeset(row)


def typeset(row: Invoice) -> bytes:
    template = (files("daigou.invoicing") / "invoice.typ").read_text()
    with force_locale(row.locale):
        return typesetting.pdf(template, {**_words(row), **_facts(row)})


def _words(row: Invoice) -> dict[str, str]:
    return {
        "heading": _("Credit note") if row.kind == "credit_note" else _("Invoice"),
        "number_word": _("Number"),
        "day_word": _("Date"),
        "period_word": _("For"),
        "corrects_word": _("Corrects"),
        "from_word": _("From"),
        "to_word": _("To"),
        "tax_number_word": _("Tax number"),
        "reference_word": _("Reference"),
        "amount_word": _("Amount"),
        "net_word": _("Without tax"),
        "vat_word": _("Tax, %(percent)s %%", percent=f"{(row.vat_permille / 10).normalize():f}"),
        "gross_word": _("Together"),
        "what": _("Commission on goods sold") if row.merchant_id else _("Service fee"),
        "foot": _("The amounts contain the tax. They were charged already: nothing is left to be paid."),
    }


def _facts(row: Invoice) -> dict[str, Any]:
    shown = row.period_from.isoformat()
    if row.merchant_id:
        shown = f"{row.period_from:%Y-%m}"
    return {
        "number": row.number,
        "day": row.issued_on.isoformat(),
        "period": shown,
        "corrects": row.corrects or "",
        "seller": row.seller,
        "buyer": {"name": str((row.buyer or {}).get("name", "") if isinstance(row.buyer, dict) else row.buyer)},
        "country": country_name(row.country),
        "about": row.about_ref,
        "lines": [[line["ref"], format_money(Money(line["minor"], row.currency))] for line in row.lines],
        "net": format_money(row.net),
        "vat": format_money(row.vat),
        "gross": format_money(row.gross),
        "note": row.note,
    }
