"""Periodic tests whether sampled goods are genuine (S18): planned by risk, recorded with the laboratory's report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import clock, ids
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy
from daigou.documents import access
from daigou.documents import service as documents
from daigou.documents.inspection import Checked
from daigou.documents.models import StoredFile

from . import changing, conflicts, holds, life_letters, life_rules
from .life_models import AuthenticityTest, MerchantHold, TestInterval

SYSTEM = system("qualification")
BATCH = 500
NOTICE = timedelta(days=14)  # from the planning to the day on which the sample should be taken
REPORT, REPORT_LIMIT = "laboratory_report", 20 * 2**20
OUTCOMES = ("pass", "fail", "repeat")


def plan_due() -> int:
    """The job: a test for each active merchant whose interval is over, by its risk. How many were planned."""
    planned, after = 0, None
    while merchants := _active(after):
        planned += _plan_batch(merchants)
        after = merchants[-1].id
    return planned


def plan(actor: Actor, ref: str) -> AuthenticityTest:
    """An officer wants one out of turn."""
    require(actor, "test.plan")
    with transaction():
        return _plan(actor, load_locked(Merchant, ref=ref))


def sample(actor: Actor, ref: str, item: str, laboratory: str) -> None:
    """Which item was taken, and where it was sent."""
    if not item.strip() or not laboratory.strip():
        raise Invalid({"item": lazy("This is needed.")})
    with transaction():
        row = load_locked(AuthenticityTest, ref=ref)
        row.sample, row.laboratory = item.strip(), laboratory.strip()
        door.transition(actor, row, "sample", sample=row.sample)


def read_report(upload: Any) -> Checked:
    """The report as it may be kept, before any transaction begins; Invalid at ``file``."""
    if not upload:
        raise Invalid({"file": lazy("Choose a file.")})
    return documents.check(upload, allowed=documents.PAPERS, limit=REPORT_LIMIT)


def conclude(actor: Actor, ref: str, outcome: str, finding: str, report: Checked) -> None:
    """pass, fail or repeat, with the report. What failed holds the merchant and opens a review."""
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": lazy("Choose one of these.")})
    with transaction():
        merchant = load_locked(Merchant, id=load(AuthenticityTest, ref=ref).merchant_id)
        row = load_locked(AuthenticityTest, ref=ref)
        conflicts.require_none_with(actor, merchant)
        row.finding, row.decided_by = finding, actor.account_id
        file = documents.store(
            actor, row.stream, row.subject, "identity", REPORT, report, allowed=documents.PAPERS, limit=REPORT_LIMIT
        )
        row.report_id = file.id
        door.transition(actor, row, outcome, sha256=file.sha256)
        if outcome == "fail":
            _failed(merchant, row)


def queue(actor: Actor, state: str, cursor: str | None) -> Page:
    """Tests in one state, the one due first on top."""
    require(actor, "test.view")
    statement = select(AuthenticityTest).where(AuthenticityTest.state == state)
    return keyset(statement, AuthenticityTest.id, cursor=cursor, descending=False)


def of(merchant_id: UUID) -> Sequence[AuthenticityTest]:
    """A merchant's tests, newest first."""
    statement = select(AuthenticityTest).where(AuthenticityTest.merchant_id == merchant_id)
    return db.session.execute(statement.order_by(AuthenticityTest.id.desc()).limit(20)).scalars().all()


def _failed(merchant: Merchant, row: AuthenticityTest) -> None:
    holds.put(SYSTEM, merchant, "test", row.ref)
    changing.review(merchant, "authenticity")
    life_letters.test_failed(merchant, row)


def _active(after: UUID | None) -> Sequence[Merchant]:
    statement = select(Merchant).where(Merchant.state == "active")
    if after is not None:
        statement = statement.where(Merchant.id > after)
    with transaction():
        return db.session.execute(statement.order_by(Merchant.id).limit(BATCH)).scalars().all()


def _plan_batch(merchants: Sequence[Merchant]) -> int:
    """Three queries for the batch, and a row for each that is due. One job runs at a time."""
    keys = [row.id for row in merchants]
    with transaction():
        tests, held, rows = _tests(keys), _holds(keys), _intervals()
        due = [row for row in merchants if _is_due(row, tests.get(row.id), held.get(row.id, 0), rows)]
        for merchant in due:
            _plan(SYSTEM, merchant)
    return len(due)


def _is_due(merchant: Merchant, seen: Any, held: int, rows: Sequence[tuple[int, int]]) -> bool:
    age = clock.now() - (merchant.verified_at or merchant.created_at)
    risk = life_rules.merchant_risk(
        failed_tests=seen.failed if seen else 0, holds=held, age_days=age.days, kind=merchant.kind
    )
    if seen and seen.open:
        return False
    last = seen.last if seen else (merchant.verified_at or merchant.created_at)
    return clock.now() - last >= life_rules.interval(risk, rows)


def _tests(keys: list[UUID]) -> dict[UUID, Any]:
    state = AuthenticityTest.state
    statement = (
        select(
            AuthenticityTest.merchant_id,
            func.max(AuthenticityTest.created_at).label("last"),
            func.count().filter(state == "failed").label("failed"),
            func.count().filter(state.in_(("planned", "at_laboratory"))).label("open"),
        )
        .where(AuthenticityTest.merchant_id.in_(keys))
        .group_by(AuthenticityTest.merchant_id)
    )
    return {row.merchant_id: row for row in db.session.execute(statement)}


def _holds(keys: list[UUID]) -> dict[UUID, int]:
    statement = select(MerchantHold.merchant_id, func.count()).where(MerchantHold.merchant_id.in_(keys))
    return {row[0]: row[1] for row in db.session.execute(statement.group_by(MerchantHold.merchant_id))}


def _intervals(day: date | None = None) -> list[tuple[int, int]]:
    """The rows in force; the newest of a risk wins."""
    today = day or clock.today()
    statement = select(TestInterval.least_risk, TestInterval.days).where(
        TestInterval.valid_from <= today, or_(TestInterval.valid_to.is_(None), TestInterval.valid_to > today)
    )
    found = {row[0]: row[1] for row in db.session.execute(statement.order_by(TestInterval.valid_from))}
    return list(found.items())


def _plan(actor: Actor, merchant: Merchant) -> AuthenticityTest:
    row = AuthenticityTest(
        ref=ids.new_ref("TST"), merchant_id=merchant.id, merchant_ref=merchant.ref, subject=merchant.subject,
        due_on=clock.today() + NOTICE,
    )  # fmt: skip
    door.created(actor, row)
    return row


def _readable(actor: Actor, file: StoredFile) -> None:
    require(actor, "test.view", load(AuthenticityTest, report_id=file.id))


access.by_kind[REPORT] = _readable
