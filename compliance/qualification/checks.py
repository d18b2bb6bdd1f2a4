"""What the machine has looked at, for the officer who decides."""

from __future__ import annotations

from collections.abc import Sequence

from daigou.core import clock
from daigou.core.i18n import lazy
from daigou.documents.models import StoredFile

from . import papers, rules, screening
from .models import Application, Paper
from .rules import Check

NUMBER = {
    "pass": lazy("Form and check digit are right."),
    "fail": lazy("Form or check digit is wrong."),
    "unknown": lazy("No rule known: compare it with the paper and the country’s register."),
}


def of_claims(application: Application) -> list[Check]:
    """Checks on what is claimed."""
    claims = application.claims
    number = rules.number_verdict(application.kind, application.country, claims.get("registration_number", ""))
    agree = rules.names_agree(application.trade_name, claims.get("legal_name", ""))
    words = lazy("They look like one business.") if agree else lazy("They differ: ask for the licence that joins them.")
    return [
        Check("number", number, NUMBER[number]),
        Check("names", "pass" if agree else "warn", words),
        screening.check(application),
    ]


def of_papers(found: Sequence[Paper], files: dict[object, StoredFile], subject: str) -> dict[str, list[Check]]:
    """Checks on each paper, by its reference."""
    elsewhere = papers.sent_by_others(files.values(), subject)
    return {paper.ref: [_dates(paper), _duplicate(files[paper.file_id].sha256 in elsewhere)] for paper in found}


def _dates(paper: Paper) -> Check:
    if paper.valid_to is None:
        verdict = "warn" if paper.kind in rules.ENDING else "pass"
        return Check("dates", verdict, lazy("It says no end."))
    if paper.valid_to < clock.today():
        return Check("dates", "fail", lazy("It has expired."))
    return Check("dates", "pass", lazy("It is valid today."))


def _duplicate(seen: bool) -> Check:
    if seen:
        return Check("duplicate", "fail", lazy("Somebody else has sent the very same file."))
    return Check("duplicate", "pass", lazy("Nobody else has sent this file."))
