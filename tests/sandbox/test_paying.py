"""Checkout, its outcomes and its webhooks, with the official library."""

import pytest
import stripe

from tests.sandbox.client import http


def test_a_card_payment_settles_in_yen_and_tells_by_signed_webhook(sandbox, receiver):
    session = sandbox.session(12345, metadata={"bill": "B1"}, payment_intent_data={"metadata": {"order": "O1"}})
    assert session.id.startswith("cs_test_")
    assert session.url == f"{sandbox.url}/pay/{session.id}"
    assert session.payment_intent is None
    page = http.get(session.url)
    assert "Sandbox – no real money" in page.text
    assert "EUR 123.45" in page.text
    answer = sandbox.pay(session.id)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"http://shop.test/done?s={session.id}"

    event = receiver.wait(lambda r: [x for x in r.events() if x["data"]["object"]["id"] == session.id])[0]
    assert event["type"] == "checkout.session.completed"
    _, headers, body = next(row for row in receiver.got if event["id"].encode() in row[2])
    checked = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], "whsec_tests")
    assert checked.data.object.metadata["bill"] == "B1"
    assert checked.data.object.payment_status == "paid"

    intent = sandbox.stripe().payment_intents.retrieve(
        checked.data.object.payment_intent, {"expand": ["latest_charge.balance_transaction"]}
    )
    assert intent.status == "succeeded"
    assert intent.metadata["order"] == "O1"
    line = intent.latest_charge.balance_transaction
    assert line.currency == "jpy"
    assert line.amount == round(123.45 * line.exchange_rate)
    assert line.net == line.amount - line.fee
    assert [part.amount for part in line.fee_details] == [
        round(line.amount * 0.036),
        round(line.amount * 0.02),
    ]
    assert sandbox.pay(session.id).headers["location"].endswith(session.id)  # a second click pays nothing
    assert sandbox.stripe().events.retrieve(event["id"]).type == event["type"]


def test_a_yen_payment_has_no_conversion(sandbox):
    line = sandbox.paid(5000, "jpy").latest_charge.balance_transaction
    assert (line.amount, line.fee, line.net, line.exchange_rate) == (5000, 180, 4820, None)


@pytest.mark.parametrize(
    ("outcome", "decline"), [("decline", "generic_decline"), ("insufficient_funds", "insufficient_funds")]
)
def test_a_declined_card_leaves_the_page_open_for_another(sandbox, receiver, outcome, decline):
    session = sandbox.session()
    assert sandbox.pay(session.id, outcome).headers["location"] == f"/pay/{session.id}"
    found = sandbox.stripe().checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert found.status == "open"
    assert found.payment_intent.status == "requires_payment_method"
    assert found.payment_intent.last_payment_error.decline_code == decline
    assert "Your card" in http.get(session.url).text
    receiver.wait_type("payment_intent.payment_failed")
    sandbox.pay(session.id)
    assert sandbox.stripe().checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_three_d_secure_is_passed_or_failed_on_its_own_page(sandbox):
    session = sandbox.session()
    challenge = sandbox.pay(session.id, "three_d_secure").headers["location"]
    assert challenge.startswith("/3ds/pi_")
    assert "EUR 100.00" in sandbox.get(challenge).text
    assert sandbox.post(challenge, outcome="fail").headers["location"] == f"/pay/{session.id}"
    again = sandbox.pay(session.id, "three_d_secure").headers["location"]
    assert again == challenge
    assert sandbox.post(again, outcome="authenticate").headers["location"].endswith(session.id)
    assert sandbox.stripe().checkout.sessions.retrieve(session.id).status == "complete"


def test_wallets_pay_at_once_where_the_currency_allows(sandbox):
    assert sandbox.paid(outcome="alipay").latest_charge.id.startswith("py_")
    session = sandbox.session(900000, "krw")
    assert "alipay" not in session.payment_method_types
    assert sandbox.pay(session.id, "alipay").status_code == 400
    with pytest.raises(stripe.InvalidRequestError, match="cannot be used with currency"):
        sandbox.session(900000, "krw", payment_method_types=["alipay"])
    with pytest.raises(stripe.InvalidRequestError, match="wechat_pay"):
        sandbox.session(payment_method_types=["card", "wechat_pay"])


@pytest.mark.parametrize(("outcome", "word"), [("bank_transfer", "succeeded"), ("bank_transfer_fail", "failed")])
def test_a_bank_transfer_is_processing_first(sandbox, receiver, outcome, word):
    session = sandbox.session()
    assert sandbox.pay(session.id, outcome).headers["location"].endswith(session.id)
    kind = f"checkout.session.async_payment_{word}"
    receiver.wait(lambda r: [e for e in r.events() if e["type"] == kind and e["data"]["object"]["id"] == session.id])
    done = [e for e in receiver.events() if e["data"]["object"]["id"] == session.id]
    assert [e["type"] for e in done] == ["checkout.session.completed", kind]
    assert done[0]["data"]["object"]["payment_status"] == "unpaid"
    assert "payment_intent.requires_action" in receiver.types()


def test_a_transfers_payer_gets_bank_details_and_the_intent_waits_for_the_money(sandbox):
    customer = sandbox.stripe().customers.create({})
    bank = {"type": "eu_bank_transfer", "eu_bank_transfer": {"country": "DE"}}
    options = {"customer_balance": {"funding_type": "bank_transfer", "bank_transfer": bank}}
    asked = {"payment_method_types": ["customer_balance"], "payment_method_options": options}
    with pytest.raises(stripe.InvalidRequestError, match="customer"):
        sandbox.session(**asked)
    bad = {"funding_type": "bank_transfer", "bank_transfer": {"type": "eu_bank_transfer"}}
    with pytest.raises(stripe.InvalidRequestError, match="country"):
        sandbox.session(**asked | {"payment_method_options": {"customer_balance": bad}}, customer=customer.id)
    session = sandbox.session(**asked, customer=customer.id)
    assert sandbox.pay(session.id, "bank_transfer_never").headers["location"].endswith(session.id)
    found = sandbox.stripe().checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    action = found.payment_intent.next_action
    assert action.type == "display_bank_transfer_instructions"
    details = http.get(action.display_bank_transfer_instructions.hosted_instructions_url)
    assert "EUR 100.00" in details.text
    assert sandbox.stripe().payment_intents.cancel(found.payment_intent.id).status == "canceled"


LEIPZIG = {"name": "Mara Vogel", "address": {"line1": "Markt 1", "city": "Leipzig", "country": "DE"}}
OPTIONS = {
    "wechat_pay": {"payment_method_options": {"wechat_pay": {"client": "web"}}},
    "afterpay_clearpay": {"payment_intent_data": {"shipping": LEIPZIG}},
}


def test_afterpay_is_refused_without_an_address(sandbox):
    with pytest.raises(stripe.InvalidRequestError, match="shipping address"):
        sandbox.session(10000, "usd", payment_method_types=["card", "afterpay_clearpay"])


@pytest.mark.parametrize(
    ("kind", "currency", "action"),
    [("alipay", "eur", "alipay_handle_redirect"), ("wechat_pay", "eur", "wechat_pay_display_qr_code"),
     ("klarna", "eur", "redirect_to_url"), ("paypal", "eur", "redirect_to_url"),
     ("afterpay_clearpay", "usd", "redirect_to_url")],
)  # fmt: skip
def test_wallets_and_lenders_ask_on_a_page_of_their_own_and_may_say_no(sandbox, kind, currency, action):
    session = sandbox.session(10000, currency, payment_method_types=[kind], **OPTIONS.get(kind, {}))
    page = sandbox.pay(session.id, kind).headers["location"]
    assert page.startswith("/authorize/pi_")
    assert ("credit" in sandbox.get(page).text) == (kind in ("klarna", "afterpay_clearpay"))
    intent = sandbox.stripe().payment_intents.retrieve(page.rpartition("/")[2])
    assert (intent.status, intent.next_action.type) == ("requires_action", action)
    assert sandbox.post(page, outcome="decline").headers["location"] == f"/pay/{session.id}"
    intent = sandbox.stripe().payment_intents.retrieve(intent.id)
    assert intent.last_payment_error.code == "payment_method_provider_decline"
    sandbox.pay(session.id, kind)
    assert sandbox.post(page, outcome="approve").headers["location"].endswith(session.id)
    assert sandbox.stripe().checkout.sessions.retrieve(session.id).payment_status == "paid"


@pytest.mark.parametrize(
    ("outcome", "found"),
    [("prepaid", ("mastercard", "prepaid", None)), ("unionpay", ("unionpay", "credit", None)),
     ("apple_pay", ("visa", "credit", "apple_pay"))],
)  # fmt: skip
def test_prepaid_unionpay_and_contactless_are_cards_that_say_so(sandbox, outcome, found):
    card = sandbox.paid(outcome=outcome).latest_charge.payment_method_details.card
    assert (card.brand, card.funding, card.wallet.type if card.wallet else None) == found


def test_going_back_pays_nothing_and_expiry_closes_the_page(sandbox, receiver):
    session = sandbox.session()
    assert sandbox.pay(session.id, "abandon").headers["location"] == "http://shop.test/cart"
    assert sandbox.stripe().checkout.sessions.expire(session.id).status == "expired"
    assert sandbox.pay(session.id).status_code == 410
    receiver.wait_type("checkout.session.expired")
    with pytest.raises(stripe.InvalidRequestError, match="status in"):
        sandbox.stripe().checkout.sessions.expire(session.id)


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [(49, "eur", "amount_too_small"), (100_000_000, "eur", "amount_too_large"), (10005, "kwd", None),
     (10050, "isk", None)],
)  # fmt: skip
def test_amounts_that_the_currency_cannot_carry_are_refused(sandbox, amount, currency, code):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.session(amount, currency)
    assert refused.value.code == code


def test_intents_confirm_over_the_api_with_test_methods(sandbox):
    params = {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    assert sandbox.stripe().payment_intents.create(params).status == "succeeded"
    with pytest.raises(stripe.CardError) as refused:
        sandbox.stripe().payment_intents.create({**params, "payment_method": "pm_card_chargeDeclined"})
    assert refused.value.error.decline_code == "generic_decline"


def test_bad_parameters_are_refused_in_stripes_words(sandbox):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.session(colour="red")
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "colour")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe().payment_intents.retrieve("pi_nothing")
    assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)
    assert refused.value.request_id.startswith("req_")
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_test_other", base_addresses={"api": sandbox.url}).v1.balance.retrieve()
    live = http.get(f"{sandbox.url}/v1/balance", auth=("sk_live_x", ""))
    assert live.status_code == 401
    assert http.get(f"{sandbox.url}/v1/balance", auth=("sk_test_sandboxtests", "")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "1=2",
        "amount=1_0&currency=eur",
        "amount=١٠&currency=eur",
        "amount[a]=1&amount=2",
        "a[b][c]=1&a[b]=2&a[b][d]=3",
        "amount=%ff&currency=%00",
        "expand[]=x&amount=1000&currency=eur",
        "metadata[a][b]=c&amount=500&currency=eur",
    ],
)
def test_nonsense_is_refused_and_never_breaks_the_sandbox(sandbox, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{sandbox.url}/v1/payment_intents"
    answer = http.post(url, content=body.encode(), headers=headers, auth=("sk_test_sandboxtests", ""))
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_metadata_keys_may_be_digits_and_empty_values_remove_them(sandbox):
    made = sandbox.stripe().customers.create({"metadata": {"1": "a", "b": "c"}})
    assert made.metadata["1"] == "a"
    assert sandbox.stripe().customers.update(made.id, {"metadata": {"b": ""}}).metadata.to_dict() == {"1": "a"}


def test_lists_page_newest_first(sandbox):
    made = [sandbox.stripe().customers.create({"email": "page@example.com", "name": str(n)}).id for n in range(5)]
    first = sandbox.stripe().customers.list({"email": "page@example.com", "limit": 2})
    assert [row.id for row in first.data] == made[:-3:-1]
    assert first.has_more
    everyone = sandbox.stripe().customers.list({"email": "page@example.com", "limit": 2})
    assert [row.id for row in everyone.auto_paging_iter()] == made[::-1]
