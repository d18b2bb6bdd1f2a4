"""One day's run: read theirs, book what is ours alone, put both beside each other, keep every difference."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, func, select, text

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import advisory_lock, db, find, load, load_locked, transaction
from daigou.ledger.models import Account
from daigou.ledger.rules import Line
from daigou.ledger.service import post_batch
from daigou.payments.provider import provider

from . import lines, rules
from .models import Finding, ProviderLine, ReconciliationRun

log = logging.getLogger(__name__)
SYSTEM = system("reconciliation")
CHUNK = 500
AGAIN = timedelta(hours=12)  # a day with something open is looked at once a night
STRAYS = 500  # asked for one by one; more of them are no accident of midnight

# Their lines of the day with ours under the same number, corrections added to what they correct. Only what can't be a
# match comes back.
#
# Right after they were kept nobody has statistics of the day's lines, so a plan made for one line meets a million. It
# must cost a million look-ups and no more: ours is looked up line by line, by transaction, and accounts are told apart
# in what is summed. As a condition they would be looked up as well, every posting of the clearing account each time.
_THEIRS = text("""
    SELECT l.id, l.kind, l.source, l.at, l.currency, l.gross_minor - l.fee_minor AS theirs, l.fee_minor AS fee,
           o.id AS transaction_id, o.kind AS our_kind, ours.clearing AS ours, ours.fee AS our_fee, ours.elsewhere
    FROM provider_lines l
    LEFT JOIN ledger_transactions o ON o.key = 'stripe:' || l.id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(clearing) FILTER (WHERE p.currency = l.currency), 0) AS clearing,
               coalesce(sum(fee) FILTER (WHERE p.currency = l.currency), 0) AS fee,
               coalesce(sum(abs(clearing)) FILTER (WHERE p.currency <> l.currency), 0) AS elsewhere
        FROM (SELECT p.currency,
                     sum(p.amount) FILTER (WHERE p.account_id = ANY(CAST(:clearing AS uuid[]))) AS clearing,
                     sum(p.amount) FILTER (WHERE p.account_id = ANY(CAST(:fees AS uuid[]))) AS fee
              FROM (SELECT o.id UNION ALL SELECT c.id FROM ledger_transactions c WHERE c.corrects_id = o.id) t
              JOIN ledger_postings p ON p.transaction_id = t.id
              GROUP BY p.currency) p
    ) ours
    WHERE l.day = :day AND (o.id IS NULL OR ours.clearing <> l.gross_minor - l.fee_minor OR ours.elsewhere <> 0
          OR ours.fee <> l.fee_minor OR o.kind <> coalesce(CAST(:posted_as AS jsonb) ->> l.kind, o.kind))
    ORDER BY l.at, l.id
    """)

# What we moved on clearing that day, and no line of theirs has its number.
_OURS = text("""
    SELECT t.id AS transaction_id, t.key, t.kind AS our_kind, t.created_at AS at, moved.currency, moved.ours
    FROM ledger_transactions t
    CROSS JOIN LATERAL (
        SELECT p.currency, sum(p.amount) FILTER (WHERE p.account_id = ANY(CAST(:clearing AS uuid[]))) AS ours
        FROM ledger_postings p WHERE p.transaction_id = t.id GROUP BY p.currency
    ) moved
    WHERE t.created_at >= :begin AND t.created_at < :end AND t.corrects_id IS NULL AND moved.ours <> 0
          AND NOT EXISTS (SELECT FROM provider_lines l
                          WHERE l.id = CASE WHEN t.key LIKE 'stripe:%' THEN substr(t.key, length('stripe:') + 1) END)
    ORDER BY t.id
    """)

_FIGURES = text("""
    SELECT currency, count(*) AS lines, sum(gross_minor) AS gross, sum(fee_minor) AS fee,
           sum(gross_minor - fee_minor) AS net
    FROM provider_lines WHERE day = :day GROUP BY currency ORDER BY currency""")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has come to. ``found`` counts differences by (kind, code); ``open`` faults wait for a person."""

    day: date
    theirs: int
    matched: int
    found: dict[tuple[str, str], int]
    open: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Differences by (kind, code), and how many lines of theirs they touch."""

    found: dict[tuple[str, str], int]
    unmatched: int


def reconcile(day: date) -> Outcome:
    """Run a UTC day. Run again, it reads again: findings that have come right are cleared, none is doubled."""
    run = _begin(day)
    begin, end = lines.span(day)
    lines.keep(provider().book_lines(begin, end))
    _fetch_strays(day)
    _book_own(run.id, day)
    return _finish(run.id, day, _compare(run.id))


def _begin(day: date) -> ReconciliationRun:
    with transaction():
        advisory_lock(f"reconcile/{day}")
        run = find(ReconciliationRun, day=day)
        if run is None:
            run = ReconciliationRun(day=day)
            door.created(SYSTEM, run, day=day.isoformat())
        else:
            run = load_locked(ReconciliationRun, id=run.id)
            door.transition(SYSTEM, run, "repeat", day=day.isoformat())
    return run


def _book_own(run_id: UUID, day: date) -> None:
    """Top-ups, payouts and fees of the platform's own account: nobody else knows of them."""
    statement = (
        select(ProviderLine)
        .where(ProviderLine.day == day, ProviderLine.kind.in_(rules.TO_BANK | rules.FEES))
        .order_by(ProviderLine.id)
    )
    last = ""
    while True:
        with transaction():
            rows = db.session.execute(statement.where(ProviderLine.id > last).limit(CHUNK)).scalars().all()
            if not rows:
                return
            run = load_locked(ReconciliationRun, id=run_id)
            own: dict[str, list[tuple[str, list[Line]]]] = {"own_fee": [], "own_movement": []}
            for line in lines.book_lines(rows):
                kind = "own_fee" if line.kind in rules.FEES else "own_movement"
                own[kind].append((f"stripe:{line.id}", rules.own_lines(line)))
            for kind, transfers in own.items():
                post_batch(SYSTEM, run, kind, transfers)
            last = rows[-1].id
        db.session.expunge_all()


def _fetch_strays(day: date) -> None:
    """Ours without a line of theirs, from around midnight or of a day that was never run: asked for by number.

    Before they are called missing, and between transactions.
    """
    with transaction():
        keys = [row.key for row in _rows(_OURS, day).fetchmany(STRAYS)]
    numbers = (key.removeprefix("stripe:") for key in keys if key.startswith("stripe:"))
    found = (provider().book_line(number) for number in numbers)
    lines.keep([line for line in found if line is not None])


# ---- both sides


def _compare(run_id: UUID) -> Counted:
    """Every difference of the day. One transaction: its cursor streams the rows."""
    counts: dict[tuple[str, str], int] = {}
    unmatched = 0
    with transaction() as session:
        run = load(ReconciliationRun, id=run_id)
        for number, (pair, row) in enumerate(_differences(run.day)):
            verdict = rules.judge(pair, clock.now())
            if verdict is None:
                continue
            counts[verdict.kind, verdict.code] = counts.get((verdict.kind, verdict.code), 0) + 1
            unmatched += pair.theirs is not None
            _keep(run, pair, row, verdict)
            if number % CHUNK == CHUNK - 1:
                session.flush()
                session.expunge_all()
    return Counted(counts, unmatched)


def _differences(day: date) -> Iterator[tuple[rules.Pair, Any]]:
    for row in _rows(_THEIRS, day):
        yield _pair(row), row
    for row in _rows(_OURS, day):
        yield rules.Pair(row.key, row.our_kind, row.at, None, 0, row.ours, 0, row.our_kind), row


def _rows(statement: TextClause, day: date) -> Any:
    begin, end = lines.span(day)
    every = {"day": day, "begin": begin, "end": end, "posted_as": json.dumps(rules.POSTED_AS), **_accounts()}
    values = {name: every[name] for name in statement._bindparams}
    return db.session.execute(statement, values, execution_options={"yield_per": CHUNK})


def _pair(row: Any) -> rules.Pair:
    known = row.transaction_id is not None
    ours = (int(row.ours), int(row.our_fee), row.our_kind, int(row.elsewhere)) if known else (None, 0, None, 0)
    return rules.Pair(f"stripe:{row.id}", row.kind, row.at, row.theirs, row.fee, *ours)


def _accounts() -> dict[str, list[UUID]]:
    kinds = {"clearing": "clearing", "provider_fee": "fees"}
    found: dict[str, list[UUID]] = {name: [] for name in kinds.values()}
    for kind, key in db.session.execute(select(Account.kind, Account.id).where(Account.kind.in_(kinds))).all():
        found[kinds[kind]].append(key)
    return found


def _keep(run: ReconciliationRun, pair: rules.Pair, row: Any, verdict: rules.Verdict) -> None:
    known = find(Finding, key=pair.key)
    if known is not None:
        known = load_locked(Finding, id=known.id)
        if known.is_("cleared"):
            door.transition(SYSTEM, known, "reopen", finding=known.ref, code=verdict.code)
        known.kind, known.code, known.run_id = verdict.kind, verdict.code, run.id
        known.theirs_minor, known.ours_minor, known.seen_no = pair.theirs, pair.ours, run.stream_no
        return
    found = Finding(
        ref=ids.new_ref("FND"),
        run_id=run.id,
        day=run.day,
        key=pair.key,
        kind=verdict.kind,
        code=verdict.code,
        line_kind=pair.kind,
        source=getattr(row, "source", ""),
        transaction_id=row.transaction_id,
        currency=row.currency,
        theirs_minor=pair.theirs,
        ours_minor=pair.ours,
        seen_no=run.stream_no,
    )
    door.created(SYSTEM, found, finding=found.ref, day=run.day.isoformat(), kind=verdict.kind, code=verdict.code)


# ---- the end


def _finish(run_id: UUID, day: date, counted: Counted) -> Outcome:
    _clear(run_id)
    with transaction():
        run = load_locked(ReconciliationRun, id=run_id)
        figures = db.session.execute(_FIGURES, {"day": day}).mappings().all()
        run.figures = {row["currency"]: {k: int(row[k]) for k in ("lines", "gross", "fee", "net")} for row in figures}
        run.theirs = sum(row["lines"] for row in figures)
        found, run.matched = counted.found, run.theirs - counted.unmatched
        run.finished_at = clock.now()
        door.transition(SYSTEM, run, "finish", theirs=run.theirs, matched=run.matched, found=sum(found.values()))
        faults = select(func.count()).where(Finding.day == day, Finding.state == "open", Finding.kind == "fault")
        return Outcome(day, run.theirs, run.matched, found, int(db.session.execute(faults).scalar_one()))


def _clear(run_id: UUID) -> None:
    """What a run before this one had found and this one did not: it has come right."""
    with transaction():
        now = load(ReconciliationRun, id=run_id).stream_no
        statement = select(Finding).where(Finding.run_id == run_id, Finding.state == "open", Finding.seen_no != now)
        for one in db.session.execute(statement.with_for_update()).scalars().all():
            door.transition(SYSTEM, one, "clear", finding=one.ref)


def catch_up(today: date, most: int = 14) -> list[Outcome]:
    """Every day up to yesterday that has no finished run, and those with something open that were not run since noon.

    From the first day that was ever run, at most ``most`` days back. Called twice in a night, it runs nothing twice.
    """
    last = today - timedelta(days=1)
    ran = select(ReconciliationRun.day).where(ReconciliationRun.state == "finished")
    done = set(db.session.execute(ran.where(ReconciliationRun.day >= last - timedelta(days=most))).scalars())
    days = {min(done, default=last) + timedelta(days=n) for n in range((last - min(done, default=last)).days + 1)}
    return [reconcile(day) for day in sorted((days - done) | _open_days(most))]


def _open_days(most: int) -> set[date]:
    statement = (
        select(Finding.day)
        .join(ReconciliationRun, ReconciliationRun.id == Finding.run_id)
        .where(Finding.state == "open", Finding.kind != "fee", ReconciliationRun.state == "finished")
        .where(ReconciliationRun.finished_at < clock.now() - AGAIN)
        .distinct()
        .order_by(Finding.day.desc())
        .limit(most)
    )
    return set(db.session.execute(statement).scalars())
