"""A parcel before it is paid: built of items in stock, compared, submitted, taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from compliance.audit import door
from compliance.customs import rules as customs
from compliance.customs import service as duties
from daigou.accounts.models import Address
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.core.money import Money
from daigou.orders import service as orders
from daigou.orders.models import Bill
from daigou.payments import service as payments
from daigou.warehouse import service as warehouse

from . import gathering, quoting, screening
from .models import Parcel, ParcelItem
from .quoting import Choice, Offer

PAY_WITHIN = timedelta(hours=48)


def mine(actor: Actor, cursor: str | None) -> Page:
    """The shopper's parcels, the newest first."""
    require(actor, "parcel.build")
    statement = select(Parcel).where(Parcel.account_id == actor.account_id)
    return keyset(statement, Parcel.created_at, Parcel.id, cursor=cursor)


def view(actor: Actor, ref: str) -> Parcel:
    parcel = load(Parcel, ref=ref)
    require(actor, "parcel.view", parcel)
    return parcel


def build(actor: Actor, address_ref: str, item_refs: Sequence[str]) -> Parcel:
    """A draft of these items to this address. Invalid at ``items`` or ``address`` when they can't travel together."""
    with transaction() as session:
        address = gathering.address_of(actor, address_ref)
        items = gathering.stocked(actor, item_refs)
        depot = warehouse.home()
        if not quoting.lines_to(depot.country, address.country):
            raise Invalid({"address": lazy("We don’t ship to this country yet. Choose another address.")})
        gathering.require_identified(address)
        parcel = Parcel(
            ref=ids.new_ref("PCL"),
            account_id=actor.account_id,
            subject=actor.subject,
            warehouse_id=depot.id,
            country=address.country,
            address_id=address.id,
            currency=items[0].currency,
        )
        door.created(actor, parcel, items=[i.ref for i in items], country=address.country)
        session.flush()
        for item in items:
            door.transition(actor, item, "pack", parcel=parcel.ref)
            session.add(ParcelItem(parcel_id=parcel.id, item_id=item.id))
        return parcel


def submit(
    actor: Actor, ref: str, choice: Choice, *, announced: int | None = None, declared: Money | None = None
) -> Bill:
    """Parcel -> freight pending: all that was shown is frozen, and a bill is due within two days.

    ``announced`` is the total (minor units) the page showed: a different one now is refused, so that nobody pays what
    was not announced. ``declared`` may only be what was paid. Invalid names ``line``, ``incoterm``, ``insured`` or
    ``declared``.
    """
    with transaction():
        parcel = load_locked(Parcel, ref=ref)
        require(actor, "parcel.edit", parcel)
        parcel.machine.find(parcel.state, "submit")
        items = quoting.items_of(parcel)
        contents = quoting.contents_of(items)
        _declare(contents, declared)
        offer = chosen(contents, parcel, choice)
        if announced is not None and announced != offer.total.minor:
            words = lazy("The price has changed since this page was made. Look at it again, then go on.")
            raise Invalid({"line": words}, "parcel.price_changed")
        _freeze(parcel, contents, offer)
        screening.screen(parcel, (item.hs_code for item in items))
        if offer.assessment is not None:
            duties.keep(parcel.stream, offer.assessment)
        door.transition(
            actor, parcel, "submit", line=choice.line_code, incoterm=choice.incoterm, total=str(offer.total)
        )
        return _bill(actor, parcel, offer)


def _declare(contents: quoting.Contents, declared: Money | None) -> None:
    try:
        customs.declared_value(contents.goods, declared)
    except customs.UnderDeclared as wrong:
        words = lazy("The declared value is what you paid, no less and no more. Customs fines false values.")
        raise Invalid({"declared": words}) from wrong


def chosen(contents: quoting.Contents, parcel: Parcel, choice: Choice) -> Offer:
    """The exact offer for a choice; Invalid when it can't be chosen."""
    line = next((x for x in quoting.lines_to(_origin(), parcel.country) if x.code == choice.line_code), None)
    if line is None:
        raise Invalid({"line": lazy("Choose one of the lines.")})
    if choice.incoterm not in line.incoterms:
        raise Invalid({"incoterm": lazy("Choose who pays duty and tax, and when.")})
    if choice.insured and not quoting.is_insurable(line, contents.declared):
        raise Invalid({"insured": lazy("This line does not insure such a value. Choose another one or go without.")})
    offer = quoting.offer_of(contents, parcel.country, line, choice)
    if offer is None:
        raise Invalid({"line": lazy("This line does not take a parcel of this weight. Choose another one.")})
    if not offer.may_be_chosen:
        words = lazy("Duty and tax can’t be paid in advance for this country. Choose to pay on arrival.")
        raise Invalid({"incoterm": words})
    return offer


def _origin() -> str:
    return warehouse.home().country


def _freeze(parcel: Parcel, contents: quoting.Contents, offer: Offer) -> None:
    parcel.consignee = db.session.get_one(Address, parcel.address_id).content
    parcel.line_code, parcel.incoterm = offer.line.code, offer.choice.incoterm
    parcel.insured = bool(offer.insurance)
    parcel.declared_minor = contents.declared.minor
    parcel.freight_minor, parcel.insurance_minor = offer.freight.minor, offer.insurance.minor
    parcel.standard_minor = quoting.standard(contents, quoting.lines_to(_origin(), parcel.country)).minor
    parcel.duty_minor = offer.duty.minor
    parcel.actual_g, parcel.chargeable_g = contents.size.weight_g, offer.chargeable_g
    parcel.length_mm, parcel.width_mm = contents.size.length_mm, contents.size.width_mm
    parcel.height_mm = contents.size.height_mm


def _bill(actor: Actor, parcel: Parcel, offer: Offer) -> Bill:
    rows = [
        {"label": _("Freight: %(line)s", line=offer.line.name), "minor": offer.freight.minor},
        {"label": _("Insurance"), "minor": offer.insurance.minor},
        {"label": _("Duty and import tax"), "minor": offer.duty.minor},
    ]
    return orders.issue_bill(
        actor,
        kind="freight",
        account_id=parcel.account_id,
        subject=parcel.subject,
        about_ref=parcel.ref,
        currency=parcel.currency,
        rows=[r for r in rows if r["minor"]],
        split=[{"escrow": str(parcel.id), "minor": offer.total.minor}],
        due_until=clock.now() + PAY_WITHIN,
        parcel_id=parcel.id,
    )


def bill_of(parcel: Parcel) -> Bill | None:
    """The newest freight bill."""
    statement = select(Bill).filter_by(parcel_id=parcel.id).order_by(Bill.id.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def reopen(actor: Actor, ref: str) -> Parcel:
    """Back to a draft while nothing was paid; the bill is void. Impossible once a payment is on its way."""
    with transaction():
        parcel = _with_bill_locked(ref)
        require(actor, "parcel.bill", parcel)
        door.transition(actor, parcel, "reopen")
        void_bill(actor, parcel)
        thaw(parcel)
        return parcel


def _with_bill_locked(ref: str) -> Parcel:
    """Bill first, then parcel: the order in which a payment takes them."""
    known = bill_of(load(Parcel, ref=ref))
    if known is not None:
        bill = load_locked(Bill, id=known.id)
        if bill.is_("processing", "paid"):
            raise Impossible(
                "parcel.paying", lazy("A payment for this parcel is on its way, so it can’t be changed now.")
            )
    parcel: Parcel = load_locked(Parcel, ref=ref)
    return parcel


def thaw(parcel: Parcel) -> None:
    """A draft again: what was frozen for its bill is forgotten, the copied address first of all."""
    parcel.consignee = None
    parcel.freight_minor = parcel.insurance_minor = parcel.duty_minor = 0


def void_bill(actor: Actor, parcel: Parcel) -> None:
    """Its open bill can't be paid any more. The caller holds its lock."""
    bill = bill_of(parcel)
    if bill is not None and bill.is_("due"):
        orders.end_bill(actor, bill, "cancel")


def cancel(actor: Actor, ref: str) -> Parcel:
    """Parcel -> cancelled: its items are in stock again, and paid freight goes back."""
    with transaction():
        paid = load(Parcel, ref=ref).is_("freight_paid")
        parcel = load_locked(Parcel, ref=ref) if paid else _with_bill_locked(ref)
        door.transition(actor, parcel, "cancel")
        if paid:
            payments.refund_parcel(actor, parcel.id, "parcel_cancelled")
        else:
            void_bill(actor, parcel)
        for item in gathering.locked_items(parcel):
            door.transition(actor, item, "unpack", parcel=parcel.ref)
        db.session.execute(
            update(ParcelItem)
            .where(ParcelItem.parcel_id == parcel.id, ParcelItem.removed_at.is_(None))
            .values(removed_at=clock.now())
        )
        return parcel
