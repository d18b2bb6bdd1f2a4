"""Several releases in one payout, on the merchant's own schedule, and what comes back of them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from daigou.core import clock
from daigou.core.db import db, find, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.ledger.rules import credit, debit
from daigou.payments import books, jobs, service
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow.models import Release
from daigou.payments.payouts import bankward, recourse, terms
from daigou.payments.payouts.models import Payout, ProviderPayout, Recourse
from daigou.payments.refunds import refunding
from daigou.providers.payment import PayoutSeen
from tests import factories

from .test_releases import account, onboard, walk


@pytest.fixture
def several(market, pay, again):
    """Three completed items of one merchant, two of them in another order."""
    other = factories.order(market.shopper, factories.listing(market.shop), factories.listing(market.shop))
    pay(market.shopper, market.bill)
    pay(market.shopper, factories.bill_of(other))
    return [walk(again(item)) for item in (market.item, *factories.items_of(other))]


def rows(model, **by):
    statement = select(model).filter_by(**by).order_by(model.created_at, model.id)
    return list(db.session.execute(statement.execution_options(populate_existing=True)).scalars())


def sound():
    assert books.check_all(with_provider=False).faults == []


def owner_of(market):
    return factories.actor(market.owner)


def release_all(items, work):
    for item in items:
        service.release_item(SYSTEM, item, "receipt_confirmed")
    work()


def test_on_a_weekly_schedule_three_releases_wait_and_go_out_as_one_transfer(
    market, several, provider, client, client_of, work
):
    onboard(market, provider, client, client_of, work)
    due = clock.today() + timedelta(days=2)
    terms.choose(owner_of(market), "weekly", due.weekday())
    release_all(several, work)
    assert {(r.state, r.refusal) for r in rows(Release)} == {("waiting", "scheduled")}
    jobs.gather_payouts()
    assert rows(Payout) == []
    before = provider.total()
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=2))):
        jobs.gather_payouts()
        jobs.gather_payouts()
        work()
    (payout,) = rows(Payout)
    whole = sum(item.merchant_due.minor for item in several)
    assert (payout.state, payout.releases, payout.amount.minor) == ("paid", 3, whole)
    assert {r.state for r in rows(Release)} == {"paid"}
    assert provider.total() == before - whole
    assert ledger.balance("payout_transit", "JPY", payout.id).minor == 0
    sound()
    saving = terms.saving(market.shop)
    assert (saving.releases, saving.payouts, saving.saved) == (3, 1, saving.fixed * 2)


def test_whoever_goes_back_to_being_paid_at_once_need_not_wait_for_the_day(
    market, several, provider, client, client_of, work
):
    onboard(market, provider, client, client_of, work)
    terms.choose(owner_of(market), "monthly", 28 if clock.today().day != 28 else 27)
    release_all(several, work)
    terms.choose(owner_of(market), "as_released", 0)
    work()
    assert [p.releases for p in rows(Payout)] == [3]
    assert {r.state for r in rows(Release)} == {"paid"}


def test_a_schedule_that_does_not_exist_is_refused(market):
    for schedule, day in (("hourly", 0), ("weekly", 7), ("monthly", 29), ("monthly", 0)):
        with pytest.raises(Invalid):
            terms.choose(owner_of(market), schedule, day)


def test_a_transfer_that_is_refused_for_good_asks_a_person_and_another_payout_takes_it_along(
    market, several, provider, client, client_of, work, again
):
    onboard(market, provider, client, client_of, work)
    terms.choose(owner_of(market), "daily", 0)
    release_all(several, work)
    good = account().provider_id
    _pay_to(_account_abroad(provider))
    jobs.gather_payouts()
    work()
    failed = rows(Release)
    assert {(r.state, r.refusal) for r in failed} == {("failed", "transfers_not_allowed")}
    assert [p.state for p in rows(Payout)] == ["refused"]
    assert ledger.balance("payable", "JPY", market.shop.id).minor == sum(r.amount_minor for r in failed)
    sound()
    _pay_to(good)
    client_of(factories.account("officer")).post(f"/officer/releases/{failed[0].ref}/retry")
    work()
    jobs.gather_payouts()
    work()
    assert [(p.state, p.releases) for p in rows(Payout)] == [("refused", 3), ("paid", 3)]
    assert {r.state for r in rows(Release)} == {"paid"}
    sound()


def _pay_to(provider_id):
    with transaction():
        account().provider_id = provider_id


def _account_abroad(provider):
    made = provider.http.post(
        "/v1/accounts", data={"type": "express", "country": "US", "capabilities[transfers][requested]": "true"}
    ).json()
    provider.control(f"/controls/accounts/{made['id']}", outcome="complete")
    return made["id"]


def take_back(item, amount, about):
    """As a refund after the release does it: from the merchant into escrow, from there to the shopper."""
    recourse.recover(SYSTEM, item, amount, about)
    refunding.refund(SYSTEM, item, amount, "test")


def paid_out(market, items, provider, client, client_of, work):
    onboard(market, provider, client, client_of, work)
    release_all(items, work)
    assert {r.state for r in rows(Release)} == {"paid"}


def test_a_refund_after_the_release_takes_the_transfer_back_first(market, several, provider, client, client_of, work):
    paid_out(market, several[:1], provider, client, client_of, work)
    item, before = several[0], provider.total()
    commission, fund = ledger.balance("commission", "JPY"), ledger.balance("reserve", "JPY")
    row = recourse.recover(SYSTEM, item, item.total, "CAS-TEST")
    assert ledger.balance("escrow", "EUR", item.id) == item.total
    refunding.refund(SYSTEM, item, item.total, "test")
    work()
    (row,) = rows(Recourse)
    assert (row.state, row.amount, row.reversal_minor) == ("settled", item.merchant_due, item.merchant_due.minor)
    assert provider.books()["by_type"]["jpy"]["transfer_reversal"]["amount"] >= item.merchant_due.minor
    assert ledger.balance("claim", "JPY", market.shop.id).minor == 0
    assert ledger.balance("escrow", "EUR", item.id).minor == 0
    assert commission.minor - ledger.balance("commission", "JPY").minor == item.commission_minor
    assert ledger.balance("reserve", "JPY") == fund
    assert provider.total() < before + item.merchant_due.minor
    assert books.check_all().faults == []


def test_no_more_can_be_taken_back_than_was_released(market, several, provider, client, client_of, work):
    paid_out(market, several[:1], provider, client, client_of, work)
    item = several[0]
    recourse.recover(SYSTEM, item, item.total - Money(1, "EUR"), "one")
    for too_much in (Money(2, "EUR"), Money(0, "EUR"), Money(1, "JPY")):
        with pytest.raises(Impossible, match="too_much"):
            recourse.recover(SYSTEM, item, too_much, "two")
    with pytest.raises(Impossible, match="not_released"):
        recourse.recover(SYSTEM, several[1], Money(1, "EUR"), "held")


def give(kind, amount, owner=None):
    """Money from nowhere onto an account, as an import would bring it."""
    from daigou.accounts.models import Merchant

    with transaction():
        about = db.session.execute(select(Merchant).limit(1)).scalar_one()
        key = f"test:{kind}:{amount}"
        ledger.post(SYSTEM, about, "test", key, [debit("bank", amount), credit(kind, amount, owner)])


def test_without_a_transfer_to_reverse_it_takes_next_releases_then_the_deposit_then_the_fund(
    market, several, provider, work
):
    """Nobody is paid yet (no account): the first item's own release is the next release."""
    first, second, _third = several
    service.release_item(SYSTEM, first, "receipt_confirmed")
    service.release_item(SYSTEM, second, "receipt_confirmed")
    shop = market.shop.id
    due = first.merchant_due.minor
    take_back(first, first.total, "one")
    assert [r.withheld_minor for r in rows(Release)] == [due, 0]
    take_back(second, second.total, "two")
    assert [r.withheld_minor for r in rows(Release)] == [due, due]
    assert ledger.balance("payable", "JPY", shop).minor == 0
    assert {r.state for r in rows(Recourse)} == {"settled"}
    sound()


def test_what_nothing_covers_is_advanced_by_the_fund_and_paid_back_from_later_releases(
    market, several, provider, client, client_of, work
):
    paid_out(market, several[:1], provider, client, client_of, work)
    first, second, _third = several
    shop, due = market.shop.id, first.merchant_due.minor
    fund = ledger.balance("reserve", "JPY").minor
    give("deposit", Money(1000, "JPY"), shop)
    _empty_account(provider, market)
    take_back(first, first.total, "one")
    work()
    (row,) = rows(Recourse)
    assert (row.state, row.reversal_minor, row.refusal) == ("claimed", 0, "balance_insufficient")
    assert ledger.balance("deposit", "JPY", shop).minor == 0
    assert ledger.balance("claim", "JPY", shop).minor == due - 1000
    assert ledger.balance("reserve_advanced", "JPY", shop).minor == fund
    assert ledger.balance("reserve", "JPY").minor == 0
    service.release_item(SYSTEM, second, "receipt_confirmed")
    work()
    assert ledger.balance("claim", "JPY", shop).minor == 0
    assert ledger.balance("reserve_advanced", "JPY", shop).minor == 0
    assert [r.state for r in rows(Recourse)] == ["settled"]
    assert rows(Payout)[-1].amount.minor == 1000
    assert rows(Payout)[-1].withheld_minor == due - 1000
    assert books.check_all(with_provider=False).faults == []


def _empty_account(provider, market):
    """The merchant has had everything paid out to its bank."""
    from daigou.payments.payouts.models import PayoutAccount

    account = find(PayoutAccount, merchant_id=market.shop.id).provider_id
    headers = {"Stripe-Account": account}
    free = provider.http.get("/v1/balance", headers=headers).json()["available"][0]["amount"]
    provider.http.post("/v1/payouts", data={"amount": free, "currency": "jpy"}, headers=headers).raise_for_status()


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "status_500_saved"])
def test_whatever_happens_to_the_call_a_transfer_is_taken_back_once(
    market, several, provider, client, client_of, work, fault
):
    paid_out(market, several[:1], provider, client, client_of, work)
    before = provider.books()["by_type"]["jpy"].get("transfer_reversal", {"amount": 0})["amount"]
    recourse.recover(SYSTEM, several[0], several[0].total, "one")
    provider.fault(fault, "/v1/transfers/*", count=2, seconds=2, effect=True)
    work()
    with clock.use(clock.FixedClock(clock.now() + jobs.PATIENCE * 2)):
        jobs.sweep()
        work()
    assert [r.state for r in rows(Recourse)] == ["settled"]
    after = provider.books()["by_type"]["jpy"]["transfer_reversal"]["amount"]
    assert after - before == several[0].merchant_due.minor


def test_a_bank_that_sends_the_money_back_is_told_to_the_merchant_with_what_to_do(
    market, several, provider, client, client_of, work
):
    from daigou.payments.payouts.models import PayoutAccount

    paid_out(market, several[:1], provider, client, client_of, work)
    account = find(PayoutAccount, merchant_id=market.shop.id).provider_id
    mark = provider.mark()
    headers = {"Stripe-Account": account}
    made = provider.http.post("/v1/payouts", data={"amount": 5000, "currency": "jpy"}, headers=headers).json()
    event = {"id": "evt_test_po", "object": "event", "type": "payout.failed", "account": account, "created": 1}
    provider.deliver(client, {**event, "data": {"object": {"id": made["id"], "object": "payout"}}})
    work()
    assert [(p.state, p.amount.minor) for p in rows(ProviderPayout)] == [("pending", 5000)]
    assert mark
    failed = PayoutSeen(made["id"], account, Money(5000, "JPY"), "failed", "no_account", clock.today(), ())
    bankward.apply(failed)
    bankward.apply(failed)
    work()
    assert [p.state for p in rows(ProviderPayout)] == ["failed"]
    browser = client_of(market.owner)
    assert "The bank does not know this account" in browser.get("/merchant/payouts").text
    assert browser.get("/account/notices").text.count("Your bank sent") == 1
    sound()
