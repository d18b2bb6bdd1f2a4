"""Runs scans and keeps their results; the last of each kind stands on the officers' page."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, keyset, transaction

from .models import Scan
from .scans import advisories, headers, static, tls
from .scans.form import NotScanned, Result

KINDS = ("headers", "tls", "advisories", "static")
HERE = ("headers", "tls", "advisories")  # what this machine can look at itself
TIMEOUT = 10.0  # seconds
KEPT = 200  # findings of one run; their number is kept whole


def run_all() -> None:
    """The daily job."""
    for kind in HERE:
        run(system("oversight"), kind)


def run(actor: Actor, kind: str) -> Scan:
    """One scan now. One that could not be made is kept too: silence must not look like health."""
    look = {"headers": _headers, "tls": _tls, "advisories": _advisories}[kind]
    return _keep(actor, kind, look)


def record_report(actor: Actor, report: str) -> Scan:
    """A static analysis' report from CI."""
    return _keep(actor, "static", lambda: static.read(report))


def _keep(actor: Actor, kind: str, look: Callable[[], Result]) -> Scan:
    try:
        result = look()
        outcome, looked_at = "found" if result.weaknesses else "clean", result.looked_at
        rows = [weakness.as_row() for weakness in result.weaknesses]
    except NotScanned as missing:
        outcome, looked_at, rows = "failed", str(missing), []
    with transaction() as session:
        scan = Scan(kind=kind, outcome=outcome, looked_at=looked_at, findings=rows[:KEPT])
        session.add(scan)
        door.note(actor, f"scan/{kind}", "scan:made", scan=str(scan.id), scan_outcome=outcome, findings=len(rows))
    return scan


def latest(actor: Actor) -> dict[str, Scan]:
    """The last run of each kind."""
    require(actor, "oversight.view")
    newest = select(Scan).ext(distinct_on(Scan.kind)).order_by(Scan.kind, Scan.created_at.desc(), Scan.id.desc())
    return {scan.kind: scan for scan in db.session.scalars(newest)}


def history(actor: Actor, kind: str, cursor: str | None = None) -> Page:
    require(actor, "oversight.view")
    return keyset(select(Scan).filter_by(kind=kind), Scan.created_at, Scan.id, cursor=cursor)


def _headers() -> Result:
    import httpx

    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        return headers.scan(_base_url(), client)


def _tls() -> Result:
    return tls.scan(_base_url(), clock.now())


def _advisories() -> Result:
    return advisories.scan(current_app.extensions["config"].advisories_file)


def _base_url() -> str:
    found: str = current_app.extensions["config"].base_url
    return found
