"""How each table stands to the log: what writes an entry, what fsck can ask for, and why the rest writes none. Data.

A thing with a life (the Stateful mixin) needs no line: the door writes its entries, a trigger refuses a state without
one, and fsck compares each row with its stream. Every other table has a line here, or a guard test fails. Writes to a
``Logged`` table land in a transaction that writes an entry; the tests watch every transaction for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Logged:
    """Written beside an entry. With ``stream`` (SQL over a row ``t``) fsck finds it: one of ``kinds`` must stand there.

    ``once``: such an entry is of this one row, which is never deleted, so that the entry must have its row too.
    ``counts``: an UPDATE counts uses only, and writes none.
    """

    kinds: tuple[str, ...]
    stream: str = ""
    once: bool = False
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """Written without an entry, and why that hides nothing."""

    why: str


Coverage = Logged | Plain

LOG = Plain("the log itself: fsck rebuilds it")
RULE = Plain("dated rows of the release, written by the migration's role; what officers change is a proposal")
SECRET = Plain("a secret of one sign-in, kept as a hash; what it opens writes its own entry")
QUEUE = Plain("work for later; what the work does writes its own entry")
MIRROR = Plain("a copy of what a provider or carrier says; what follows from it writes its own entry")

COVERAGE: Final[dict[str, Coverage]] = {
    # the log
    **dict.fromkeys(
        ("audit_checkpoints", "audit_deliveries", "audit_entries", "audit_horizon", "audit_keys", "audit_leaves",
         "audit_nodes", "audit_streams", "audit_timestamps"), LOG),
    # money: daigou/ledger/proving.py compares each transaction with its entry, line by line
    "ledger_transactions": Logged(("posted",)),
    "ledger_postings": Logged(("posted",)),
    "ledger_accounts": Logged(("posted",)),
    "ledger_balances": Plain("sums that a trigger keeps of the postings; the books' own check compares them"),
    "escrow_takings": Logged(("dispute:",)),
    "settlement_decisions": Logged(("item:settled_by_rule",), "'item/' || t.item_id"),
    "payment_declines": Logged(("attempt:declined",)),
    "invoices": Logged(("invoice:issued",), "'invoice/' || t.id", once=True),
    "invoice_sequences": Logged(("invoice:issued",)),
    "bank_details": Logged(("bank_details:entered",), "'bank_details/' || t.merchant_id"),
    "bank_reports": Logged(("bank_report:imported",), "'bank_report/' || t.id", once=True),
    "bank_entries": Logged(("bank_report:imported",), "'bank_report/' || t.report_id"),
    "payout_terms": Logged(("payout_terms:chosen",), "'payout_terms/' || t.merchant_id"),
    "provider_lines": MIRROR,  # the reconciliation's run says what was compared
    "inbox_events": MIRROR,
    # people
    "account_passkeys": Logged(("account:factor_added",), "'account/' || t.account_id", counts=True),
    "account_totps": Plain("made before it is confirmed; `account:factor_added` tells of it, each sign-in counts"),
    "account_certificates": Logged(("account:factor_added",), "'account/' || t.account_id"),
    "account_recovery_codes": Logged(("account:factor_added", "account:recovery_codes_renewed",
                                      "account:recovery_code_used")),
    "account_external_identities": Logged(("account:created", "account:identity_linked"), "'account/' || t.account_id"),
    "account_codes": SECRET,
    "account_devices": SECRET,
    "account_sessions": SECRET,
    "account_tokens": SECRET,
    "sign_in_locks": SECRET,
    "addresses": Logged(("account:address_added", "account:address_changed"), "'account/' || t.account_id"),
    "consents": Logged(("consent:given", "consent:withdrawn"), "'consent/' || t.account_id"),
    "merchant_members": Logged(("merchant:created", "merchant:member_joined"), "'merchant/' || t.merchant_id"),
    "merchant_invitations": Logged(("merchant:member_invited",), "'merchant/' || t.merchant_id"),
    "staff_interests": Logged(("account:interest_declared",), "'account/' || t.account_id"),
    "credit_lookups": Logged(("credit:looked_up",), "'credit/' || t.account_id"),
    "credit_standings": Logged(("standing:rated",), "'standing/' || t.account_id"),
    "notices": QUEUE,
    "outbox": QUEUE,
    "submissions": Plain("numbers of forms, so that one is not taken twice"),
    # cases and papers
    "stored_files": Logged(("document:stored",), "'document/' || t.id", once=True),
    "application_facts": Logged(("application:",), "'application/' || t.application_id"),
    "application_notes": Logged(("application:noted",), "'application/' || t.application_id"),
    "checklist_ticks": Logged(("application:ticked",), "'application/' || t.application_id"),
    "merchant_standings": Plain("figures worked out from reviews, returns and answers, which write their own entries"),
    "merchant_holds": Logged(("merchant:held",), "'merchant/' || t.merchant_id"),
    "screening_lists": Logged(("screening:imported",), "'screening_list/' || t.code"),
    "screening_entries": Logged(("screening:imported",)),
    "screening_matches": Logged(("screening:",), "'screening/' || t.party_id"),
    "screening_uses": Plain("which things a screened party stands in; the party's own stream says how it stands"),
    "compliance_audit_points": Logged(("compliance_audit:created",), "'compliance_audit/' || t.audit_id"),
    "law_change_rows": Logged(("law_change:tied",), "'law_change/' || t.law_change_id"),
    "security_scans": Logged(("scan:made",), "'scan/' || t.kind"),
    "saved_searches": Logged(("saved_search:kept",), "'saved_search/' || t.id", once=True),
    "search_alerts": Logged(("saved_search:alerted",), "'saved_search/' || t.search_id"),
    "person_reveals": Logged(("person:revealed",), "'person/' || t.subject"),
    "erasure_probes": Plain("sealed words to search for after an erasure; gone after 30 days"),
    "erasure_remainders": Logged(("privacy_request:", "erasure:remainder_gone")),
    "messages": Logged(("conversation:written",), "'conversation/' || t.conversation_id"),
    "listing_import_rows": Logged(("listing_import:",), "'listing_import/' || t.import_id", counts=True),
    "cover_inclusions": Logged(("listing:cover_included", "listing:cover_excluded"), "'listing/' || t.listing_id"),
    "repair_partners": Logged(("repair_partner:",), "'repair_partner/' || t.id"),
    # goods
    "parcel_items": Logged(("parcel:",), "'parcel/' || t.parcel_id"),
    "stock_units": Logged(("item:",), "'item/' || t.item_id"),
    "passports": Logged(("passport:stamped",), "'passport/' || t.id", once=True),
    "passport_events": Logged(("passport:stamped",), "'passport/' || t.passport_id"),
    "duty_assessments": Logged(("parcel:", "order:", "quote:", "bill:", "item:")),
    "tracking_events": MIRROR,
    "spending_habits": Plain("figures worked out from payments, which write their own entries"),
    "account_links": Plain("keyed hashes of what an account used; each use writes its own entry"),
    "cart_lines": Plain("a cart binds nobody; the quote and the order made of it write their own entries"),
    "exchange_rates": Logged(("rates:kept",)),
    # dated rules
    **dict.fromkeys(
        ("carrier_lines", "checklist_rules", "country_risks", "duty_rules", "fees", "habit_priors",
         "habit_thresholds", "hold_limits", "intelligence_units",
         "keeping_rules",
         "paper_rules", "payment_methods", "payout_costs", "payout_rails", "rating_bands", "retention_rules",
         "screening_embargoes", "screening_thresholds", "settlement_rules", "test_intervals", "tier_rules",
         "union_members", "vat_rules", "warehouses", "warranty_terms", "cover_plans"), RULE),
}  # fmt: skip
"""By table. A kind that ends with a colon stands for all of that machine."""
