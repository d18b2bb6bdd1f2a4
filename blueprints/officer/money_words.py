"""Banks' cases, differences and late money in words: what it is, and what to do next."""

from __future__ import annotations

from daigou.core.i18n import lazy

DISPUTE = {
    "opened": (lazy("Just opened"), "info"),
    "warning": (lazy("The bank asks"), "warning"),
    "evidence_due": (lazy("Evidence due"), "warning"),
    "submitting": (lazy("Being sent"), "info"),
    "submitted": (lazy("With the bank"), "info"),
    "won": (lazy("Won"), "success"),
    "lost": (lazy("Lost"), "error"),
    "accepted": (lazy("Accepted"), ""),
}
REASON = {
    "fraudulent": lazy("The cardholder says that they did not make this payment."),
    "product_not_received": lazy("The payer says that nothing arrived."),
    "product_unacceptable": lazy("The payer says that the goods are not as described."),
    "duplicate": lazy("The payer says that they were charged twice."),
    "credit_not_processed": lazy("The payer says that a promised refund did not come."),
    "unrecognized": lazy("The payer does not recognise the payment."),
    "subscription_canceled": lazy("The payer says that they had cancelled."),
}
REASON_OTHER = lazy("The bank gives no particular reason.")
EVIDENCE = {
    "product_description": lazy("What was bought"),
    "customer_name": lazy("Customer’s name"),
    "customer_email_address": lazy("Customer’s e-mail address"),
    "billing_address": lazy("Billing address"),
    "service_date": lazy("Bought on"),
    "shipping_address": lazy("Sent to"),
    "shipping_carrier": lazy("Carrier"),
    "shipping_date": lazy("Sent on"),
    "shipping_tracking_number": lazy("Tracking number"),
    "refund_policy_disclosure": lazy("Our terms for returns, and where they were shown"),
    "refund_refusal_explanation": lazy("Why there was no refund"),
    "uncategorized_text": lazy("What happened, in order"),
    "receipt": lazy("Purchase receipt"),
    "service_documentation": lazy("Inspection report"),
    "shipping_documentation": lazy("Tracking"),
    "customer_communication": lazy("What was said and done"),
}

FINDING = {"open": (lazy("Open"), "warning"), "cleared": (lazy("Came right"), "success")}
FINDING |= {"resolved": (lazy("Explained"), "")}
KIND = {"timing": (lazy("Timing"), "info"), "fee": (lazy("Fee"), ""), "fault": (lazy("Fault"), "error")}
# code: (what it is, what to do next)
CODE = {
    "on_its_way": (
        lazy("On its way"),
        lazy("Younger than an hour. The next run looks again; nothing is to be done."),
    ),
    "own_movement": (
        lazy("Our own top-up or payout"),
        lazy("Booked by the run itself. If it stays here, run the day again."),
    ),
    "own_fee": (lazy("A fee of the provider"), lazy("Booked by the run itself. If it stays here, run the day again.")),
    "missing_here": (
        lazy("Missing in our books"),
        lazy("Look up the provider’s object. If it is ours, its webhook or job is stuck: see work that was given up."),
    ),
    "missing_there": (
        lazy("Missing at the provider"),
        lazy("We moved clearing and the provider did not. Open the entry; if it is wrong, propose a correction."),
    ),
    "amount_differs": (
        lazy("The amounts differ"),
        lazy("Open the entry and propose a correction of the difference."),
    ),
    "misposted": (
        lazy("Posted to the wrong place"),
        lazy("Open the entry and propose a correction to the right accounts."),
    ),
    "fee_differs": (lazy("The fees differ"), lazy("Open the entry and propose a correction of the fee.")),
}
# what: (words, next step, endpoint)
LATE = {
    "payment": (
        lazy("Payments that a bank is still working on"),
        lazy("Nothing is to be done: their orders wait, and fail or succeed by themselves."),
        "officer.payments",
    ),
    "refund": (
        lazy("Refunds that the provider has not confirmed"),
        lazy("The provider is asked every two minutes. After ten days ask it in writing."),
        "officer.books",
    ),
    "refund_bank": (
        lazy("Refunds that go by bank transfer"),
        lazy("Shoppers name their bank account; two officers agree; then send the transfer and note its reference."),
        "officer.books",
    ),
    "refund_failed": (
        lazy("Refunds that failed"),
        lazy("Decide for each: try again, to the shopper’s balance, or by bank."),
        "officer.books",
    ),
    "payout": (
        lazy("Payouts that have not gone out"),
        lazy("Each merchant’s page says what it waits for; those that failed stand in the books."),
        "officer.books",
    ),
    "transfer": (
        lazy("Transfers that the provider has not confirmed"),
        lazy("The provider is asked every two minutes. If it does not answer for hours, look at its status page."),
        "officer.given_up",
    ),
    "bank_file": (
        lazy("Bank transfers that our bank has not reported"),
        lazy("Import our bank’s newest report. If it has none of them, ask our bank about the file."),
        "officer.payouts",
    ),
    "own_payout": (
        lazy("Money from the provider that our bank has not reported"),
        lazy("Import our bank’s newest report. If the money is not in it, ask the provider where it is."),
        "officer.payouts",
    ),
    "bank_entry": (
        lazy("Entries of our bank that belong to nothing we know"),
        lazy("Find out what each is and say what was done; if it is ours, propose an entry in the books."),
        "officer.payouts",
    ),
}
# What is under way between two sides, in words.
MOVING = {
    "payment": lazy("From shoppers’ banks to the provider"),
    "refund": lazy("From the provider back to shoppers"),
    "transfer": lazy("From the provider to merchants"),
    "bank_file": lazy("From our bank to merchants"),
    "own_payout": lazy("From the provider to our bank"),
}
