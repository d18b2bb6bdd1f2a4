"""What a payment provider must give us, in our own words. The room of payments knows nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from daigou.core.money import Money


class Trouble(Exception):
    """A call that did not do what was asked. ``code`` is the provider's word for why."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code


class Declined(Trouble):
    """The payer's bank or wallet said no."""


class Rejected(Trouble):
    """The provider refuses the request itself, and will refuse it again under the same key."""


class Unanswered(Trouble):
    """Nobody knows whether it happened. ``answered`` is true when an answer came (a 500), which a key remembers."""

    def __init__(self, code: str, message: str = "", *, answered: bool = False) -> None:
        super().__init__(code, message)
        self.answered = answered


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line of the provider's own books: a signed gross in its settlement currency, and the fee that came off it."""

    id: str
    kind: str
    source: str
    gross: Money
    fee: Money
    created: datetime
    available_on: datetime | None = None  # when it may be paid out; until then it is pending there

    @property
    def net(self) -> Money:
        return self.gross - self.fee


@dataclass(frozen=True, slots=True)
class Consignee:
    """Whom a delivery is for, as little of it as a lender wants to see."""

    name: str
    street: str
    city: str
    postal_code: str
    region: str
    country: str


@dataclass(frozen=True, slots=True)
class PageOrder:
    """What the hosted page shall sell, all of it known from our own row, so that a repeat asks for the very same."""

    key: str
    attempt_id: str
    bill_ref: str
    amount: Money
    title: str
    locale: str
    expires_at: datetime
    success_url: str
    cancel_url: str
    types: tuple[str, ...] = ("card",)  # the provider's own names of the ways to pay, in the order to show
    country: str = ""  # the payer's: whose bank details a transfer gets
    consignee: Consignee | None = None  # only where the payer chose a way that wants it


@dataclass(frozen=True, slots=True)
class HostedPage:
    id: str
    url: str


@dataclass(frozen=True, slots=True)
class RefusedTry:
    """One try on the hosted page that did not go through. ``id`` is the same however we hear of it; ``card`` is the
    provider's word for the same card, whoever pays with it, and empty for other ways."""

    id: str
    attempt_id: str
    code: str
    method: str | None
    card: str = ""


@dataclass(frozen=True, slots=True)
class PaymentSeen:
    """A payment as the provider has it now. ``status`` is open, processing, paid, failed or expired.

    ``refused`` is its last try that did not go through, where it left a number; those without one are told by events.
    """

    attempt_id: str
    status: str
    intent_id: str | None = None
    amount: Money | None = None
    charge_id: str | None = None
    method: str | None = None
    line: BookLine | None = None
    refusal: str | None = None
    instructions_url: str | None = None  # where the payer reads what to send where, while the money is awaited
    refused: RefusedTry | None = None
    card: str = ""  # as in RefusedTry


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """``status`` is pending, succeeded or failed. ``line`` took it from our balance, ``returned`` brought it back."""

    id: str
    refund_id: str
    status: str
    line: BookLine | None
    returned: BookLine | None
    refusal: str | None


@dataclass(frozen=True, slots=True)
class TransferSeen:
    id: str
    payout_id: str
    line: BookLine | None
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class ReversalSeen:
    """A transfer, or a part of it, that came back."""

    id: str
    recourse_id: str
    line: BookLine | None


@dataclass(frozen=True, slots=True)
class PayoutSeen:
    """What the provider sends from an account (``None``: ours) to its bank. ``lines`` are ours only."""

    id: str
    account_id: str | None
    amount: Money
    status: str  # pending, paid, failed, canceled
    failure: str | None
    arrives: date
    lines: tuple[BookLine, ...]


CHECKED = " (being checked)"


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """A merchant's account. ``requirements`` are what the provider still wants to see before it pays; what it has been
    sent and looks at ends with CHECKED."""

    id: str
    can_be_paid: bool
    is_submitted: bool
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """A bank's case. ``status`` is the provider's own word; ``amount`` is in the payment's currency."""

    id: str
    charge_id: str
    status: str
    reason: str
    amount: Money
    lines: tuple[BookLine, ...]
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventSeen:
    """A webhook whose signature held. Only a hint: what it is about is fetched again."""

    id: str
    kind: str
    object_id: str
    account: str | None


class PaymentProvider(Protocol):
    """Every call may raise Declined, Rejected or Unanswered, and none may be made inside a database transaction."""

    def read_event(self, body: bytes, signature: str | None) -> EventSeen: ...
    def open_page(self, order: PageOrder) -> HostedPage: ...
    def close_page(self, page_id: str) -> None: ...
    def payment_of_page(self, page_id: str) -> PaymentSeen: ...
    def payment_of_intent(self, intent_id: str) -> PaymentSeen: ...
    def refused_try(self, event_id: str) -> RefusedTry | None:
        """What an event of a try that did not go through told of it then: the payment itself knows its last one."""

    def cancel_payment(self, intent_id: str) -> PaymentSeen: ...
    def forget_payer(self, intent_id: str) -> bool:
        """Have the provider drop the customer of a payment; False when it has none (any more)."""

    def refund(self, key: str, refund_id: str, intent_id: str, amount: Money) -> RefundSeen: ...
    def refund_seen(self, provider_id: str) -> RefundSeen: ...
    def refunds_of(self, intent_id: str) -> list[RefundSeen]: ...
    def refunds_of_charge(self, charge_id: str) -> list[RefundSeen]: ...
    def open_account(self, key: str, merchant_ref: str, country: str, currency: str) -> AccountSeen: ...
    def account_of(self, merchant_ref: str, since: datetime) -> AccountSeen | None:
        """The account that was opened for this merchant since then, if one was."""

    def account_seen(self, provider_id: str) -> AccountSeen: ...
    def onboarding_url(self, provider_id: str, return_url: str, refresh_url: str) -> str: ...
    def transfer(self, key: str, payout_id: str, account_id: str, amount: Money) -> TransferSeen: ...
    def transfer_seen(self, provider_id: str) -> TransferSeen: ...
    def transfers_of(self, payout_id: str) -> list[TransferSeen]: ...
    def reverse(self, key: str, recourse_id: str, transfer_id: str, amount: Money) -> ReversalSeen: ...
    def reversals_of(self, transfer_id: str) -> list[ReversalSeen]: ...
    def payout_seen(self, provider_id: str, account_id: str | None) -> PayoutSeen: ...
    def dispute_seen(self, provider_id: str) -> DisputeSeen: ...
    def upload_evidence(self, key: str, name: str, content: bytes) -> str: ...
    def answer_dispute(self, key: str, provider_id: str, evidence: Mapping[str, str]) -> DisputeSeen: ...
    def close_dispute(self, key: str, provider_id: str) -> DisputeSeen: ...
    def balances(self) -> dict[str, Money]: ...
    def available(self, currency: str) -> Money: ...
    def book_line(self, line_id: str) -> BookLine | None: ...
    def book_lines(self, since: datetime, until: datetime | None = None) -> Iterator[BookLine]: ...
