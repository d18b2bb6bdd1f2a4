import re
import secrets

import pytest

from daigou.accounts.addresses import rules, service
from daigou.core.errors import NotFound
from tests import factories

LEIPZIG = {
    "country": "DE", "name": "Mara Vogel", "street": "Karl-Liebknecht-Straße 12", "postal_code": "04107",
    "city": "Leipzig", "phone": "0341 2345678",
}  # fmt: skip


def send(browser, path="/addresses/new", **changes):
    return browser.post(path, data={**LEIPZIG, "once": secrets.token_urlsafe(18), **changes})


@pytest.fixture
def mara(app):
    return factories.account()


def book(account):
    return service.mine(factories.actor(account))


def test_an_address_is_kept_sealed_with_its_number_in_international_form(client_of, mara):
    assert send(client_of(mara)).status_code == 303
    (address,) = book(mara)
    assert address.content["phone"] == "+493412345678"
    assert b"Leipzig" not in address.content_sealed
    assert "Karl-Liebknecht" in client_of(mara).get("/addresses").text


def test_a_changed_address_is_a_new_version(client_of, mara):
    send(client_of(mara))
    (old,) = book(mara)
    browser = client_of(mara)
    assert 'value="Leipzig"' in browser.get(f"/addresses/{old.ref}").text
    assert send(browser, f"/addresses/{old.ref}", street="Südplatz 1").status_code == 303
    (new,) = book(mara)
    assert new.ref != old.ref
    assert (new.content["street"], old.content["street"]) == ("Südplatz 1", "Karl-Liebknecht-Straße 12")
    assert browser.get(f"/addresses/{old.ref}").status_code == 404


def test_a_deleted_address_is_gone_from_the_book(client_of, mara):
    send(client_of(mara))
    (address,) = book(mara)
    assert client_of(mara).post(f"/addresses/{address.ref}/delete").status_code == 303
    assert book(mara) == []


def test_somebody_elses_address_does_not_exist(client_of, mara):
    send(client_of(mara))
    (address,) = book(mara)
    other = factories.account()
    for answer in (
        client_of(other).get(f"/addresses/{address.ref}"),
        send(client_of(other), f"/addresses/{address.ref}"),
        client_of(other).post(f"/addresses/{address.ref}/delete"),
    ):
        assert answer.status_code == 404
    with pytest.raises(NotFound):
        service.find(factories.actor(other), address.ref)
    assert len(book(mara)) == 1


def test_a_double_click_adds_one_address(client_of, mara):
    browser, once = client_of(mara), secrets.token_urlsafe(18)
    assert [send(browser, once=once).status_code for _ in range(2)] == [303, 303]
    assert len(book(mara)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("country", "XX"), ("country", ""), ("name", ""), ("name", "x" * 10_000), ("street", "\u202e"),
        ("postal_code", "ABC"), ("postal_code", ""), ("city", ""), ("phone", "12"), ("phone", "call me"),
        ("phone", ""), ("email", "mara@"), ("tax_id", "9" * 100),
    ],
)  # fmt: skip
def test_what_a_carrier_could_not_use_is_said_at_the_field(client_of, mara, field, value):
    answer = send(client_of(mara), **{field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    if field != "street":
        assert "Karl-Liebknecht-Straße 12" in answer.text, "nothing typed is lost"
    assert book(mara) == []


def facts(**changes):
    plain = dict.fromkeys(("country", *rules.FIELDS), "")
    return rules.AddressFacts(**{**plain, **LEIPZIG, **changes})


def test_countries_ask_for_different_things():
    assert rules.faults(facts()) == {}
    osaka = facts(country="JP", postal_code="530-0001", city="", region="Osaka", street="Umeda 1", phone="06-6341-1234")
    assert rules.faults(osaka) == {}
    assert set(rules.faults(facts(country="US", postal_code="90210", phone="+13102345678"))) == {"region"}
    hongkong = facts(country="HK", postal_code="", city="Kowloon", region="Kowloon", phone="2345 6789")
    assert rules.faults(hongkong) == {}
    assert "country" in rules.faults(facts(country="ZZ"))


def test_a_number_from_elsewhere_is_taken_with_its_country_code():
    assert rules.international("+81 6-6341-1234", "DE") == "+81663411234"
    assert rules.international("06-6341-1234", "JP") == "+81663411234"
    assert rules.international("🦊", "DE") is None


def optional(page, label):
    return bool(re.search(rf"{label}\s*<span class=\"optional\">", page))


def test_what_the_country_asks_for_is_not_called_optional(client_of, mara):
    browser = client_of(mara)
    page = browser.get("/addresses/new").text
    assert not optional(page, "Postal code")
    assert not optional(page, "Town or city")
    assert optional(page, "State, province or region")
    # Another country, with a button and no script: its fields, and all that was typed.
    shown = send(browser, country="HK", fields="1", street="Nathan Road 1")
    assert shown.status_code == 200
    assert optional(shown.text, "Postal code")
    assert not optional(shown.text, "State, province or region")
    assert 'value="Nathan Road 1"' in shown.text
    assert "thing to put right" not in shown.text
    assert book(mara) == []
    wrong = send(browser, country="US", region="", postal_code="x")
    assert wrong.status_code == 422
    assert not optional(wrong.text, "State, province or region")

def test_where_customs_asks_for_the_recipients_number_the_address_needs_it(client_of, mara):
    seoul = {"country": "KR", "city": "Seoul", "postal_code": "03051", "region": "서울", "phone": "+82 2 2345 6789"}
    refused = send(client_of(mara), **seoul)
    assert (refused.status_code, "PCCC" in refused.text) == (422, True)
    assert send(client_of(mara), **seoul, tax_id="P123456789012").status_code == 303
