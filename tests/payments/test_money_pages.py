"""The merchant's and the officer's pages of money, at the front door."""

import csv
import io
import secrets
from datetime import timedelta

import pytest

from compliance.audit import proposals
from daigou.accounts import passwords
from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.ledger import service as ledger
from daigou.payments import service
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow import rulebook
from daigou.payments.payouts import statements
from daigou.payments.payouts.banking import details, filing
from daigou.payments.payouts.models import Payout, PayoutTerms
from tests import factories
from tests.accounts.people import PASSWORD

from .test_bank_files import due, out, report  # noqa: F401
from .test_payouts import rows, several, take_back  # noqa: F401
from .test_releases import onboard


def once():
    return secrets.token_urlsafe(18)


def with_password(account):
    with transaction():
        db.session.get(type(account), account.id).password_hash = passwords.hashed(PASSWORD)
    return account


def test_the_merchant_reads_what_is_coming_why_not_yet_and_on_which_day(market, pay, client_of):
    pay(market.shopper, market.bill)
    page = client_of(market.owner).get("/merchant/payouts").text
    assert "You have to buy it and record the purchase." in page
    assert market.item.title in page
    assert "Each payout costs" in page


def test_the_schedule_is_chosen_on_the_page_and_nonsense_is_shown_again(market, client_of):
    browser = client_of(market.owner)
    assert browser.post("/merchant/payouts/schedule", data={"schedule": "weekly", "weekday": "4"}).status_code == 303
    assert (rows(PayoutTerms)[0].schedule, rows(PayoutTerms)[0].day) == ("weekly", 4)
    for wrong in ({"schedule": "weekly"}, {"schedule": "monthly", "month_day": "31"}, {"schedule": "never"}):
        assert browser.post("/merchant/payouts/schedule", data=wrong).status_code == 422
    assert rows(PayoutTerms)[0].schedule == "weekly"


def test_bank_details_want_the_password_once_more(market, client_of, work):
    browser = client_of(with_password(market.owner))
    form = {"holder": "Hoshino", "country": "JP", "account": "1234567", "bic": "BOTKJPJT"}
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=11))):
        assert browser.post("/merchant/payouts/bank", data=form).status_code == 422
        assert browser.post("/merchant/payouts/bank", data={**form, "proof": "wrong"}).status_code == 422
        assert details.current(market.shop.id) is None
        assert browser.post("/merchant/payouts/bank", data={**form, "proof": PASSWORD}).status_code == 303
        work()
    page = browser.get("/merchant/payouts/bank").text
    assert "4567" in page
    assert "1234567" not in page
    assert "bank details were changed" in browser.get("/account/notices").text


def test_a_months_statement_sums_to_the_ledger_and_is_safe_in_a_spreadsheet(
    market, several, provider, client, client_of, work  # noqa: F811
):
    service.release_item(SYSTEM, several[0], "receipt_confirmed")
    service.release_item(SYSTEM, several[1], "receipt_confirmed")
    take_back(several[0], several[0].total, "one")
    onboard(market, provider, client, client_of, work)
    month = f"{clock.today():%Y-%m}"
    browser = client_of(market.owner)
    answer = browser.get(f"/merchant/payouts/statements/{month}.csv")
    table = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    amounts = [int(row[4]) for row in table[2:]]
    one = several[0].merchant_due.minor
    assert amounts == [one, one, -one, -one]
    assert int(table[-1][5]) == ledger.balance("payable", "JPY", market.shop.id).minor == 0
    assert browser.get(f"/merchant/payouts/statements/{month}.pdf").data.startswith(b"%PDF")
    for wrong in ("2026-13", "x", "..%2f", "2026-1"):
        assert browser.get(f"/merchant/payouts/statements/{wrong}.csv").status_code == 404
    assert statements.harmless("=1+1") == "'=1+1"
    assert browser.get("/merchant/payouts/statements").status_code == 200
    page = browser.get("/merchant/payouts/deposit").text
    assert f"DEP-{market.shop.ref}" in page
    assert "Settled" in page


def test_an_officer_proposes_a_file_another_approves_and_the_report_is_imported(due, client_of):  # noqa: F811
    one, two = (client_of(factories.account("officer")) for _ in "ab")
    form = {"currency": "KRW", "execute_on": clock.today().isoformat(), "reason": "Weekly payouts.", "once": once()}
    assert one.post("/officer/payouts/file", data=form).status_code == 303
    assert one.post("/officer/payouts/file", data=form).status_code == 303
    (file,) = rows(filing.BankFile)
    proposal = proposals.open_about(filing.KIND, file.stream)
    assert one.get(f"/officer/payouts/{file.ref}.xml").status_code == 409
    assert one.post(f"/officer/proposals/{proposal.ref}/approve", data={"note": ""}).status_code != 303
    assert two.post(f"/officer/proposals/{proposal.ref}/approve", data={"note": ""}).status_code == 303
    answer = one.get(f"/officer/payouts/{file.ref}.xml")
    assert b"<EndToEndId>" in answer.data
    (payout,) = rows(Payout)
    upload = {"file": (io.BytesIO(report(out(payout), ("X", "1", "KRW", "DBIT", "9", ""))), "camt.xml")}
    assert one.post("/officer/payouts/import", data=upload).status_code == 303
    page = one.get("/officer/payouts").text
    assert "Nobody knows what it belongs to." in page
    assert rows(Payout)[0].state == "paid"
    bad = {"file": (io.BytesIO(b"<!DOCTYPE a><a/>"), "camt.xml")}
    answer = one.post("/officer/payouts/import", data=bad)
    assert answer.status_code == 422
    assert "document type" in answer.text
    assert one.post("/officer/payouts/import", data={}).status_code == 422


def test_an_officer_changes_a_fee_with_a_colleague(app, client_of):
    one, two = (client_of(factories.account("officer")) for _ in "ab")
    form = {
        "kind": "commission", "currency": "", "percent": "4.5", "minimum": "", "valid_from": "2099-01-01",
        "source": "terms 2099", "reason": "New terms of that year.", "once": once(),
    }  # fmt: skip
    for wrong in ({"percent": "abc"}, {"percent": "NaN"}, {"valid_from": "2020-01-01"}, {"percent": "4.555"}):
        assert one.post("/officer/fees", data={**form, **wrong}).status_code == 422, wrong
    assert one.post("/officer/fees", data=form).status_code == 303
    ref = proposals.open_about("fee.change", "fee/commission.all").ref
    assert two.post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 303
    assert "terms 2099" in one.get("/officer/fees").text


def test_what_the_rules_did_is_read_by_shopper_merchant_and_officer(market, pay, again, client_of):
    from .test_releases import walk

    pay(market.shopper, market.bill)
    item = walk(again(market.item))
    service.release_item(SYSTEM, item, "receipt_confirmed")
    words = str(rulebook.WHY["receipt_confirmed"])
    assert words in client_of(market.shopper).get(f"/orders/{market.order.ref}").text
    assert words in client_of(market.owner).get("/merchant/payouts").text
    assert words in client_of(factories.account("officer")).get("/officer/settlement").text


@pytest.mark.parametrize("page", ["/officer/payouts", "/officer/fees", "/officer/settlement"])
def test_the_officers_pages_are_the_officers_alone(market, client_of, page):
    assert client_of(market.owner).get(page).status_code == 403
    assert client_of(factories.account("officer")).get(page).status_code == 200


