"""A payout on its way through the provider: asked for once, booked once, and undone when it is refused."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, faults, outbox
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.ledger.rules import Line
from daigou.ledger.service import post
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow import releasing
from daigou.payments.escrow.models import Release
from daigou.payments.paying.rules import KEY_LIFE
from daigou.payments.provider import provider
from daigou.providers.payment import Rejected, TransferSeen, Trouble, Unanswered

from . import news, rules
from .models import Payout, PayoutAccount

log = logging.getLogger(__name__)


def submit(payout_id: UUID) -> None:
    """Pay the merchant. Run again, it first looks whether it was done already."""
    row, account, repeated = _begin(payout_id)
    if account is None:
        return
    found = _look_up(row) if repeated else None
    try:
        faults.point("release.before_call")
        seen = found or provider().transfer(row.idempotency_key, str(row.id), account, row.amount)
        faults.point("release.after_effect")
    except Unanswered as unanswered:
        if unanswered.answered:
            _new_key(payout_id)
        raise
    except Trouble as trouble:
        refuse(payout_id, trouble.code, mends=isinstance(trouble, Rejected) and trouble.code in rules.MENDABLE)
        return
    apply(seen)


def _begin(payout_id: UUID) -> tuple[Payout, str | None, bool]:
    """The row, the account to pay (None: nothing to do), and whether an earlier try may have gone through."""
    with transaction():
        faults.step("release.begin")
        row = load_locked(Payout, id=payout_id)
        if row.rail != "connect" or not row.is_("intended", "submitted"):
            return row, None, False
        repeated = row.is_("submitted")
        if not repeated:
            depart(row)
        return row, load(PayoutAccount, merchant_id=row.merchant_id).provider_id, repeated


def depart(row: Payout) -> None:
    """What was owed is on its way. The caller holds the row's lock. A deposit has left its account at the decision."""
    door.transition(SYSTEM, row, "submit", payout=row.ref)
    if row.out_of == "payable":
        post(SYSTEM, row, "payout_sent", f"payout:{row.id}:sent", _sent(row))


def _sent(row: Payout) -> list[Line]:
    return rules.sent(str(row.id), str(row.merchant_id), row.amount, row.out_of)


def _look_up(row: Payout) -> TransferSeen | None:
    found = provider().transfers_of(str(row.id))
    if not found and clock.now() - row.state_since > KEY_LIFE:
        _new_key(row.id)
    return found[0] if found else None


def _new_key(payout_id: UUID) -> None:
    """A saved 500 or a forgotten key: the next try looks first and then asks under another key."""
    with transaction():
        load_locked(Payout, id=payout_id).tries += 1


def apply(seen: TransferSeen) -> None:
    """A transfer that the provider has made: book it and be done."""
    with transaction():
        faults.step("release.apply")
        row = _row_of(seen)
        if row is None or seen.line is None or not row.is_("submitted"):
            return
        row.provider_id = seen.id
        post(SYSTEM, row, "paid_out", f"stripe:{seen.line.id}", rules.arrived(str(row.id), seen.line))
        settle(row, transfer=seen.id)


def settle(row: Payout, **facts: str) -> None:
    """The payout has arrived, and so have its releases. The caller holds the payout's lock and has posted."""
    row.refusal = None
    door.transition(SYSTEM, row, "settle", **facts)
    for release in releases_of(row, "submitted"):
        door.transition(SYSTEM, release, "settle", payout=row.ref)
    outbox.put("payout.paid", payout_id=row.id)


def refuse(payout_id: UUID, code: str, *, mends: bool) -> None:
    """A definite no: the money is owed still. What mends itself waits for another payout, the rest asks a person."""
    with transaction():
        row = load_locked(Payout, id=payout_id)
        if row.can("refuse"):
            undo(row, code, mends=mends)


def undo(row: Payout, code: str, *, mends: bool) -> None:
    """The caller holds the payout's lock."""
    row.refusal = code[:200]
    if row.is_("submitted") or row.out_of == "deposit":
        post(SYSTEM, row, "payout_undone", f"payout:{row.id}:undone", [-line for line in _sent(row)])
    door.transition(SYSTEM, row, "refuse", code=row.refusal)
    if row.out_of == "deposit":
        news.deposit_stays(row)
    for release in releases_of(row, "submitted"):
        release.refusal = row.refusal
        if mends:
            releasing.wait(release, row.refusal)
        else:
            door.transition(SYSTEM, release, "fail", code=row.refusal)


def releases_of(row: Payout, *states: str) -> Iterable[Release]:
    statement = (
        select(Release)
        .where(Release.payout_id == row.id, Release.state.in_(states))
        .order_by(Release.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(statement).scalars())


def _row_of(seen: TransferSeen) -> Payout | None:
    try:
        key = UUID(seen.payout_id)
    except ValueError:
        return None
    return load_locked(Payout, id=key) if find(Payout, id=key) else None
