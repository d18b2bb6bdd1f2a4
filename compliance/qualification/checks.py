"""What the machine has looked at, for the officer who decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from daigou.core import clock
from daigou.core.i18n import lazy
from daigou.documents.models import StoredFile

from . import conflicts, papers, rules, screening
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
        shared(conflicts.shared(application)),
    ]


def of_papers(found: Sequence[Paper], files: dict[object, StoredFile], subject: str) -> dict[str, list[Check]]:
    """Checks on each paper, by its reference."""
    elsewhere = papers.sent_by_others(files.values(), subject)
    return {
        paper.ref: [_dates(paper), _duplicate(files[paper.file_id].sha256 in elsewhere), *_inspected(paper)]
        for paper in found
    }


def shared(kinds: Iterable[str]) -> Check:
    """Whether the application shares a bank account, an address or a mail domain with somebody else's."""
    named = set(kinds)
    if not named:
        return Check("shared", "pass", lazy("Nobody else has given them."))
    verdict = "warn" if named == {"domain"} else "fail"
    return Check("shared", verdict, next(SHARED[kind] for kind in SHARED if kind in named))


SHARED = {
    "bank": lazy("Another applicant has given the same bank account."),
    "address": lazy("Another applicant has given the same address."),
    "domain": lazy("Another applicant writes from the same domain."),
}
INSPECTED = {
    "text": {
        "pass": lazy("The legal name or the representative stands in its text."),
        "warn": lazy("Neither the legal name nor the representative stands in its text: compare."),
        "unknown": lazy("It has no text: compare the name in the picture."),
        "pending": lazy("Not read yet."),
    },
    "similar": {
        "pass": lazy("No other applicant’s paper looks like it."),
        "warn": lazy("It looks almost like a paper of somebody else: compare the two."),
        "unknown": lazy("Typeset or too plain: not compared with others."),
        "pending": lazy("Not compared yet."),
    },
}


def _inspected(paper: Paper) -> list[Check]:
    """What the job has found out by reading the file."""
    found = []
    for name, words in INSPECTED.items():
        verdict = paper.checks.get(name, "pending")
        found.append(Check(name, "unknown" if verdict == "pending" else verdict, words[verdict]))
    return found


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
