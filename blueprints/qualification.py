"""The words of applications and papers, for the pages of applicants and officers alike."""

from __future__ import annotations

from daigou.core.i18n import lazy

KINDS = {
    "individual": lazy("A person on their own account"),
    "company": lazy("A company that buys or sells"),
    "brand": lazy("A brand or its official seller"),
}
PAPERS = {
    "business_licence": lazy("Business licence or registration"),
    "representative_id": lazy("Identity document of the representative"),
    "supply_proof": lazy("Proof of supply: invoices, contracts or purchase receipts"),
    "trademark": lazy("Trademark registration"),
    "authorisation": lazy("Letter of authorisation from the brand or its distributor"),
    "tax_registration": lazy("Tax registration"),
    "bank_proof": lazy("Proof of the bank account: a statement or a letter of the bank"),
    "warehouse_proof": lazy("Proof of the warehouse’s address: a lease or a bill"),
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
}
VERDICTS = {"pass": "success", "warn": "warning", "fail": "error", "unknown": "info"}
