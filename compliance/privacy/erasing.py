"""Erasing a person: keys first, then what lies around, then those who work for us are told.

Order matters. What stays and what to search for later is written down; then the keys are destroyed in the key store
and nothing can be read any more, whoever still writes; then the rows. A crash in between is taken up where it was.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from flask import current_app
from sqlalchemy import cast, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from compliance.audit import door
from daigou.core import clock, faults, ids, outbox
from daigou.core.access import system
from daigou.core.crypto import blind_indexes, vault
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.i18n import _
from daigou.core.outbox import OutboxRow
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.notices.service import speaking, tell

from . import holds, knowing
from .models_requests import PrivacyRequest, Probes, Remainder
from .purposes import PURPOSES
from .rules import COPY_KEPT, PROBES_KEPT
from .subject import FREE_WORDS, GOES, Person, models, owned_by, person_with, places, sealed_of

log = logging.getLogger(__name__)

SYSTEM: Final = system("privacy")
AGAIN: Final = timedelta(days=1)
AFTERMATH: Final = timedelta(days=2)
"""How long after an erasure what a slow job wrote meanwhile is still tidied away."""
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class _Farewell:
    """Kept in memory alone, for the one letter that goes out when nobody is there any more."""

    to: str
    locale: str
    zone: str


_close: Callable[[UUID], None] | None = None


def configure(close: Callable[[UUID], None]) -> None:
    """Accounts stand above: app.py hands down how one is closed, inside a transaction. Closing twice is right."""
    global _close
    _close = close


def run(request_id: UUID) -> None:
    """The job. Safe to run twice, and after a crash at any point."""
    farewell = _begin(request_id)
    row = find(PrivacyRequest, id=request_id)
    if row is None or not row.is_("running"):
        return
    person = person_with(row.account_id)
    _destroy_keys(person.subject, _leaving(person.subject), row.ref)
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


def _leaving(subject: str) -> list[str]:
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
        gone = _leaving(person.subject)
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


def forget(person: Person, gone: Iterable[str]) -> None:
    """What lies around of a person whose keys of these purposes are gone. Joins the transaction; twice is right."""
    without = set(gone)
    if _close is None:
        raise RuntimeError("nobody said how accounts are closed")
    _close(person.account_id)
    _blur_indexes(person, without)
    if "account" in without:
        _delete_rows(person)
    _destroy_files(person, without)


def _delete_rows(person: Person) -> None:
    for model in places(GOES):
        db.session.execute(delete(model).where(owned_by(model, person)))
    addresses, parcels = models()["addresses"], models()["parcels"]
    unused = ~exists().where(parcels.address_id == addresses.id)
    db.session.execute(delete(addresses).where(owned_by(addresses, person), unused))
    used = owned_by(addresses, person) & addresses.archived_at.is_(None)
    db.session.execute(update(addresses).where(used).values(archived_at=clock.now()))
    for table, columns in FREE_WORDS.items():
        model = models()[table]
        db.session.execute(update(model).where(owned_by(model, person)).values(dict.fromkeys(columns, "")))


def _blur_indexes(person: Person, without: set[str]) -> None:
    """What equal values are found by goes with its value; where a row must have one, noise takes its place.

    An account's always goes: nobody signs in there again.
    """
    for model in models().values():
        blind = [c for c in model.__table__.columns if "blind_index" in c.info]
        purposes = {sealed.purpose for sealed in sealed_of(model).values()}
        if blind and (purposes <= without or model.__tablename__ == "accounts"):
            for row in db.session.scalars(select(model).where(owned_by(model, person))):
                for column in blind:
                    setattr(row, column.key, None if column.nullable else _noise(row.id))


def _noise(row_id: UUID) -> bytes:
    """Of the form of an index in the present epoch, so that `daigou keys reindex` leaves it alone. It says nothing of
    the value, and is the same each time."""
    return bytes([int(vault().index_keys.current)]) + hashlib.sha256(b"erased|" + row_id.bytes).digest()


def _destroy_files(person: Person, without: set[str]) -> None:
    rows = select(StoredFile).where(
        StoredFile.subject == person.subject, StoredFile.purpose.in_(without), StoredFile.deleted_at.is_(None),
        StoredFile.data_key_id.is_not(None),
    )  # fmt: skip
    for file in db.session.scalars(rows):
        documents.destroy(SYSTEM, file, "erasure")


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


def run_due() -> int:
    """The nightly job: what an erasure had left and has had its time. How many purposes went."""
    rows = select(Remainder).where(Remainder.gone_at.is_(None), Remainder.until <= clock.today())
    with transaction():
        due = [(r.id, r.subject, r.purpose) for r in db.session.scalars(rows.order_by(Remainder.until).limit(BATCH))]
    return sum(_let_go(*row) for row in due)


def _let_go(remainder_id: UUID, subject: str, purpose: str) -> bool:
    with transaction():
        if any(purpose in hold.purposes for hold in holds.holds_on(subject)):
            return False
    vault().keys.destroy(subject, purpose, "retention ended")
    with transaction():
        row = load_locked(Remainder, id=remainder_id)
        if row.gone_at is None:
            row.gone_at = clock.now()
            door.note(SYSTEM, f"erasure/{subject}", "erasure:remainder_gone", subject=subject, purpose=purpose)
        forget(_known_as(subject), _leaving(subject))
        if purpose == "identity":
            outbox.put("erasure.identity", account_id=_known_as(subject).account_id)
    return True


def _known_as(subject: str) -> Person:
    accounts = models()["accounts"]
    return person_with(db.session.execute(select(accounts.id).where(accounts.subject == subject)).scalar_one())


def replay() -> int:
    """Forget again whom the key store knows to be erased: after a restore, and what a slow job has written since.

    How many people it was for. Their keys went before the first row could be read (operations.restore).
    """
    fresh = vault().keys.erased("account", clock.now() - AFTERMATH)
    closed = set(vault().keys.erased("account"))
    return sum(_forget_again(subject) for subject in sorted({*fresh, *_alive(closed)}))


def _alive(subjects: set[str]) -> list[str]:
    """Those among them whose account stands open, as only an older backup has it."""
    accounts, every = models()["accounts"], sorted(subjects)
    found: list[str] = []
    for start in range(0, len(every), BATCH):
        part = every[start : start + BATCH]
        where = (accounts.subject.in_(part), or_(accounts.state != "closed", accounts.password_hash.is_not(None)))
        found += db.session.scalars(select(accounts.subject).where(*where)).all()
    return found


def _forget_again(subject: str) -> bool:
    gone = [purpose for purpose in PURPOSES if subject in vault().keys.erased(purpose)]
    accounts = models()["accounts"]
    with transaction():
        known = db.session.execute(select(accounts.id).where(accounts.subject == subject)).scalar_one_or_none()
        if known is None:
            return False
        forget(person_with(known), gone)
        door.note(SYSTEM, f"erasure/{subject}", "erasure:forgotten_again", subject=subject)
    return True


def expire() -> int:
    """The nightly job: words to search for, and copies that nobody fetched, past their days."""
    return _expire_probes() + _expire_copies()


def _expire_probes() -> int:
    with transaction():
        old = db.session.scalars(select(Probes).where(Probes.kept_until < clock.today()).limit(BATCH)).all()
        for row in old:
            vault().keys.destroy(row.subject, "account", "kept long enough")
            db.session.delete(row)
    return len(old)


def _expire_copies() -> int:
    with transaction():
        rows = select(PrivacyRequest).where(PrivacyRequest.file_id.is_not(None)).limit(BATCH)
        old = db.session.scalars(rows.where(PrivacyRequest.state_since < clock.now() - COPY_KEPT)).all()
        for row in old:
            file = db.session.get(StoredFile, row.file_id)
            if file is not None and file.deleted_at is None:
                documents.destroy(SYSTEM, file, "retention")
            row.file_id = None
    return len(old)
