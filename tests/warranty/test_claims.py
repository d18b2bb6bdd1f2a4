import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit import proposals
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.notices.models import Notice
from daigou.orders.models import OrderItem
from daigou.payments import books
from daigou.payments import service as payments
from daigou.payments.refunds.models import Refund
from daigou.warranty import jobs, partners
from daigou.warranty.models import Cover, WarrantyClaim
from tests import factories
from tests.documents import samples
from tests.warehouse import bench

from .conftest import TO_SHOPPER, walk

STORY = "The arm falls off \U0001f9be"


@pytest.fixture
def delivered(market, pay, again):
    pay(market.shopper, market.bill)
    return walk(again(market.item), *TO_SHOPPER)


@pytest.fixture
def steps(market, staff, send):
    """Reported by the shopper, then each step by its person, at the front door."""

    def run(item, *moves):
        if item is not None:
            sent = send(market.shopper, f"/orders/items/{item.ref}/defect", story=STORY)
            assert sent.status_code == 303, sent.get_data(as_text=True)
        for move, data in moves:
            who = market.shopper if move in ("appeal", "agree", "withdraw") else staff["support"]
            who = staff["officer"] if move in ("uphold", "dismiss") else who
            room = "/warranty" if who is market.shopper else "/support/warranty"
            assert send(who, f"{room}/{claim().ref}/{move}", **data).status_code == 303
        return claim()

    return run


ARRIVED = ("arrive", {})
COVERED = ("cover", {"words": "A cold solder joint."})
REFUSED = ("refuse", {"words": "It was dropped."})


def claim():
    return db.session.execute(select(WarrantyClaim).execution_options(populate_existing=True)).scalar_one()


def test_a_defect_is_repaired_at_no_cost_to_the_shopper(delivered, workshop, steps, staff):
    found = steps(delivered, ARRIVED, COVERED, ("repair", {"cost": "40"}), ("send-back", {"tracking": "DE1"}))
    assert (found.state, found.story, found.tracking, found.partner_id) == ("sent_back", STORY, "DE1", workshop.id)
    assert partners.owed(workshop) == Money(4_000, "EUR")
    provided = ledger.balance("warranty_cost", "EUR").minor
    assert provided == 4_000
    assert not ledger.balance("warranty_provision", "EUR")
    assert db.session.execute(select(Refund)).first() is None


def test_what_was_set_aside_pays_for_a_repair_first(delivered, workshop, steps):
    found = steps(delivered, ARRIVED, COVERED)
    cover = db.session.get(Cover, found.cover_id)
    aside = ledger.balance("warranty_provision", "EUR")
    assert cover.kind == "official"
    assert 0 < aside.minor == ledger.balance("warranty_cost", "EUR").minor
    steps(None, ("repair", {"cost": "0.50"}))
    assert ledger.balance("warranty_provision", "EUR") == aside - Money(50, "EUR")


def test_what_cannot_be_repaired_is_refunded_whole(delivered, workshop, steps, work, again):
    found = steps(delivered, ARRIVED, COVERED, ("refund", {}))
    row = db.session.execute(select(Refund)).scalar_one()
    assert (found.state, found.refund_ref, row.amount) == ("refunded", row.ref, again(delivered).total)
    work()
    assert again(row).state == "succeeded"
    books.check_all()


def test_a_refund_after_the_release_is_taken_back_from_the_merchant(delivered, workshop, steps, market, again, send):
    walk(again(delivered), "complete")
    payments.release_item(system("test"), again(delivered), "confirmed")
    steps(delivered, ARRIVED, COVERED, ("refund", {}))
    assert not ledger.balance("payable", "JPY", market.shop.id) - ledger.balance("claim", "JPY", market.shop.id)
    assert not ledger.balance("compensation", "EUR")


def test_a_refusal_gets_a_second_look_by_an_officer(delivered, workshop, steps, market, staff, send):
    found = steps(delivered, ARRIVED, REFUSED, ("appeal", {"objection": "Never!"}))
    assert (found.state, found.objection) == ("appealed", "Never!")
    assert send(staff["support"], f"/support/warranty/{found.ref}/uphold", words="Yes").status_code == 403
    found = steps(None, ("uphold", {"words": "The joint was cold before."}))
    assert (found.state, found.ruling) == ("covered", "The joint was cold before.")


def test_nobody_reports_a_defect_after_the_last_day(market, pay, again, send, workshop):
    pay(market.shopper, market.bill)
    item = walk(again(market.item), *TO_SHOPPER, ago=31)
    assert send(market.shopper, f"/orders/items/{item.ref}/defect", story=STORY).status_code == 409
    with db.session.no_autoflush:
        db.session.get(OrderItem, item.id).delivered_at = clock.now() - timedelta(days=30)
    db.session.commit()
    assert send(market.shopper, f"/orders/items/{item.ref}/defect", story=STORY).status_code == 303


def test_without_a_partner_in_the_country_a_person_chooses(delivered, staff, steps, send, client_of):
    found = steps(delivered)
    assert found.state == "reported"
    bench_there = partners.Entered("Osaka", "JP", "1-1", ("figures",), "JPY")
    abroad = partners.enter(factories.actor(staff["officer"]), bench_there)
    page = client_of(staff["support"]).get(f"/support/warranty/{found.ref}").get_data(as_text=True)
    assert abroad.ref in page
    assert steps(None, ("assign", {"partner": abroad.ref})).state == "assigned"


def test_the_shopper_reads_where_to_send_it_and_strangers_nothing(delivered, workshop, steps, market, client_of):
    found = steps(delivered)
    page = client_of(market.shopper).get(f"/warranty/{found.ref}").get_data(as_text=True)
    assert "Werkstraße 12" in page
    assert "We pay for the way there and back" in page
    assert client_of(factories.account()).get(f"/warranty/{found.ref}").status_code == 404


def test_photos_of_a_defect_are_kept_sealed(delivered, workshop, market, send, client_of):

    photo = (bench.photo(), "broken.jpg")
    assert send(market.shopper, f"/orders/items/{delivered.ref}/defect", story=STORY, photos=photo).status_code == 303
    page = client_of(market.shopper).get(f"/warranty/{claim().ref}").get_data(as_text=True)
    assert "/documents/" in page


@pytest.mark.parametrize(("moves", "state"), [((), "lapsed"), ((ARRIVED, REFUSED), "dismissed")])
def test_a_deadline_without_an_answer_decides_by_rule(delivered, workshop, steps, moves, state):
    found = steps(delivered, *moves)
    with clock.use(clock.FixedClock(found.due + timedelta(minutes=1))):
        jobs.sweep()
        jobs.sweep()
    assert claim().state == state


def test_a_late_diagnosis_is_told_once(delivered, workshop, steps, market, staff):
    found = steps(delivered, ARRIVED)
    assert found.due.date() == (clock.now() + timedelta(days=7)).date()
    with clock.use(clock.FixedClock(found.due + timedelta(minutes=1))):
        jobs.sweep()
        jobs.sweep()
    told = db.session.execute(select(Notice.account_id).where(Notice.kind == "warranty.late")).scalars().all()
    assert sorted(told) == sorted([market.shopper.id, staff["support"].id])


def test_a_partner_is_paid_by_two_officers_and_never_more_than_owed(delivered, workshop, steps, staff):
    steps(delivered, ARRIVED, COVERED, ("repair", {"cost": "40"}))
    first, second = factories.actor(staff["officer"]), factories.actor(factories.account("officer"))
    with pytest.raises(Exception, match=r"input\.invalid"):
        partners.propose_payment(first, workshop.ref, Money(4_001, "EUR"), "Invoice 7 of this November")
    row = partners.propose_payment(first, workshop.ref, Money(4_000, "EUR"), "Invoice 7 of this November")
    proposals.approve(second, row.ref)
    assert not partners.owed(workshop)


def test_the_way_to_the_partner_is_on_a_label_of_ours(delivered, workshop, steps, staff, send, market, client_of):
    found = steps(delivered)
    label = (io.BytesIO(samples.pdf()), "label.pdf")
    assert send(staff["support"], f"/support/warranty/{found.ref}/label", label=label).status_code == 303
    page = client_of(market.shopper).get(f"/warranty/{found.ref}").get_data(as_text=True)
    paper = client_of(market.shopper).get(re.search(r'href="([^"]*DOC-[^"]*)"', page).group(1))
    assert paper.data.startswith(b"%PDF")
