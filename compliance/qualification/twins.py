"""An application that shares something with an earlier one says something about the earlier one too: that is weighed
anew, and a merchant that was approved on it is looked at again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import outbox
from daigou.core.db import db, load, load_locked, transaction
from daigou.documents.models import StoredFile

from . import assessing, changing, papers
from .models import Application, ApplicationFact, Paper

TELLING = ("bank", "address")
"""Facts that two businesses do not share by chance; a mail domain they may."""
MOST = 50  # of one application: who floods us with copies is refused by hand


def tell(application_id: UUID) -> None:
    """Have every earlier application that this one shares something with weighed anew, each by a job of its own."""
    with transaction():
        application: Application = load(Application, id=application_id)
        for key in sorted(_earlier(application))[:MOST]:
            outbox.put("application.twin", application_id=key, later_id=application.id)


def weigh(application_id: UUID, later_id: UUID) -> None:
    """The job for one of them. Safe to run twice: a merchant is looked at again once for each sending of the later."""
    with transaction():
        later: Application = load(Application, id=later_id)
        application: Application = load_locked(Application, id=application_id)
        if application.is_(*assessing.OPEN):
            _weigh(application)
        elif application.is_("approved") and application.merchant_id is not None:
            _look_again(load_locked(Merchant, id=application.merchant_id), later)


def _weigh(application: Application) -> None:
    for paper in papers.current(papers.of(application)).values():
        found = {**paper.checks, "similar": assessing.similar_verdict(paper)}
        if paper.checks and paper.checks != found:
            paper.checks = found
            door.record(assessing.SYSTEM, paper, "inspected", **found)
    db.session.flush()
    assessing.assess(application)


def _look_again(merchant: Merchant, later: Application) -> None:
    """A merchant is not looked at twice for one sending."""
    if not merchant.is_("closed") and not _looked_at_since(merchant.id, later):
        changing.review(merchant, f"shares with {later.ref}")


def _looked_at_since(merchant_id: UUID, later: Application) -> bool:
    statement = select(Application.id).where(
        Application.merchant_id == merchant_id, Application.purpose == "review",
        Application.submitted_at >= later.submitted_at,
    )  # fmt: skip
    return db.session.execute(statement.limit(1)).first() is not None


def _earlier(application: Application) -> set[UUID]:
    found = {*_by_facts(application), *_by_files(application), *_by_looks(application)}
    return {key for key in found if key < application.id}  # keys sort by time


def _by_facts(application: Application) -> set[UUID]:
    own = aliased(ApplicationFact)
    statement = (
        select(ApplicationFact.application_id)
        .join(own, own.value_index == ApplicationFact.value_index)
        .where(own.application_id == application.id, own.kind.in_(TELLING))
        .where(ApplicationFact.subject != application.subject)
    )
    return set(db.session.execute(statement.limit(MOST)).scalars())


def _by_files(application: Application) -> set[UUID]:
    """Whoever has sent the very same bytes as a paper."""
    own = select(StoredFile.sha256).join(Paper, Paper.file_id == StoredFile.id)
    statement = (
        select(Paper.application_id)
        .join(StoredFile, StoredFile.id == Paper.file_id)
        .where(StoredFile.sha256.in_(own.where(Paper.application_id == application.id)))
        .where(StoredFile.kind == "paper", Paper.subject != application.subject)
    )
    return set(db.session.execute(statement.limit(MOST)).scalars())


def _by_looks(application: Application) -> set[UUID]:
    mine = papers.current(papers.of(application)).values()
    return {other.application_id for paper in mine for other in assessing.look_alikes(paper)}
