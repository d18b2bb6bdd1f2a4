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
from xml.etree import ElementTree as ET

from sqlalchemy import case, extract, func, select

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

from .models import Release
from .payout_models import Recourse
from .statements import harmless

KIND = "dac7.export"
FIRST_YEAR = 2020
QUARTERS = (1, 2, 3, 4)


@dataclass(slots=True)
class Quarter:
    """Minor units of the seller's currency. ``consideration`` is before ``fees``."""

    consideration: int = 0
    activities: int = 0
    fees: int = 0


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
        return proposals.propose(
            actor, KIND, about=f"dac7/{year}", summary=said, reason=reason, payload={"year": year}
        )


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
    """Every seller with a sale in the year, by reference. Two queries, whatever their number."""
    found: dict[UUID, Seller] = {}
    for merchant, quarter, consideration, count, fees in db.session.execute(_released(year)):
        row = found.setdefault(merchant.id, Seller(merchant)).quarters[int(quarter)]
        row.consideration, row.activities, row.fees = int(consideration), int(count), int(fees)
    for merchant, quarter, consideration, fees in db.session.execute(_taken_back(year)):
        row = found.setdefault(merchant.id, Seller(merchant)).quarters[int(quarter)]
        row.consideration, row.fees = row.consideration - int(consideration), row.fees - int(fees)
    return sorted(found.values(), key=lambda seller: seller.merchant.ref)


def _released(year: int) -> Any:
    """A release is the ledger's credit to the seller; its amount is after our commission."""
    quarter = extract("quarter", func.timezone("UTC", Release.created_at))
    gross = Release.amount_minor + Release.commission_minor
    return (
        select(Merchant, quarter, func.sum(gross), func.count(), func.sum(Release.commission_minor))
        .join(Merchant, Merchant.id == Release.merchant_id)
        .where(*_within(Release.created_at, year))
        .group_by(Merchant.id, quarter)
    )


def _taken_back(year: int) -> Any:
    """A recourse is what a refund took back from the seller afterwards."""
    quarter = extract("quarter", func.timezone("UTC", Recourse.created_at))
    fees = func.sum(case((Recourse.commission_minor > 0, Recourse.commission_minor), else_=0))
    gross = func.sum(Recourse.amount_minor + Recourse.commission_minor)
    return (
        select(Merchant, quarter, gross, fees)
        .join(Merchant, Merchant.id == Recourse.merchant_id)
        .where(*_within(Recourse.created_at, year))
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
    """The figures in the element names of the OECD's DPI schema, which DAC7's uses. A national wrapper (message ids,
    the platform's own entry) is added where it is filed."""
    root = ET.Element("DPIBody", {"reportingPeriod": f"{year}-12-31"})
    for seller in found:
        _seller_in(ET.SubElement(root, "ReportableSeller"), seller)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8")


def _seller_in(node: ET.Element, seller: Seller) -> None:
    merchant, known = seller.merchant, seller.identity
    identity = ET.SubElement(ET.SubElement(node, "Identity"), _NODES.get(merchant.kind, "EntitySeller"))
    standard = ET.SubElement(identity, "Standard")
    _text(standard, "ResCountryCode", merchant.country)
    _text(standard, "TIN", known.get("tax_number", ""))
    _text(standard, "IN", known.get("registration_number", ""))
    _text(standard, "Name", known.get("legal_name", ""))
    address = ET.SubElement(standard, "Address")
    _text(address, "CountryCode", merchant.country)
    _text(address, "AddressFree", ", ".join(filter(None, (known.get("address"), known.get("city")))))
    account = ET.SubElement(identity, "FinancialIdentifier")
    _text(account, "Identifier", known.get("iban", ""))
    goods = ET.SubElement(ET.SubElement(node, "RelevantActivities"), "SaleOfGoods")
    for name, attribute in (("Consideration", "consideration"), ("NumberOfActivities", "activities"), ("Fees", "fees")):
        parent = ET.SubElement(goods, name)
        for number in QUARTERS:
            value = getattr(seller.quarters[number], attribute)
            plain = value if attribute == "activities" else Money(value, merchant.currency).decimal
            child = _text(parent, f"{_SHORT[name]}Q{number}", str(plain))
            if attribute != "activities":
                child.set("currCode", merchant.currency)


_NODES = {"individual": "IndividualSeller"}
_SHORT = {"Consideration": "Cons", "NumberOfActivities": "Numb", "Fees": "Fees"}


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    node = ET.SubElement(parent, name)
    node.text = text
    return node


def _agree(actor: Actor, proposal: Proposal) -> None:
    """Agreeing opens nothing yet: the one who asked fetches the file, with a fresh proof of who they are."""
    door.note(actor, f"dac7/{proposal.payload['year']}", "dac7:agreed", proposal=proposal.ref)


proposals.register(
    proposals.Kind(KIND, propose="dac7.propose", decide="dac7.decide", title=lazy("DAC7 figures"), apply=_agree)
)
