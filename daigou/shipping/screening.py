"""Parcels against sanctions lists: the consignee and the destination, looked at when a parcel gets its address."""

from __future__ import annotations

from collections.abc import Iterable

from compliance.screening import rules
from compliance.screening import service as screening
from compliance.screening.finding import Facts
from daigou.core import outbox
from daigou.core.db import find, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.orders import screening as orders

from . import quoting
from .models import Parcel


def screen(parcel: Parcel, goods: Iterable[str]) -> str:
    """Look at the parcel’s frozen consignee and at its destination; answers how it stands."""
    consignee = parcel.consignee if isinstance(parcel.consignee, dict) else {}
    return screening.screen(
        parcel.ref,
        (
            Facts("consignee", parcel.subject, (consignee.get("name", ""),), parcel.country),
            Facts("destination", parcel.subject, country=parcel.country, goods=tuple(sorted(set(goods)))),
        ),
    )


def standing(parcel: Parcel) -> str:
    """How it stands; a parcel that nobody has looked at is looked at now."""
    found = screening.standing(parcel.ref)
    if found != rules.UNKNOWN:
        return found
    return screen(parcel, (item.hs_code for item in quoting.items_of(parcel)))


def may_leave(parcel: Parcel) -> bool:
    return standing(parcel) == rules.CLEAR


def require_clear(parcel: Parcel) -> None:
    """For the packing table: Impossible while it may not leave the house."""
    if not may_leave(parcel):
        words = lazy("This parcel waits for a check. Put it aside and ask for its label again when the check is over.")
        raise Impossible("parcel.checking", words)


def released(about: str) -> None:
    """The check is over: a bill can be paid again, and a label that was asked for is bought. Safe to run twice."""
    orders.released(about)
    parcel = find(Parcel, ref=about)
    if parcel is not None and parcel.is_("packed") and parcel.ship_requested_at and may_leave(parcel):
        with transaction():
            outbox.put("parcel.ship", parcel_id=parcel.id)
