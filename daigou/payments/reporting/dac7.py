"""What platforms tell the tax authority of each seller and year: Directive (EU) 2021/514 (DAC7), annex V.

Figures come from the ledger: per quarter, what was paid or credited for the seller's goods (before our fees), how many
sales there were, and what we kept. Names and numbers are opened for this file only, after two people agreed to it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import String, cast, distinct, extract, func, select
from sqlalchemy.orm import aliased

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from compliance.qualification.models import Application
from daigou.accounts import stepup
from daigou.accounts.models import Account as Person
from daigou.accounts.models import Merchant
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, transaction
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger.models import Account as Book
from daigou.ledger.models import Posting, Transaction
from daigou.payments.escrow.models import Release
from daigou.payments.payouts.models import Recourse
from daigou.payments.payouts.statements import harmless

from . import dpi

KIND = "dac7.export"
FIRST_YEAR = 2020
QUARTERS = (1, 2, 3, 4)


@dataclass(slots=True)
class Quarter:
    """Minor units of the seller's currency. ``consideration`` is before ``fees``; we withhold no ``taxes``."""

    consideration: int = 0
    activities: int = 0
    fees: int = 0
    taxes: int = 0


@dataclass(slots=True)
class Seller:
    """One reportable seller and its four quarters."""

    merchant: Merchant
    quarters: dict[int, Quarter] = field(default_factory=lambda: {number: Quarter() for number in QUARTERS})
    identity: dict[str, str] = field(default_factory=dict)


def propose(actor: Actor, year: int, reason: str) -> Proposal:
    """Ask a second person for the file of a year. Invalid for a year that has not begun."""
    if not FIRST_YEAR <= year <= clock.today().year:
        raise Invalid({"year": lazy("Choose a year that has begun.")})
    with transaction():
        if proposals.open_about(KIND, f"dac7/{year}") is not None:
            raise Impossible("dac7.proposed", lazy("This is before a second officer already."))
        said = f"DAC7 {year}: names, addresses, tax and account numbers of all sellers of the year, in clear"
        return proposals.propose(actor, KIND, about=f"dac7/{year}", summary=said, reason=reason, payload={"year": year})


def agreed(actor: Actor) -> Sequence[Proposal]:
    """What may be fetched: the actor's own proposals that somebody agreed to, newest first."""
    require(actor, "dac7.fetch")
    statement = select(Proposal).where(
        Proposal.kind == KIND, Proposal.state == "approved", Proposal.proposed_by == actor.account_id
    )
    return db.session.execute(statement.order_by(Proposal.id.desc()).limit(20)).scalars().all()


def fetch(actor: Actor, ref: str, form: str) -> bytes:
    """The file, ``csv`` or ``xml``, made now. Denied without a fresh proof of who asks, and for others' proposals."""
    require(actor, "dac7.fetch")
    stepup.require_fresh(actor)
    with transaction():
        proposal = proposals.find(actor, ref)
        if proposal.kind != KIND or proposal.proposed_by != actor.account_id or not proposal.is_("approved"):
            raise Denied("dac7.not_agreed", lazy("Another officer must agree to this file first."), actor=actor.subject)
        year = int(proposal.payload["year"])
        found = sellers(year)
        _open_identities(found)
        door.note(actor, f"dac7/{year}", "dac7:fetched", proposal=ref, sellers=len(found), form=form)
    return as_xml(year, found) if form == "xml" else as_csv(year, found)


def sellers(year: int) -> list[Seller]:
    """Every seller with a sale in the year, by reference. One query for each kind of posting, however many sellers."""
    found: dict[UUID, Seller] = {}
    for rows in (Release, Recourse):
        for merchant, quarter, consideration, fees, count in db.session.execute(_posted(rows, year)):
            row = found.setdefault(merchant.id, Seller(merchant)).quarters[int(quarter)]
            row.consideration += int(consideration)
            row.fees += int(fees)
            row.activities += int(count) if rows is Release else 0
    return sorted(found.values(), key=lambda seller: seller.merchant.ref)


def _posted(rows: Any, year: int) -> Any:
    """Straight from the ledger: what was credited to sellers (``payable``, or taken back from them as ``claim``) and
    to us as ``commission`` when an item was released, less what a refund took back; corrections of either count too.
    The consideration is both together, for it is before our fees."""
    origin = aliased(Transaction)
    kind, about = func.coalesce(origin.kind, Transaction.kind), func.coalesce(origin.about, Transaction.about)
    quarter = extract("quarter", func.timezone("UTC", Transaction.created_at))
    fees = func.coalesce(func.sum(-Posting.amount).filter(Book.kind == "commission"), 0)
    sales = func.count(distinct(Transaction.id)).filter(Transaction.corrects_id.is_(None))
    return (
        select(Merchant, quarter, func.sum(-Posting.amount), fees, sales)
        .select_from(Transaction)
        .outerjoin(origin, origin.id == Transaction.corrects_id)
        .join(rows, func.concat(rows.machine.name, "/", cast(rows.id, String)) == about)
        .join(Merchant, Merchant.id == rows.merchant_id)
        .join(Posting, Posting.transaction_id == Transaction.id)
        .join(Book, Book.id == Posting.account_id)
        .where(kind.in_(("released", "taken_back")), Book.kind.in_(("payable", "claim", "commission")))
        .where(*_within(Transaction.created_at, year))
        .group_by(Merchant.id, quarter)
    )


def _within(column: Any, year: int) -> tuple[Any, Any]:
    return column >= datetime(year, 1, 1, tzinfo=UTC), column < datetime(year + 1, 1, 1, tzinfo=UTC)


def _open_identities(found: Sequence[Seller]) -> None:
    """The claims that each seller is known by: opened here and nowhere else for this purpose. One query."""
    keys = [seller.merchant.id for seller in found]
    statement = (
        select(Application, Person)
        .join(Person, Person.id == Application.account_id)
        .where(Application.merchant_id.in_(keys), Application.state == "approved")
        .order_by(Application.id)
    )
    newest = {row[0].merchant_id: row[0] for row in db.session.execute(statement)}
    for seller in found:
        application = newest.get(seller.merchant.id)
        claims = application.claims if application is not None and isinstance(application.claims, dict) else {}
        seller.identity = {name: str(claims.get(name) or "") for name in IDENTITY}


IDENTITY = ("legal_name", "address", "city", "registration_number", "tax_number", "iban")


def as_csv(year: int, found: Sequence[Seller]) -> bytes:
    """One line a seller. Cells that a spreadsheet would take for a formula are defused."""
    out = io.StringIO()
    writer = csv.writer(out)
    figures = [f"q{number}_{name}" for number in QUARTERS for name in ("consideration", "activities", "fees")]
    writer.writerow(["year", "merchant", "kind", "country", *IDENTITY, "currency", *figures])
    for seller in found:
        merchant = seller.merchant
        known = [harmless(seller.identity.get(name, "")) for name in IDENTITY]
        cells = [cell for number in QUARTERS for cell in _cells(merchant, seller.quarters[number])]
        writer.writerow([year, merchant.ref, merchant.kind, merchant.country, *known, merchant.currency, *cells])
    return out.getvalue().encode("utf-8-sig")


def _cells(merchant: Merchant, row: Quarter) -> list[object]:
    return [Money(row.consideration, merchant.currency).decimal, row.activities,
            Money(row.fees, merchant.currency).decimal]  # fmt: skip


def as_xml(year: int, found: Sequence[Seller]) -> bytes:
    """The whole message in the element names of the OECD's DPI schema: see dpi."""
    config = current_app.extensions["config"]
    name, address, number = config.legal
    return dpi.message(year, dpi.Operator(name, address, number, config.platform_country), found, clock.now())


def _agree(actor: Actor, proposal: Proposal) -> None:
    """Agreeing opens nothing yet: the one who asked fetches the file, with a fresh proof of who they are."""
    door.note(actor, f"dac7/{proposal.payload['year']}", "dac7:agreed", proposal=proposal.ref)


proposals.register(
    proposals.Kind(KIND, propose="dac7.propose", decide="dac7.decide", title=lazy("DAC7 figures"), apply=_agree)
)
