"""The words of applications and papers, for the pages of applicants and officers alike."""

from __future__ import annotations

from compliance.qualification.words import PAPERS, POINTS, REASONS
from daigou.core.i18n import lazy

__all__ = ["PAPERS", "POINTS", "REASONS"]  # handed on to the pages

KINDS = {
    "individual": lazy("A person on their own account"),
    "company": lazy("A company that buys or sells"),
    "brand": lazy("A brand or its official seller"),
}
CLAIMS = {
    "trade_name": lazy("Name of the shop"),
    "legal_name": lazy("Legal name"),
    "representative": lazy("Representative"),
    "registration_number": lazy("Registration number"),
    "phone": lazy("Phone number"),
    "address": lazy("Address"),
    "city": lazy("Town or city"),
    "about": lazy("About the shop"),
    "tax_number": lazy("Tax number"),
    "eori": lazy("EORI number"),
    "iban": lazy("Account number (IBAN)"),
    "lei": lazy("Legal entity identifier (LEI)"),
}
# state: words, tone
STATES = {
    "draft": (lazy("not sent yet"), ""),
    "submitted": (lazy("waits for an officer"), "info"),
    "in_review": (lazy("being reviewed"), "info"),
    "more_information": (lazy("waits for the applicant"), "warning"),
    "approved": (lazy("approved"), "success"),
    "rejected": (lazy("rejected"), "error"),
    "withdrawn": (lazy("withdrawn"), ""),
}
PAPER_STATES = {
    "uploaded": (lazy("to be checked"), "info"),
    "accepted": (lazy("accepted"), "success"),
    "refused": (lazy("refused"), "error"),
    "replaced": (lazy("replaced"), ""),
}
CHECKS = {
    "number": lazy("Registration number"),
    "names": lazy("Shop name and legal name"),
    "screening": lazy("Sanctions lists"),
    "dates": lazy("Validity"),
    "duplicate": lazy("Seen elsewhere"),
    "similar": lazy("Similar pictures"),
    "text": lazy("Name in the paper’s text"),
    "shared": lazy("Bank account, address and domain"),
}
VERDICTS = {"pass": "success", "warn": "warning", "fail": "error", "unknown": "info"}
PURPOSES = {
    "opening": lazy("New merchant"), "change": lazy("Change of a merchant"), "review": lazy("Review of a merchant"),
}  # fmt: skip
RANKS = {
    0: (lazy("late"), "error"),
    1: (lazy("high risk"), "error"),
    2: (lazy("some risk"), "warning"),
    3: (lazy("low risk"), ""),
}
RISKS = {
    "screening": lazy("Something was found on sanctions lists"),
    "failed_checks": lazy("Checks that failed"),
    "warnings": lazy("Checks with a warning"),
    "duplicates": lazy("The same file was sent by somebody else"),
    "similar": lazy("A picture looks like one of somebody else"),
    "shared": lazy("Bank account, address or domain of another applicant"),
    "country": lazy("Country with a higher risk"),
    "kind": lazy("A person on their own account"),
    "young": lazy("The account is younger than 30 days"),
    "review": lazy("We opened it ourselves"),
}
