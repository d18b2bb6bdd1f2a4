"""The life of a thing on one page: what happened, money, papers, people by reference, and who asked for a name."""

import pytest
from sqlalchemy import select

from compliance.audit.models import Entry
from daigou.casework.models import Reveal
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders.models import OrderItem
from tests import factories

REASON = "The tax office asks who ordered this"


@pytest.fixture
def shopper(app):
    return factories.account()


@pytest.fixture
def order(app, shopper):
    factories.rates()
    shop, _owner = factories.merchant()
    return factories.paid_order(shopper, factories.listing(shop))


@pytest.fixture
def officer(app):
    return factories.account("officer")


@pytest.fixture
def desk(client_of, officer):
    return client_of(officer)


def pay(item):
    lines = [debit("clearing", item.total), credit("escrow", item.total, item.id)]
    with transaction():
        post(system("test"), load_locked(OrderItem, id=item.id), "captured", f"test-{item.id}", lines)


def life_of(order):
    return f"/officer/audit/things/{order.ref}"


def test_an_orders_page_shows_its_streams_money_and_things_without_a_name(desk, order, shopper):
    pay(factories.items_of(order)[0])
    page = desk.get(life_of(order)).text
    for words in ("Order: created", "Bill: created", "escrow", "What it is made of", shopper.subject):
        assert words in page
    assert "Mara Vogel" not in page
    assert shopper.email not in page


def test_a_name_needs_a_reason_and_stands_in_the_log_as_a_hash(desk, order, shopper):
    address = f"{life_of(order)}/people"
    assert desk.post(address, data={"subject": shopper.subject, "reason": "short"}).status_code == 422
    assert db.session.query(Reveal).count() == 0
    page = desk.post(address, data={"subject": shopper.subject, "reason": REASON})
    assert "Mara Vogel" in page.text
    kept = db.session.query(Reveal).one()
    assert (kept.subject, kept.reason) == (shopper.subject, REASON)
    entry = db.session.execute(select(Entry).where(Entry.kind == "person:revealed")).scalar_one()
    assert entry.subject == shopper.subject
    assert REASON.encode() not in entry.body
    assert "Mara Vogel" not in desk.get(life_of(order)).text


@pytest.mark.parametrize("role", ["shopper", "merchant", "inspector", "support", "admin"])
def test_names_are_for_officers(client_of, order, shopper, role):
    answer = client_of(factories.account(role)).post(
        f"{life_of(order)}/people", data={"subject": shopper.subject, "reason": REASON}
    )
    assert answer.status_code == 403


def test_the_page_of_a_merchant_and_of_a_person_tie_to_the_order(desk, order, shopper):
    item = factories.items_of(order)[0]
    assert order.ref in desk.get(f"/officer/audit/things/{item.merchant_ref}").text
    assert order.ref in desk.get(f"/officer/audit/things/{shopper.subject}").text


def test_it_costs_the_same_however_much_happened(desk, order, statements, shopper):
    desk.get(life_of(order))
    with statements() as few:
        desk.get(life_of(order))
    shop, _owner = factories.merchant("A second one")
    larger = factories.paid_order(shopper, *(factories.listing(shop) for _ in range(6)))
    with statements() as many:
        desk.get(life_of(larger))
    assert len(many) == len(few), "\n".join(many)
    assert len(few) <= 16
