"""EasyPost, the one place that imports its library. Weights there are ounces, sides are inches, money is text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from .carrier import Bought, Consignment, Content, EventSeen, Party, Rejected, ScanSeen, TrackerSeen, Unanswered

GRAMS_PER_OUNCE = 28.349523125
MM_PER_INCH = 25.4
TIMEOUT_SECONDS = 20
LABEL_LIMIT = 8 * 1024 * 1024
PAGE = 100  # the newest shipments to look through; a lost answer is looked for within minutes
# EasyPost keeps files in its own buckets. Nothing is fetched from anywhere else.
FILE_HOSTS = ("easypost-files.s3.us-west-2.amazonaws.com", "easypost-files.s3-us-west-2.amazonaws.com")
# Refusals that stay refusals; anything else may have happened or will pass.
_FINAL = ("InvalidRequestError", "BadRequestError", "NotFoundError", "ForbiddenError", "PaymentError", "FilteringError")


class EasyPostCarrier:
    """``address`` is the API’s base without the version, for the sandbox only; ``seconds`` how long we wait for it."""

    def __init__(self, key: str, secret: str, address: str = "", *, seconds: float = TIMEOUT_SECONDS) -> None:
        self._key = key
        self._secret = secret
        self._address = address.rstrip("/")
        self._seconds = seconds

    @cached_property
    def _client(self) -> Any:
        from easypost import EasyPostClient

        if not self._address:
            return EasyPostClient(self._key, timeout=self._seconds)  # type: ignore[arg-type]  # requests takes fractions
        base = self._address if self._address.endswith("/v2") else f"{self._address}/v2"
        return EasyPostClient(self._key, api_base=base, timeout=self._seconds)  # type: ignore[arg-type]  # requests takes fractions

    def read_event(self, body: bytes, headers: Mapping[str, Any]) -> EventSeen:
        """Rejected unless the signature is ours and the body an event."""
        from easypost.errors import SignatureVerificationError
        from easypost.util import validate_webhook

        try:
            event = validate_webhook(body, dict(headers), self._secret)
            return EventSeen(str(event["id"]), str(event["description"]), str(event["result"]["id"]))
        except SignatureVerificationError as error:
            raise Rejected("signature") from error
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise Rejected("malformed") from error

    def shipment_of(self, reference: str) -> str | None:
        """A shipment that was made for this reference before, bought or not. EasyPost has no idempotency keys."""
        for purchased in (True, False):
            found = self._call(lambda p=purchased: self._client.shipment.all(page_size=PAGE, purchased=p))
            for shipment in found["shipments"]:
                if shipment.reference == reference:
                    return str(shipment.id)
        return None

    def create(self, consignment: Consignment) -> str:
        """A shipment with its rates, not bought yet: its id."""
        return str(self._call(lambda: self._client.shipment.create(**_shipment(consignment))).id)

    def buy(self, shipment_id: str, carrier: str, service: str, insured_usd: Decimal | None) -> Bought:
        """Buy the postage of this service; what was bought before is only read."""
        shipment = self._call(lambda: self._client.shipment.retrieve(shipment_id))
        if not shipment.postage_label:
            rate = _rate_of(shipment, carrier, service)
            extra = {"insurance": f"{insured_usd:.2f}"} if insured_usd else {}
            shipment = self._call(lambda: self._client.shipment.buy(shipment_id, rate={"id": rate}, **extra))
        label = shipment.postage_label
        return Bought(
            str(shipment.id),
            str(shipment.tracker.id),
            str(shipment.tracking_code),
            str(label.label_pdf_url or label.label_url),
        )

    def label(self, url: str) -> bytes:
        """The label's PDF, from EasyPost's own hosts only."""
        import httpx

        if not self._is_ours(url):
            raise Rejected("label_host", urlsplit(url).netloc)
        try:
            with httpx.stream("GET", url, timeout=self._seconds, follow_redirects=False, trust_env=False) as answer:
                answer.raise_for_status()
                content = b""
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > LABEL_LIMIT:
                        raise Rejected("label_size")
        except httpx.HTTPError as error:
            raise Unanswered("label", type(error).__name__) from error
        return content

    def tracker_seen(self, tracker_id: str) -> TrackerSeen:
        tracker = self._call(lambda: self._client.tracker.retrieve(tracker_id))
        return TrackerSeen(
            str(tracker.id), str(tracker.tracking_code), tuple(_scan(d) for d in tracker.tracking_details or [])
        )

    def _is_ours(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._address:
            return parts.netloc == urlsplit(self._address).netloc
        return parts.scheme == "https" and parts.netloc in FILE_HOSTS

    def _call(self, work: Any) -> Any:
        from easypost.errors import EasyPostError

        try:
            return work()
        except EasyPostError as error:
            kind = type(error).__name__
            trouble = Rejected if kind in _FINAL else Unanswered
            raise trouble(kind, str(error)[:300]) from error


def _rate_of(shipment: Any, carrier: str, service: str) -> str:
    for rate in shipment.rates:
        if rate.carrier == carrier and rate.service == service:
            return str(rate.id)
    reasons = "; ".join(str(m.message) for m in shipment.messages or [])
    raise Rejected("no_rate", f"{carrier} {service}: {reasons}")


def _shipment(consignment: Consignment) -> dict[str, Any]:
    return {
        "reference": consignment.reference,
        "is_return": consignment.is_return,  # it turns both addresses round itself
        "from_address": _address(consignment.sender),
        "to_address": _address(consignment.receiver),
        "parcel": {
            "weight": ounces(consignment.weight_g),
            **{s: inches(getattr(consignment, f"{s}_mm")) for s in ("length", "width", "height")},
        },
        "customs_info": {
            "contents_type": "returned_goods" if consignment.is_return else "merchandise",
            "customs_certify": True,
            "customs_signer": consignment.sender.company or consignment.sender.name,
            "eel_pfc": "NOEEI 30.37(a)",
            "non_delivery_option": "return",
            "restriction_type": "none",
            "customs_items": [_content(c) for c in consignment.contents],
        },
        "tax_identifiers": [
            {"entity": t.entity, "tax_id_type": t.kind, "tax_id": t.number, "issuing_country": t.country}
            for t in consignment.tax_ids
        ],
        "options": {"incoterm": consignment.incoterm, "invoice_number": consignment.reference},
    }


def _address(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "company": party.company or None,
        "street1": party.street,
        "city": party.city,
        "state": party.region or None,
        "zip": party.postal_code,
        "country": party.country,
        "phone": party.phone or None,
        "email": party.email or None,
        "federal_tax_id": party.tax_id or None,
    }


def _content(content: Content) -> dict[str, Any]:
    return {
        "description": content.title[:255],
        "quantity": content.quantity,
        "value": str(content.value.decimal),
        "currency": content.value.currency,
        "weight": ounces(content.weight_g),
        "hs_tariff_number": content.hs_code,
        "origin_country": content.origin,
    }


def ounces(grams: int) -> float:
    """Cut to hundredths: rounded up, a parcel at a line's very limit would be over it there."""
    return max(math.floor(grams / GRAMS_PER_OUNCE * 100) / 100, 0.1)


def inches(millimetres: int) -> float:
    """Cut to hundredths, for the same reason."""
    return max(math.floor(millimetres / MM_PER_INCH * 100) / 100, 0.1)


def _scan(detail: Any) -> ScanSeen:
    place = detail.tracking_location
    return ScanSeen(
        at=datetime.fromisoformat(str(detail.datetime).replace("Z", "+00:00")),
        status=str(detail.status or "unknown"),
        detail=str(detail.status_detail or ""),
        postal_code=str(detail.get("carrier_code") or ""),
        message=str(detail.message or "")[:1000],
        city=str((place and place.city) or "")[:80],
        country=str((place and place.country) or "")[:2],
    )
