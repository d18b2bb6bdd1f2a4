"""Copies of checkpoints with people and machines outside, so that the log can't be cut or rebuilt unseen.

A witness is a line of the settings: a folder (often another machine's disk), a mail address, or a witness that speaks
C2SP tlog-witness and answers with its cosignature. Which copy is due, and what became of it, stands in
audit_deliveries; a tick a minute makes the rows and works on them. Each row is committed before anything leaves, and
each way of sending may run twice.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy import func, select

from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import advisory_lock, db, load_locked, transaction
from daigou.core.i18n import _
from daigou.core.outbox import back_off
from daigou.providers import witness as outside
from daigou.providers.mail import Mail

from . import checkpoint, cosign, door, log, merkle, service
from .log import StoredCheckpoint
from .models import Delivery
from .note import NoteError

logger = logging.getLogger(__name__)

PAUSE: Final = {"mailto": timedelta(hours=24)}
"""The least time between two copies to a witness of that kind; others get one a minute while the log grows."""
WAITING, DELIVERED, REFUSED = "waiting", "delivered", "refused"


class WitnessRefuses(Exception):
    """The witness has another past of this log, or does not know it. To be looked into by people."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One line of AUDIT_WITNESSES; ``vkey`` for those that cosign."""

    address: str
    vkey: str

    @property
    def scheme(self) -> str:
        return urlsplit(self.address).scheme


def configured() -> list[Witness]:
    return [Witness(*pair) for pair in service.config().audit_witnesses]


def send_due() -> None:
    """The tick: a copy of the newest checkpoint for each witness that lacks it, then whatever waits and is due."""
    known = {witness.address: witness for witness in configured()}
    for witness in known.values():
        _put(witness)
    due = select(Delivery).where(Delivery.outcome == WAITING, Delivery.due_at <= clock.now()).order_by(Delivery.due_at)
    for row in db.session.execute(due.limit(50)).scalars().all():
        if row.witness in known:
            deliver(known[row.witness], row)


def _put(witness: Witness) -> None:
    """A row for the newest checkpoint. What still waits for an older one is dropped: the newer says more."""
    with transaction() as session, service.connected() as connection:
        advisory_lock(f"witness:{witness.address}")
        newest = log.latest_checkpoint(connection)
        mine = select(Delivery).where(Delivery.witness == witness.address).order_by(Delivery.tree_size.desc()).limit(1)
        last = session.execute(mine.with_for_update()).scalar_one_or_none()
        if newest is None or (last is not None and not _is_next(witness, last, newest)):
            return
        if last is not None and last.outcome == WAITING:
            last.tree_size = newest.size  # its attempts and its turn stay
        else:
            session.add(Delivery(witness=witness.address, tree_size=newest.size, outcome=WAITING, due_at=clock.now()))


def _is_next(witness: Witness, last: Delivery, newest: StoredCheckpoint) -> bool:
    pause = PAUSE.get(witness.scheme, timedelta(0))
    return newest.size > last.tree_size and clock.now() >= (last.delivered_at or last.created_at) + pause


def deliver(witness: Witness, row: Delivery) -> None:
    """Send one copy and write down what became of it. What can't be reached is tried again, later and later."""
    size, connected = row.tree_size, service.connected()
    with connected as connection:
        signed = log.checkpoint_at(connection, size)
    if signed is None:
        return
    try:
        lines = _SENDERS[witness.scheme](witness, signed)
    except (WitnessRefuses, NoteError) as error:
        _settle(row, size, REFUSED, str(error))
    except Exception as error:
        logger.warning("witness not reached", extra={"witness": witness.address}, exc_info=True)
        _settle(row, size, WAITING, f"{type(error).__name__}: {error}")
    else:
        _settle(row, size, DELIVERED, None, lines)


def _settle(row: Delivery, size: int, outcome: str, error: str | None, lines: str = "") -> None:
    with transaction():
        kept: Delivery = load_locked(Delivery, id=row.id)
        if kept.outcome != WAITING or kept.tree_size != size:
            return  # another tick has settled it, or put a newer one in its place
        kept.attempts += 1
        kept.outcome, kept.error, kept.cosignature = outcome, error and error[:1000], lines or None
        kept.due_at = clock.now() + back_off(kept.attempts)
        if outcome == DELIVERED:
            kept.delivered_at = clock.now()
        if outcome == REFUSED and not _refused_before(kept):
            # Once, not for each copy: an entry makes the log grow, and a grown log makes the next copy due.
            door.note(system("audit"), "log/witnesses", "witness:refused", tree_size=size, witness=kept.witness)
            logger.error("a witness refuses the log", extra={"witness": kept.witness, "reason": error})


def _refused_before(row: Delivery) -> bool:
    before = select(func.max(Delivery.tree_size)).where(
        Delivery.witness == row.witness, Delivery.tree_size < row.tree_size
    )
    last = select(Delivery.outcome).where(
        Delivery.witness == row.witness, Delivery.tree_size == before.scalar_subquery()
    )
    return db.session.execute(last).scalar_one_or_none() == REFUSED


def _to_folder(witness: Witness, signed: StoredCheckpoint) -> str:
    """``<size>`` and ``newest`` in the folder. A file that is there already must say the same."""
    folder = Path(unquote(urlsplit(witness.address).path))
    folder.mkdir(parents=True, exist_ok=True)
    kept, text = folder / str(signed.size), signed.note.encode()
    if kept.exists() and checkpoint.parse(kept.read_bytes())[0].root != signed.root:
        raise WitnessRefuses(f"{kept} is of another tree of that size")
    for path in (kept, folder / "newest"):
        draft = folder / f".{path.name}.{os.getpid()}"
        draft.write_bytes(text)
        draft.replace(path)
    return ""


def _by_mail(witness: Witness, signed: StoredCheckpoint) -> str:
    mail: Mail = current_app.extensions["mail"]
    origin, host = service.config().log_origin, service.config().host.split(":")[0]
    title = _("Checkpoint of %(origin)s at %(size)s entries", origin=origin, size=str(signed.size))
    body = _("Please keep this text. It shows later that the log was not cut, changed or rebuilt.")
    to = unquote(urlsplit(witness.address).path)
    mail.send(to, title, f"{body}\n\n{signed.note}", f"<checkpoint-{signed.size}@{host}>")
    return ""


def _by_http(witness: Witness, signed: StoredCheckpoint) -> str:
    """From the size that it cosigned last; where it has seen another one, it says which, and is asked once more."""
    key = cosign.parse_key(witness.vkey)
    answer = _ask(witness, signed, _last_cosigned(witness, signed.size))
    if answer.size is not None and answer.size > signed.size:
        raise WitnessRefuses(f"it has seen {answer.size} entries, this checkpoint has {signed.size}")
    if answer.size is not None:
        answer = _ask(witness, signed, answer.size)
    if not answer.lines:
        raise WitnessRefuses(answer.refused or f"it has another tree of {answer.size} entries")
    return cosign.verified(key, signed.note, answer.lines)


def _ask(witness: Witness, signed: StoredCheckpoint, old: int) -> outside.Answer:
    with service.connected() as connection:
        proof = log.consistency_proof(connection, old, signed.size) if old else []
    if len(proof) > cosign.MAX_PROOF or merkle.HASH_BYTES * len(proof) > outside.LIMIT_BYTES:
        raise WitnessRefuses("the proof is longer than a witness takes")
    return outside.add_checkpoint(witness.address, cosign.request(old, proof, signed.note))


def _last_cosigned(witness: Witness, below: int) -> int:
    size = select(func.max(Delivery.tree_size)).where(
        Delivery.witness == witness.address, Delivery.outcome == DELIVERED, Delivery.tree_size <= below
    )
    return db.session.execute(size).scalar_one() or 0


_SENDERS: Final = {"file": _to_folder, "mailto": _by_mail, "http": _by_http, "https": _by_http}
