"""kill -9 at every step of what comes after a payment: back from a merchant, over a bank's case, to and from a balance,
out by bank file, and at the opening of an account. Each family is armed whole: one life dies at all of its points."""

from sqlalchemy import select, text

from compliance.audit import proposals
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find
from daigou.payments import service as payments
from daigou.payments.payouts import batching, onboarding, terms
from daigou.payments.payouts.banking import details, filing, importing
from daigou.payments.payouts.banking.models import BankFile
from daigou.payments.payouts.models import Payout, PayoutAccount
from daigou.payments.refunds.models import Refund
from tests import factories
from tests.payments.test_bank_files import KB, WHY, out, report

from .banks import Case
from .merchants import Seller, compensate, is_taken_back
from .parcels import Sending
from .points import FAMILIES, around, call
from .rows import fresh

SYSTEM = system("test")


def test_what_was_paid_out_is_taken_back_once(shop):
    seller = Seller(shop).ready()
    seller.keep_at_the_provider()
    life = seller.sold().released()
    armed = FAMILIES["taking back"]
    shop.points.arm(*armed)
    shop.insist("compensate", lambda: compensate(life))
    shop.until("it is refunded", life.is_refunded)
    shop.until("the transfer is back", lambda: is_taken_back(life))
    assert shop.points.missed(*armed) == []


def test_a_banks_case_is_answered_once_and_its_loss_is_booked_once(shop):
    case, opening, answering = Case(shop.order().paid()), FAMILIES["a bank’s case"], FAMILIES["answering a bank"]
    shop.points.arm(*opening)
    case.open().assembled()
    assert shop.points.missed(*opening) == []
    shop.mend()
    shop.points.arm(*answering)
    shop.insist("answer", case.answer)
    shop.until("the bank has the answer", case.is_answered)
    assert shop.points.missed(*answering) == []
    shop.mend()
    shop.points.arm(*opening)
    shop.ask(lambda: case.decide("lost"))
    shop.until("it is booked", case.is_booked)
    assert shop.points.missed(*opening) == []


def test_a_parcel_is_sent_once(shop):
    """The carrier has no keys: what it has done is found by our reference."""
    parcel, armed = Sending(shop.order().paid()).to_the_shelf().packed(), FAMILIES["sending a parcel"]
    shop.points.arm(*armed)
    parcel.ask()
    shop.until(f"{parcel.ref} is sent", parcel.is_sent)
    assert shop.points.missed(*armed) == []
    theirs = shop.provider.get("/v2/shipments", params={"page_size": 100, "purchased": "true"}).json()["shipments"]
    assert [row["reference"] for row in theirs].count(parcel.ref) == 1


def test_money_goes_to_a_balance_once_and_is_paid_with_once(shop):
    life = shop.order().paid()
    item = shop.ask(life.row)
    promised = around("refund.promise")
    shop.points.arm(*promised)

    def back():
        if find(Refund, item_id=item.id) is None:
            payments.refund(SYSTEM, life.row(), item.total, "goodwill", way="wallet")

    shop.insist("refund to the balance", back)
    assert shop.ask(life.is_refunded)
    assert shop.points.missed(*promised) == []
    shop.mend()
    listing = shop.listing(stock=50, price_minor=500)
    for part in ("all of it", "what is left of it"):
        again = shop.order(life.account, listing if part == "all of it" else None).place()
        armed = around("pay.intend") if part == "all of it" else around("pay.intend", "escrow")
        shop.points.arm(*armed)
        if part == "all of it":
            again.pay_from_balance()
        else:
            again.pay(balance="1")
        shop.until(f"it is paid with {part}", again.is_paid)
        assert shop.points.missed(*armed) == []
        shop.mend()


def test_a_bank_file_is_made_and_confirmed_once(shop):
    merchant, owner = factories.merchant(country="KR", currency="KRW")
    details.save(factories.actor(owner), *KB)
    first, second = (factories.actor(factories.account("officer")) for _ in "ab")
    armed = FAMILIES["bank files"]
    shop.points.arm(*armed)
    listing = factories.listing(merchant, price_minor=180_000, stock=5)
    life = shop.order(listing=listing, merchant=merchant).paid().deliver()
    life.confirm()
    payout = shop.until("a payout waits for a file", lambda: fresh(Payout, merchant_id=merchant.id))

    def file():
        return fresh(BankFile, id=fresh(Payout, id=payout.id).file_id)

    shop.insist("propose", lambda: file() or filing.propose(first, "KRW", clock.today(), WHY))
    stream = shop.ask(file).stream

    def agree():
        if waiting := proposals.open_about(filing.KIND, stream):
            proposals.approve(second, waiting.ref)

    shop.insist("approve", agree)
    content = report(out(payout, own=payout.ref), number=payout.ref)
    shop.insist("import", lambda: importing.take(first, content))
    importing.take(second, content)
    assert shop.ask(lambda: fresh(Payout, id=payout.id)).state == "paid"
    assert shop.points.missed(*armed) == []


def test_a_payout_account_is_opened_once(shop):
    merchant, owner = factories.merchant()
    armed = FAMILIES["opening an account"]
    shop.points.arm(*armed)
    who = factories.actor(owner)
    shop.insist("onboard", lambda: onboarding.onboard(who))
    shop.provider.post(onboarding.onboard(who), data={"outcome": "complete"})
    shop.until("it can be paid", lambda: fresh(PayoutAccount, merchant_id=merchant.id).is_("enabled"))
    assert shop.points.missed(*armed) == []
    ours = {row.provider_id for row in shop.ask(lambda: db.session.scalars(select(PayoutAccount)).all())}
    theirs = {row["id"] for row in shop.provider.get("/v1/accounts", params={"limit": 100}).json()["data"]}
    assert theirs == ours


def test_a_days_payouts_are_sent_once_though_the_job_is_killed(shop):
    """The merchant is paid by the month; its day comes, and every process that touches the batch dies once."""
    lives = [shop.order().paid().deliver() for _ in range(3)]
    terms.choose(factories.actor(shop.owner), "monthly", 1)
    try:
        for life in lives:
            life.confirm()
        for life in lives:
            shop.until("it waits for its day", lambda life=life: life._state_in("releases") == "waiting")
        armed = [*around("release.bundle", "release.begin", "release.apply"), *call("release")]
        shop.points.arm(*armed)
        merchant = shop.merchant
        currency = shop.ask(lives[0].row).merchant_currency
        shop.insist("the day’s payouts", lambda: batching.gather(merchant.id, currency, today_is_due=True))
        for life in lives:
            shop.until("it is released", life.is_released)
        assert shop.points.missed(*armed) == []
        query = text("SELECT count(DISTINCT payout_id) FROM releases r JOIN order_items i ON i.id = r.item_id"
                     " WHERE i.ref = ANY(:refs)")  # fmt: skip
        assert shop.ask(lambda: db.session.execute(query, {"refs": [life.item for life in lives]}).scalar_one()) == 1
    finally:
        terms.choose(factories.actor(shop.owner), "as_released", 0)


