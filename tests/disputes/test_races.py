"""A refund, a release and a lost dispute of one item at once: real threads, real transactions."""

import threading

import pytest
from sqlalchemy import func, select

from compliance.audit import door
from daigou.core.access import Actor, system
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.money import Money
from daigou.disputes import following
from daigou.disputes.models import Dispute
from daigou.ledger import service as ledger
from daigou.orders.models import OrderItem
from daigou.payments import books, service, settling
from daigou.payments.escrow.models import EscrowTaking, Release
from daigou.payments.paying.models import Attempt
from daigou.payments.refunds.models import Refund
from daigou.providers.stripe.client import StripeProvider
from tests import factories

SYSTEM = system("test")


@pytest.fixture
def bought(committed_app, running):
    """A completed item with its money held, and a case at the provider that we have not heard of."""
    committed_app.extensions["payment_provider"] = StripeProvider(running.key, (running.secret,), address=running.url)
    factories.rates()
    shop, _ = factories.merchant()
    shopper = factories.account()
    order = factories.order(shopper, factories.listing(shop))
    bill, item = factories.bill_of(order), factories.items_of(order)[0]
    running.pay(service.start(factories.actor(shopper), bill.ref))
    settling.refetch(db.session.execute(select(Attempt.id)).scalar_one())
    who = Actor("t", shopper.id, shop.id, frozenset({"system", "shopper", "merchant", "owner", "inspector"}))
    with transaction():
        item = load_locked(OrderItem, id=item.id)
        for step in ("purchase", "receive", "inspect", "accept", "pack", "ship", "deliver", "complete"):
            door.transition(who, item, step)
            db.session.flush()
    charge = db.session.execute(select(Attempt.charge_id)).scalar_one()
    running.control("/controls/disputes", charge=charge)
    case = running.get("/v1/disputes", charge=charge)["data"][0]["id"]
    db.session.remove()
    return committed_app, running, item.id, case


@pytest.mark.parametrize("lost", [False, True])
def test_held_money_goes_one_way_only(bought, lost):
    app, provider, item_id, case = bought
    if lost:
        provider.control(f"/controls/disputes/{case}", outcome="lost")
    together, trouble = threading.Barrier(9), []

    def at_once(work):
        with app.app_context():
            together.wait()
            try:
                work()
            except Impossible:
                pass
            except Exception as error:
                trouble.append(error)
            finally:
                db.session.remove()

    def refund():
        item = db.session.get(OrderItem, item_id)
        service.refund(SYSTEM, item, Money(item.total.minor // 2, "EUR"), "race")

    def release():
        service.release_item(SYSTEM, db.session.get(OrderItem, item_id), "race")

    works = [refund, release, lambda: following.refetch(case)] * 3
    threads = [threading.Thread(target=at_once, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    item = db.session.get(OrderItem, item_id)
    held = ledger.balance("escrow", "EUR", item_id).minor
    back = db.session.execute(select(func.coalesce(func.sum(Refund.amount_minor), 0))).scalar_one()
    taken = db.session.execute(select(func.coalesce(func.sum(EscrowTaking.amount_minor), 0))).scalar_one()
    release_row = db.session.execute(select(Release)).scalar_one_or_none()
    released = (release_row.held_minor - release_row.taken_back_minor) if release_row else 0
    assert held + back + taken + released == item.total.minor
    assert len(db.session.execute(select(Dispute)).scalars().all()) == 1
    attempt = db.session.execute(select(Attempt)).scalar_one()
    assert (attempt.disputed_at is None) == lost
    assert books.check_all(with_provider=False).faults == []
