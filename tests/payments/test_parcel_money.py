"""What was paid for a parcel, and where it is."""

from daigou.core.access import system
from daigou.core.db import load_locked, transaction
from daigou.core.money import Money
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders import service as orders
from daigou.payments.escrow import releasing, whereabouts
from daigou.payments.paying.models import Attempt
from daigou.shipping import service as shipping
from daigou.shipping.models import Parcel
from tests import factories
from tests.warehouse import bench
from traceability.passport import service as passports


def paid_parcel(shopper, merchant):
    """A parcel whose freight was paid, as a payment leaves it."""
    item = bench.item("in_stock", shopper, merchant)
    with transaction():
        passports.open_passport(item.id, item.title, "", item.origin)
    parcel = shipping.build(factories.actor(shopper), bench.address(shopper).ref, [item.ref])
    bill = shipping.submit(factories.actor(shopper), parcel.ref, shipping.Choice("nippon-ems", "DDP", False))
    _pay(parcel, bill)
    return parcel, bill.total


def _pay(parcel, bill):
    with transaction() as session:
        attempt = Attempt(
            bill_id=bill.id, bill_ref=bill.ref, account_id=bill.account_id, subject=bill.subject, method="card",
            order_ref=bill.about_ref, locale="en", currency=bill.currency, amount_minor=bill.total_minor,
            expires_at=bill.due_until,
        )  # fmt: skip
        session.add(attempt)
        session.flush()
        from compliance.audit import door

        for move in ("open", "succeed"):
            door.transition(system("test"), attempt, move)
        lines = [debit("clearing", bill.total), credit("escrow", bill.total, parcel.id)]
        post(system("test"), attempt, "captured", f"test:{attempt.id}", lines)
        orders.settle_bill(system("test"), load_locked(type(bill), id=bill.id))


def test_a_parcels_money_is_followed_from_paying_to_the_carrier(app, client_of):
    factories.rates()
    shopper, (merchant, _owner) = factories.account(), factories.merchant()
    parcel, paid = paid_parcel(shopper, merchant)
    found = whereabouts.of_parcel(parcel.id, parcel.currency)
    assert (found.paid, found.held, found.released) == (paid, paid, Money(0, "EUR"))
    releasing.settle_parcel(system("test"), load_locked_parcel(parcel))
    found = whereabouts.of_parcel(parcel.id, parcel.currency)
    assert (found.held, found.released) == (Money(0, "EUR"), paid)
    page = client_of(shopper).get(f"/parcels/{parcel.ref}/money").text
    assert "Passed on to the carrier, the insurer and the customs authority" in page
    assert client_of(factories.account()).get(f"/parcels/{parcel.ref}/money").status_code == 404


def load_locked_parcel(parcel):
    with transaction():
        return load_locked(Parcel, id=parcel.id)
