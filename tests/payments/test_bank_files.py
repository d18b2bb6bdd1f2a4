"""Merchants whom no provider pays: bank details, a file that two people agree to, and what the bank reports of it."""

import contextlib
import re
from xml.etree import ElementTree as Tree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from compliance.audit import proposals
from compliance.audit.models import Entry
from daigou.core import clock, ids
from daigou.core.db import db
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.notices.models import Notice
from daigou.payments import books, service
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow.models import Release
from daigou.payments.payouts.banking import camt, details, filing, importing, pain
from daigou.payments.payouts.banking.models import BankEntry, BankFile, BankReport
from daigou.payments.payouts.banking.rules import Account
from daigou.payments.payouts.models import Payout, ProviderPayout
from tests import factories

from .test_payouts import rows, sound
from .test_releases import walk

WHY = "Payouts of this week."
PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
KB = ("Seoul Goods Co.", "1234567890", "CZNBKRSE", "KR")


def shop_with(pay, details_too=True, price_minor=180_000):
    shop, owner = factories.merchant(country="KR", currency="KRW")
    shopper = factories.account()
    order = factories.order(shopper, factories.listing(shop, price_minor=price_minor))
    pay(shopper, factories.bill_of(order))
    item = walk(factories.items_of(order)[0])
    if details_too:
        details.save(factories.actor(owner), *KB)
    return shop, owner, item


@pytest.fixture
def due(app, provider, pay, work):
    """A Korean merchant with one payout that waits for a file, and two officers."""
    factories.rates()
    shop, owner, item = shop_with(pay)
    service.release_item(SYSTEM, item, "receipt_confirmed")
    work()
    officers = [factories.actor(factories.account("officer")) for _ in "ab"]
    return shop, owner, item, *officers


def filed(first, second, currency="KRW"):
    file = filing.propose(first, currency, clock.today(), WHY)
    proposals.approve(second, proposals.open_about(filing.KIND, file.stream).ref)
    return db.session.get(BankFile, file.id, populate_existing=True)


def report(*entries, number="MSG-1", version="08", extra=""):
    """entries: (reference, amount, currency, direction, bank's own reference, more)."""
    lines = "".join(
        f"<Ntry><Amt Ccy='{c}'>{a}</Amt><CdtDbtInd>{d}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>{own}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{r}</EndToEndId></Refs>{more}</TxDtls></NtryDtls></Ntry>"
        for r, a, c, d, own, more in entries
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>{extra}"
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}'>"
        f"<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>{number}</MsgId></GrpHdr>"
        f"<Ntfctn><Id>1</Id><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>{lines}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def out(payout, own="B1", amount=None, more=""):
    return (payout.ref, amount or f"{payout.amount.decimal:f}", payout.currency, "DBIT", own, more)


def back(payout, own="B2", amount=None):
    more = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    return (payout.ref, amount or f"{payout.amount.decimal:f}", payout.currency, "CRDT", own, more)


def test_a_file_goes_from_two_officers_to_the_bank_and_back(due, app, client_of, work):
    shop, _owner, item, first, second = due
    (payout,) = rows(Payout)
    assert (payout.rail, payout.state) == ("bank_file", "intended")
    assert ledger.balance("payable", "KRW", shop.id) == payout.amount
    file = filing.propose(first, "KRW", clock.today(), WHY)
    proposal = proposals.open_about(filing.KIND, file.stream)
    with pytest.raises(Denied):
        proposals.approve(first, proposal.ref)
    with pytest.raises(Impossible):
        filing.fetch(first, file.ref)
    proposals.approve(second, proposal.ref)
    assert ledger.balance("payout_transit", "KRW", payout.id) == payout.amount
    file, content = filing.fetch(first, file.ref)
    root = Tree.fromstring(content)
    assert root.find(f".//{PAIN}EndToEndId").text == payout.ref
    assert root.find(f".//{PAIN}InstdAmt").attrib == {"Ccy": "KRW"}
    assert root.find(f".//{PAIN}InstdAmt").text == str(item.merchant_due.minor)
    assert root.find(f".//{PAIN}CtrlSum").text == str(item.merchant_due.minor)
    assert root.find(f".//{PAIN}CdtrAcct/{PAIN}Id/{PAIN}Othr/{PAIN}Id").text == "1234567890"
    fetched = select(Entry).where(Entry.stream == file.stream, Entry.kind == "bank_file:fetch")
    assert db.session.execute(fetched).scalars().all()
    importing.take(first, report(out(payout)))
    work()
    assert [(p.state) for p in rows(Payout)] == ["paid"]
    assert {r.state for r in rows(Release)} == {"paid"}
    assert ledger.balance("bank", "KRW") == -payout.amount
    assert ledger.balance("payout_transit", "KRW", payout.id).minor == 0
    assert importing.queue().rows == []
    sound()


def test_the_same_report_twice_changes_nothing_and_another_of_its_number_is_refused(due):
    *_, first, second = due
    filed(first, second)
    (payout,) = rows(Payout)
    content = report(out(payout))
    one = importing.take(first, content)
    assert importing.take(first, content).id == one.id
    assert len(rows(BankEntry)) == len(rows(BankReport)) == 1
    with pytest.raises(Impossible):
        importing.take(first, report(out(payout), number="MSG-1", version="02"))
    importing.take(first, report(out(payout), number="MSG-2"))
    assert len(rows(BankEntry)) == 1
    assert ledger.balance("bank", "KRW") == -payout.amount


def test_odd_entries_are_named_and_wait_for_a_person_and_move_nothing(due):
    *_, first, second = due
    filed(first, second)
    (payout,) = rows(Payout)
    before = books.balances()
    nobody = ("PAY-NOBODY", "10", "KRW", "DBIT", "B2", "")
    importing.take(first, report(out(payout, "B1", "5"), nobody, back(payout, "B3")))
    assert [e.verdict for e in importing.queue()] == ["wrong_amount", "unmatched", "unexpected"]
    assert books.balances() == before
    importing.take(first, report(out(payout, "B4"), out(payout, "B5"), number="MSG-2"))
    assert [e.verdict for e in rows(BankEntry)][-2:] == ["confirmed", "duplicate"]
    entry = importing.queue().rows[0]
    with pytest.raises(Invalid):
        importing.settle(first, entry.id, "ok")
    importing.settle(first, entry.id, "The bank corrected it by telephone.")
    with pytest.raises(Impossible):
        importing.settle(second, entry.id, "The bank corrected it by telephone.")
    assert entry not in importing.queue().rows
    sound()


def test_money_that_the_other_bank_sends_back_is_owed_again_and_goes_out_anew(due, client_of, work):
    shop, owner, _item, first, second = due
    filed(first, second)
    (payout,) = rows(Payout)
    importing.take(first, report(out(payout), back(payout)))
    assert [p.state for p in rows(Payout)] == ["returned"]
    assert ledger.balance("payable", "KRW", shop.id) == payout.amount
    assert ledger.balance("bank", "KRW").minor == 0
    (release,) = rows(Release)
    assert (release.state, release.refusal) == ("failed", "bank_returned")
    heard = db.session.execute(select(Notice.account_id, Notice.kind)).all()
    assert (owner.id, "payout.failed") in heard, "the merchant reads what to check"
    assert "payout.stuck" in {kind for _who, kind in heard}, "and officers were told, as it says"
    sound()
    client_of(factories.account("officer")).post(f"/officer/releases/{release.ref}/retry")
    work()
    assert [p.state for p in rows(Payout)] == ["returned", "intended"]
    filed(first, second)
    assert rows(Payout)[-1].state == "submitted"
    sound()


def test_a_declined_file_frees_its_payouts_for_the_next_one(due):
    *_, first, second = due
    file = filing.propose(first, "KRW", clock.today(), WHY)
    proposals.decline(second, proposals.open_about(filing.KIND, file.stream).ref, "Wrong day for this.")
    again = filed(first, second)
    assert db.session.get(BankFile, file.id, populate_existing=True).state == "dropped"
    assert (again.state, again.payouts) == ("approved", 1)
    with pytest.raises(Impossible):
        filing.propose(first, "KRW", clock.today(), WHY)


def test_changed_bank_details_get_nothing_for_three_days_even_in_a_file_that_waits(due, work):
    shop, owner, _item, first, second = due
    file = filing.propose(first, "KRW", clock.today(), WHY)
    details.save(factories.actor(owner), "Somebody Else", "999888777", "CZNBKRSE", "KR")
    with pytest.raises(Impossible):
        proposals.approve(second, proposals.open_about(filing.KIND, file.stream).ref)
    db.session.rollback()
    from daigou.payments.payouts import rails
    from daigou.payments.payouts.banking.rules import SETTLING_IN

    assert rails.way(shop.id, "KRW").obstacle == "bank_details_new"
    with clock.use(clock.FixedClock(clock.now() + SETTLING_IN)):
        assert rails.way(shop.id, "KRW").obstacle == ""


def test_an_account_that_two_merchants_name_is_said_to_whoever_decides(due, pay, work):
    *_, first, _second = due
    shop_with(pay)
    file = filing.propose(first, "KRW", clock.today(), WHY)
    assert "another one has named" in proposals.open_about(filing.KIND, file.stream).summary


def test_bank_details_are_sealed_and_no_log_has_them(due):
    shop, *_ = due
    row = details.current(shop.id)
    assert b"1234567890" not in row.account_sealed
    assert details.account_of(row).number == "1234567890"
    bodies = db.session.execute(select(Entry.body)).scalars().all()
    assert not any(b"1234567890" in body or b"Seoul Goods" in body for body in bodies)


@pytest.mark.parametrize(
    ("account", "bic", "country", "field"),
    [
        ("DE89 3704 0044 0532 0130 00", "", "DE", None),
        ("DE89 3704 0044 0532 0130 01", "", "DE", "account"),
        ("DE89 3704 0044 0532 0130 00", "", "FR", "country"),
        ("123-456 789", "BOTKJPJT", "JP", None),
        ("123456789", "", "JP", "bic"),
        ("123456789", "NOBIC", "JP", "bic"),
        ("123456789", "BOTKJPJT", "KR", "bic"),
        ("12/34", "BOTKJPJT", "JP", "account"),
    ],
)
def test_bank_details_are_checked_as_far_as_they_can_be(account, bic, country, field):
    if field is None:
        assert details.checked("A", account, bic, country).key
        return
    with pytest.raises(Invalid) as caught:
        details.checked("A", account, bic, country)
    assert list(caught.value.fields) == [field]


def test_money_from_the_provider_and_a_deposit_come_through_the_same_import(market, provider, client, work, pay):
    pay(market.shopper, market.bill)
    officer = factories.actor(factories.account("officer"))
    before = ledger.balance("clearing", "JPY")
    mark = provider.mark()
    made = provider.http.post("/v1/payouts", data={"amount": 3000, "currency": "jpy"}).raise_for_status().json()
    provider.deliver(client, *provider.events_since(mark))
    work()
    assert before - ledger.balance("clearing", "JPY") == Money(3000, "JPY")
    assert ledger.balance("bank_transit", "JPY", made["id"]) == Money(3000, "JPY")
    content = report(
        ("NOTPROVIDED", "3000", "JPY", "CRDT", "T1", f"<RmtInf><Ustrd>STRIPE {made['id']}</Ustrd></RmtInf>"),
        (f"DEP-{market.shop.ref}", "500", "JPY", "CRDT", "T2", ""),
        ("NOTPROVIDED", "7", "JPY", "CRDT", "T3", "<RmtInf><Ustrd>hello</Ustrd></RmtInf>"),
    )
    importing.take(officer, content)
    assert [e.verdict for e in rows(BankEntry)] == ["topped_up", "deposited", "unmatched"]
    assert ledger.balance("bank", "JPY").minor == 3500
    assert ledger.balance("bank_transit", "JPY", made["id"]).minor == 0
    assert ledger.balance("deposit", "JPY", market.shop.id).minor == 500
    assert rows(ProviderPayout)[0].arrived_minor == 3000
    assert books.check_all().faults == []


# ---- the files themselves, without any database


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml"),
        (b"<a/>", "kind"),
        (b"\xff\xfe<\x00a\x00", "encoding"),
        (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "encoding"),
        (report(extra="<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>"), "doctype"),
        (report(extra="<!DOCTYPE x SYSTEM 'file:///etc/passwd'>"), "doctype"),
        (b"<a>" * 100_000, "xml"),
        (b" " * (camt.LARGEST + 1), "large"),
        (report()[:-20], "xml"),
        (report(("R", "12.345", "KRW", "DBIT", "1", "")), "entry"),
        (report(("R", "-5", "EUR", "DBIT", "1", "")), "entry"),
        (report(("R", "1e9", "EUR", "DBIT", "1", "")), "entry"),
        (report(("R", "5", "EUR", "BOTH", "1", "")), "entry"),
    ],
)
def test_a_file_that_is_no_report_is_refused_by_name(content, code):
    with pytest.raises(camt.BadReport) as caught:
        camt.read(content)
    assert caught.value.code == code


@given(st.binary(max_size=300) | st.integers(0, 2000))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_sent_is_read_or_refused(noise):
    good = bytearray(report(("R", "5", "EUR", "DBIT", "1", "")))
    if isinstance(noise, int):
        good[noise % len(good)] ^= 1 << noise % 8
        noise = bytes(good)
    with contextlib.suppress(camt.BadReport):
        camt.read(noise)


def test_an_entry_of_several_transactions_is_several_lines():
    parts = "".join(
        f"<TxDtls><Refs><EndToEndId>P{n}</EndToEndId></Refs><Amt Ccy='EUR'>{n}.50</Amt></TxDtls>" for n in (1, 2)
    )
    content = report(("x", "4.00", "EUR", "DBIT", "1", "")).decode()
    content = re.sub("<TxDtls>.*</TxDtls>", parts, content).encode()
    lines = camt.read(content).lines
    assert [(line.reference, line.amount.minor) for line in lines] == [("P1", -150), ("P2", -250)]
    assert len({line.key for line in lines}) == 2


ACCOUNTS = st.sampled_from(
    [Account("A & <B>", "DE89370400440532013000", "", ""), Account("日本", "", "123", "BOTKJPJT")]
)
AMOUNTS = st.lists(st.tuples(st.integers(1, 10**12), ACCOUNTS), min_size=1, max_size=20)


@given(AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD"]))
@settings(max_examples=60, deadline=None)
def test_a_file_sums_up_to_its_transfers_whatever_they_are(found, currency):
    transfers = [
        pain.Transfer(ids.new_ref("PAY"), Money(minor, currency), to, "DE", "text & more") for minor, to in found
    ]
    order = pain.Order("BNK-1", clock.now(), clock.today(), Account("We", "", "1", "BOTKJPJT"), "JP", transfers)
    root = Tree.fromstring(pain.write(order))
    amounts = [Money.of(node.text, currency) for node in root.iter(f"{PAIN}InstdAmt")]
    assert amounts == [t.amount for t in transfers]
    for name in ("CtrlSum", "NbOfTxs"):
        assert len({node.text for node in root.iter(PAIN + name)}) == 1
    assert Money.of(next(root.iter(f"{PAIN}CtrlSum")).text, currency) == Money(sum(m for m, _ in found), currency)


def test_a_file_with_one_reference_twice_is_never_written():
    one = pain.Transfer("PAY-1", Money(1, "EUR"), Account("A", "DE89370400440532013000", "", ""), "DE", "")
    order = pain.Order("BNK-1", clock.now(), clock.today(), one.to, "DE", [one, one])
    with pytest.raises(ValueError, match="unique"):
        pain.write(order)
