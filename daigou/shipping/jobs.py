"""What shipping does by itself and after others. Every job may run twice."""

from __future__ import annotations

from uuid import UUID

from compliance.screening import service as parties

from . import confirming, following, inbox, paying, screening, sending
from .papers import SHIPPER


def freight_paid(bill_id: str) -> None:
    paying.freight_paid(UUID(bill_id))


def send(parcel_id: str) -> None:
    sending.send(UUID(parcel_id))


def take_event(inbox_id: str) -> None:
    inbox.process(UUID(inbox_id))


def refetch(parcel_id: str) -> None:
    following.refetch(UUID(parcel_id))


def poll() -> int:
    """Every minute: parcels whose carrier was quiet for long."""
    return following.poll()


def end_silence() -> int:
    """Unpaid freight becomes a draft again; undisputed deliveries complete."""
    steps = (paying.let_go_unpaid, confirming.confirm_silent, confirming.complete_rest)
    return sum(step(SHIPPER) for step in steps)


def screening_released(party_id: str) -> None:
    """Somebody was cleared: what waited for them goes on by itself, parcels and orders alike."""
    for about in parties.uses(UUID(party_id)):
        screening.released(about)
