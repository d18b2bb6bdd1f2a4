"""Each try on a hosted page that a bank, a wallet or a lender refused, counted once however we hear of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.db import db, find, load_locked, transaction
from daigou.payments.actor import SYSTEM
from daigou.providers.payment import RefusedTry
from daigou.risk.network import service as network

from .models import Attempt, Decline


def note(refused: RefusedTry | None) -> None:
    """Keep one try. Told of it twice, by its event and by the payment itself, it is one row and one audit entry."""
    attempt_id = our(refused.attempt_id) if refused else None
    if refused is None or attempt_id is None:
        return
    with transaction():
        attempt = load_locked(Attempt, id=attempt_id)
        network.link(attempt.account_id, network.CARD, refused.card)
        if db.session.execute(_insert(attempt, refused)).scalar_one_or_none() is not None:
            door.record(SYSTEM, attempt, "declined", code=refused.code[:80])
            outbox.put("payment.look_again", attempt_id=attempt.id)


def _insert(attempt: Attempt, refused: RefusedTry) -> Any:
    values = {
        "id": ids.new_id(),
        "created_at": clock.now(),
        "attempt_id": attempt.id,
        "try_id": refused.id[:120],
        "code": refused.code[:80],
        "method": (refused.method or attempt.method or "")[:40],
    }
    return insert(Decline).values(values).on_conflict_do_nothing(index_elements=["try_id"]).returning(Decline.id)


def our(attempt_id: str) -> UUID | None:
    """The attempt that the provider's mark names; None for a payment of another platform's."""
    try:
        key = UUID(attempt_id)
    except ValueError:
        return None
    return key if find(Attempt, id=key) else None
