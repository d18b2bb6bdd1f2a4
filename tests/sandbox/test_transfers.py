"""Connected accounts, transfers, payouts and balances."""

import pytest
import stripe

from tests.sandbox.client import http


def code_of(work, *arguments):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        work(*arguments)
    return caught.value.code


def test_onboarding_makes_an_account_payable(sandbox, receiver):
    client = sandbox.stripe()
    account = client.accounts.create(
        {"type": "express", "country": "JP", "capabilities": {"transfers": {"requested": True}}}
    )
    assert account.capabilities.transfers == "inactive"
    assert "external_account" in account.requirements.currently_due
    sandbox.paid(currency="jpy")
    transfer = {"amount": 100, "currency": "jpy", "destination": account.id}
    assert code_of(client.transfers.create, transfer) == "insufficient_capabilities_for_transfer"
    link = client.account_links.create({
        "account": account.id, "type": "account_onboarding",
        "return_url": "http://shop.test/back", "refresh_url": "http://shop.test/again",
    })  # fmt: skip
    assert "Sandbox – no real money" in http.get(link.url).text
    assert http.post(link.url, data={"outcome": "document"}).status_code == 303
    assert http.get(link.url).headers["location"] == "http://shop.test/again"
    assert client.accounts.retrieve(account.id).requirements.currently_due == ["individual.verification.document"]
    sandbox.post(f"/controls/accounts/{account.id}", outcome="clear")
    ready = client.accounts.retrieve(account.id)
    assert (ready.capabilities.transfers, ready.payouts_enabled, ready.details_submitted) == (
        "active",
        True,
        True,
    )
    event = receiver.wait_type("account.updated")
    assert event["account"] == account.id


def test_a_domestic_transfer_arrives_is_paid_out_and_can_be_reversed(sandbox, receiver):
    merchant = sandbox.merchant(settings={"payouts": {"schedule": {"interval": "manual"}}})
    sandbox.paid(30000, "jpy")
    client = sandbox.stripe()
    transfer = client.transfers.create(
        {"amount": 20000, "currency": "jpy", "destination": merchant, "metadata": {"item": "I1"}}
    )
    theirs = {"stripe_account": merchant}
    assert client.balance.retrieve({}, theirs).available[0].amount == 20000
    back = client.transfers.reversals.create(transfer.id, {"amount": 5000})
    assert back.object == "transfer_reversal"
    assert client.transfers.retrieve(transfer.id).amount_reversed == 5000
    with pytest.raises(stripe.InvalidRequestError, match="unreversed"):
        client.transfers.reversals.create(transfer.id, {"amount": 15001})
    payout = client.payouts.create({"amount": 15000, "currency": "jpy"}, theirs)
    paid = receiver.wait_type("payout.paid")
    assert (paid["account"], paid["data"]["object"]["id"]) == (merchant, payout.id)
    kinds = [line.type for line in client.balance_transactions.list({}, theirs).data]
    assert kinds == ["payout", "payment_refund", "payment"]
    assert client.balance.retrieve({}, theirs).available[0].amount == 0


def test_automatic_payouts_follow_transfers_and_can_fail(sandbox, receiver):
    good = sandbox.merchant()
    bad = sandbox.merchant(external_account={"object": "bank_account", "account_number": "0001116"})
    sandbox.post(f"/controls/accounts/{bad}", outcome="complete", bank="fail")
    sandbox.paid(30000, "jpy")
    for merchant in (good, bad):
        sandbox.stripe().transfers.create({"amount": 1000, "currency": "jpy", "destination": merchant})
    receiver.wait(lambda r: [e for e in r.events() if e["type"] == "payout.failed" and e["account"] == bad])
    paid = receiver.wait(lambda r: [e for e in r.events() if e["type"] == "payout.paid" and e["account"] == good])
    payout = paid[0]["data"]["object"]
    assert payout["automatic"]
    lines = sandbox.stripe().balance_transactions.list({"payout": payout["id"]}, {"stripe_account": good})
    assert [line.type for line in lines.data] == ["payout", "payment"]
    assert not sandbox.stripe().accounts.retrieve(bad).payouts_enabled


def test_pairs_that_stripe_does_not_serve_are_refused(sandbox):
    sandbox.paid(30000, "jpy")
    client = sandbox.stripe()
    german = sandbox.merchant("DE")
    assert code_of(client.transfers.create, {"amount": 100, "currency": "jpy", "destination": german}) == (
        "transfers_not_allowed"
    )
    assert code_of(client.accounts.create, {"type": "express", "country": "CN"}) == "country_unsupported"


def test_across_borders_needs_the_recipient_agreement_and_a_day(own):
    sandbox = own(platform_country="DE")
    sandbox.paid(50000)
    client = sandbox.stripe()
    full = sandbox.merchant("GB")
    assert code_of(client.transfers.create, {"amount": 100, "currency": "eur", "destination": full}) == (
        "transfers_not_allowed"
    )
    manual = {"payouts": {"schedule": {"interval": "manual"}}}
    recipient = sandbox.merchant("GB", settings=manual, tos_acceptance={"service_agreement": "recipient"})
    client.transfers.create({"amount": 10000, "currency": "eur", "destination": recipient})
    theirs = {"stripe_account": recipient}
    balance = client.balance.retrieve({}, theirs)
    assert balance.available[0].amount == 0
    assert balance.pending[0].currency == "gbp"
    sandbox.advance(86401)
    assert client.balance.retrieve({}, theirs).available[0].amount > 0


def test_money_that_has_not_settled_cannot_be_transferred(own):
    sandbox = own(settle_seconds=4 * 86400)
    merchant = sandbox.merchant()
    line = sandbox.paid(10000, "jpy").latest_charge.balance_transaction
    assert line.status == "pending"
    transfer = {"amount": 5000, "currency": "jpy", "destination": merchant}
    assert code_of(sandbox.stripe().transfers.create, transfer) == "balance_insufficient"
    assert sandbox.books()["balances"] == {"jpy": {"pending": 9640, "available": 0}}
    sandbox.advance(4 * 86400 + 1)
    assert sandbox.stripe().transfers.create(transfer).amount == 5000


def test_a_transfer_from_a_charge_is_limited_by_it(own):
    sandbox = own(settle_seconds=86400)
    merchant = sandbox.merchant()
    intent = sandbox.paid(10000, "jpy")
    transfer = {
        "amount": 8000,
        "currency": "jpy",
        "destination": merchant,
        "source_transaction": intent.latest_charge.id,
    }
    assert sandbox.stripe().transfers.create(transfer).source_transaction == intent.latest_charge.id
    assert code_of(sandbox.stripe().transfers.create, transfer) == "charge_exceeds_source_limit"


def test_payouts_in_whole_currencies_only(sandbox):
    payout = {"amount": 150, "currency": "twd"}
    with pytest.raises(stripe.InvalidRequestError, match="divisible by 100"):
        sandbox.stripe().payouts.create(payout)
