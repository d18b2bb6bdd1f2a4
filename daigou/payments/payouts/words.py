"""What the payment provider still wants of a merchant, in words instead of the names of its form's fields."""

from __future__ import annotations

from collections.abc import Iterable

from daigou.core.i18n import _, lazy
from daigou.providers.payment import CHECKED

# By what a requirement's name contains (docs.stripe.com/connect/required-verification-information, read 2026-11); the
# first that fits is taken.
WANTED = (
    ("external_account", lazy("the bank account for your money")),
    ("verification.additional_document", lazy("a second paper that proves who you are or where you live")),
    ("verification.document", lazy("a photo of an identity paper")),
    ("proof_of_liveness", lazy("a photo of your face")),
    ("tos_acceptance", lazy("your agreement to the provider’s terms")),
    ("dob", lazy("a date of birth")),
    ("id_number", lazy("an identity or tax number")),
    ("ssn_last_4", lazy("an identity or tax number")),
    ("tax_id", lazy("your business’s tax number")),
    ("registration_number", lazy("your business’s register number")),
    ("address", lazy("an address")),
    ("phone", lazy("a phone number")),
    ("email", lazy("an e-mail address")),
    ("name", lazy("a name")),
    ("owners", lazy("who owns the business")),
    ("directors", lazy("who directs the business")),
    ("executives", lazy("who directs the business")),
    ("representative", lazy("who represents the business")),
    ("business_profile", lazy("what your business does")),
    ("business_type", lazy("whether you are a person or a company")),
)
_OTHER = lazy("something more, which the provider’s page names")


def wanted(requirements: Iterable[str]) -> list[str]:
    """Each thing once, in the reader's language; what was sent in already is said to be checked."""
    return list(dict.fromkeys(_said(name) for name in requirements))


def _said(name: str) -> str:
    words = next((words for part, words in WANTED if part in name), _OTHER)
    return _("%(what)s (being checked)", what=words) if name.endswith(CHECKED) else str(words)
