"""The directory of repair partners, what each is owed, and how it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.catalog.rules import CATEGORIES
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger import correcting
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import balance

from . import rules
from .models import RepairPartner, WarrantyClaim

AT_PARTNER = ("assigned", "arrived", "covered", "not_covered", "appealed", "repaired", "dismissed")


@dataclass(frozen=True, slots=True)
class Entered:
    """A partner as an officer writes it down. ``place`` is its address as on a label."""

    name: str
    country: str
    place: str
    categories: Sequence[str]
    currency: str


@dataclass(frozen=True, slots=True)
class Account:
    """A partner, what it has in hand, and what we owe it."""

    partner: RepairPartner
    in_hand: int
    owed: Money


def enter(actor: Actor, entered: Entered) -> RepairPartner:
    """A new partner. Invalid at ``categories`` when it repairs nothing that we know."""
    with transaction():
        require(actor, "warranty.partner")
        if not entered.categories or not set(entered.categories) <= set(CATEGORIES):
            raise Invalid({"categories": lazy("Choose one of these.")})
        row = RepairPartner(
            ref=ids.new_ref("RPR"),
            name=entered.name,
            country=entered.country,
            place=entered.place,
            categories=list(entered.categories),
            currency=entered.currency,
        )
        db.session.add(row)
        door.note(actor, row.stream, "repair_partner:entered", partner=row.ref, country=row.country)
    return row


def leave(actor: Actor, ref: str) -> RepairPartner:
    """It gets no more work; what it has in hand it ends."""
    with transaction():
        require(actor, "warranty.partner")
        row: RepairPartner = load_locked(RepairPartner, ref=ref)
        if row.left_at is None:
            row.left_at = clock.now()
            door.note(actor, row.stream, "repair_partner:left", partner=row.ref)
    return row


def working(category: str) -> list[RepairPartner]:
    """Those that take such things, by country."""
    statement = (
        select(RepairPartner)
        .where(RepairPartner.left_at.is_(None), RepairPartner.categories.contains([category]))
        .order_by(RepairPartner.country, RepairPartner.ref)
    )
    return list(db.session.execute(statement).scalars())


def choose(category: str, country: str) -> RepairPartner | None:
    """The one that the rule names; None where a person must look."""
    found = working(category)
    loads = _in_hand()
    benches = [rules.Bench(p.ref, p.country, frozenset(p.categories), loads.get(p.id, 0)) for p in found]
    ref = rules.partner_for(benches, category, country)
    return next((partner for partner in found if partner.ref == ref), None)


def _in_hand() -> dict[object, int]:
    statement = (
        select(WarrantyClaim.partner_id, func.count())
        .where(WarrantyClaim.state.in_(AT_PARTNER), WarrantyClaim.partner_id.is_not(None))
        .group_by(WarrantyClaim.partner_id)
    )
    return {key: int(count) for key, count in db.session.execute(statement)}


def directory(actor: Actor) -> list[Account]:
    """All partners with their work and what we owe them, those that left last."""
    require(actor, "warranty.partner")
    statement = select(RepairPartner).order_by(RepairPartner.left_at.is_not(None), RepairPartner.name).limit(500)
    rows, loads = db.session.execute(statement).scalars().all(), _in_hand()
    return [Account(row, loads.get(row.id, 0), owed(row)) for row in rows]


def owed(partner: RepairPartner) -> Money:
    return balance("repair_payable", partner.currency, partner.id)


def propose_payment(actor: Actor, ref: str, amount: Money, reason: str) -> Proposal:
    """A partner's invoice was paid by bank: put before a second officer. Invalid at ``paid`` for more than is owed."""
    with transaction():
        require(actor, "warranty.partner")
        partner: RepairPartner = load_locked(RepairPartner, ref=ref)
        if proposals.open_about(correcting.KIND, partner.stream) is not None:
            raise Impossible("partner.payment_waits", lazy("A payment to this partner waits for a second officer."))
        if amount.currency != partner.currency or not amount or amount > owed(partner):
            raise Invalid({"paid": lazy("We do not owe this partner that much.")})
        lines = [debit("repair_payable", amount, partner.id), credit("bank", amount)]
        return correcting.propose(actor, lines, reason, about=partner.stream)


def account(actor: Actor, ref: str) -> Account:
    """One partner, what it has in hand, and what we owe it."""
    require(actor, "warranty.partner")
    partner: RepairPartner = load(RepairPartner, ref=ref)
    return Account(partner, _in_hand().get(partner.id, 0), owed(partner))
