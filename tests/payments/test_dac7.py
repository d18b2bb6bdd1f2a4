"""The yearly figures on sellers: what the ledger says, and a message that is whole."""

import csv
import io
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select

from daigou.core import clock
from daigou.core.db import db
from daigou.core.money import Money
from daigou.ledger.models import Account, Posting
from daigou.payments.escrow.models import Release
from daigou.payments.payouts import recourse
from daigou.payments.reporting import dac7, dpi
from tests import factories

from .test_recourse import SYSTEM, released

OPERATOR = dpi.Operator("Platform GmbH", "Hafen 1, Hamburg", "DE123456789", "DE")


@pytest.fixture
def sold(app):
    shop, _owner = factories.merchant()
    return shop, released(factories.account(), shop, 2)


def figures(shop):
    year = clock.today().year
    (seller,) = [row for row in dac7.sellers(year) if row.merchant.id == shop.id]
    return seller.quarters[(clock.today().month + 2) // 3]


def posted(shop):
    statement = (
        select(Posting.amount)
        .join(Account, Account.id == Posting.account_id)
        .where(Account.owner == str(shop.id), Account.kind.in_(("payable", "claim")))
    )
    return sum(-amount for amount in db.session.execute(statement).scalars())


def test_the_consideration_is_what_was_credited_to_the_seller_with_our_fees(sold):
    shop, items = sold
    row = figures(shop)
    releases = db.session.execute(select(Release).filter_by(merchant_id=shop.id)).scalars().all()
    assert row.activities == len(items)
    assert row.fees == sum(each.commission_minor for each in releases) > 0
    assert row.consideration == sum(each.amount_minor + each.commission_minor for each in releases)
    assert row.consideration - row.fees == posted(shop)


def test_what_a_refund_took_back_counts_no_more(sold):
    shop, items = sold
    before = figures(shop)
    recourse.recover(SYSTEM, items[0], items[0].total, "whole")
    recourse.recover(SYSTEM, items[1], Money(items[1].total.minor // 3, "EUR"), "part")
    after = figures(shop)
    assert (after.activities, after.taxes) == (before.activities, 0)
    assert 0 < after.consideration < before.consideration / 2 + 1
    assert 0 <= after.fees < before.fees
    assert dac7.sellers(clock.today().year - 1) == []


def test_the_message_is_whole_and_says_the_figures_of_the_table(sold):
    shop, _items = sold
    year = clock.today().year
    found = dac7.sellers(year)
    for seller in found:
        seller.identity = {"legal_name": "星野 & Co", "address": "梅田1-2-3", "city": "Osaka", "tax_number": ""}
    content = dpi.message(year, OPERATOR, found, clock.now())
    assert dpi.faults(content) == []
    assert b"Not complete" not in content
    root = ET.fromstring(content)
    space = {"d": dpi.SPACE}
    assert root.findtext("d:MessageSpec/d:MessageTypeIndic", namespaces=space) == dpi.NEW
    assert root.find(".//d:ReportableSeller//d:TIN", space).get("unknown") == "true"
    quarter = (clock.today().month + 2) // 3
    said = root.find(f".//d:SaleOfGoods/d:Consideration/d:ConsQ{quarter}", space)
    (row,) = csv.DictReader(io.StringIO(dac7.as_csv(year, found).decode("utf-8-sig")))
    assert (said.text, said.get("currCode")) == (row[f"q{quarter}_consideration"], shop.currency)


def test_a_year_without_sales_says_that_there_is_nothing(app):
    content = dpi.message(2021, OPERATOR, [], clock.now())
    assert dpi.NOTHING.encode() in content
    assert dpi.faults(content) == []


def test_what_a_message_lacks_is_named_in_it(sold):
    year = clock.today().year
    found = dac7.sellers(year)
    content = dpi.message(year, dpi.Operator("P", "", "", "DE"), found, clock.now())
    assert "PlatformOperator lacks Address/AddressFree" in dpi.faults(content)
    assert "seller 1: lacks Address/AddressFree" in dpi.faults(content)
    assert b"Not complete" in content
    broken = content.replace(b"ConsQ1", b"ConsQ9")
    assert "seller 1: ConsQ1 is no figure" in dpi.faults(broken)
