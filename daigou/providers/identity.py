"""What a provider of identity and card checks must give us, in our own words. Outcomes only: no image comes our way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from .payment import HostedPage

# Why a check did not pass, in our codes.
REFUSALS = (
    "document_expired", "document_fake", "document_unreadable", "selfie_mismatch", "name", "country", "abandoned",
    "declined", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """A check that shall begin: all of it stands in our own row, so that a repeat asks for the very same."""

    key: str
    check_id: str
    return_url: str
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """A check as the provider has it now. ``status`` is pending, requires_input, verified or cancelled.

    ``name`` is what the document says, compared at once and never kept.
    """

    id: str
    check_id: str
    status: str
    url: str | None = None
    name: str = field(default="", repr=False)
    document_country: str | None = None
    document_expires: date | None = None
    refusal: str | None = None
    is_redacted: bool = False


@dataclass(frozen=True, slots=True)
class CardOrder:
    """A zero-amount set-up of a card. ``currency`` decides which cards are offered; nothing is charged."""

    key: str
    check_id: str
    currency: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class CardSeen:
    """``status`` is open, verified or expired. Neither number nor name of a card is ever in here."""

    id: str
    check_id: str
    status: str
    country: str | None = None
    funding: str | None = None


class IdentityProvider(Protocol):
    """Every call may raise payment.Declined, Rejected or Unanswered, and none may be made inside a transaction."""

    def open_check(self, order: CheckOrder) -> CheckSeen: ...
    def check_seen(self, provider_id: str) -> CheckSeen: ...
    def cancel_check(self, provider_id: str) -> None: ...
    def redact_check(self, provider_id: str) -> None:
        """Have the provider destroy what it holds of the person. Asking twice is right."""

    def open_card_page(self, order: CardOrder) -> HostedPage: ...
    def card_seen(self, page_id: str) -> CardSeen: ...
