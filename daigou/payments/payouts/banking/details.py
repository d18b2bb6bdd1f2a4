"""Where a merchant's money goes when it goes by bank: entered by the merchant, sealed, and changed with care."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import clock, outbox
from daigou.core.access import Actor, require
from daigou.core.crypto import blind_index, blind_indexes
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from .models import BankDetails
from .rules import SETTLING_IN, Account, compact, is_bic, is_iban, is_number

INDEX = "bank_details.account"


def save(actor: Actor, holder: str, account: str, bic: str, country: str) -> BankDetails:
    """Keep new details; the ones before end. Invalid by field. The caller has seen the password again.

    The first ones count at once, changed ones after some days, in which the owner can object.
    """
    found = checked(holder, account, bic, country)
    with transaction():
        merchant = load_locked(Merchant, id=actor.merchant_id)
        require(actor, "bank.enter", merchant)
        before = _current(merchant.id)
        if before is not None and account_of(before) == found and before.country == country:
            return before
        if before is not None:
            before.ended_at = clock.now()
            db.session.flush()
        row = _row(merchant, found, country, before)
        door.note(actor, row.stream, "bank_details:entered", merchant_ref=merchant.ref, first=before is None)
        outbox.put("bank_details.changed", bank_details_id=row.id)
        outbox.put("payout.wake", max(row.usable_from - clock.now(), timedelta(0)), merchant_id=merchant.id)
    return row


def _row(merchant: Merchant, found: Account, country: str, before: BankDetails | None) -> BankDetails:
    index = blind_index(INDEX, found.key)
    usable = clock.now()
    if before is not None:
        same = before.account_index in blind_indexes(INDEX, found.key)  # a corrected name is no other account
        usable = before.usable_from if same else usable + SETTLING_IN
    row = BankDetails(
        merchant_id=merchant.id,
        subject=merchant.subject,
        country=country,
        currency=merchant.currency,
        account_index=index,
        last=found.last,
        usable_from=usable,
    )
    row.account = {"holder": found.holder, "iban": found.iban, "number": found.number, "bic": found.bic}
    db.session.add(row)
    return row


def checked(holder: str, account: str, bic: str, country: str) -> Account:
    """An IBAN, or a number with a BIC. Invalid by field."""
    number, code = compact(account), compact(bic)
    wrong: dict[str, Any] = {}
    iban = number if is_iban(number) else ""
    if not iban and number[:2].isalpha() and number[2:4].isdigit():
        wrong["account"] = lazy("This IBAN is not right: its check digits do not fit. Copy it from your bank’s page.")
    elif not iban and not is_number(number):
        wrong["account"] = lazy("Write the IBAN, or the account number in letters and digits only.")
    if code and not is_bic(code):
        wrong["bic"] = lazy("A BIC has eight or eleven letters and digits, such as BOTKJPJT.")
    elif not code and not iban and not wrong:
        wrong["bic"] = lazy("Beside an account number the bank’s BIC is needed.")
    elif code and code[4:6] != country:
        wrong["bic"] = lazy("This BIC is of a bank in another country.")
    if iban and iban[:2] != country:
        wrong["country"] = lazy("This IBAN is of a bank in another country.")
    if wrong:
        raise Invalid(wrong)
    return Account(holder, iban, "" if iban else number, code)


def _current(merchant_id: UUID) -> BankDetails | None:
    statement = select(BankDetails).where(BankDetails.merchant_id == merchant_id, BankDetails.ended_at.is_(None))
    return db.session.execute(statement).scalar_one_or_none()


def current(merchant_id: UUID) -> BankDetails | None:
    return _current(merchant_id)


def obstacle(merchant_id: UUID, at: datetime | None = None) -> str:
    """Why nothing can be sent there now; empty when it can."""
    row = _current(merchant_id)
    if row is None:
        return "no_bank_details"
    return "bank_details_new" if row.usable_from > (at or clock.now()) else ""


def account_of(row: BankDetails) -> Account:
    return Account(**row.account)


def shared(row: BankDetails) -> int:
    """How many other merchants have named the same account, now or before: for whoever approves a payment to it."""
    statement = select(func.count(BankDetails.merchant_id.distinct())).where(
        BankDetails.account_index.in_(blind_indexes(INDEX, row.account_key)), BankDetails.merchant_id != row.merchant_id
    )
    return int(db.session.execute(statement).scalar_one())


def merchant_of(bank_details_id: UUID) -> UUID | None:
    row = find(BankDetails, id=bank_details_id)
    return row.merchant_id if row else None
