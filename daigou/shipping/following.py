"""What the carrier says becomes rows and moves. Said twice, late or in reverse, it makes no difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.providers.carrier import Rejected, ScanSeen, TrackerSeen
from traceability.passport import service as passports

from . import letters, quoting, tracking
from .carrier import carrier
from .gathering import locked_items
from .models import Parcel, TrackingEvent
from .papers import SHIPPER

QUIET_AFTER = timedelta(minutes=30)  # webhooks may be lost: after this the carrier is asked
TRAVELLING = ("shipped", "in_transit", "customs", "customs_released", "out_for_delivery")


def refetch(parcel_id: UUID) -> None:
    """Ask the carrier how the parcel stands, and apply it."""
    parcel = load(Parcel, id=parcel_id)
    if parcel.tracker_id is None:
        return
    seen = carrier().tracker_seen(parcel.tracker_id)
    with transaction():
        apply(load_locked(Parcel, id=parcel_id), seen)


def apply(parcel: Parcel, seen: TrackerSeen) -> None:
    """Keep every scan once and move the parcel as far as all of them say. The caller holds its lock."""
    known = set(_statuses(parcel))
    fresh = _keep(parcel, seen.scans)
    parcel.tracked_at = clock.now()
    events = events_of(parcel)
    move = tracking.furthest((e.at, e.status) for e in events)
    if move is not None and parcel.can(move):
        _move(parcel, move, next(e for e in reversed(events) if tracking.MOVES.get(e.status) == move))
    _stamp(parcel, tracking.reached(fresh) - tracking.reached(known), events)
    for status in tracking.ASKING:
        if status in fresh and status not in known:
            letters.customs_asks(parcel, status)


def _statuses(parcel: Parcel) -> Sequence[str]:
    return db.session.execute(select(TrackingEvent.status).filter_by(parcel_id=parcel.id)).scalars().all()


def _keep(parcel: Parcel, scans: Sequence[ScanSeen]) -> set[str]:
    """Our words of the scans that were new."""
    rows = [_row(parcel, s, n) for n, s in enumerate(scans)]
    if not rows:
        return set()
    statement = insert(TrackingEvent.__table__).on_conflict_do_nothing().returning(TrackingEvent.__table__.c.status)
    return set(db.session.execute(statement, rows).scalars())


def _row(parcel: Parcel, scan: ScanSeen, position: int) -> dict[str, object]:
    ours = tracking.normalised(
        tracking.Scan(scan.at, scan.status, scan.detail, scan.postal_code, scan.message, scan.city, scan.country)
    )
    return {
        "id": ids.new_id(),
        "created_at": clock.now(),
        "parcel_id": parcel.id,
        "at": scan.at,
        "position": position,
        "status": ours,
        "carrier_status": scan.status[:60],
        "carrier_detail": scan.detail[:60],
        "message": scan.message,
        "city": scan.city,
        "country": scan.country,
    }


def _move(parcel: Parcel, move: str, last: TrackingEvent) -> None:
    door.transition(SHIPPER, parcel, move)
    if move == "deliver":
        parcel.delivered_at = last.at
        for item in locked_items(parcel):
            item.delivered_at = parcel.delivered_at
            door.transition(SHIPPER, item, "deliver", parcel=parcel.ref)
    letters.moved(parcel, move)


def _stamp(parcel: Parcel, moves: set[str], events: Sequence[TrackingEvent]) -> None:
    """Every stage reached gets its stamp, also when the carrier tells of several at once."""
    items = quoting.items_of(parcel) if moves else []
    for event in events:
        move = tracking.MOVES.get(event.status, "")
        if move not in moves or move not in tracking.STAMPS:
            continue
        moves = moves - {move}
        step, disposition = tracking.STAMPS[move]
        # A country at most: the town a parcel is delivered to would say something of the buyer.
        spot = event.country if move == "deliver" else ", ".join(filter(None, (event.city, event.country)))
        at = max(event.at, parcel.shipped_at or event.at)
        for item in items:
            passports.record(item.id, step, disposition, spot, "Carrier", {}, at)


def events_of(parcel: Parcel) -> list[TrackingEvent]:
    """Every scan, oldest first."""
    statement = select(TrackingEvent).filter_by(parcel_id=parcel.id).order_by(TrackingEvent.at, TrackingEvent.position)
    return list(db.session.execute(statement.execution_options(populate_existing=True)).scalars())


def poll(limit: int = 200) -> int:
    """Have the carrier asked about parcels that were quiet for long: webhooks may be lost."""
    due = select(Parcel.id).where(
        Parcel.tracker_id.is_not(None),
        Parcel.delivered_at.is_(None),
        Parcel.state.in_(TRAVELLING),
        or_(Parcel.tracked_at.is_(None), Parcel.tracked_at < clock.now() - QUIET_AFTER),
    )
    with transaction() as session:
        keys = list(session.execute(due.order_by(Parcel.tracked_at).limit(limit)).scalars())
        for key in keys:
            outbox.put("tracker.refetch", parcel_id=key)
        session.execute(update(Parcel).where(Parcel.id.in_(keys)).values(tracked_at=clock.now()))
    return len(keys)


def refetch_of_tracker(tracker_id: str) -> tuple[UUID, TrackerSeen] | None:
    """The parcel of a tracker and what the carrier says of it; None for one that is not ours."""
    parcel = find(Parcel, tracker_id=tracker_id)
    if parcel is None:
        return None
    try:
        return parcel.id, carrier().tracker_seen(tracker_id)
    except Rejected:
        return None
