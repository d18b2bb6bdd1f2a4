"""Answering a bank: the words are an officer's to edit, the sending is written down first, a job does it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, faults, outbox
from daigou.core.access import Actor, require, system
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.payments.provider import provider
from daigou.providers.payment import DisputeSeen, Rejected, Unanswered

from . import following, rules
from .models import Dispute

log = logging.getLogger(__name__)
SYSTEM = system("disputes")


def edit(actor: Actor, ref: str, texts: Mapping[str, str]) -> Dispute:
    """Keep an officer's words. Nothing is sent by it. Raises Impossible once the evidence is on its way."""
    with transaction():
        row: Dispute = load_locked(Dispute, ref=ref)
        require(actor, "dispute.answer", row)
        _refuse_late(row)
        row.evidence = rules.trimmed(texts)
        door.record(actor, row, "edited", dispute=row.ref, texts=sorted(row.evidence))
    return row


def _refuse_late(row: Dispute) -> None:
    if not row.is_("opened", *rules.ANSWERABLE):
        raise Impossible("dispute.sent", lazy("The evidence has been sent, or the case is over: it stays as it is."))


def submit(actor: Actor, ref: str) -> Dispute:
    """Send what there is to the bank. It is read once: there is no second time."""
    with transaction():
        faults.step("dispute.answer")
        row: Dispute = load_locked(Dispute, ref=ref)
        if row.is_(*rules.ANSWERABLE) and row.assembled_at is None:
            words = lazy("The evidence is still being gathered. Try again in a minute.")
            raise Impossible("dispute.not_assembled", words)
        door.transition(actor, row, "submit", dispute=row.ref)
        row.refusal = None
        outbox.put("dispute.submit", dispute_id=row.id)
    return row


def accept(actor: Actor, ref: str, reason: str) -> Dispute:
    """Let the shopper's bank have it: where it is right, an answer costs more than it brings."""
    if len(reason.strip()) < 10:
        raise Invalid({"reason": lazy("Say in at least 10 characters why nothing speaks for us.")})
    with transaction():
        row: Dispute = load_locked(Dispute, ref=ref)
        door.transition(actor, row, "accept", dispute=row.ref, reason=reason.strip()[:500])
        outbox.put("dispute.close", dispute_id=row.id)
    return row


# ---- the jobs' half


def send(dispute_id: UUID) -> None:
    """Upload the papers, then answer, each under a key of the row's own. Run again, it goes on where it was."""
    row = load(Dispute, id=dispute_id)
    if not row.is_("submitting"):
        return
    if row.tries or row.submitted_at:  # an earlier try may have gone through
        following.refetch(row.provider_id)
        row = load(Dispute, id=dispute_id)
        if not row.is_("submitting"):
            return
    try:
        evidence = {**row.evidence, **_uploaded(row)}
        faults.point("dispute.before_call")
        seen = provider().answer_dispute(row.idempotency_key, row.provider_id, evidence)
    except Unanswered as unanswered:
        _again(dispute_id, new_key=unanswered.answered)
        raise
    except Rejected as refused:
        _refused(dispute_id, refused)
        return
    faults.point("dispute.after_effect")
    following.apply(seen)


def _uploaded(row: Dispute) -> dict[str, str]:
    """The provider's ids of the papers by field; each is remembered as soon as it is known."""
    found = {}
    for number, paper in enumerate(row.papers):
        if not paper.get("provider_id"):
            content = documents.read(db.session.get_one(StoredFile, UUID(paper["file"])))
            key = f"{row.idempotency_key}-{paper['field']}"
            paper = {**paper, "provider_id": provider().upload_evidence(key, paper["name"], content)}
            faults.point("dispute.uploaded")
            _remember(row.id, number, paper)
        found[paper["field"]] = paper["provider_id"]
    return found


def _remember(dispute_id: UUID, number: int, paper: dict[str, str]) -> None:
    with transaction():
        row = load_locked(Dispute, id=dispute_id)
        row.papers = [*row.papers[:number], paper, *row.papers[number + 1 :]]


def _again(dispute_id: UUID, new_key: bool) -> None:
    """Nobody knows whether it went through: the next try looks first. A saved 500 needs another key."""
    with transaction():
        row = load_locked(Dispute, id=dispute_id)
        row.submitted_at = row.submitted_at or clock.now()
        row.tries += new_key


def _refused(dispute_id: UUID, refused: Rejected) -> None:
    """The provider's no: the case is due again, and an officer reads why."""
    with transaction():
        row = load_locked(Dispute, id=dispute_id)
        if row.is_("submitting"):
            row.refusal = str(refused)[:200]
            row.submitted_at = None
            row.tries += 1
            door.transition(SYSTEM, row, "refuse", dispute=row.ref, code=refused.code)
            outbox.put("dispute.refused", dispute_id=row.id)


def close(dispute_id: UUID) -> None:
    """Tell the provider that we accept; closed already counts as done."""
    row = load(Dispute, id=dispute_id)
    if not row.is_("accepted") or row.settled_at is not None:
        return
    try:
        seen = _closed(row)
    except Unanswered as unanswered:
        if unanswered.answered:
            _new_key(dispute_id)
        raise
    following.apply(seen)


def _new_key(dispute_id: UUID) -> None:
    """The provider remembers a failure under the old one."""
    with transaction():
        load_locked(Dispute, id=dispute_id).tries += 1


def _closed(row: Dispute) -> DisputeSeen:
    try:
        return provider().close_dispute(f"{row.idempotency_key}-close", row.provider_id)
    except Rejected:
        return provider().dispute_seen(row.provider_id)


def submit_due() -> int:
    """What nobody has sent a day before its deadline goes out as it is. Answers with how many."""
    statement = (
        select(Dispute.ref)
        .where(Dispute.state.in_(rules.ANSWERABLE), Dispute.due_at <= clock.now() + rules.SUBMIT_BEFORE)
        .where(Dispute.assembled_at.is_not(None), Dispute.due_at > clock.now())
        .order_by(Dispute.due_at)
        .limit(200)
    )
    due = list(db.session.execute(statement).scalars())
    for ref in due:
        try:
            submit(SYSTEM, ref)
        except Impossible:
            log.info("somebody was faster", extra={"dispute": ref})
    return len(due)
