"""An order's record for those concerned: they see it, take it along, and it proves itself; others see nothing."""

import json

import pytest
from click.testing import CliRunner

from compliance.audit import record, service
from compliance.audit.cli import audit
from compliance.audit.note import generate
from tests import factories


@pytest.fixture
def shopper(house):
    return factories.account()


@pytest.fixture
def sold(house, shopper):
    """An order of two shops' goods: order, item of the first, owners of both."""
    factories.rates()
    (one, first), (two, second) = factories.merchant(), factories.merchant("Another Shop")
    order = factories.paid_order(shopper, factories.listing(one), factories.listing(two))
    service.sequence()
    mine = {item.merchant_id: item for item in factories.items_of(order)}
    return order, mine[one.id], first, mine[two.id], second


@pytest.fixture
def vkey(client_on):
    return client_on.get("/log/vkey").text


def test_a_shopper_takes_the_record_along_and_it_proves_itself(browser_of, shopper, sold, vkey, tmp_path):
    order, *_ = sold
    browser = browser_of(shopper)
    page = browser.get(f"/orders/{order.ref}/record")
    assert "Order: created" in page.text
    assert "Its proof against the signed tree" in page.text
    file, key = tmp_path / "record.json", tmp_path / "log.vkey"
    file.write_bytes(browser.get(f"/orders/{order.ref}/record.json").data)
    key.write_text(vkey)
    done = CliRunner().invoke(audit, ["verify-record", str(file), "--vkey", str(key)])
    assert done.output.splitlines()[-1] == "verdict: whole and authenticated", done.output
    assert done.exit_code == 0
    assert record.verify(file.read_bytes(), None).exit_code == 3
    assert record.verify(file.read_bytes(), str(generate("other.example").vkey)).exit_code == 1


def test_whatever_is_changed_in_it_shows(browser_of, shopper, sold, vkey):
    order, *_ = sold
    whole = json.loads(browser_of(shopper).get(f"/orders/{order.ref}/record.json").data)
    full = next(n for n, row in enumerate(whole["entries"]) if "entry" in row)

    def changed(**more):
        said = json.loads(json.dumps(whole))
        said["entries"][full].update(more)
        return record.verify(json.dumps(said).encode(), vkey).exit_code

    assert changed() == 0
    other = whole["entries"][full - 1]
    for more in (
        {"at": "2020-01-01T00:00:00.000000Z"}, {"kind": "order:lost"}, {"index": 0}, {"hashes": []}, {"entry": "AAAA"},
        {"leaf_hash": other["leaf_hash"]}, {"index": "x"}, {"hashes": [1]}, {"entry": None},
    ):  # fmt: skip
        assert changed(**more) == 1, more
    for nonsense in (b"", b"[]", b"{", b'{"format": "x"}', b'{"format": "daigou-order-record/1", "entries": []}'):
        assert record.verify(nonsense, vkey).exit_code == 2


def test_a_merchant_sees_its_own_part_and_nobody_elses(browser_of, shopper, sold, vkey):
    order, mine, first, theirs, _ = sold
    browser = browser_of(first)
    data = browser.get(f"/merchant/orders/{mine.ref}/record.json").data
    assert record.verify(data, vkey).exit_code == 0
    assert json.loads(data)["entries"]
    assert shopper.subject.encode() not in _clear(data)
    assert theirs.merchant_ref.encode() not in _clear(data)
    assert browser.get(f"/merchant/orders/{theirs.ref}/record").status_code == 404
    assert browser.get(f"/orders/{order.ref}/record").status_code == 404


def test_nobody_else_sees_it(browser_of, sold, client_on):
    order, *_ = sold
    assert browser_of(factories.account()).get(f"/orders/{order.ref}/record").status_code == 404
    assert client_on.get(f"/orders/{order.ref}/record").status_code == 303


def test_what_names_somebody_else_is_a_hash_only(browser_of, shopper, sold):
    order, _mine, first, *_ = sold
    clear = _clear(browser_of(shopper).get(f"/orders/{order.ref}/record.json").data)
    assert first.subject.encode() not in clear
    assert b"commission" not in clear
    assert shopper.subject.encode() in clear


def test_what_is_not_signed_yet_waits(browser_of, shopper, house):
    factories.rates()
    shop, _owner = factories.merchant()
    order = factories.order(shopper, factories.listing(shop))
    assert "It is signed within a few seconds." in browser_of(shopper).get(f"/orders/{order.ref}/record").text
    assert browser_of(shopper).get(f"/orders/{order.ref}/record.json").status_code == 404


def _clear(data):
    """All bytes of a record's entries, as whoever holds the file reads them."""
    return b"".join(record._unb64(row["entry"]) for row in json.loads(data)["entries"] if "entry" in row)
