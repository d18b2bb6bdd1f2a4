"""The words of papers, for letters and pages alike."""

from __future__ import annotations

from daigou.core.i18n import lazy

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
REASONS = {
    "unreadable": lazy("The picture can’t be read. Send a sharper one that shows the whole paper."),
    "expired": lazy("The paper has ended. Send the one that is valid now."),
    "other_name": lazy("The paper shows another name than the application."),
    "not_whole": lazy("A page or a part of the paper is missing."),
    "wrong_kind": lazy("This is another kind of paper than the one that is asked for."),
    "altered": lazy("The paper seems to have been changed. Send the original."),
    "no_seal": lazy("The seal or signature of the issuer is missing."),
    "language": lazy("We can’t read the language. Add a certified translation."),
    "other": lazy("Another reason, which is written below."),
}
POINTS = {
    "names_match": lazy("The names on the papers are those of the application."),
    "paper_genuine": lazy("Nothing on the papers looks changed: fonts, edges, seals, dates."),
    "register_seen": lazy("The country’s public register shows the company, and it is active."),
    "mark_in_register": lazy("The trademark register shows the mark and its owner."),
    "supply_plausible": lazy("The proof of supply fits the goods and the amount of business."),
    "bank_owner": lazy("The bank account belongs to the applicant."),
    "licence_scope": lazy("Trade in these goods is within the scope of the licence."),
    "used_goods_permit": lazy("Used goods: the permit of the prefecture’s police is there, or none are offered."),
}
