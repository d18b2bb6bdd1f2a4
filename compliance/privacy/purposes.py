"""What personal data is used for: one table, from which the privacy page and the register (GDPR art. 30) are drawn.

Every sealed column names its purpose where it is declared. Here stands what each purpose means, and what each column
holds; a guard test refuses a column without words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from daigou.core.db import Base
from daigou.core.i18n import lazy


@dataclass(frozen=True, slots=True)
class Purpose:
    """``basis`` is the ground in the law, ``kept`` how long, ``shared`` who receives it outside."""

    name: object
    why: object
    basis: object
    kept: object
    shared: object


PURPOSES: dict[str, Purpose] = {
    "account": Purpose(
        lazy("Your account"),
        lazy("To let you in, keep strangers out, and tell you what happens."),
        lazy("The contract with you (GDPR art. 6(1)(b))"),
        lazy("Until you close the account."),
        lazy("Nobody, but the mail and text message services that carry our messages."),
    ),
    "transaction": Purpose(
        lazy("Your orders and payments"),
        lazy("To buy, ship, clear customs, pay, refund and keep books."),
        lazy("The contract with you, and the law’s duty to keep books (GDPR art. 6(1)(b) and (c))"),
        lazy("As long as your country’s law asks for books, at least three years."),
        lazy(
            "The carrier and the customs authorities of the parcel; the payment provider. Name and delivery address go "
            "to the lender only when you ask for instalments that want them (Afterpay, Clearpay)."
        ),
    ),
    "identity": Purpose(
        lazy("Who you are"),
        lazy("To check that sellers, and buyers of much, are who they say; and that nobody is on a list of sanctions."),
        lazy("Duties of the law against fraud and money laundering (GDPR art. 6(1)(c))"),
        lazy("Papers and pictures only as long as the law of your country says; then only the outcome."),
        lazy("The identity service, where you choose it; authorities that ask by law."),
    ),
    "protection": Purpose(
        lazy("Payments that are not yours"),
        lazy(
            "To notice when somebody else pays with your account: figures of what you usually pay (amounts, "
            "currencies, ways to pay, countries, kinds of goods, times), and whether accounts share a card, a bank "
            "account, an address, a phone or a browser."
        ),
        lazy("Our and your interest in not being defrauded (GDPR art. 6(1)(f), recital 47)"),
        lazy("Two years back, worked out anew at least once a month; gone with the account."),
        lazy("Nobody."),
    ),
    "conversation": Purpose(
        lazy("What you write and send us"),
        lazy("To answer you, and to decide returns and disputes on evidence."),
        lazy("The contract with you (GDPR art. 6(1)(b))"),
        lazy("Until the case can’t be contested any more."),
        lazy("The other side of a dispute; the bank, when it disputes a payment."),
    ),
}

COLUMNS: dict[str, object] = {
    "messages.body_sealed": lazy("What you, a merchant or support wrote in a conversation of yours"),
    "account_codes.target_sealed": lazy("Where a code was sent: e-mail address or phone number"),
    "account_external_identities.external_sealed": lazy("Your name at the service that signs you in"),
    "account_sessions.place_sealed": lazy("From which address on the internet a session came"),
    "account_totps.secret_sealed": lazy("Secret of your code app"),
    "accounts.email_sealed": lazy("E-mail address"),
    "accounts.name_sealed": lazy("Name"),
    "accounts.phone_sealed": lazy("Phone number"),
    "addresses.content_sealed": lazy("Delivery address, phone number, tax number for customs"),
    "application_facts.value_sealed": lazy("Numbers of an application, compared with those of other applications"),
    "application_notes.words_sealed": lazy("What officers noted about an application"),
    "application_papers.number_sealed": lazy("Numbers of a merchant’s papers"),
    "applications.claims_sealed": lazy(
        "What a merchant says of itself: legal name, representative, address, register number"
    ),
    "bank_details.account_sealed": lazy("Bank account of a merchant"),
    "bank_files.content_sealed": lazy("Orders to our bank, with the accounts they pay"),
    "disputes.evidence_sealed": lazy("Evidence for a bank that disputes a payment"),
    "erasure_probes.words_sealed": lazy("After an erasure, for a month: the words whose absence is proved"),
    "identity_checks.name_sealed": lazy("Name that an identity check has confirmed"),
    "invoices.buyer_sealed": lazy("Name and address on an invoice"),
    "merchant_suspensions.appeal_sealed": lazy("What a merchant wrote against its suspension"),
    "notices.content_sealed": lazy("Messages we sent you"),
    "payment_checks.story_sealed": lazy("What you wrote about a payment that a person looked at"),
    "parcels.consignee_sealed": lazy("Whom a parcel is for, and where it goes"),
    "privacy_requests.words_sealed": lazy("What you asked us to put right"),
    "refunds.bank_account_sealed": lazy("Bank account for a refund that can’t go back the way it was paid"),
    "return_cases.story_sealed": lazy("What you wrote about a return"),
    "suspicion_reports.grounds_sealed": lazy("What the law asks us to report to an authority, and forbids to tell of"),
    "warranty_claims.story_sealed": lazy("What you wrote about a defect"),
    "warranty_claims.objection_sealed": lazy("What you wrote against a refusal of a repair"),
    "screening_parties.claims_sealed": lazy("Name, country and birthday that were compared with lists of sanctions"),
    "staff_interests.value_sealed": lazy(
        "Whom somebody who works here is close to, so that they decide nothing of theirs"
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One personal column: where it stands, whose it is, what for, and what it holds."""

    table: str
    column: str
    purpose: str
    words: object


def columns() -> Iterator[Column]:
    """Every personal column of the schema, read off the models themselves."""
    for table in sorted(Base.metadata.tables.values(), key=lambda t: t.name):
        for column in table.columns:
            if "personal" in column.info:
                place = f"{table.name}.{column.name}"
                yield Column(table.name, column.name, column.info["personal"], COLUMNS.get(place, ""))


def by_purpose() -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {name: [] for name in PURPOSES}
    for column in columns():
        found[column.purpose].append(column)
    return found
