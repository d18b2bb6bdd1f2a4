"""Erasing a person: keys first, then what lies around, then those who work for us are told.

Order matters. What stays and what to search for later is written down; then the keys are destroyed in the key store
and nothing can be read any more, whoever still writes; then the rows. A crash in between is taken up where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from flask import current_app
from sqlalchemy import cast, delete, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from compliance.audit import door
from daigou.core import clock, faults, ids, outbox
from daigou.core.crypto import blind_indexes, vault
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.i18n import _
from daigou.core.outbox import OutboxRow
from daigou.notices.service import speaking, tell

from . import holds, knowing
from .actor import SYSTEM
from .forgetting import forget
from .models_requests import PrivacyRequest, Probes, Remainder
from .purposes import PURPOSES
from .rules import PROBES_KEPT
from .subject import Person, person_with

log = logging.getLogger(__name__)

AGAIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Farewell:
    """Kept in memory alone, for the one letter that goes out when nobody is there any more."""

    to: str
    locale: str
    zone: str


def run(request_id: UUID) -> None:
    """The job. Safe to run twice, and after a crash at any point."""
    farewell = _begin(request_id)
    row = find(PrivacyRequest, id=request_id)
    if row is None or not row.is_("running"):
        return
    person = person_with(row.account_id)
    _destroy_keys(person.subject, leaving(person.subject), row.ref)
    _finish(request_id, person)
    if farewell is not None:
        _say_goodbye(row, farewell)


def _begin(request_id: UUID) -> _Farewell | None:
    """Write down what stays and what to search for. Nothing, when it was withdrawn, is not due or is hindered."""
    with transaction():
        faults.step("erasure.begin")
        row = load_locked(PrivacyRequest, id=request_id)
        if row.kind != "erasure" or not row.is_("received") or row.runs_at is None or row.runs_at > clock.now():
            return None
        person = person_with(row.account_id)
        if holds.obstacles(person):
            _put_off(row, person)
            return None
        known = knowing.of(person)
        _leave_probes(row, person, known)
        for purpose, stay in holds.stays(person).items():
            _leave(person, purpose, stay)
        _forget_hints(known.emails)
        door.transition(SYSTEM, row, "begin", stays=sorted(holds.stays(person)))
        return _Farewell(known.emails[0], person.locale, person.zone) if known.emails else None


def _put_off(row: PrivacyRequest, person: Person) -> None:
    row.runs_at = clock.now() + AGAIN
    door.record(SYSTEM, row, "put_off")
    outbox.put("privacy.erase", delay=AGAIN, request_id=row.id)
    with speaking(person.locale, person.zone):
        title = _("Your account can’t be erased yet")
        body = _("Something of yours is open again. We look every day, and erase your account when it is done.")
        tell(row.account_id, "privacy.put_off", title, body, "/account/privacy/erasure", once=row.id)


def _leave(person: Person, purpose: str, stay: holds.Stay) -> None:
    if find(Remainder, subject=person.subject, purpose=purpose) is None:
        until, source = holds.lawful_until(person, purpose) if stay.is_hold else (stay.until, stay.source)
        db.session.add(Remainder(subject=person.subject, purpose=purpose, until=until, source=source or stay.source))


def _leave_probes(row: PrivacyRequest, person: Person, known: knowing.Known) -> None:
    if find(Probes, erased_subject=person.subject) is None:
        found = Probes(
            erased_subject=person.subject, request_ref=row.ref, subject=ids.new_subject(),
            kept_until=clock.today() + PROBES_KEPT,
        )  # fmt: skip
        found.words = known.words
        db.session.add(found)


def _forget_hints(emails: Iterable[str]) -> None:
    """Work that is done and was found by the blind index of the address."""
    indexes = [index.hex() for email in emails for index in blind_indexes("accounts.email", email)]
    if indexes:
        named = OutboxRow.payload["indexes"].op("?|")(cast(indexes, ARRAY(Text)))
        db.session.execute(delete(OutboxRow).where(OutboxRow.payload.has_key("indexes"), named))


def leaving(subject: str) -> list[str]:
    """The purposes of which nothing may stay."""
    kept = db.session.scalars(select(Remainder.purpose).filter_by(subject=subject, gone_at=None)).all()
    return sorted(set(PURPOSES) - set(kept))


def _destroy_keys(subject: str, purposes: Iterable[str], why: str) -> None:
    for purpose in purposes:
        vault().keys.destroy(subject, purpose, why)
        faults.point("erasure.after_effect")


def _finish(request_id: UUID, person: Person) -> None:
    with transaction():
        faults.step("erasure.finish")
        row = load_locked(PrivacyRequest, id=request_id)
        if not row.is_("running"):
            return
        gone = leaving(person.subject)
        forget(person, gone)
        _lapse_others(row)
        outbox.put("erasure.payments", account_id=person.account_id)
        if "identity" in gone:
            outbox.put("erasure.identity", account_id=person.account_id)
        door.transition(SYSTEM, row, "answer", destroyed=gone)


def _lapse_others(row: PrivacyRequest) -> None:
    """What else they had asked for has nobody to answer; copies that wait have nobody to fetch them."""
    theirs = select(PrivacyRequest).where(PrivacyRequest.account_id == row.account_id).with_for_update()
    for other in db.session.scalars(theirs):
        other.file_id = None
        if other.id != row.id and other.is_("received", "running"):
            door.transition(SYSTEM, other, "lapse")


def _say_goodbye(row: PrivacyRequest, farewell: _Farewell) -> None:
    """The last letter. Its address is in memory only: should the server of mail be away, nobody can try again."""
    config = current_app.extensions["config"]
    with speaking(farewell.locale, farewell.zone):
        title = _("Your account is erased")
        body = _(
            "Nothing of it can be read any more, but what the law makes us keep for its time. Nobody can undo this."
        )
    try:
        current_app.extensions["mail"].send(farewell.to, title, body, f"<{row.id}@{config.host.split(':')[0]}>")
    except Exception:
        log.warning("the last letter could not be sent", extra={"about": row.ref})
