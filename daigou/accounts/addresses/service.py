"""A shopper's address book. An address is never rewritten: parcels and forms may stand on the old one."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from compliance.audit import door
from compliance.customs import service as duties
from daigou.accounts.models import Account, Address
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.risk.network import service as network

from .rules import AddressFacts, faults, international

MOST = 50


def mine(actor: Actor) -> list[Address]:
    """The actor's addresses in use, newest first: at most MOST, so they come without pages."""
    statement = select(Address).where(Address.account_id == actor.account_id, Address.archived_at.is_(None))
    return list(db.session.execute(statement.order_by(Address.id.desc()).limit(MOST)).scalars())


def find(actor: Actor, ref: str) -> Address:
    """One of the actor's addresses in use; NotFound for anybody else's."""
    address = load(Address, ref=ref, archived_at=None)
    require(actor, "address.view", address)
    return address


def add(actor: Actor, facts: AddressFacts) -> Address:
    """A new address. Invalid by field when parcels can't be sent there."""
    require(actor, "address.keep")
    checked = _checked(facts)
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        if len(mine(actor)) >= MOST:
            raise Impossible("address.full", lazy("Your address book is full. Delete an address that you don’t need."))
        address = _row(account, checked)
        db.session.add(address)
        door.record(actor, account, "address_added", address=address.ref, country=address.country)
    return address


def change(actor: Actor, ref: str, facts: AddressFacts) -> Address:
    """A new version under a new reference; the old one is put away."""
    require(actor, "address.keep")
    checked = _checked(facts)
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        old = _locked(actor, ref)
        old.archived_at = clock.now()
        address = _row(account, checked)
        db.session.add(address)
        door.record(actor, account, "address_changed", address=address.ref, before=old.ref, country=address.country)
    return address


def delete(actor: Actor, ref: str) -> None:
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        address = _locked(actor, ref)
        address.archived_at = clock.now()
        door.record(actor, account, "address_deleted", address=address.ref)


def _locked(actor: Actor, ref: str) -> Address:
    address = load_locked(Address, ref=ref, archived_at=None)
    require(actor, "address.view", address)
    return address


def importer_id(country: str) -> str | None:
    """What the recipient's number is called that customs there asks for; None where it asks for none."""
    return duties.importer_id(country, clock.today())


def _checked(facts: AddressFacts) -> AddressFacts:
    wrong = faults(facts)
    number = importer_id(facts.country)
    if number and not facts.tax_id:
        wrong["tax_id"] = lazy("Customs there asks for the recipient’s number (%(number)s).", number=number)
    if wrong:
        raise Invalid(wrong, code="address.invalid")
    return replace(facts, phone=international(facts.phone, facts.country) or facts.phone)


def _row(account: Account, facts: AddressFacts) -> Address:
    address = Address(ref=ids.new_ref("ADR"), account_id=account.id, subject=account.subject, country=facts.country)
    address.content = facts.content()
    network.link(account.id, network.ADDRESS, f"{facts.country} {facts.postal_code} {facts.street}")
    return address
