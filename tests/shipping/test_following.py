import json
from datetime import timedelta

import pytest

from daigou.core import clock
from daigou.core.db import db, find, transaction
from daigou.ledger.service import balance
from daigou.notices.models import Notice
from daigou.orders.models import Order
from daigou.payments.escrow.models import Release
from daigou.payments.paying.models import InboxEvent
from daigou.shipping import following, jobs
from daigou.shipping.models import Parcel, TrackingEvent
from tests import factories
from tests.warehouse import bench
from traceability.passport import service as passports
from traceability.passport.models import Passport


@pytest.fixture(autouse=True)
def with_passports(market):
    with transaction():
        for item in market.items:
            passports.open_passport(item.id, item.title, "Hoshino", "JP")


@pytest.fixture
def travel(carrier, client, work):
    """Let the carrier do these steps and tell us of each."""

    def run(parcel, *steps, tell=True):
        for step in steps:
            carrier.step(parcel.tracking_code, step)
        if tell:
            events = [e for e in carrier.events_of() if e["result"].get("tracking_code") == parcel.tracking_code]
            assert set(carrier.tell(client, *events)) == {200}
            work()
        return bench.fresh(parcel)

    return run


def words(parcel):
    return [e.status for e in following.events_of(parcel)]


def test_the_page_follows_the_parcel_to_the_door(market, shipped, travel):
    parcel = travel(shipped(), "step", "step")
    assert parcel.state == "in_transit"
    assert "Taken in by the carrier" in market.mine.get(f"/parcels/{parcel.ref}").text
    parcel = travel(parcel, "step")
    assert parcel.state == "customs"
    parcel = travel(parcel, "step")
    assert parcel.state == "customs_released"
    parcel = travel(parcel, "step", "step")
    assert parcel.state == "delivered"
    assert [bench.fresh(i).state for i in market.items] == ["delivered", "delivered"]
    page = market.mine.get(f"/parcels/{parcel.ref}").text
    assert "Everything is right" in page
    assert "Released by import customs" in page  # the carrier's own words
    steps = [e.biz_step for e in passports.events_of(find(Passport, item_id=market.items[0].id))]
    assert steps == ["packing", "shipping", "transporting", "holding", "departing", "arriving"]


def test_the_passport_says_nothing_of_where_the_buyer_lives(market, shipped, travel, client):
    travel(shipped(), *["step"] * 6)
    ref = find(Passport, item_id=market.items[0].id).ref
    for answer in (client.get(f"/passport/{ref}"), client.get(f"/passport/{ref}.json")):
        for secret in ("Leipzig", "Vogel", market.items[0].order_ref, market.shopper.subject):
            assert secret not in answer.text


def test_a_repeated_event_is_answered_and_does_nothing(market, shipped, travel, carrier, client, work):
    parcel = travel(shipped(), "step")
    before = len(words(parcel)), db.session.query(InboxEvent).count()
    travel(parcel)
    assert (len(words(parcel)), db.session.query(InboxEvent).count()) == before


def test_late_and_reversed_events_never_move_it_back(market, shipped, travel, carrier, client, work):
    parcel = travel(shipped(), *["step"] * 5, tell=False)
    events = [e for e in carrier.events_of() if e["result"].get("tracking_code") == parcel.tracking_code]
    for event in reversed(events):
        carrier.tell(client, event)
        work()
        assert bench.fresh(parcel).state == "out_for_delivery"
    assert words(parcel)[0] == "announced"


def test_customs_asking_for_something_is_shown_and_told(market, shipped, travel):
    parcel = travel(shipped(), "step", "step", "step", "information_required")
    assert parcel.state == "customs"
    page = market.mine.get(f"/parcels/{parcel.ref}").text
    assert "Answer the customs office" in page
    assert "parcel.customs" in told(market)
    parcel = travel(parcel, "release")
    assert parcel.state == "customs_released"


def test_duty_due_says_who_pays_it(market, shipped, travel):
    parcel = travel(shipped(incoterm="DAP"), "step", "step", "step", "duty_due")
    page = market.mine.get(f"/parcels/{parcel.ref}").text
    assert "You chose to pay on arrival" in page


def told(market):
    return [n.kind for n in db.session.query(Notice).filter_by(account_id=market.shopper.id)]


@pytest.mark.parametrize(("outcome", "state"), [("lost", "lost"), ("damaged", "damaged")])
def test_what_goes_wrong_is_shown_and_told(market, shipped, travel, outcome, state):
    parcel = travel(shipped(), "step", outcome)
    assert parcel.state == state
    assert "parcel.trouble" in told(market)
    assert "Your money stays held" in market.mine.get(f"/parcels/{parcel.ref}").text


def test_a_parcel_that_customs_refuses_comes_back(market, shipped, travel):
    parcel = travel(shipped(), "step", "step", "step", "returned")
    assert words(parcel)[-1] == "returning"
    assert parcel.state == "customs"
    parcel = travel(parcel, "step")
    assert parcel.state == "returned"


def test_a_bad_signature_is_refused_and_keeps_nothing(market, shipped, carrier, client):
    shipped()
    body = json.dumps(carrier.events_of()[-1]).encode()
    before = db.session.query(InboxEvent).count()
    assert carrier.send(client, body, secret="x" * 32).status_code == 400
    assert client.post("/webhooks/easypost", data=body).status_code == 400
    assert carrier.send(client, b"not json").status_code == 400
    assert carrier.send(client, b'{"id": "evt_1"}').status_code == 400
    assert carrier.send(client, b"[]").status_code == 400
    assert db.session.query(InboxEvent).count() == before


def test_a_webhook_that_is_not_about_a_tracker_is_let_in_and_done(carrier, client, market, work):
    body = json.dumps({"id": "evt_9", "description": "batch.created", "result": {"id": "batch_1"}}).encode()
    assert carrier.send(client, body).status_code == 200
    assert find(InboxEvent, event_id="evt_9").done_at is not None
    assert work() == 0


def test_a_tracker_of_nobody_waits_a_while_and_is_let_go(carrier, client, market, work):
    body = json.dumps({"id": "evt_8", "description": "tracker.updated", "result": {"id": "trk_0"}}).encode()
    carrier.send(client, body)
    work()
    assert find(InboxEvent, event_id="evt_8").done_at is None
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=1))):
        work()
    assert find(InboxEvent, event_id="evt_8").done_at is not None


def test_lost_webhooks_are_made_up_for_by_asking(market, shipped, travel, work):
    parcel = travel(shipped(), "step", "step", "step", tell=False)
    assert jobs.poll() == 0
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=31))):
        assert jobs.poll() == 1
        assert jobs.poll() == 0
        work()
    assert bench.fresh(parcel).state == "customs"


def test_confirming_releases_the_money(market, delivered, once):
    parcel = delivered()
    assert market.mine.post(f"/parcels/{parcel.ref}/confirm", data=once()).status_code == 303
    assert bench.fresh(parcel).state == "completed"
    for item in market.items:
        item = bench.fresh(item)
        assert item.state == "completed"
        assert find(Release, item_id=item.id).rule == "receipt_confirmed"
        assert not balance("escrow", "EUR", item.id)
        assert db.session.get(Order, item.order_id).state == "completed"
    assert not balance("escrow", "EUR", parcel.id)
    assert balance("duty_held", "EUR").minor >= parcel.duty_minor


def test_a_double_click_confirms_once(market, delivered, once):
    parcel, form = delivered(), once()
    for _ in "ab":
        assert market.mine.post(f"/parcels/{parcel.ref}/confirm", data=form).status_code == 303
    assert market.mine.post(f"/parcels/{parcel.ref}/confirm", data=once()).status_code == 409


def test_nobody_confirms_anothers_parcel_or_one_on_its_way(market, delivered, shipped, client_of, once):
    parcel = delivered()
    assert client_of(factories.account()).post(f"/parcels/{parcel.ref}/confirm", data=once()).status_code == 404
    assert market.tablet.post(f"/parcels/{parcel.ref}/confirm", data=once()).status_code == 403


def test_two_silent_weeks_confirm_unless_a_return_is_open(market, delivered, app):
    from compliance.audit import door
    from tests.warehouse.bench import anybody

    parcel = delivered()
    jobs.end_silence()
    assert bench.fresh(parcel).state == "delivered"
    with transaction() as session:
        item = session.get(type(market.items[0]), market.items[0].id)
        door.transition(anybody(market.shopper), item, "request_return")
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=15))):
        jobs.end_silence()
        assert bench.fresh(parcel).state == "delivered"
        with transaction() as session:
            item = session.get(type(item), item.id)
            from daigou.core.access import system

            door.transition(system("test"), item, "keep_delivered")
        jobs.end_silence()
        assert bench.fresh(parcel).state == "completed"


def test_an_item_whose_return_was_declined_later_completes_too(market, delivered, once):
    from compliance.audit import door
    from daigou.core.access import system
    from tests.warehouse.bench import anybody

    parcel = delivered()
    with transaction() as session:
        item = session.get(type(market.items[0]), market.items[0].id)
        door.transition(anybody(market.shopper), item, "request_return")
    market.mine.post(f"/parcels/{parcel.ref}/confirm", data=once())
    assert bench.fresh(parcel).state == "completed"
    assert bench.fresh(item).state == "return_requested"
    assert find(Release, item_id=item.id) is None
    with transaction() as session:
        door.transition(system("test"), session.get(type(item), item.id), "keep_delivered")
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=15))):
        jobs.end_silence()
    assert bench.fresh(item).state == "completed"
    assert find(Release, item_id=item.id) is not None


def test_stages_told_all_at_once_are_all_stamped(market, shipped, travel):
    travel(shipped(), *["step"] * 6)
    steps = [e.biz_step for e in passports.events_of(find(Passport, item_id=market.items[0].id))]
    assert steps == ["packing", "shipping", "transporting", "holding", "departing", "arriving"]


def test_scans_are_kept_once(market, shipped, carrier):
    parcel = shipped()
    for _ in "ab":
        following.refetch(parcel.id)
    keys = [(e.at, e.carrier_status, e.message) for e in following.events_of(parcel)]
    assert len(keys) == len(set(keys)) == db.session.query(TrackingEvent).filter_by(parcel_id=parcel.id).count()
    assert find(Parcel, id=parcel.id).state == "shipped"
