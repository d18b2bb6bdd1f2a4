"""Whatever is refunded after its release, and whatever a merchant has: taken in one order, never twice, never lost."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from compliance.audit import door
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.ledger.check import check
from daigou.ledger.rules import credit, debit
from daigou.orders.models import OrderItem
from daigou.payments import service
from daigou.payments.escrow.models import Release
from daigou.payments.payouts import batching, recourse
from daigou.payments.payouts.models import Payout, PayoutAccount, Recourse
from tests import factories
from tests.guards.world import hold
from tests.warehouse import bench

SYSTEM = system("payments")


def onto(kind, amount, about, owner=None):
    with transaction():
        key = f"test:{kind}:{about.id}"
        ledger.post(SYSTEM, about, "test", key, [debit("bank", amount), credit(kind, amount, owner)])


def released(shopper, shop, count):
    """Items whose money is the merchant's and was not sent yet."""
    items = [bench.item("delivered", shopper, shop) for _ in range(count)]
    for item in items:
        hold(item, item.total)
        with transaction():
            door.transition(bench.anybody(shopper, shop), load_locked(OrderItem, id=item.id), "complete")
        service.release_item(SYSTEM, item, "receipt_confirmed")
    return items


def of(model, shop):
    statement = select(model).filter_by(merchant_id=shop.id).execution_options(populate_existing=True)
    return list(db.session.execute(statement).scalars())


def standing(shop):
    kinds = ("claim", "payable", "deposit", "reserve_advanced")
    return {kind: ledger.balance(kind, "JPY", shop.id).minor for kind in kinds}


SHARES = st.lists(st.integers(1, 100), min_size=1, max_size=4)


@given(count=st.integers(1, 3), sent=st.booleans(), deposit=st.integers(0, 30_000), shares=SHARES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_order_holds_and_the_sums_are_exact(app, count, sent, deposit, shares):
    """``sent``: all but the last release have gone out to a bank, where no transfer can be reversed."""
    shop, _owner = factories.merchant()
    items = released(factories.account(), shop, count)
    if deposit:
        onto("deposit", Money(deposit, "JPY"), shop, shop.id)
    unsent = of(Release, shop)
    if sent:
        _send(shop, unsent[:-1])
    fund = ledger.balance("reserve", "JPY").minor
    wanted, held = 0, 0
    for number, share in enumerate(shares):
        item = items[number % count]
        release = next(row for row in of(Release, shop) if row.item_id == item.id)
        left = release.held_minor - release.taken_back_minor
        if left:
            row = recourse.recover(SYSTEM, item, Money(max(1, left * share // 100), "EUR"), f"n{number}")
            wanted, held = wanted + row.amount_minor, held + row.held_minor
            _sound(shop, deposit, fund, wanted)
    assert sum(ledger.balance("escrow", "EUR", item.id).minor for item in items) == held
    assert check().faults == []


def _send(shop, rows):
    for row in rows:
        with transaction():
            row = load_locked(Release, id=row.id)
            door.transition(SYSTEM, row, "submit")
            lines = [debit("payable", row.amount, shop.id), credit("bank", row.amount)]
            ledger.post(SYSTEM, row, "test", f"test:{row.id}", lines)
            db.session.flush()
            door.transition(SYSTEM, row, "settle")


def _sound(shop, deposit, fund, wanted):
    now, rows = standing(shop), of(Release, shop)
    kept = sum(row.withheld_minor for row in rows)
    assert kept + (deposit - now["deposit"]) + now["claim"] == wanted
    unsent = sum(row.left.minor for row in rows if row.is_("decided", "waiting"))
    if now["deposit"] < deposit:
        assert unsent == 0
    if now["reserve_advanced"]:
        assert (unsent, now["deposit"]) == (0, 0)
        assert now["reserve_advanced"] <= now["claim"]
    assert ledger.balance("reserve", "JPY").minor + now["reserve_advanced"] == fund
    if now["claim"] > now["reserve_advanced"]:
        assert ledger.balance("reserve", "JPY").minor == 0
    settled = {row.state for row in of(Recourse, shop)} == {"settled"}
    assert settled == (now["claim"] == 0)


@pytest.fixture
def race(committed_app):
    def run(*works):
        start, found = threading.Barrier(len(works)), []

        def one(work):
            with committed_app.app_context():
                start.wait()
                try:
                    found.append(work())
                except Exception as error:
                    found.append(error)
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=one, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return [one for one in found if isinstance(one, Exception)]

    return run


def test_bundling_and_taking_back_at_once_neither_pays_nor_takes_twice(committed_app, race):
    shop, _owner = factories.merchant()
    with transaction():
        account = PayoutAccount(merchant_id=shop.id, merchant_ref=shop.ref, rail="connect", country="JP")
        door.created(SYSTEM, account)
        db.session.flush()
        door.transition(SYSTEM, account, "enable")
    items = released(factories.account(), shop, 4)
    due, total = items[0].merchant_due.minor, sum(item.merchant_due.minor for item in items)
    works = [lambda item=item: recourse.recover(SYSTEM, item, item.total, item.ref) for item in items[:2]]
    works += [lambda: batching.gather(shop.id, "JPY")] * 3
    works += [lambda: recourse.recover(SYSTEM, items[0], items[0].total, "again")]
    troubles = race(*works)
    assert [type(one).__name__ for one in troubles] == ["Impossible"]
    db.session.remove()
    sent = sum(row.amount_minor for row in of(Payout, shop))
    kept = sum(row.withheld_minor for row in of(Release, shop))
    claim = ledger.balance("claim", "JPY", shop.id).minor
    unsent = sum(row.left.minor for row in of(Release, shop) if row.is_("decided", "waiting"))
    assert sent + kept + unsent == total
    assert kept + claim == 2 * due
    assert check().faults == []
