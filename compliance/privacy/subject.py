"""What belongs to a person, found by the metadata of the tables: rooms above are never imported here.

A row is somebody's when its ``subject`` is theirs or its ``account_id`` is. What becomes of the rows of each table when
the account goes stands in one table, FATE; a guard test refuses a table that is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, or_, select

from daigou.core.crypto import Sealed, blind_indexes
from daigou.core.db import Base, db
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy

GOES: Final = "goes"  # deleted with the account
SHELL: Final = "shell"  # the row stays with nothing to read or to find it by
STAYS: Final = "stays"  # a record by reference; what is sealed in it lives and dies with the key of its purpose

# fmt: off
FATE: Final[dict[str, str]] = {
    **dict.fromkeys((
        "account_certificates", "account_codes", "account_devices", "account_external_identities", "account_passkeys",
        "account_recovery_codes", "account_sessions", "account_tokens", "account_totps", "cart_lines", "credit_lookups",
        "credit_standings", "merchant_invitations", "merchant_members", "notices", "spending_habits", "account_links",
        "submissions",
    ), GOES),
    **dict.fromkeys(("accounts", "addresses"), SHELL),  # other rows point at them
    **dict.fromkeys((
        "application_facts", "application_notes", "application_papers", "applications", "audit_entries",
        "authenticity_tests", "bank_details", "bank_files", "bills", "circle_members", "circle_posts", "circle_reports",
        "consents", "conversations",
        "covers", "disputes", "erasure_probes",
        "erasure_remainders", "identities", "identity_checks", "inspections", "invoices", "legal_holds",
        "legal_packs", "merchant_suspensions", "merchants",
        "messages", "order_items", "orders", "parcels", "payment_attempts", "payment_checks", "risk_cases",
        "person_reveals", "price_changes", "privacy_requests", "quotes", "refunds", "return_cases", "reviews",
        "screening_parties", "sourcing_requests", "staff_interests", "stored_files", "warranty_claims",
    ), STAYS),
}
# Whose key stands in another column than ``subject`` or ``account_id``.
_BY_ACCOUNT: Final = {"cart_lines": "owner", "submissions": "account_key"}
# Words that people wrote into an open column: emptied when the account goes.
FREE_WORDS: Final = {
    "circle_members": ("alias", "alias_key"),
    "circle_posts": ("title", "words"),
    "circle_reports": ("words",),
    "reviews": ("words",),
    "sourcing_requests": ("wishes",),
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Person:
    account_id: UUID
    subject: str
    country: str
    locale: str
    zone: str


def person_of(user: str) -> Person:
    """Somebody by e-mail address, subject reference or the id of the account. NotFound."""
    accounts = model_of("accounts")
    row = db.session.scalars(select(accounts).where(_is(accounts, user))).first()
    if row is None:
        raise NotFound("privacy.nobody", lazy("There is no account of this name."))
    return _person(row)


def person_with(account_id: UUID) -> Person:
    return _person(db.session.get_one(model_of("accounts"), account_id))


def _is(accounts: Any, user: str) -> ColumnElement[bool]:
    if "@" in user:
        found: ColumnElement[bool] = accounts.email_index.in_(blind_indexes("accounts.email", user))
        return found
    try:
        return or_(accounts.id == UUID(user), accounts.subject == user)
    except ValueError:
        return or_(accounts.subject == user)


def _person(row: Any) -> Person:
    return Person(row.id, row.subject, row.country, row.locale, row.zone)


@cache
def models() -> dict[str, Any]:
    """Every mapped class by the name of its table."""
    return {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}  # type: ignore[attr-defined]


def model_of(table: str) -> Any:
    return models()[table]


def has_owner(table: Table) -> bool:
    """Whether rows of this table may be a person's."""
    theirs = "account_id" in table.columns and not table.name.startswith("ledger_")  # there, it is one of the books
    return "subject" in table.columns or theirs or table.name in _BY_ACCOUNT


def owned_by(model: Any, person: Person) -> ColumnElement[bool]:
    """The condition that a row of ``model`` is this person's."""
    columns, found = model.__table__.columns, []
    if model.__tablename__ == "accounts":
        return or_(columns.id == person.account_id)
    if "subject" in columns:
        found.append(columns.subject == person.subject)
    if "account_id" in columns:
        found.append(columns.account_id == person.account_id)
    if key := _BY_ACCOUNT.get(model.__tablename__):
        found.append(columns[key] == str(person.account_id))
    return or_(*found)


def places(*fates: str) -> Iterator[Any]:
    """The models of these fates, by the names of their tables."""
    return (models()[name] for name in sorted(FATE) if FATE[name] in fates)


def sealed_of(model: Any) -> dict[str, Sealed]:
    """The sealed attributes of a model, by name."""
    return {name: value for name, value in vars(model).items() if isinstance(value, Sealed)}
