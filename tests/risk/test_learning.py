"""What a model is learned from, who puts it into use, and that it orders the queue and nothing else."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit import door
from compliance.audit.models import Proposal
from daigou.casework import outcomes
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.disputes.models import Dispute
from daigou.payments.paying.models import Attempt
from daigou.payments.paying.watching import judging
from daigou.risk import service as risk
from daigou.risk.habits.models import PaymentCheck
from daigou.risk.habits.scoring import Score, Sign
from daigou.risk.habits.thresholds import HOLD
from daigou.risk.learning import rules
from daigou.risk.learning import service as learning
from daigou.risk.learning.models import LearnedModel
from daigou.risk.models import RiskCase
from tests import factories

CARDS = ({"code": "cards", "points": 30},)


@pytest.fixture(autouse=True)
def fresh(app):
    learning.forget()
    yield
    learning.forget()


@pytest.fixture
def desks(client_of):
    return client_of(factories.account("officer")), client_of(factories.account("officer"))


def taught(wrong=30, right=90):
    """Copied cards were always wrong, everything else right."""
    day = clock.now() - timedelta(days=200)
    kinds = [True] * wrong + [False] * right
    return [
        learning.example(day + timedelta(hours=(n * 7) % len(kinds)), CARDS if bad else (), bad)
        for n, bad in enumerate(kinds)
    ]


def use(desk, model):
    data = {"reason": "It ranks better than chance.", "once": secrets.token_hex(16)}
    return desk.post(f"/officer/habits/models/{model.ref}/use", data=data)


def in_use(desks, model):
    assert use(desks[0], model).status_code == 303
    ref = db.session.execute(select(Proposal.ref).filter_by(state="proposed")).scalar_one()
    assert desks[0].post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 403
    assert desks[1].post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 303


def case(*signs):
    with transaction():
        return risk.open_case(risk.About("payment", ids.new_id(), "BIL-TEST"), signs, learning.likelihood(signs))


def test_the_same_examples_are_learned_from_once(app):
    examples = taught()
    first, again = learning.train(examples), learning.train(examples[::-1])
    assert first.id == again.id
    assert db.session.query(LearnedModel).count() == 1


def test_its_weights_and_figures_can_be_read(desks):
    learning.train(taught())
    page = desks[0].get("/officer/habits/models").text
    assert "Many new cards within a day" in page
    assert "Ranking (0.5 is chance, 1 perfect)" in page
    assert "1.00" in page


def test_nothing_is_ordered_by_a_model_before_two_officers_agree(desks):
    model = learning.train(taught())
    plain = case({"code": "hour", "points": 8})
    assert plain.likelihood == 0
    in_use(desks, model)
    assert learning.likelihood(CARDS) > 500 > learning.likelihood(())
    assert db.session.get(RiskCase, plain.id, populate_existing=True).likelihood > 0


def test_the_queue_begins_with_what_is_likely_wrong_and_every_case_is_still_there(desks):
    in_use(desks, learning.train(taught()))
    likely, other = case(*CARDS), case({"code": "hour", "points": 8})
    assert (likely.state, other.state) == ("open", "open")
    officer = factories.actor(factories.account("officer"))
    assert [row.ref for row in risk.queue(officer, likely=True)] == [likely.ref, other.ref]
    assert desks[0].get("/officer/risks?likely=1").status_code == 200


def test_one_model_is_in_use_at_a_time(desks):
    first, second = learning.train(taught()), learning.train(taught(wrong=40))
    in_use(desks, first)
    in_use(desks, second)
    states = {row.ref: row.state for row in db.session.query(LearnedModel).populate_existing()}
    assert states == {first.ref: "retired", second.ref: "active"}
    assert use(desks[0], second).status_code == 409


def test_a_model_of_other_signs_is_not_put_into_use(desks):
    model = learning.train(taught())
    model.version = 99
    db.session.flush()
    assert use(desks[0], model).status_code == 409


def paid(days, **more):
    """A payment of so many days ago that went through."""
    shop, _owner = factories.merchant()
    order = factories.order(factories.account(), factories.listing(shop))
    bill = factories.bill_of(order)
    attempt = Attempt(
        bill_id=bill.id, bill_ref=bill.ref, account_id=order.account_id, subject=order.subject, order_ref=order.ref,
        locale="en", currency="EUR", amount_minor=100, expires_at=clock.now(), signs=list(CARDS),
        created_at=clock.now() - timedelta(days=days), **more,
    )  # fmt: skip
    with transaction():
        door.created(system("test"), attempt)
        db.session.flush()
        door.transition(system("test"), attempt, "succeed")
    return attempt


def lost(attempt, reason="fraudulent"):
    case = Dispute(
        ref=ids.new_ref("DSP"), provider_id=secrets.token_hex(8), attempt_id=attempt.id, account_id=attempt.account_id,
        subject=attempt.subject, order_ref=attempt.order_ref, reason=reason, provider_status="lost", currency="EUR",
        amount_minor=100, due_at=clock.now(),
    )  # fmt: skip
    with transaction():
        door.created(system("test"), case)
        db.session.flush()
        door.transition(system("test"), case, "lose")


def test_only_what_is_decided_teaches(app):
    factories.rates()
    paid(130)  # nobody claimed it in time: right
    paid(30)  # somebody may still
    lost(paid(60))  # a lost case of fraud: wrong
    lost(paid(130), "product_not_received")  # a lost case of something else teaches nothing
    assert sorted(each.wrong for each in outcomes.examples()) == [False, True]


def test_what_a_person_decided_teaches(app, work):
    factories.rates()
    shop, _owner = factories.merchant()
    for decide in (risk.clear, risk.uphold):
        bill = factories.bill_of(factories.order(factories.account(), factories.listing(shop)))
        judging.hold(bill.id, judging.Judgement(Score(70, (Sign("cards", 30, "4"),)), HOLD))
        check = db.session.query(PaymentCheck).filter_by(bill_id=bill.id).one()
        decide(factories.actor(factories.account("officer")), risk.latest(check.id).ref, "Looked at.")
    work()
    found = sorted(outcomes.examples(), key=lambda each: each.wrong)
    assert [each.wrong for each in found] == [False, True]
    assert found[0].signs == found[1].signs == learning.signs_of(CARDS)


def test_too_little_teaches_nothing(app):
    assert outcomes.learn() is None
    assert rules.LEAST_WRONG > 0
