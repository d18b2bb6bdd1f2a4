"""kill -9 at every step of what comes after a payment: back from a merchant, over a bank's case, to and from a balance,
out by bank file, and at the opening of an account. Each family is armed whole: one life dies at all of its points."""

from sqlalchemy import select, text

from compliance.audit import proposals
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find
from daigou.disputes import answering
from daigou.disputes.models import Dispute
from daigou.payments import service as payments
from daigou.payments.payouts import batching, onboarding, terms
from daigou.payments.payouts.banking import details, filing, importing
from daigou.payments.payouts.banking.models import BankFile
from daigou.payments.payouts.models import Payout, PayoutAccount, Recourse
from daigou.payments.refunds import refunding
from daigou.payments.refunds.models import Refund
from tests import factories
from tests.payments.test_bank_files import KB, WHY, out, report

from .test_killed import CALL, points

SYSTEM = system("test")


def fresh(model, **by):
    return db.session.execute(select(model).filter_by(**by).execution_options(populate_existing=True)).scalars().first()


def test_what_was_paid_out_is_taken_back_once(shop):
    keep_at_the_provider(shop)
    life = shop.order().paid().deliver().released()
    armed = [*points("recourse.take_back"), *points("recourse", CALL), *points("recourse.apply")]
    shop.arm(*armed)
    item = shop.ask(life.row)

    def compensate():
        if find(Refund, item_id=item.id) is None:
            refunding.compensate(SYSTEM, item, item.total, "goodwill")

    shop.insist("compensate", compensate)
    shop.until("it is refunded", life.is_refunded)
    shop.until("the transfer is back", lambda: fresh(Recourse, item_id=item.id).state == "settled")
    assert shop.struck(*armed)


def keep_at_the_provider(shop):
    """The merchant's money stays on its account there, so that a transfer can be taken back."""
    account = shop.ask(lambda: fresh(PayoutAccount, merchant_id=shop.merchant.id)).provider_id
    by_hand = {"settings[payouts][schedule][interval]": "manual"}
    shop.provider.post(f"/v1/accounts/{account}", data=by_hand).raise_for_status()


def test_a_banks_case_is_answered_once_and_its_loss_is_booked_once(shop):
    life = shop.order().paid()
    officer = factories.actor(factories.account("officer"))
    opening = points("dispute.apply")
    shop.arm(*opening)
    shop.provider.post("/controls/disputes", data={"charge": shop.ask(life.charge)}).raise_for_status()
    case = shop.until("its evidence is gathered", lambda: (c := case_of(life)) and c.assembled_at and c)
    assert shop.struck(*opening)
    shop.disarm()
    answered = [*points("dispute.answer"), "dispute.uploaded", *points("dispute", CALL), *points("dispute.apply")]
    shop.arm(*answered)
    shop.insist("answer", lambda: case_of(life).is_("evidence_due") and answering.submit(officer, case.ref))
    shop.until("the bank has the answer", lambda: case_of(life).is_("submitted"))
    assert shop.struck(*answered)
    shop.disarm()
    shop.arm(*opening)
    shop.provider.post(f"/controls/disputes/{case.provider_id}", data={"outcome": "lost"}).raise_for_status()
    shop.until("it is booked", lambda: case_of(life).settled_at)
    assert shop.struck(*opening)


def case_of(life):
    return fresh(Dispute, order_ref=life.ref)


def test_money_goes_to_a_balance_once_and_is_paid_with_once(shop):
    life = shop.order().paid()
    item = shop.ask(life.row)
    promised = points("refund.promise")
    shop.arm(*promised)

    def back():
        if find(Refund, item_id=item.id) is None:
            payments.refund(SYSTEM, life.row(), item.total, "goodwill", way="wallet")

    shop.insist("refund to the balance", back)
    assert shop.ask(life.is_refunded)
    assert shop.struck(*promised)
    shop.disarm()
    listing = shop.listing(stock=50, price_minor=500)
    for part in ("all of it", "what is left of it"):
        again = shop.order(life.account, listing if part == "all of it" else None).place()
        armed = points("pay.intend") if part == "all of it" else [*points("pay.intend"), *points("escrow")]
        shop.arm(*armed)
        if part == "all of it":
            again.pay_from_balance()
        else:
            again.pay(balance="1")
        shop.until(f"it is paid with {part}", again.is_paid)
        assert shop.struck(*armed)
        shop.disarm()


def test_a_bank_file_is_made_and_confirmed_once(shop):
    merchant, owner = factories.merchant(country="KR", currency="KRW")
    details.save(factories.actor(owner), *KB)
    first, second = (factories.actor(factories.account("officer")) for _ in "ab")
    armed = [*points("bank.propose"), *points("bank.approve"), *points("bank.import")]
    shop.arm(*armed)
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
    assert shop.struck(*armed)


def test_a_payout_account_is_opened_once(shop):
    merchant, owner = factories.merchant()
    armed = [*points("onboard.intend"), *points("onboard", CALL), *points("onboard.open"), *points("onboard.apply")]
    shop.arm(*armed)
    who = factories.actor(owner)
    shop.insist("onboard", lambda: onboarding.onboard(who))
    shop.provider.post(onboarding.onboard(who), data={"outcome": "complete"})
    shop.until("it can be paid", lambda: fresh(PayoutAccount, merchant_id=merchant.id).is_("enabled"))
    assert shop.struck(*armed)
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
        steps = ("release.bundle", "release.begin", "release.apply")
        armed = [*(point for step in steps for point in points(step)), *points("release", CALL)]
        shop.arm(*armed)
        merchant = shop.merchant
        currency = shop.ask(lives[0].row).merchant_currency
        shop.insist("the day’s payouts", lambda: batching.gather(merchant.id, currency, today_is_due=True))
        for life in lives:
            shop.until("it is released", life.is_released)
        assert shop.struck(*armed)
        query = text("SELECT count(DISTINCT payout_id) FROM releases r JOIN order_items i ON i.id = r.item_id"
                     " WHERE i.ref = ANY(:refs)")  # fmt: skip
        assert shop.ask(lambda: db.session.execute(query, {"refs": [life.item for life in lives]}).scalar_one()) == 1
    finally:
        terms.choose(factories.actor(shop.owner), "as_released", 0)


