"""What tables and fields are called on paper."""

from __future__ import annotations

import json
from typing import Any, Final

from daigou.core.i18n import lazy

EXTENSIONS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
TITLES: Final[dict[str, object]] = {
    "account_devices": lazy("Devices that we know"),
    "account_passkeys": lazy("Passkeys"),
    "account_sessions": lazy("Where you signed in"),
    "accounts": lazy("Your account"),
    "addresses": lazy("Addresses"),
    "applications": lazy("Applications as a merchant"),
    "application_papers": lazy("Papers of applications"),
    "bills": lazy("Bills"),
    "cart_lines": lazy("Your cart"),
    "consents": lazy("What you agreed to"),
    "credit_standings": lazy("Your rating"),
    "disputes": lazy("Payments that a bank disputes"),
    "identities": lazy("Your identity"),
    "identity_checks": lazy("Checks of your identity"),
    "inspections": lazy("Inspections of your items"),
    "invoices": lazy("Invoices"),
    "notices": lazy("Messages"),
    "order_items": lazy("Items"),
    "orders": lazy("Orders"),
    "parcels": lazy("Parcels"),
    "account_links": lazy("Things that accounts may share, as keyed hashes"),
    "payment_attempts": lazy("Payments"),
    "payment_checks": lazy("Payments that a person looked at"),
    "risk_cases": lazy("What was looked at, and decided"),
    "spending_habits": lazy("What you usually pay"),
    "privacy_requests": lazy("Requests about your data"),
    "conversations": lazy("Conversations"),
    "messages": lazy("Messages that you wrote or got"),
    "quotes": lazy("Quotes"),
    "refunds": lazy("Refunds"),
    "return_cases": lazy("Returns"),
    "covers": lazy("Warranties of your items"),
    "warranty_claims": lazy("Defects that you reported"),
    "reviews": lazy("Reviews that you wrote"),
    "sourcing_requests": lazy("Items that you asked for"),
    "stored_files": lazy("Files"),
    "submissions": lazy("Forms that you sent"),
    "tracking_events": lazy("Where your parcels were"),
    "screening_parties": lazy("Comparisons with sanctions lists"),
    "legal_holds": lazy("Legal holds"),
    "audit_entries": lazy("The log"),
}


def of(table: str) -> str:
    return str(TITLES.get(table, field(table)))


def field(name: str) -> str:
    """A column’s own name, to read: programs and people then speak of the same thing."""
    return name.replace("_", " ")


def text(value: Any) -> str:
    """A value as it is printed."""
    if isinstance(value, dict):
        return "; ".join(f"{field(key)}: {text(part)}" for key, part in value.items() if part not in (None, ""))
    if isinstance(value, list):
        return ", ".join(text(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
