"""Entries of the trail in the reader's words: what each kind is called, and the sign it carries."""

from __future__ import annotations

from typing import Any

from compliance.audit.models import Entry
from daigou.core.i18n import lazy

THINGS = {
    "access": lazy("Access"),
    "account": lazy("Account"),
    "address": lazy("Address"),
    "application": lazy("Application"),
    "attempt": lazy("Payment attempt"),
    "audit": lazy("Audit trail"),
    "bill": lazy("Bill"),
    "dispute": lazy("Dispute"),
    "document": lazy("Document"),
    "export": lazy("Export"),
    "inspection": lazy("Inspection"),
    "item": lazy("Order item"),
    "legal_pack": lazy("Legal pack"),
    "listing": lazy("Listing"),
    "merchant": lazy("Merchant"),
    "order": lazy("Order"),
    "paper": lazy("Paper"),
    "person": lazy("Person"),
    "price_change": lazy("Change of price"),
    "proposal": lazy("Proposal"),
    "saved_search": lazy("Kept search"),
    "parcel": lazy("Parcel"),
    "passport": lazy("Passport"),
    "payout": lazy("Payout account"),
    "quote": lazy("Quote"),
    "refund": lazy("Refund"),
    "release": lazy("Release of money"),
    "return": lazy("Return"),
    "screening": lazy("Screening case"),
    "session": lazy("Session"),
    "sourcing": lazy("Sourcing request"),
    "risk": lazy("Suspicion"),
    "announcement": lazy("Announcement"),
    "conversation": lazy("Conversation"),
    "review": lazy("Review"),
}

OUTCOMES = {"done": lazy("Done"), "denied": lazy("Denied"), "failed": lazy("Failed")}

# The last word of a kind, and the sign of the stamp. What stands in no row is a plain record.
SIGNS = {
    "accept": "accepted",
    "activate": "approved",
    "approve": "approved",
    "complete": "completed",
    "created": "made",
    "customs": "customs",
    "deliver": "delivered",
    "denied": "failed",
    "denied_more": "failed",
    "fail": "failed",
    "inspect": "inspected",
    "pack": "packed",
    "pay": "paid",
    "purchase": "purchased",
    "quote": "quoted",
    "receive": "received",
    "refund": "refunded",
    "release": "released",
    "ship": "shipped",
    "store": "stored",
    "stored": "stored",
    "submit": "ordered",
    "track": "transit",
}


def label(kind: str) -> str:
    """``item:receive`` as "Order item: receive"; the code itself stands beside it in the record."""
    thing, _, rest = kind.partition(":")
    return f"{THINGS.get(thing, thing)}: {rest.replace('_', ' ').replace(':', ' ')}"


def sign(kind: str) -> str:
    parts = kind.split(":")
    if "posted" in parts:
        return "held"
    return SIGNS.get(parts[-1], "checkpoint")


def change(body: dict[str, Any] | None) -> str:
    """``paid → verifying``, or nothing where no state changed."""
    facts = (body or {}).get("facts", {})
    if "to" not in facts:
        return ""
    return f"{facts['from']} → {facts['to']}" if "from" in facts else str(facts["to"])


def facts(body: dict[str, Any] | None) -> list[tuple[str, str]]:
    """What an entry holds, a line each."""
    found = (body or {}).get("facts", {})
    return [
        (name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)) for name, value in found.items()
    ]


def is_denied(entry: Entry) -> bool:
    return entry.outcome == "denied"
