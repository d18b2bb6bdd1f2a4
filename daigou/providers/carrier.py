"""What a carrier aggregator must give us, in our own words. The room of shipping knows nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from daigou.core.money import Money


class Trouble(Exception):
    """A call that did not do what was asked. ``code`` is the aggregator's word for why."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code


class Rejected(Trouble):
    """The aggregator refuses the request itself and will refuse it again."""


class Unanswered(Trouble):
    """Nobody knows whether it happened: look before trying again."""


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a consignment. ``tax_id`` is the importer's or exporter's reference."""

    name: str
    street: str
    city: str
    postal_code: str
    country: str
    company: str = ""
    region: str = ""
    phone: str = ""
    email: str = ""
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One customs line: what it is, how many, what was paid for all of them, their weight."""

    title: str
    quantity: int
    value: Money
    weight_g: int
    hs_code: str
    origin: str


@dataclass(frozen=True, slots=True)
class TaxId:
    """Such as ("SENDER", "IOSS", "IM0123456789", "DE")."""

    entity: str
    kind: str
    number: str
    country: str


@dataclass(frozen=True, slots=True)
class Consignment:
    """Everything the carrier must know. ``reference`` is ours and unique: what was sent is found again by it.

    A return goes from the receiver back to the sender, on a label that the sender pays for.
    """

    reference: str
    sender: Party
    receiver: Party
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    contents: tuple[Content, ...]
    incoterm: str
    tax_ids: tuple[TaxId, ...] = ()
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class Bought:
    """Postage that was bought: how the parcel is followed, and where its label lies."""

    shipment_id: str
    tracker_id: str
    tracking_code: str
    label_url: str


@dataclass(frozen=True, slots=True)
class ScanSeen:
    """One event as the aggregator tells it, in its own words. ``postal_code`` is UPU's event code, if any."""

    at: datetime
    status: str
    detail: str
    postal_code: str
    message: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class TrackerSeen:
    id: str
    tracking_code: str
    scans: tuple[ScanSeen, ...]


@dataclass(frozen=True, slots=True)
class EventSeen:
    """A webhook whose signature held. Only a hint: the tracker is fetched again."""

    id: str
    kind: str
    object_id: str


class CarrierProvider(Protocol):
    """Every call may raise Rejected or Unanswered, and none may be made inside a database transaction."""

    def read_event(self, body: bytes, headers: Mapping[str, Any]) -> EventSeen: ...
    def shipment_of(self, reference: str) -> str | None: ...
    def create(self, consignment: Consignment) -> str: ...
    def buy(self, shipment_id: str, carrier: str, service: str, insured_usd: Decimal | None) -> Bought: ...
    def label(self, url: str) -> bytes: ...
    def tracker_seen(self, tracker_id: str) -> TrackerSeen: ...
