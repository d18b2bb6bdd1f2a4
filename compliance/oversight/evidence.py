"""What the system can say for itself, point by point: one answer, read from the tables, and the page to look further.

Answers are read in one statement. A table that a deployment does not have yet answers nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, text

from daigou.core.crypto import Sealed
from daigou.core.db import Base, db
from daigou.core.i18n import lazy

_SCAN = (
    "SELECT kind || ', ' || outcome || ', ' || to_char(created_at, 'YYYY-MM-DD') FROM security_scans WHERE kind = '{}'"
)
_NEWEST = " ORDER BY created_at DESC, id DESC LIMIT 1"
_MONTH = "at > now() - interval '30 days'"


@dataclass(frozen=True, slots=True)
class Evidence:
    """``sql`` answers one value; ``tables`` are those it needs; ``endpoint`` is where to look further."""

    label: object
    sql: str
    endpoint: str = ""
    tables: tuple[str, ...] = ()


def _scan(kind: str, label: object) -> Evidence:
    return Evidence(label, _SCAN.format(kind) + _NEWEST, "officer.scans")


def _entries(label: object, where: str) -> Evidence:
    sql = f"SELECT count(*) FROM audit_entries WHERE {where} AND {_MONTH}"  # noqa: S608 (words of this file alone)
    return Evidence(label, sql, "officer.audit")


ALL: dict[str, Evidence] = {
    "log_signed": Evidence(
        lazy("Entries under the last signature of the log"),
        "SELECT tree_size FROM audit_checkpoints ORDER BY tree_size DESC LIMIT 1",
        "public.log_page",
    ),
    "entries": _entries(lazy("Entries of the last 30 days"), "true"),
    "denied": _entries(lazy("Denied attempts of the last 30 days"), "outcome = 'denied'"),
    "failed_sign_ins": _entries(lazy("Failed sign-ins of the last 30 days"), "kind = 'account:sign_in_failed'"),
    "role_changes": _entries(lazy("Roles given or taken in the last 30 days"), "kind LIKE 'account:role%'"),
    "backups": Evidence(
        lazy("Last backup"),
        "SELECT to_char(at, 'YYYY-MM-DD HH24:MI') FROM audit_entries"
        " WHERE kind = 'backup:taken' ORDER BY at DESC LIMIT 1",
        "officer.audit",
    ),
    "exports": Evidence(lazy("Exports of the trail so far"), "SELECT count(*) FROM audit_exports", "officer.exports"),
    "proposals": Evidence(
        lazy("Decisions that took two people"),
        "SELECT count(*) FROM proposals WHERE state IN ('approved', 'declined')",
        "officer.proposals",
    ),
    "books_checked": Evidence(
        lazy("Last check of the books"),
        "SELECT outcome || ', ' || to_char(at, 'YYYY-MM-DD HH24:MI') FROM audit_entries"
        " WHERE kind = 'books:checked' ORDER BY at DESC, id DESC LIMIT 1",
        "officer.books",
    ),
    "staff": Evidence(
        lazy("Active accounts of staff"),
        "SELECT count(*) FROM accounts WHERE state = 'active' AND NOT ('shopper' = ANY (roles))",
        "officer.staff",
        ("accounts",),
    ),
    "staff_suspended": Evidence(
        lazy("Suspended accounts of staff"),
        "SELECT count(*) FROM accounts WHERE state = 'suspended' AND NOT ('shopper' = ANY (roles))",
        "officer.staff",
        ("accounts",),
    ),
    "merchants": Evidence(
        lazy("Active merchants, and those among them who were never verified"),
        "SELECT count(*) || ', ' || count(*) FILTER (WHERE verified_at IS NULL) FROM merchants WHERE state = 'active'",
        "officer.applications",
        ("merchants",),
    ),
    "applications": Evidence(
        lazy("Applications decided"),
        "SELECT count(*) FROM applications WHERE decided_at IS NOT NULL",
        "officer.applications",
        ("applications",),
    ),
    "orders_kept": Evidence(
        lazy("Oldest order kept"), "SELECT to_char(min(created_at), 'YYYY-MM-DD') FROM orders", "", ("orders",)
    ),
    "fee_rows": Evidence(
        lazy("Fee rows, and those among them without a source"),
        "SELECT count(*) || ', ' || count(*) FILTER (WHERE source = '') FROM fees",
        "public.fees",
        ("fees",),
    ),
    "paused_listings": Evidence(
        lazy("Listings paused"), "SELECT count(*) FROM listings WHERE state = 'paused'", "", ("listings",)
    ),
    "returns": Evidence(
        lazy("Returns that wait beyond their day"),
        "SELECT count(*) FROM return_cases WHERE state = 'opened' AND decide_until < now()",
        "support.returns",
        ("return_cases",),
    ),
    "retention": Evidence(
        lazy("Last run of the retention rules"),
        "SELECT to_char(max(at), 'YYYY-MM-DD') FROM audit_entries WHERE kind = 'retention:applied'",
    ),
    "privacy_requests": Evidence(
        lazy("Requests of people that are open, and those beyond their day"),
        "SELECT count(*) || ', ' || count(*) FILTER (WHERE due_on < current_date) FROM privacy_requests"
        " WHERE state IN ('received', 'running')",
        "officer.privacy",
        ("privacy_requests",),
    ),
    "breaches": Evidence(
        lazy("Leaks on the register"), "SELECT count(*) FROM breaches", "officer.breaches", ("breaches",)
    ),
    "scan_tls": _scan("tls", lazy("Last look at the encryption of the connection")),
    "scan_headers": _scan("headers", lazy("Last look at the headers")),
    "scan_static": _scan("static", lazy("Last static analysis of the code")),
    "scan_advisories": _scan("advisories", lazy("Last comparison with known weaknesses")),
}


def answers(names: Iterable[str]) -> dict[str, str]:
    """What the system says now, by name; empty where there is nothing to say. One statement."""
    there = set(inspect(db.engine).get_table_names())
    asked = {n: ALL[n] for n in names if n in ALL and set(ALL[n].tables) <= there}
    found: dict[str, str] = {n: python() for n, python in _COUNTED.items() if n in set(names)}
    if asked:
        columns = ", ".join(f"({item.sql}) AS {name}" for name, item in asked.items())
        row: Any = db.session.execute(text(f"SELECT {columns}")).mappings().one()
        found |= {name: "" if row[name] is None else str(row[name]) for name in asked}
    return found


def label(name: str) -> object:
    return _LABELS[name] if name in _LABELS else ALL[name].label


def endpoint(name: str) -> str:
    return ALL[name].endpoint if name in ALL else ""


def _sealed_columns() -> str:
    return str(
        sum(
            1 for mapper in Base.registry.mappers for value in vars(mapper.class_).values() if isinstance(value, Sealed)
        )
    )


def _card_columns() -> str:
    words = ("card_number", "pan", "cvc", "cvv")
    return str(sum(1 for table in Base.metadata.tables.values() for column in table.columns if column.name in words))


_COUNTED = {"sealed_columns": _sealed_columns, "card_columns": _card_columns}
_LABELS = {
    "sealed_columns": lazy("Columns of personal data that are encrypted one by one"),
    "card_columns": lazy("Columns for card numbers"),
}
