"""Nothing personal is kept that does not stand in the register."""

import pytest

from compliance.privacy import purposes, retention
from daigou import schema
from tests import factories


def test_every_personal_column_has_words_and_a_known_purpose():
    assert schema.metadata.tables
    found = list(purposes.columns())
    assert [f"{c.table}.{c.column}" for c in found if not c.words] == []
    assert {c.purpose for c in found} <= set(purposes.PURPOSES)


def test_no_words_are_left_for_a_column_that_is_gone():
    assert set(purposes.COLUMNS) <= {f"{c.table}.{c.column}" for c in purposes.columns()}


def test_the_register_and_the_privacy_page_say_the_same(client_of, client):
    register = client_of(factories.account("officer")).get("/officer/privacy").text
    page = client.get("/privacy").text
    for purpose in purposes.PURPOSES.values():
        assert str(purpose.why) in register
        assert str(purpose.why) in page
    assert "bank_details" in register
    assert "E-Commerce Law of China, art. 31" in register


@pytest.mark.parametrize("role", ["shopper", "merchant", "inspector", "support"])
def test_the_register_is_for_officers(client_of, role):
    assert client_of(factories.account(role)).get("/officer/privacy").status_code == 403


@pytest.mark.parametrize(("country", "days"), [("DE", 2922), ("CA", 1096)])
def test_a_country_with_a_row_of_its_own_comes_before_the_general_one(app, country, days):
    assert retention.days_of("transactions", country).days == days
