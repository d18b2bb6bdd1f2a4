"""What the office does besides: lists, rates, the books of the days before, an audit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from compliance.screening import importing
from daigou.core import clock
from daigou.core.access import system
from daigou.reconciliation import jobs as reconciliation

from .buying import reference
from .company import Company

SPECIMEN = Path(__file__).with_name("specimen-sdn.csv")


def import_list() -> None:
    """A sanctions list of three invented entries, as `daigou screening import` takes one."""
    importing.load(system("demo"), "ofac-sdn", importing.Source(SPECIMEN))


def reconcile() -> None:
    """The nightly run, today already."""
    reconciliation.nightly()


def propose_rate(company: Company, currency: str, rate: str) -> str:
    """One officer's half of a decision by two; the proposal's reference."""
    officer = company["officer"].open("/officer/rates")
    officer.send(
        r"/officer/rates$", {"currency": currency, "rate": rate, "reason": "Central bank’s fixing, read this morning."}
    )
    return reference("PRO", officer.path)


def approve(company: Company, proposal: str) -> None:
    page = f"/officer/proposals/{proposal}"
    company["officer2"].open(page).send(rf"{page}/approve$")


def plan_audit(company: Company) -> None:
    due = (clock.today() + timedelta(days=9)).isoformat()
    company["officer"].open("/officer/audits").send(r"/officer/audits$", {"due_on": due})
