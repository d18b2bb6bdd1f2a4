"""What the queues do about banks' cases. Every job may run twice."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select

from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.payments.jobs import PATIENCE
from daigou.providers.payment import Trouble

from . import answering, ending, evidence, following, news
from .models import Dispute

log = logging.getLogger(__name__)
SWEPT = 200


def refetch(provider_id: str) -> None:
    following.refetch(provider_id)


def assemble(dispute_id: str) -> None:
    evidence.assemble(UUID(dispute_id))
    news.opened(UUID(dispute_id))


def submit(dispute_id: str) -> None:
    answering.send(UUID(dispute_id))


def close(dispute_id: str) -> None:
    answering.close(UUID(dispute_id))


def refused(dispute_id: str) -> None:
    news.refused(UUID(dispute_id))


def decided(dispute_id: str) -> None:
    news.decided(UUID(dispute_id))


def over(dispute_id: str) -> None:
    ending.go_on(UUID(dispute_id))


def submit_due() -> None:
    answering.submit_due()


def sweep() -> None:
    """Cases that should have moved are asked about again: a webhook may be lost, and banks take weeks."""
    statement = (
        select(Dispute.provider_id)
        .where(Dispute.settled_at.is_(None), Dispute.created_at < clock.now() - PATIENCE)
        .order_by(Dispute.state_since)
        .limit(SWEPT)
    )
    with transaction():
        keys = list(db.session.execute(statement).scalars())
    for key in keys:
        try:
            following.refetch(key)
        except Trouble as trouble:
            log.warning("not now", extra={"dispute": key, "code": trouble.code})
