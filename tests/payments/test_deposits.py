"""A merchant's deposit goes back: late enough, owed to nobody, agreed to by two, once, the way its payouts go."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from compliance.audit import door, proposals
from compliance.identity import tiers
from daigou.accounts.models import Account, Member
from daigou.core import clock
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Denied, Impossible
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.ledger.rules import credit, debit
from daigou.notices.models import Notice
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow import rulebook
from daigou.payments.escrow.models import Release
from daigou.payments.payouts import depositing, leaving, recourse, sending
from daigou.payments.payouts.banking import details, importing
from daigou.payments.payouts.models import DepositRequest, Payout
from tests import factories
from tests.payments.test_bank_files import KB, back, filed, out, report
from tests.payments.test_payouts import rows, sound
from tests.payments.test_recourse import released

WHY = "The shop has ended; nothing is open."


@pytest.fixture
def officers(app):
    return [factories.actor(factories.account("officer")) for _ in "ab"]


def put_up(shop, minor=5000):
    amount = Money(minor, shop.currency)
    with transaction():
        lines = [debit("bank", amount), credit("deposit", amount, shop.id)]
        ledger.post(SYSTEM, shop, "test", f"test:deposit:{shop.id}", lines)
    return amount


def deposit(shop):
    return ledger.balance("deposit", shop.currency, shop.id)


def agreed(first, second, shop):
    proposals.approve(second, depositing.propose(first, shop.ref, WHY).ref)
    return rows(Payout, out_of="deposit")[-1]


@pytest.fixture
def korean(app):
    """A merchant who is paid by bank, has sold nothing and put up a deposit."""
    shop, owner = factories.merchant(country="KR", currency="KRW")
    details.save(factories.actor(owner), *KB)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=4))):  # new bank details rest for three days
        yield shop, put_up(shop)


def test_at_the_front_door_two_officers_send_it_through_a_bank_file_and_the_shop_can_close(korean, client_of, officers):
    shop, amount = korean
    one, two = (client_of(factories.account("officer")) for _ in "ab")
    page = f"/officer/merchants/{shop.ref}"
    assert shop.ref in one.get("/officer/settlement").text
    assert "Give it back" in one.get(page).text
    assert one.post(f"{page}/deposit", data={"reason": "no", "once": "d" * 20}).status_code == 422
    for _ in range(2):  # a double click
        assert one.post(f"{page}/deposit", data={"reason": WHY, "once": "d" * 20}).status_code == 303
    asked = proposals.open_about(depositing.KIND, shop.stream)
    assert one.post(f"/officer/proposals/{asked.ref}/approve", data={"note": ""}).status_code == 403
    assert deposit(shop) == amount
    assert two.post(f"/officer/proposals/{asked.ref}/approve", data={"note": ""}).status_code == 303
    (payout,) = rows(Payout)
    assert (payout.rail, payout.amount, deposit(shop).minor) == ("bank_file", amount, 0)
    assert ledger.balance("payout_transit", "KRW", payout.id) == amount
    assert [row.code for row in leaving.unsettled(shop)] == ["payouts"]
    filed(*officers)
    importing.take(officers[0], report(out(payout)))
    assert rows(Payout)[0].state == "paid"
    assert ledger.balance("bank", "KRW").minor == 0  # what was put up has gone out again
    assert leaving.unsettled(shop) == []
    sound()


def test_what_the_bank_sends_back_is_a_deposit_again_and_officers_hear_of_it(korean, officers):
    shop, amount = korean
    payout = agreed(*officers, shop)
    filed(*officers)
    importing.take(officers[0], report(out(payout)))
    importing.take(officers[0], report(back(payout), number="MSG-2"))
    assert (rows(Payout)[0].state, deposit(shop)) == ("returned", amount)
    heard = select(func.count()).select_from(Notice).where(Notice.kind == "deposit.stays")
    assert db.session.execute(heard).scalar_one() >= 2
    again = agreed(*officers, shop)
    assert (again.ref != payout.ref, deposit(shop).minor) == (True, 0)
    sound()


def test_a_refused_payout_of_it_is_a_deposit_again_and_once_only(korean, officers):
    shop, amount = korean
    payout = agreed(*officers, shop)
    for _ in range(2):
        sending.refuse(payout.id, "account_invalid", mends=True)
    assert (rows(Payout)[0].state, deposit(shop)) == ("refused", amount)
    assert ledger.balance("payable", "KRW", shop.id).minor == 0
    sound()


def test_nobody_agrees_to_their_own_and_not_twice(korean, officers):
    shop, _amount = korean
    first, second = officers
    asked = depositing.propose(first, shop.ref, WHY)
    with pytest.raises(Denied):
        proposals.approve(first, asked.ref)
    with pytest.raises(Impossible, match="proposed"):
        depositing.propose(second, shop.ref, WHY)
    proposals.approve(second, asked.ref)
    with pytest.raises(Impossible, match="nothing"):
        depositing.propose(first, shop.ref, WHY)


def test_it_stays_while_shoppers_may_claim_and_goes_on_the_day_that_the_page_names(app, officers, client_of):
    factories.rates()
    shop, owner = factories.merchant()
    put_up(shop)
    released(factories.account(), shop, 1)
    with transaction():
        row = load_locked(Release, id=rows(Release)[0].id)
        lines = [debit("payable", row.amount, shop.id), credit("bank", row.amount)]
        ledger.post(SYSTEM, row, "test", "test:paid", lines)
        for move in ("submit", "settle"):
            door.transition(SYSTEM, row, move)
    with pytest.raises(Impossible, match="early"):
        depositing.propose(officers[0], shop.ref, WHY)
    free_on = (row.created_at + rulebook.span(depositing.RULE)).date()
    assert depositing.of(shop).free_on == free_on
    assert client_of(owner).get("/merchant/payouts/deposit").status_code == 200
    recourse.recover(SYSTEM, _item(row), Money(row.held_minor, "EUR"), "RFD-1")
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=200))):
        taken = depositing.of(shop)
    assert taken.why_not in ("claim", "nothing"), "what the merchant came to owe was taken from it"


def _item(row):
    from daigou.orders.models import OrderItem

    return db.session.get(OrderItem, row.item_id)


def test_a_merchant_that_goes_on_selling_gets_it_back_when_its_tier_has_been_higher_for_long_enough(app, officers):
    factories.rates()
    shop, _owner = factories.merchant(country="KR", currency="KRW")
    put_up(shop)
    factories.paid_order(factories.account(), factories.listing(shop))
    assert depositing.of(shop).why_not == "trading"
    with transaction():
        identity = tiers.open_for_merchant(SYSTEM, shop)
        if identity.is_("basic"):
            door.transition(SYSTEM, identity, "verify")
    found = depositing.of(shop)
    assert (found.why_not, found.free_on) == ("early", (identity.state_since + rulebook.span(depositing.RULE)).date())
    with clock.use(clock.FixedClock(clock.now() + rulebook.span(depositing.RULE) + timedelta(days=1))):
        assert depositing.of(shop).why_not == ""
        with pytest.raises(Impossible, match="no_way"):  # no bank details yet: said before anybody agrees
            depositing.propose(officers[0], shop.ref, WHY)


@pytest.fixture
def asking_for_it(korean, client_of):
    """The browser of its owner, on whose page everything stands."""
    shop, _amount = korean
    return client_of(owner_of(shop))


def owner_of(shop):
    return db.session.scalars(select(Account).join(Member, Member.account_id == Account.id).filter_by(
        merchant_id=shop.id)).one()  # fmt: skip


def test_its_owner_asks_for_it_once_and_has_it_when_two_officers_agree(korean, asking_for_it, client_of, officers):
    shop, amount = korean
    page, desk = "/merchant/payouts/deposit", client_of(factories.account("officer"))
    assert "Ask for it back" in asking_for_it.get(page).text
    for _ in range(2):  # a double click
        assert asking_for_it.post(page, data={"once": "a" * 20}).status_code == 303
    assert asking_for_it.post(page, data={"once": "b" * 20}).status_code == 409, "it stands before the officers already"
    assert "Ask for it back" not in asking_for_it.get(page).text
    assert shop.ref in desk.get("/officer/settlement").text
    assert "The merchant has asked for it" in desk.get(f"/officer/merchants/{shop.ref}").text
    assert heard("deposit.asked") >= 2
    assert deposit(shop) == amount, "asking moves nothing"
    assert agreed(*officers, shop).amount == amount
    assert rows(DepositRequest)[0].state == "granted"
    assert "On its way" in asking_for_it.get(page).text


def test_an_officer_says_why_it_stays_and_its_owner_reads_it_and_may_ask_again(korean, asking_for_it, client_of):
    shop, amount = korean
    page, desk = "/merchant/payouts/deposit", client_of(factories.account("officer"))
    asking_for_it.post(page, data={"once": "a" * 20})
    (asked,) = rows(DepositRequest)
    answer = f"/officer/merchants/{shop.ref}/deposit/{asked.ref}/decline"
    assert desk.post(answer, data={"reason": "no"}).status_code == 422
    assert desk.post(answer, data={"reason": "A customs case of July is open still."}).status_code == 303
    assert "A customs case of July" in asking_for_it.get(page).text
    assert (deposit(shop), heard("deposit.kept")) == (amount, 1)
    assert asking_for_it.post(page, data={"once": "c" * 20}).status_code == 303


def test_a_deposit_that_must_stay_is_refused_in_words_before_an_officer_hears_of_it(app, client_of):
    shop, owner = factories.merchant(country="KR", currency="KRW")
    browser = client_of(owner)
    answer = browser.post("/merchant/payouts/deposit", data={"once": "a" * 20})
    assert (answer.status_code, "There is no deposit." in answer.text) == (409, True)
    put_up(shop)
    answer = browser.post("/merchant/payouts/deposit", data={"once": "b" * 20})
    assert "know your bank account yet" in answer.text
    assert heard("deposit.asked") == 0


def heard(kind):
    return db.session.execute(select(func.count()).select_from(Notice).where(Notice.kind == kind)).scalar_one()
