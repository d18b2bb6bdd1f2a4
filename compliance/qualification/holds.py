"""What keeps a merchant's listings back: each reason by itself. The catalogue follows by job."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import clock, outbox
from daigou.core.access import Actor
from daigou.core.db import db, in_transaction

from .life_models import MerchantHold


def open_of(merchant_id: UUID) -> Sequence[MerchantHold]:
    """What holds it now, oldest first."""
    statement = select(MerchantHold).where(MerchantHold.merchant_id == merchant_id, MerchantHold.ended_at.is_(None))
    return db.session.execute(statement.order_by(MerchantHold.id)).scalars().all()


def is_held(merchant_id: UUID) -> bool:
    return bool(open_of(merchant_id))


def put(actor: Actor, merchant: Merchant, reason: str, about: str) -> bool:
    """Hold a merchant whose row the caller has locked; False when it was held for this already."""
    if _find(merchant, reason, about):
        return False
    db.session.add(MerchantHold(merchant_id=merchant.id, reason=reason, about=about))
    door.record(actor, merchant, "held", reason=reason, about=about)
    _tell_catalogue(merchant)
    return True


def lift(actor: Actor, merchant: Merchant, reason: str, about: str | None = None) -> bool:
    """End the holds of a reason (about one thing, or all); False when there was none. The row is locked."""
    found = _find(merchant, reason, about)
    for row in found:
        row.ended_at = clock.now()
        door.record(actor, merchant, "hold_ended", reason=reason, about=row.about)
    if found:
        _tell_catalogue(merchant)
    return bool(found)


def _find(merchant: Merchant, reason: str, about: str | None) -> list[MerchantHold]:
    if not in_transaction():
        raise RuntimeError("holds belong into the transaction of what causes them")
    return [
        row for row in open_of(merchant.id) if row.reason == reason and (about is None or row.about == about)
    ]  # fmt: skip


def _tell_catalogue(merchant: Merchant) -> None:
    outbox.put("merchant.holds_changed", merchant_id=merchant.id)
