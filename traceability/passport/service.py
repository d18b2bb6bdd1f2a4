"""Opening passports and stamping them. Both join the running transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from flask import current_app
from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import db, find, load, transaction

from . import rules
from .models import Passport, PassportEvent


def open_passport(item_id: UUID, title: str, brand: str, origin: str) -> Passport:
    """The item's passport; opened now if it has none. ``origin`` is the country the item was made in."""
    with transaction() as session:
        known = find(Passport, item_id=item_id)
        if known is not None:
            return known
        ref = ids.new_ref("PAS")
        row = Passport(
            ref=ref, item_id=item_id, title=title, brand=brand, origin=origin, uri=f"{_base_url()}/passport/{ref}"
        )
        session.add(row)
        session.flush()
        return row


def record(
    item_id: UUID,
    biz_step: str,
    disposition: str,
    place: str,
    who: str,
    evidence: dict[str, Any],
    at: datetime | None = None,
    **aggregation: Any,
) -> PassportEvent:
    """Stamp the item's passport. ``evidence`` maps names to SHA-256 digests, numbers or short codes.

    ``at`` is when it happened (now if not said); ``parent_id`` (a key) makes it an AggregationEvent into that
    container, ``removed=True`` out of it. NotFound without a passport; NotAllowed (a defect) for words outside CBV 2.0.
    The event's digest goes to the audit log, so that a rewritten stamp shows.
    """
    with transaction() as session:
        passport = load(Passport, item_id=item_id)
        event = _happening(passport, biz_step, disposition, place, who, evidence, at, **aggregation)
        rules.check(event)
        document = rules.document(event, _base_url())
        row = PassportEvent(
            id=event.id,
            passport_id=passport.id,
            at=event.at,
            biz_step=biz_step,
            disposition=disposition,
            place=place,
            who=who,
            evidence=evidence,
            document=document,
        )
        session.add(row)
        door.note(
            system("passport"),
            f"passport/{passport.id}",
            "passport:stamped",
            digest=rules.digest(document),
            step=biz_step,
        )
        return row


def _happening(  # noqa: PLR0913 - an event's eight dimensions
    passport: Passport,
    step: str,
    disposition: str,
    place: str,
    who: str,
    evidence: dict[str, Any],
    at: datetime | None,
    parent_id: UUID | None = None,
    removed: bool = False,
) -> rules.Happening:
    now = clock.now()
    # The container's name is the passport's own: two items of one parcel must not be seen to have one buyer.
    parent = None if parent_id is None else f"urn:uuid:{uuid5(passport.id, str(parent_id))}"
    return rules.Happening(
        ids.new_id(), passport.uri, step, disposition, place, who, evidence, at or now, now, parent, removed
    )


def events_of(passport: Passport) -> list[PassportEvent]:
    """Its stamps, oldest first."""
    statement = select(PassportEvent).filter_by(passport_id=passport.id).order_by(PassportEvent.at, PassportEvent.id)
    return list(db.session.execute(statement).scalars())


def as_document(passport: Passport) -> dict[str, Any]:
    """The whole passport as an EPCIS 2.0 document."""
    return rules.epcis((e.document for e in events_of(passport)), clock.now(), _base_url())


def ref_of(item_id: UUID) -> str | None:
    """The public reference of an item's passport, if it has one."""
    return db.session.execute(select(Passport.ref).filter_by(item_id=item_id)).scalar_one_or_none()


def _base_url() -> str:
    url: str = current_app.extensions["config"].base_url
    return url
