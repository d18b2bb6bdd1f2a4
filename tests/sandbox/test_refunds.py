"""Refunds and disputes: what may go back, and what the books say."""

import io

import pytest
import stripe


def refused(work, *arguments):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        work(*arguments)
    return caught.value


def test_partial_refunds_never_exceed_the_charge(sandbox, receiver):
    intent = sandbox.paid(10000)
    refunds = sandbox.stripe().refunds
    first = refunds.create({"payment_intent": intent.id, "amount": 6000, "expand": ["balance_transaction"]})
    assert first.status == "succeeded"
    assert first.balance_transaction.currency == "jpy"
    assert first.balance_transaction.amount < 0
    assert "greater than unrefunded amount" in str(
        refused(refunds.create, {"payment_intent": intent.id, "amount": 6000})
    )
    refunds.create({"payment_intent": intent.id})
    assert refused(refunds.create, {"payment_intent": intent.id}).code == "charge_already_refunded"
    charge = sandbox.stripe().charges.retrieve(intent.latest_charge.id, {"expand": ["refunds"]})
    assert charge.refunded
    assert len(charge.refunds.data) == 2
    receiver.wait_type("charge.refunded")
    assert [r.amount for r in refunds.list({"payment_intent": intent.id}).data] == [4000, 6000]


def test_an_unpaid_intent_has_nothing_to_refund(sandbox):
    intent = sandbox.stripe().payment_intents.create({"amount": 1000, "currency": "eur"})
    assert "does not have a successful charge" in str(
        refused(sandbox.stripe().refunds.create, {"payment_intent": intent.id})
    )


def test_a_slow_refund_is_pending_and_a_failing_one_returns_the_money(sandbox, receiver):
    slow = sandbox.stripe().refunds.create({"payment_intent": sandbox.paid(outcome="wechat_pay").id})
    assert slow.status == "pending"
    receiver.wait(lambda r: sandbox.stripe().refunds.retrieve(slow.id).status == "succeeded")
    intent = sandbox.paid(outcome="refund_fail")
    failing = sandbox.stripe().refunds.create({"payment_intent": intent.id})
    event = receiver.wait_type("refund.failed")
    assert event["data"]["object"]["id"] == failing.id
    assert sandbox.stripe().charges.retrieve(intent.latest_charge.id).amount_refunded == 0
    lines = sandbox.stripe().balance_transactions.list({"source": failing.id}).data
    assert sum(line.net for line in lines) == 0


def test_a_dispute_takes_the_money_and_evidence_can_win_it_back(sandbox, receiver):
    intent = sandbox.paid()
    dispute = sandbox.post("/controls/disputes", charge=intent.latest_charge.id, reason="product_not_received").json()
    assert dispute["status"] == "needs_response"
    assert refused(sandbox.stripe().refunds.create, {"payment_intent": intent.id}).code == "charge_disputed"
    receipt = io.BytesIO(b"%PDF-1.4")
    receipt.name = "receipt.pdf"
    paper = sandbox.stripe().files.create({"purpose": "dispute_evidence", "file": receipt})
    assert (paper.type, paper.size, paper.filename) == ("pdf", 8, "receipt.pdf")
    evidence = {"uncategorized_text": "winning_evidence", "receipt": paper.id}
    answered = sandbox.stripe().disputes.update(dispute["id"], {"evidence": evidence})
    assert answered.status == "under_review"
    closed = receiver.wait_type("charge.dispute.closed")
    assert closed["data"]["object"]["status"] == "won"
    assert len(sandbox.stripe().disputes.retrieve(dispute["id"]).balance_transactions) == 2
    assert "charge.dispute.funds_reinstated" in receiver.types()


def test_refund_windows_close_by_method(own):
    sandbox = own()
    alipay, card = sandbox.paid(outcome="alipay"), sandbox.paid()
    sandbox.advance(91 * 86400)
    assert refused(sandbox.stripe().refunds.create, {"payment_intent": alipay.id}).code == "charge_not_refundable"
    assert sandbox.stripe().refunds.create({"payment_intent": card.id}).status == "succeeded"


def test_without_overdraft_a_refund_waits_for_funds(own):
    sandbox = own(refund_overdraft=False)
    refund = sandbox.stripe().refunds.create({"payment_intent": sandbox.paid().id})
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    sandbox.paid(50000)
    sandbox.advance(6)
    assert sandbox.stripe().refunds.retrieve(refund.id).status == "succeeded"
