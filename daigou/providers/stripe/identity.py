"""Stripe Identity and zero-amount card set-ups. See docs.stripe.com/identity/verification-sessions, read 2026-11."""

from __future__ import annotations

from datetime import date
from typing import Any

import stripe

from daigou.providers.identity import CardOrder, CardSeen, CheckOrder, CheckSeen
from daigou.providers.payment import HostedPage, Rejected

from .connection import CONNECT_SECONDS, READ_SECONDS, RETRIES
from .errors import translated

Json = dict[str, Any]

_STATUS = {
    "requires_input": "pending",  # with a last_error it is the person's turn again
    "processing": "pending",
    "verified": "verified",
    "canceled": "cancelled",
}
# last_error.code in ours: docs.stripe.com/identity/handle-verification-outcomes
_REFUSAL = {
    "abandoned": "abandoned",
    "consent_declined": "declined",
    "country_not_supported": "country",
    "document_expired": "document_expired",
    "document_type_not_supported": "document_unreadable",
    "document_unverified_other": "document_fake",
    "selfie_document_missing_photo": "selfie_mismatch",
    "selfie_face_mismatch": "selfie_mismatch",
    "selfie_manipulated": "selfie_mismatch",
    "selfie_unverified_other": "selfie_mismatch",
    "under_supported_age": "declined",
}
_EXPANDED = ["verified_outputs", "last_verification_report.document.expiration_date"]


class StripeIdentity:
    """Implements identity.IdentityProvider."""

    def __init__(self, key: str, *, address: str = "", timeouts: tuple[float, float] | None = None) -> None:
        self._client = stripe.StripeClient(
            key,
            max_network_retries=RETRIES,
            base_addresses={"api": address, "connect": address, "files": address} if address else None,
            http_client=stripe.RequestsClient(timeout=timeouts or (CONNECT_SECONDS, READ_SECONDS)),
        )

    @property
    def _sessions(self) -> Any:
        return self._client.v1.identity.verification_sessions

    def open_check(self, order: CheckOrder) -> CheckSeen:
        with translated("opening an identity check"):
            options = {"document": {"require_matching_selfie": True, "require_live_capture": True}}
            wish: Json = {
                "type": "document",
                "options": options,
                "metadata": {"check_id": order.check_id},
                "return_url": order.return_url,
            }
            if order.email:
                wish["provided_details"] = {"email": order.email}
            return seen(self._sessions.create(wish, {"idempotency_key": order.key}).to_dict())

    def check_seen(self, provider_id: str) -> CheckSeen:
        with translated("reading an identity check"):
            return seen(self._sessions.retrieve(provider_id, {"expand": [*_EXPANDED]}).to_dict())

    def cancel_check(self, provider_id: str) -> None:
        with translated("cancelling an identity check"):
            self._sessions.cancel(provider_id)

    def redact_check(self, provider_id: str) -> None:
        with translated("redacting an identity check"):
            self._sessions.redact(provider_id)

    def open_card_page(self, order: CardOrder) -> HostedPage:
        page: Any = {
            "mode": "setup",
            "currency": order.currency.lower(),
            "payment_method_types": ["card"],
            "metadata": {"check_id": order.check_id},
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
        }
        with translated("opening a card page"):
            made = self._client.v1.checkout.sessions.create(page, {"idempotency_key": order.key})
            return HostedPage(made.id, str(made.url))

    def card_seen(self, page_id: str) -> CardSeen:
        with translated("reading a card page"):
            expand = ["setup_intent.payment_method"]
            row = self._client.v1.checkout.sessions.retrieve(page_id, {"expand": expand}).to_dict()
            return card(row)


def seen(row: Json) -> CheckSeen:
    """A verification session as our facts."""
    error = (row.get("last_error") or {}).get("code")
    status = _STATUS[row["status"]]
    if error and row["status"] == "requires_input":
        status = "requires_input"
    outputs = row.get("verified_outputs") or {}
    document = _document(row.get("last_verification_report"))
    return CheckSeen(
        id=row["id"],
        check_id=str((row.get("metadata") or {}).get("check_id", "")),
        status=status,
        url=row.get("url"),
        name=" ".join(part for part in (outputs.get("first_name"), outputs.get("last_name")) if part),
        document_country=document.get("issuing_country"),
        document_expires=_day(document.get("expiration_date")),
        refusal=_REFUSAL.get(error, "other") if error else None,
        is_redacted=bool(row.get("redaction")),
    )


def card(row: Json) -> CardSeen:
    """A set-up session as our facts. Rejected for a session that sells something."""
    if row.get("mode") != "setup":
        raise Rejected("not_a_card_page")
    intent = row.get("setup_intent")
    intent = intent if isinstance(intent, dict) else {}
    method = intent.get("payment_method")
    details = (method.get("card") or {}) if isinstance(method, dict) else {}
    done = row["status"] == "complete" and intent.get("status") == "succeeded"
    status = "verified" if done else "expired" if row["status"] == "expired" else "open"
    check_id = str((row.get("metadata") or {}).get("check_id", ""))
    return CardSeen(row["id"], check_id, status, details.get("country"), details.get("funding"))


def _document(report: Any) -> Json:
    return (report.get("document") or {}) if isinstance(report, dict) else {}


def _day(parts: Any) -> date | None:
    if not isinstance(parts, dict) or not parts.get("year"):
        return None
    return date(parts["year"], parts["month"], parts["day"])
