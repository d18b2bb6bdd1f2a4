"""Which ways to pay a bill offers, which it recommends, and what their answers come to."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, select

from daigou.core import clock
from daigou.core.db import db
from daigou.core.errors import Impossible, NotFound
from daigou.core.money import Money
from daigou.methods import rules
from daigou.methods import service as methods
from daigou.methods import words as method_words
from daigou.methods.models import PaymentMethod
from daigou.methods.rules import Method, Need
from daigou.notices.models import Notice
from daigou.orders.models import Order, Quote
from daigou.payments import jobs, service, settling
from daigou.payments.paying import links
from daigou.payments.paying import words as payment_words
from daigou.payments.paying.models import Attempt
from tests import factories
from tests.warehouse import bench

CARD = Method("card", "card", frozenset({"EUR", "CNY"}), frozenset("*"), frozenset(), {}, 0, 365, Decimal(36), False)
ALIPAY = replace(CARD, code="alipay", rides_on="alipay", usual_in=frozenset({"CN"}), cost_permille=Decimal(32))
KLARNA = replace(CARD, code="klarna", rides_on="klarna", instalments=True, limits={"EUR": [100, 50_000]})
TRANSFER = replace(CARD, code="bank_transfer", rides_on="customer_balance", wait_days=7, cost_permille=Decimal(15))
PREPAID = replace(CARD, code="prepaid_card", cost_permille=Decimal(37))
ALL = (TRANSFER, KLARNA, PREPAID, CARD, ALIPAY)


def first(need, *among):
    way = rules.ranked(among or ALL, need)[0]
    return way.method.code, way.reason


def test_the_best_way_is_first_and_says_why():
    amount = Money(10_000, "EUR")
    assert first(Need(amount, "DE")) == ("card", "at_once")
    assert first(Need(amount, "DE", "klarna")) == ("klarna", "last")
    assert first(Need(amount, "CN")) == ("alipay", "home")
    assert first(Need(amount, "DE"), CARD, KLARNA, TRANSFER) == ("card", "at_once")
    assert first(Need(amount, "DE"), TRANSFER) == ("bank_transfer", "only")
    assert set(method_words.REASONS) >= {"at_once", "last", "home", "only", "later"}


def test_borrowing_and_waiting_are_never_recommended_before_a_way_that_pays_at_once():
    order = [way.method.code for way in rules.ranked(ALL, Need(Money(10_000, "EUR"), "DE"))]
    assert order == ["card", "prepaid_card", "bank_transfer", "klarna", "alipay"]


def test_a_type_that_several_ways_ride_on_is_asked_for_once():
    assert rules.types(rules.ranked(ALL, Need(Money(10_000, "EUR"), "DE"))) == [
        "card", "customer_balance", "klarna", "alipay",
    ]  # fmt: skip


@given(st.integers(1, 10**7), st.sampled_from(["EUR", "CNY", "USD"]), st.sampled_from(["DE", "CN", "US"]))
def test_no_way_is_offered_that_does_not_take_the_amount_the_currency_and_the_country(minor, currency, country):
    only_de = replace(CARD, code="de", countries=frozenset({"DE"}))
    for way in rules.ranked((*ALL, only_de), Need(Money(minor, currency), country)):
        method = way.method
        assert currency in method.currencies
        assert method.countries & {"*", country}
        least, most = method.limits.get(currency, (minor, minor))
        assert least <= minor <= most


def test_an_account_may_take_what_stripe_allows_in_its_country_and_the_sandbox_everything():
    table = {"JP": ["JPY", "CNY"], "*": ["EUR"]}
    assert rules.currencies_for(table, "JP") == {"JPY", "CNY"}
    assert rules.currencies_for(table, "FR") == {"EUR"}
    assert rules.currencies_for({"JP": ["JPY"]}, "FR") == frozenset()
    assert rules.currencies_for(table, None) == {"JPY", "CNY", "EUR"}


def test_every_row_has_its_source_and_every_code_its_words(app):
    rows = db.session.execute(select(PaymentMethod)).scalars().all()
    assert {row.code for row in rows} >= {
        "card", "prepaid_card", "unionpay", "apple_pay", "google_pay", "link", "paypal", "alipay", "wechat_pay",
        "klarna", "afterpay_clearpay", "bank_transfer",
    }  # fmt: skip
    assert all(row.source and row.valid_from and row.code in method_words.NAMES for row in rows)
    assert all(row.code in method_words.NOTES and row.refund_days > 0 for row in rows)


def test_a_row_of_tomorrow_is_not_offered_today_and_one_that_ended_is_not_any_more(app):
    row = db.session.execute(select(PaymentMethod).filter_by(code="klarna")).scalar_one()
    row.valid_to = clock.today()
    db.session.flush()
    assert methods.named("klarna") is None
    assert "klarna" in {method.code for method in methods.today(clock.today() - timedelta(days=1))}
    assert methods.today(date(2025, 12, 31)) == []


class TestTheSession:
    def types(self, provider, bill):
        attempt = db.session.execute(select(Attempt).filter_by(bill_id=bill.id, state="open")).scalar_one()
        return provider.get(f"/v1/checkout/sessions/{attempt.session_id}")["payment_method_types"]

    def test_it_gets_exactly_the_types_that_fit(self, market, provider):
        service.start(factories.actor(market.shopper), market.bill.ref)
        assert set(self.types(provider, market.bill)) == {
            "card", "link", "paypal", "alipay", "wechat_pay", "klarna", "customer_balance",
        }  # fmt: skip

    def test_another_country_and_currency_get_others(self, market, provider):
        american = factories.account(country="US", currency="USD")
        bill = factories.bill_of(factories.order(american, factories.listing(market.shop), currency="USD"))
        service.start(factories.actor(american), bill.ref)
        assert set(self.types(provider, bill)) == {
            "card", "link", "paypal", "alipay", "wechat_pay", "klarna", "customer_balance",
        }  # fmt: skip

    def test_a_lender_that_wants_an_address_gets_name_and_place_and_only_when_the_payer_chose_one(
        self, market, provider, client_of
    ):
        american = factories.account(country="US", currency="USD")
        bill = factories.bill_of(factories.order(american, factories.listing(market.shop), currency="USD"))
        home = bench.address(american, "US", region="NY", tax_id="123-45-6789")
        browser = client_of(american)
        page = browser.get(f"/bills/{bill.ref}").text
        assert "Pay in instalments with Afterpay" in page
        assert "Karl-Liebknecht" in page
        browser.post(f"/bills/{bill.ref}/pay", data={"address": home.ref})
        assert "afterpay_clearpay" in self.types(provider, bill)
        provider.pay(service.start(factories.actor(american), bill.ref, address_ref=home.ref), "afterpay_clearpay")
        attempt = db.session.execute(select(Attempt).filter_by(bill_id=bill.id)).scalar_one()
        session = provider.get(f"/v1/checkout/sessions/{attempt.session_id}")
        sent = provider.get(f"/v1/payment_intents/{session['payment_intent']}")["shipping"]
        assert sent["name"] == "Mara Vogel"
        assert set(sent["address"]) == {"line1", "city", "postal_code", "state", "country"}
        assert "123-45-6789" not in str(sent) + str(session)
        assert "1234567" not in str(sent) + str(session)

    def test_a_refused_click_keeps_the_address_that_was_chosen(self, market, provider, client_of):
        american = factories.account(country="US", currency="USD")
        bill = factories.bill_of(factories.order(american, factories.listing(market.shop), currency="USD"))
        home = bench.address(american, "US", region="NY")
        provider.fault("status_500_saved", "/v1/checkout/sessions")
        answer = client_of(american).post(f"/bills/{bill.ref}/pay", data={"address": home.ref})
        assert answer.status_code == 503
        assert f'<option value="{home.ref}" selected>' in answer.text

    def test_the_same_bill_without_an_address_is_another_page_and_the_first_is_taken_away(self, market, provider, work):
        american = factories.account(country="US", currency="USD")
        bill = factories.bill_of(factories.order(american, factories.listing(market.shop), currency="USD"))
        home = bench.address(american, "US", region="NY")
        first = service.start(factories.actor(american), bill.ref, address_ref=home.ref)
        second = service.start(factories.actor(american), bill.ref)
        assert first != second
        work()
        assert "afterpay_clearpay" not in self.types(provider, bill)

    def test_nobody_elses_address_is_passed_on(self, market, provider):
        foreign = bench.address(factories.account())
        with pytest.raises(NotFound):
            service.start(factories.actor(market.shopper), market.bill.ref, address_ref=foreign.ref)

    def test_a_currency_with_few_ways_gets_few(self, market, provider):
        korean = factories.account(country="KR", currency="KRW")
        bill = factories.bill_of(factories.order(korean, factories.listing(market.shop), currency="KRW"))
        service.start(factories.actor(korean), bill.ref)
        assert set(self.types(provider, bill)) == {"card"}


def test_the_page_lists_the_ways_with_the_recommended_first_and_whose_the_instalments_are(market, client_of, provider):
    page = client_of(market.shopper).get(f"/bills/{market.bill.ref}").text
    assert page.index("Recommended") < page.index("Klarna")
    assert page.index("PayPal") < page.index("Bank transfer")
    assert "Klarna lends you the money and checks your credit: it decides, not we." in page
    assert "Takes up to 7 days" in page
    assert "Protected payment" in page


def test_what_worked_last_time_is_recommended_next_time(market, pay, client_of):
    pay(market.shopper, market.bill, "alipay")
    bill = factories.bill_of(factories.order(market.shopper, factories.listing(market.shop)))
    page = client_of(market.shopper).get(f"/bills/{bill.ref}").text
    assert "You paid this way last time, and it worked." in page
    assert page.index("Alipay") < page.index("PayPal")


@pytest.mark.parametrize(
    ("outcome", "method"),
    [("prepaid", "prepaid_card"), ("unionpay", "unionpay"), ("apple_pay", "apple_pay"), ("google_pay", "google_pay"),
     ("alipay", "alipay"), ("wechat_pay", "wechat_pay"), ("paypal", "paypal"), ("klarna", "klarna"), ("link", "link"),
     ("succeed", "card")],
)  # fmt: skip
def test_each_way_pays_the_bill_and_is_remembered_by_its_own_name(market, pay, again, outcome, method):
    pay(market.shopper, market.bill, outcome)
    assert again(market.bill).state == "paid"
    assert db.session.execute(select(Attempt.method).filter_by(state="succeeded")).scalar_one() == method


class TestWaiting:
    @pytest.fixture
    def waiting(self, market, provider, client, work):
        mark = provider.mark()
        provider.pay(service.start(factories.actor(market.shopper), market.bill.ref), "bank_transfer_never")
        provider.deliver(client, *provider.events_since(mark))
        work()
        return db.session.execute(select(Attempt)).scalar_one()

    def test_a_transfer_is_shown_as_what_it_is(self, waiting, market, again, client_of):
        assert (waiting.state, waiting.method, again(market.bill).state) == (
            "processing", "bank_transfer", "processing",
        )  # fmt: skip
        for address in (f"/bills/{market.bill.ref}", f"/payments/{market.bill.ref}/status"):
            page = client_of(market.shopper).get(address).text
            assert "We wait for your bank transfer" in page
            assert waiting.instructions_url in page
        assert again(market.order).state == "placed"

    def test_the_order_waits_longer_than_its_bill_would(self, waiting, market, again, work):
        from daigou.orders import jobs as order_jobs

        with clock.use(clock.FixedClock(clock.now() + timedelta(days=3))):
            order_jobs.expire_due()
        assert again(market.order).state == "placed"

    def test_money_that_never_comes_ends_the_wait_and_opens_the_bill_again(self, waiting, market, again, work):
        late = clock.now() + timedelta(days=8)
        with clock.use(clock.FixedClock(late)):
            jobs.sweep()
            work()
            bill = again(market.bill)
            assert (bill.state, again(waiting).state) == ("due", "failed")
            assert bill.due_until > late + timedelta(hours=23)
        kinds = db.session.execute(select(Notice.kind).filter_by(account_id=market.shopper.id)).scalars().all()
        assert "payment.failed" in kinds

    def test_it_is_over_when_the_money_comes(self, waiting, market, again, provider, work):
        provider.control(f"/controls/payments/{waiting.payment_intent_id}", outcome="succeed")
        settling.refetch(waiting.id)
        assert again(market.bill).state == "paid"


def say_no(provider, market, kind, outcome="decline"):
    import httpx

    answer = httpx.post(service.start(factories.actor(market.shopper), market.bill.ref), data={"outcome": kind})
    httpx.post(provider.url + answer.headers["location"], data={"outcome": outcome})
    settling.refetch(db.session.execute(select(Attempt.id)).scalar_one())


@pytest.mark.parametrize(
    ("kind", "outcome", "words"),
    [("klarna", "decline", "The lender did not agree after its own credit check."),
     ("alipay", "decline", "The wallet declined the payment."),
     ("paypal", "cancel", "You did not confirm the payment there.")],
)  # fmt: skip
def test_a_lenders_or_wallets_no_is_said_in_words_and_the_order_waits(
    market, again, provider, client_of, kind, outcome, words
):
    say_no(provider, market, kind, outcome)
    page = client_of(market.shopper).get(f"/bills/{market.bill.ref}").text
    assert words in page
    assert again(market.bill).state == "due"
    provider.pay(service.start(factories.actor(market.shopper), market.bill.ref), "succeed")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("decline", "Your bank declined the payment."), ("lost_card", "does not accept this card any more"),
     ("incorrect_cvc", "The security code does not match"), ("velocity", "limit is reached"),
     ("processing_error", "Try again in a minute"), ("expired_card", "This card has expired")],
)  # fmt: skip
def test_a_declined_card_is_told_in_words_with_what_to_try_next(market, provider, client_of, outcome, words):
    provider.pay(service.start(factories.actor(market.shopper), market.bill.ref), outcome)
    settling.refetch(db.session.execute(select(Attempt.id)).scalar_one())
    assert words in client_of(market.shopper).get(f"/bills/{market.bill.ref}").text


class TestByPhone:
    def code(self, browser, bill):
        """What a camera reads off the page."""
        page = browser.get(f"/bills/{bill.ref}").text
        start = page.rindex("<svg", 0, page.index('class="qr"'))
        return read(page[start : page.index("</svg>", start)])

    def test_the_code_on_the_page_leads_to_the_same_hosted_page_without_signing_in(
        self, market, client_of, client, provider
    ):
        link = self.code(client_of(market.shopper), market.bill)
        path = link.removeprefix("http://" + link.split("/")[2])
        shown = client.get(path)
        assert "Go on to pay" in shown.text
        assert market.shopper.name not in shown.text
        answer = client.post(path)
        assert answer.status_code == 303
        assert answer.location == service.start(factories.actor(market.shopper), market.bill.ref)
        assert "Thank you" in client.get(f"/payments/{market.bill.ref}/return").text

    def test_its_owner_is_led_to_the_bill(self, market, client_of):
        path = "/pay/" + links.link_to(market.bill).rpartition("/")[2]
        assert client_of(market.shopper).get(path).location == f"/bills/{market.bill.ref}"

    def test_it_runs_out_and_can_not_be_forged(self, market, client, monkeypatch):
        path = "/pay/" + links.link_to(market.bill).rpartition("/")[2]
        assert client.get(path[:-2] + "xx").status_code == 404
        assert client.get("/pay/nothing").status_code == 404
        monkeypatch.setattr(links, "LIFE_SECONDS", -1)
        answer = client.get(path)
        assert answer.status_code == 409
        assert "This code has run out" in answer.text

    def test_a_paid_bill_has_nothing_to_pay_by_link(self, market, pay, again, client):
        pay(market.shopper, market.bill)
        path = "/pay/" + links.link_to(market.bill).rpartition("/")[2]
        assert "nothing to pay here any more" in client.get(path).text
        assert client.post(path).status_code == 409


def read(svg):
    """Draw the modules of segno's one path (``M``, ``m`` and ``h`` commands) and let a reader have a look."""
    import re

    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    picture = Image.new("L", (size, size), 255)
    dark = re.search(r'stroke="#000"[^>]* d="([^"]+)"|d="([^"]+)"[^>]* stroke="#000"', svg)
    x = y = 0.0
    for command, a, b in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", dark[1] or dark[2]):
        if command == "M":
            x, y = float(a), float(b)
        elif command == "m":
            x, y = x + float(a), y + float(b)
        else:
            for column in range(int(x), int(x + float(a))):
                picture.putpixel((column, int(y)), 0)
            x += float(a)
    (found,) = zxingcpp.read_barcodes(picture.resize((size * 8, size * 8), Image.Resampling.NEAREST))
    return found.text


def test_amounts_beyond_any_way_are_refused_in_words_before_anything_is_asked(market, provider):
    from daigou.methods.service import ways_or_refuse

    for minor, code, words in ((10, "payment.small", "€0.50"), (10**11, "payment.large", "€999,999.99")):
        with pytest.raises(Impossible, match=code.replace(".", r"\.")) as refused:
            ways_or_refuse(Need(Money(minor, "EUR"), "DE"))
        assert words in str(refused.value.message)
    with pytest.raises(Impossible, match=r"payment\.currency"):
        ways_or_refuse(Need(Money(10_000, "INR"), "DE"))


def test_a_closed_account_pays_nothing_by_its_link(market, client, provider):
    from compliance.audit import door
    from daigou.core.db import transaction

    path = "/pay/" + links.link_to(market.bill).rpartition("/")[2]
    admin = factories.account("admin")
    with transaction():
        door.transition(factories.actor(admin), market.shopper, "close")
    answer = client.post(path)
    assert answer.status_code == 409
    assert "This account is closed" in answer.text
    assert db.session.execute(select(Attempt)).first() is None


@pytest.mark.parametrize("method", sorted(set(method_words.NAMES) - {"wallet"}))
@pytest.mark.parametrize("code", ["insufficient_funds", "payment_method_provider_decline", "do_not_honor"])
def test_each_ways_refusal_speaks_of_that_way_and_says_what_to_try_next(app, method, code):
    said = str(payment_words.declined(code, method))
    assert any(hint in said for hint in ("another", "Try again"))
    if method in payment_words.OTHERWISE:
        assert "this card" not in said, "whoever paid by wallet, lender or transfer used none"


def test_what_the_provider_refuses_by_itself_blames_no_bank(app):
    assert "bank" not in str(payment_words.not_taken("parameter_invalid_integer"))
    assert "currency" in str(payment_words.not_taken("amount_currency"))


def test_an_amount_that_nobody_could_pay_is_never_ordered(market, client_of):
    dear = factories.listing(factories.merchant()[0], price_minor=300_000_000)
    browser = client_of(market.shopper)
    browser.post("/cart/add", data={"listing": dear.ref, "quantity": "1", "once": "q" * 20})
    page = browser.get(browser.post("/cart/quote", data={"once": "r" * 20}).location)
    assert "Order in smaller parts" in page.text
    before = db.session.execute(select(func.count()).select_from(Order)).scalar_one()
    ref = db.session.execute(select(Quote.ref).order_by(Quote.created_at.desc()).limit(1)).scalar_one()
    assert browser.post(f"/quotes/{ref}/order", data={"once": "s" * 20}).status_code == 409
    assert db.session.execute(select(func.count()).select_from(Order)).scalar_one() == before
