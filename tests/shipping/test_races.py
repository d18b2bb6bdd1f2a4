"""Two hands at once, on a database where commits are real."""

import threading

from daigou.core.db import db
from daigou.core.errors import Refusal
from daigou.shipping import service
from daigou.shipping.models import Parcel, ParcelItem
from tests import factories
from tests.warehouse import bench


def at_once(app, *works):
    """Run them side by side; what each answered or was refused with."""
    found, ready = [], threading.Barrier(len(works))

    def run(work):
        with app.app_context():
            ready.wait()
            try:
                found.append(work())
            except Refusal as refusal:
                found.append(refusal)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_an_item_goes_into_one_parcel_whoever_is_faster(committed_app):
    factories.rates()
    shopper = factories.account()
    items = [bench.item("in_stock", shopper) for _ in range(2)]
    refs, address, actor = [i.ref for i in items], bench.address(shopper).ref, factories.actor(shopper)
    db.session.remove()
    found = at_once(
        committed_app,
        lambda: service.build(actor, address, refs),
        lambda: service.build(actor, address, refs[::-1]),
        lambda: service.build(actor, address, refs[:1]),
    )
    assert len([f for f in found if isinstance(f, Parcel)]) == 1
    assert len([f for f in found if isinstance(f, Refusal)]) == 2
    live = db.session.query(ParcelItem).filter_by(removed_at=None).count()
    assert live in (1, 2)
    assert db.session.query(Parcel).count() == 1


def test_one_parcel_is_submitted_once(committed_app):
    factories.rates()
    shopper = factories.account()
    item = bench.item("in_stock", shopper)
    actor = factories.actor(shopper)
    ref = service.build(actor, bench.address(shopper).ref, [item.ref]).ref
    db.session.remove()
    choice = service.Choice("nippon-ems", "DDP", False)
    found = at_once(committed_app, *[lambda: service.submit(actor, ref, choice)] * 3)
    assert len([f for f in found if isinstance(f, Refusal)]) == 2
