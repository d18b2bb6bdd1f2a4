"""Personal data stands sealed, each ciphertext in its own place only, and card numbers stand nowhere."""

import logging
import re
from importlib import import_module
from pkgutil import walk_packages

import pytest
from cryptography.exceptions import InvalidTag
from wtforms import Form

import blueprints
from daigou import schema
from daigou.core.crypto import Sealed, vault
from daigou.logs import JsonLines, redact

# A word of a column's name that says: this is of a person, or leads to their money.
PERSONAL = {
    "name", "email", "mail", "phone", "street", "address", "postcode", "postal", "birth", "birthday", "payer", "holder",
    "person", "contact", "iban", "bic", "swift", "bank", "routing", "passport", "consignee", "recipient", "beneficiary",
    "signature", "ip",
}  # fmt: skip
# Those that say it and are not: with the reason.
OPEN = {
    "identities.name_verified_at": "a day",
    "identity_checks.name_matches": "yes or no",
    "saved_searches.name": "what an officer calls a search",
    "merchants.name": "the shop's public name",
    "repair_partners.name": "a workshop's public name",
    "applications.trade_name": "the public name that a shop applies under",
    "account_passkeys.name": "what its owner calls a device; the row goes with the account",
    "audit_exports.recipient": "an auditor's public key",
    "carrier_lines.name": "a carrier's service",
    "screening_matches.name": "as the published sanctions list has it",
    "warehouses.name": "a building of ours",
    "rating_bands.name": "a rule of ours",
    "refunds.bank_reference": "the bank's number of a payment",
    "settlement_rules.name": "a rule of ours",
    "warehouses.address": "a building of ours",
}  # fmt: skip
CARD = re.compile(r"(^|_)(pan|cvc|cvv2?|csc|card_?(number|no|holder|expiry)|cc_?(number|exp\w*))($|_)", re.IGNORECASE)
TEST_CARDS = ("4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "378282246310005", "6200000000000005")

SEALED = sorted(
    (
        (mapper.class_, name)
        for mapper in schema.Base.registry.mappers
        for name, value in vars(mapper.class_).items()
        if isinstance(value, Sealed)
    ),
    key=str,
)


def filled(model, name):
    row = model()
    setattr(row, getattr(model, name).subject, "sub_guard")
    setattr(row, name, {"word": "x"})
    return row


@pytest.mark.parametrize(("model", "name"), SEALED, ids=lambda part: getattr(part, "__name__", part))
def test_a_sealed_value_opens_in_its_row_and_column_alone(app, model, name):
    one, other = filled(model, name), filled(model, name)
    column = getattr(model, name).column
    mine, theirs = getattr(one, column), getattr(other, column)
    assert getattr(one, name) == {"word": "x"}
    setattr(one, column, theirs)
    with pytest.raises(InvalidTag):
        getattr(one, name)
    with pytest.raises(InvalidTag):
        vault().open(f"{model.__tablename__}|another_sealed|{one.id}", mine)
    with pytest.raises(InvalidTag):
        vault().open(f"another|{column}|{one.id}", mine)
    changed = bytearray(mine)
    changed[1:17] = vault().keys.current("sub_other", getattr(model, name).purpose).octets
    with pytest.raises(InvalidTag):
        vault().open(f"{model.__tablename__}|{column}|{one.id}", bytes(changed))


def test_every_sealed_column_has_its_attribute_and_none_is_half_declared():
    columns = {
        (table.name, column.name)
        for table in schema.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed") or "personal" in column.info
    }
    assert columns == {(model.__tablename__, getattr(model, name).column) for model, name in SEALED}
    for model, name in SEALED:
        info = model.__table__.columns[getattr(model, name).column].info
        assert info == {"personal": getattr(model, name).purpose, "subject": getattr(model, name).subject}


def test_every_column_of_hashes_to_look_people_up_by_is_known_to_reindexing():
    for table in schema.metadata.tables.values():
        for column in table.columns:
            if column.name.endswith("_index") and column.type.python_type is bytes:
                assert "blind_index" in column.info, column


def test_no_column_holds_personal_data_in_clear():
    found = {
        f"{table.name}.{column.name}"
        for table in schema.metadata.tables.values()
        for column in table.columns
        if column.type.python_type in (str, bytes, list, dict)
        and PERSONAL & set(column.name.split("_"))
        and not column.name.endswith(("_sealed", "_index", "_id", "_hash"))
    }
    assert not found - set(OPEN), "seal it, or say here why it is nobody's"


def test_nothing_of_ours_takes_a_card_number():
    names = {column.name for table in schema.metadata.tables.values() for column in table.columns}
    for module in walk_packages(blueprints.__path__, "blueprints."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Form):
                names |= {name for name in vars(value) if not name.startswith("_")}
    assert {"email", "password"} <= names
    assert not [name for name in names if CARD.search(name)]


@pytest.mark.parametrize("card", TEST_CARDS)
def test_a_card_number_that_comes_all_the_same_is_not_logged(card):
    assert card not in redact(f"declined {card} today")
    record = logging.LogRecord("t", logging.INFO, "", 0, "typed %s", (card,), None)
    record.typed = {"note": card}
    assert card not in JsonLines().format(record)


@pytest.mark.parametrize("number", ["1764000000000", "4242424242424243", "ORD-4242424242424242X", "0.4242424242424242"])
def test_other_numbers_are_logged_as_they_are(number):
    assert number in redact(f"about {number} here")
