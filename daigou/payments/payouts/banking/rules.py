"""Pure rules of paying by bank: the life of a file, and what a bank account's number must look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError

from daigou.core.money import Money
from daigou.core.states import Machine, move
from daigou.ledger.rules import Line, credit, debit

BANK_FILE = Machine(
    "bank_file",
    "proposed",
    move("approve", "proposed", "approved", "payout.approve"),
    move("drop", "proposed", "dropped", "release.settle"),
    move("fetch", "approved fetched", "fetched", "payout.file"),
)

# Changed bank details are a thief's first wish: money goes to new ones only after the owner had time to object.
SETTLING_IN = timedelta(days=3)

_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_ACCOUNT = re.compile(r"[A-Z0-9]{3,34}")


@dataclass(frozen=True, slots=True)
class Account:
    """Where money goes: an IBAN, or an account number with the bank's BIC."""

    holder: str
    iban: str
    number: str
    bic: str

    @property
    def key(self) -> str:
        """What two spellings of one account share."""
        return self.iban or f"{self.bic[:8]}/{self.number}"

    @property
    def last(self) -> str:
        return (self.iban or self.number)[-4:]


def compact(text: str) -> str:
    """As it is stored: no spaces or dashes, capitals."""
    return re.sub(r"[\s\-]", "", text).upper()


def is_iban(text: str) -> bool:
    """By ISO 13616: length and form of its country, and the check digits."""
    try:
        iban_number.validate(text)
    except ValidationError:
        return False
    return True


def is_bic(text: str) -> bool:
    """By ISO 9362: four letters, a country, two characters, perhaps a branch."""
    return _BIC.fullmatch(text) is not None


def is_number(text: str) -> bool:
    return _ACCOUNT.fullmatch(text) is not None


def confirmed(payout: str, amount: Money) -> list[Line]:
    """Our bank has sent it."""
    return [debit("payout_transit", amount, payout), credit("bank", amount)]


def bounced(merchant: str, amount: Money, out_of: str) -> list[Line]:
    """The other bank sent it back after it had been confirmed: it is owed again, or the deposit again."""
    return [debit("bank", amount), credit(out_of, amount, merchant)]


def charged(amount: Money) -> list[Line]:
    """What our bank took for it."""
    return [debit("provider_fee", amount), credit("bank", amount)]


def topped_up(payout: str, amount: Money) -> list[Line]:
    """Money from the provider's balance has come to our bank."""
    return [debit("bank", amount), credit("bank_transit", amount, payout)]


def deposited(merchant: str, amount: Money) -> list[Line]:
    return [debit("bank", amount), credit("deposit", amount, merchant)]
