"""A payment that is unlike its shopper's others: asked who it is, looked at by a person, or the account is closed."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit import door
from compliance.audit.models import Entry, Proposal
from daigou.accounts.models import Account
from daigou.accounts.sessions.models import Session
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.notices.models import Notice
from daigou.orders import ending
from daigou.orders.models import Bill
from daigou.payments import jobs, service
from daigou.payments.paying.models import Attempt
from daigou.payments.paying.watching import history
from daigou.risk.habits import keeping, thresholds
from daigou.risk.habits.models import HabitThreshold, PaymentCheck, SpendingHabit
from daigou.risk.habits.rules import Payment
from daigou.risk.models import RiskCase
from daigou.risk.network import service as network
from tests import factories

WHY = {"reason": "A stranger’s card, and the address of a forwarder."}
STORY = {"story": "A present for my sister in Berlin."}


@pytest.fixture(autouse=True)
def rows(app):
    thresholds.forget()
    yield
    thresholds.forget()


@pytest.fixture
def officers():
    return factories.account("officer"), factories.account("officer")


def accustomed(shopper, **usual):
    """Thirty payments of two euro within the year: what is asked here is far beyond."""
    kind = {"currency": "JPY", "method": "card", "country": "JP", "categories": ("books",), **usual}
    keeping.keep(shopper.id, [Payment(clock.now() - timedelta(days=7 * n), 200, **kind) for n in range(1, 31)])


@pytest.fixture
def strange(market):
    """An order of 120 euro to Germany by somebody who pays two euro for books in Japan."""
    accustomed(market.shopper)
    return market


def click(browser, bill):
    return browser.post(f"/bills/{bill.ref}/pay")


def one(model, **by):
    return db.session.execute(select(model).filter_by(**by).execution_options(populate_existing=True)).scalar_one()


def state_of(account):
    return one(Account, id=account.id).state


def decide(browser, move, **said):
    case = one(RiskCase, kind="payment", state="open")
    return browser.post(f"/officer/risks/{case.ref}/{move}", data={**WHY, **said})


def test_it_waits_for_a_person_before_the_provider_hears_of_it(strange, client_of, officers):
    browser = client_of(strange.shopper)
    answer = click(browser, strange.bill)
    assert (answer.status_code, db.session.query(Attempt).count()) == (409, 0)
    assert "a person looks at it first" in answer.text
    page = browser.get(f"/bills/{strange.bill.ref}").text
    assert "A person looks at this payment first" in page
    assert "Go on to pay" not in page
    case = one(RiskCase, kind="payment")
    shown = client_of(officers[0]).get(f"/officer/risks/{case.ref}").text
    assert "times what is usual here" in shown
    assert "Never or seldom sent to Germany before" in shown
    told = db.session.query(Notice).filter_by(account_id=strange.shopper.id, kind="payment.held").one()
    assert "/account/alarm/" in str(told.content)


def test_asked_again_it_is_one_case(strange, client_of):
    browser = client_of(strange.shopper)
    assert {click(browser, strange.bill).status_code for _ in range(3)} == {409}
    assert db.session.query(PaymentCheck).count() == db.session.query(RiskCase).count() == 1


def test_cleared_it_can_be_paid_with_time_to_do_so(strange, client_of, officers, work, provider):
    browser = client_of(strange.shopper)
    click(browser, strange.bill)
    browser.post(f"/bills/{strange.bill.ref}/explain", data=STORY)
    desk = client_of(officers[0])
    assert STORY["story"] in desk.get(f"/officer/risks/{one(RiskCase).ref}").text
    one(Bill, id=strange.bill.id).due_until = clock.now() + timedelta(hours=1)
    assert decide(desk, "clear").status_code == 303
    work()
    assert one(Bill, id=strange.bill.id).due_until > clock.now() + timedelta(hours=24)
    assert click(browser, strange.bill).location.startswith(provider.url)
    assert one(Attempt).points >= 60


def test_a_bill_that_a_person_looks_at_does_not_run_out(strange, client_of):
    click(client_of(strange.shopper), strange.bill)
    one(Bill, id=strange.bill.id).due_until = clock.now() - timedelta(hours=1)
    db.session.flush()
    assert not ending.expire_bill(jobs.SYSTEM, strange.bill.id)


def test_refused_the_account_closes_and_another_officer_may_be_asked(strange, client_of, officers, work):
    browser = client_of(strange.shopper)
    click(browser, strange.bill)
    first, second = (client_of(officer) for officer in officers)
    decide(first, "uphold")
    work()
    assert (state_of(strange.shopper), one(PaymentCheck).state) == ("frozen", "refused")
    assert browser.get("/orders").status_code == 303  # the session has ended
    owner = client_of(_back(strange.shopper))
    page = owner.get(f"/bills/{strange.bill.ref}").text
    assert WHY["reason"] in page
    assert "Contest the decision" in page
    assert click(owner, strange.bill).status_code == 409
    assert owner.post(f"/bills/{strange.bill.ref}/explain", data=STORY).status_code == 303
    assert decide(first, "uphold").status_code == 403
    assert decide(second, "clear").status_code == 303
    work()
    assert one(PaymentCheck).state == "cleared"
    assert owner.post(f"/bills/{strange.bill.ref}/explain", data=STORY).status_code == 409


def _back(shopper):
    """The owner has chosen a new password and set up a factor."""
    with transaction():
        account = load_locked(Account, id=shopper.id)
        door.transition(system("accounts"), account, "thaw")
    return account


def test_a_smaller_surprise_asks_who_it_is(market, client_of):
    accustomed(market.shopper, currency="EUR", country="DE", categories=("figures",))
    browser = client_of(market.shopper)
    for row in db.session.query(Session):
        row.stepped_up_at = clock.now() - timedelta(hours=1)
    db.session.flush()
    answer = click(browser, market.bill)
    assert answer.status_code == 303
    assert answer.location.startswith("/account/step-up?next=/bills/")
    assert db.session.query(PaymentCheck).count() == 0
    asked = one(Entry, kind="bill:asked_who")
    assert asked.subject == market.shopper.subject


def test_confirmed_who_it_is_the_payment_goes_on(market, client_of, provider):
    accustomed(market.shopper, currency="EUR", country="DE", categories=("figures",))
    assert click(client_of(market.shopper), market.bill).location.startswith(provider.url)


def test_much_that_is_strange_closes_the_account_at_once_as_a_strange_sign_in_does(strange, client_of):
    db.session.add(HabitThreshold(verdict="freeze", points=61, valid_from=clock.today(), source="test"))
    browser = client_of(strange.shopper)
    answer = click(browser, strange.bill)
    assert "we have closed it for now" in answer.text
    assert state_of(strange.shopper) == "frozen"
    told = db.session.query(Notice).filter_by(account_id=strange.shopper.id, kind="account.frozen").one()
    assert "somebody else tried to pay with your account" in str(told.content)
    assert one(RiskCase, kind="payment").state == "open"


def test_cards_that_are_tried_one_after_the_other_are_stopped_on_the_page_itself(market, provider, client, work):
    mark = provider.mark()
    page = service.start(factories.actor(market.shopper), market.bill.ref)
    for card in ("decline", "insufficient_funds", "expired_card", "lost_card", "incorrect_cvc", "velocity", "decline"):
        provider.pay(page, card)
    provider.deliver(client, *provider.events_since(mark))
    work()
    check = one(PaymentCheck)
    assert {"declines", "cards"} <= {sign["code"] for sign in check.signs}
    work()
    assert one(Attempt).state == "failed"
    assert one(Bill, id=market.bill.id).state == "due"


def test_what_is_usual_costs_one_statement_more(market, provider, client_of, statements):
    browser = client_of(market.shopper)
    browser.get("/fees")
    thresholds.table()
    with statements() as asked:
        assert click(browser, market.bill).status_code == 303
    ours = [each for each in asked if "spending_habits" in each or "habit_" in each or "payment_checks" in each]
    assert len(ours) == 1


def test_a_habit_is_learned_from_payments_alone_however_often(market, pay):
    pay(market.shopper, market.bill)
    kept = one(SpendingHabit, account_id=market.shopper.id).figures
    assert (kept["payments"], kept["countries"], kept["methods"]) == (1, {"DE": 1}, {"card": 1})
    history.learn(market.shopper.id)
    assert one(SpendingHabit, account_id=market.shopper.id).figures == kept
    one(Attempt).disputed_at = clock.now()
    history.learn(market.shopper.id)
    assert db.session.query(SpendingHabit).count() == 0


def threshold(browser, **more):
    data = {"name": "hold", "points": "70", "valid_from": (clock.today() + timedelta(days=1)).isoformat()}
    data |= {"source": "Figures of November", "reason": "Half of what was held was right."}
    data |= {"once": secrets.token_hex(16)}
    return browser.post("/officer/habits", data=data | more)


def test_a_threshold_changes_with_two_officers_and_from_tomorrow(client_of, officers):
    first, second = (client_of(officer) for officer in officers)
    assert threshold(first).status_code == 303
    ref = one(Proposal, kind=thresholds.KIND).ref
    assert first.post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 403
    assert second.post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 303
    assert thresholds.table().points["hold"] == 60
    rows = {row.points: row.valid_to for row in thresholds.history(factories.actor(officers[0]))["hold"]}
    assert rows == {70: None, 60: clock.today() + timedelta(days=1)}
    assert "Figures of November" in first.get("/officer/habits").text


@pytest.mark.parametrize(
    "wrong", [{"points": "30"}, {"points": "200"}, {"valid_from": "2026-01-01"}, {"name": "allow"}]
)
def test_thresholds_must_rise_and_begin_later(client_of, officers, wrong):
    assert threshold(client_of(officers[0]), **wrong).status_code == 422
    assert db.session.query(Proposal).count() == 0


def test_accounts_hang_together_by_what_they_share_and_not_by_what_a_crowd_does(app, officers):
    one_, two, three, far = (factories.account() for _ in range(4))
    network.link(one_.id, network.ADDRESS, "DE 04107 Querstr. 1")
    network.link(two.id, network.ADDRESS, "de 04107  QUERSTR. 1")
    network.link(two.id, network.CARD, "fp_1")
    network.link(three.id, network.CARD, "fp_1")
    for account in (one_, far, *(factories.account() for _ in range(network.HUB))):
        network.link(account.id, network.BROWSER, "library")
    found = network.cluster(factories.actor(officers[0]), one_.id)
    assert [(each.subject, each.depth, each.kinds) for each in found] == [
        (one_.subject, 0, ("address",)),
        (two.subject, 1, ("address", "card")),
        (three.subject, 2, ("card",)),
    ]


def test_no_value_can_be_read_from_a_link(app):
    account = factories.account()
    network.link(account.id, network.BANK, "DE02120300000000202051")
    (value,) = db.session.execute(select(network.AccountLink.value)).scalars()
    assert b"1203" not in value
    assert len(value) == 33
