import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import text

from daigou.accounts.models import Account
from daigou.core.crypto import ERASED, vault
from daigou.core.db import db
from daigou.core.keystore import KeyDestroyed
from tests import factories


def test_a_sealed_value_reads_back_and_is_not_readable_in_the_table(app):
    row = factories.account(email="mara@example.test")
    db.session.flush()
    raw = db.session.execute(text("SELECT email_sealed FROM accounts WHERE id = :id"), {"id": row.id}).scalar_one()
    assert b"mara" not in bytes(raw)
    assert row.email == "mara@example.test"


def test_a_sealed_value_moved_to_another_row_or_column_does_not_open(app):
    one, other = factories.account(), factories.account()
    other.email_sealed = one.email_sealed
    with pytest.raises(InvalidTag):
        assert other.email
    one.name_sealed = one.email_sealed
    with pytest.raises(InvalidTag):
        assert one.name


def test_destroying_a_subjects_key_erases_for_good(app):
    row = factories.account()
    vault().keys.destroy(row.subject, "account", "erasure request")
    assert row.email == ERASED
    with pytest.raises(KeyDestroyed):
        row.email = "again@example.test"


def test_one_purpose_erased_leaves_the_others(app):
    place = "orders|x|1"
    sealed = vault().seal("sub_1", "transaction", place, b"kept by law")
    vault().seal("sub_1", "account", place, b"gone")
    vault().keys.destroy("sub_1", "account", "erasure request")
    assert vault().open(place, sealed) == b"kept by law"


def test_a_blind_index_finds_the_same_address_however_it_is_written(app):
    first = vault().blind_index("accounts.email", "Mara@Example.test ")
    assert first == vault().blind_index("accounts.email", "mara@example.TEST")
    assert first != vault().blind_index("addresses.phone", "mara@example.test")


def test_every_sealed_column_names_a_purpose_and_a_subject():
    for mapper in Account.registry.mappers:
        for column in mapper.columns:
            if column.key.endswith("_sealed"):
                assert column.info["personal"] in {"account", "transaction", "identity", "conversation"}
                assert column.info["subject"] in mapper.columns
