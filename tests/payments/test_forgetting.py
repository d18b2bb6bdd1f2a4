"""Somebody was erased: the provider's customer of their transfer goes, the payment stays on its books."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit.models import Entry
from daigou.core import clock
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.payments import forgetting
from daigou.payments.paying.models import Attempt
from daigou.payments.provider import provider as payments
from daigou.providers.payment import PageOrder


@pytest.fixture
def transfer(provider):
    """A payment by transfer, as the provider has it: bank details are issued to a customer."""
    order = PageOrder(
        key=secrets.token_hex(8), attempt_id="a-test", bill_ref="BIL-1", amount=Money(2500, "EUR"), title="Test",
        locale="en", expires_at=clock.now() + timedelta(hours=1), success_url="https://shop.test/ok",
        cancel_url="https://shop.test/no", types=("customer_balance",), country="DE",
    )  # fmt: skip
    page = payments().open_page(order)
    provider.pay(page.url, "bank_transfer")
    return payments().payment_of_page(page.id).intent_id


def test_the_customer_goes_once_and_the_payment_stays(market, provider, transfer, pay):
    pay(market.shopper, market.bill)
    with transaction():
        attempt = load_locked(Attempt, bill_id=market.bill.id)
        attempt.payment_intent_id = transfer
    customer = provider.get(f"/v1/payment_intents/{transfer}")["customer"]
    assert (forgetting.forget(market.shopper.id), forgetting.forget(market.shopper.id)) == (1, 0)
    assert customer not in [row["id"] for row in provider.get("/v1/customers", limit=100)["data"]]
    assert payments().payment_of_intent(transfer).intent_id == transfer
    entry = db.session.execute(select(Entry).where(Entry.kind == "erasure:provider_told")).scalar_one()
    assert entry.subject == market.shopper.subject


def test_a_payment_that_the_provider_does_not_know_stops_nobody(market, provider, pay):
    pay(market.shopper, market.bill)
    with transaction():
        load_locked(Attempt, bill_id=market.bill.id).payment_intent_id = "pi_unknown"
    assert forgetting.forget(market.shopper.id) == 0
