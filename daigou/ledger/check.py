"""Proof that the books hold in themselves. Reads every posting: a few seconds for a million."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import text

from daigou.core.db import db


@dataclass
class Report:
    """``faults`` are what must not be; ``notes`` are what explains a difference; ``figures`` are what was looked at."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.faults


# Each query answers with the rows that break the rule, at most a handful: {words} is filled from their columns.
_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "every transaction sums to zero in each currency",
        "SELECT transaction_id, currency, sum(amount) AS off FROM ledger_postings"
        " GROUP BY transaction_id, currency HAVING sum(amount) <> 0 LIMIT 10",
        "transaction {transaction_id} is off by {off} {currency}",
    ),
    (
        "every balance is the sum of its postings",
        "WITH posted AS (SELECT account_id, sum(amount) AS amount FROM ledger_postings GROUP BY account_id),"
        " kept AS (SELECT account_id, sum(balance) AS amount FROM ledger_balances GROUP BY account_id)"
        " SELECT a.code, coalesce(p.amount, 0) AS posted, coalesce(k.amount, 0) AS kept FROM posted p"
        " FULL JOIN kept k USING (account_id) JOIN ledger_accounts a ON a.id = account_id"
        " WHERE coalesce(p.amount, 0) <> coalesce(k.amount, 0) LIMIT 10",
        "{code} says {kept}, its postings {posted}",
    ),
    (
        "no guarded account is overdrawn",
        "SELECT a.code, b.balance FROM ledger_balances b JOIN ledger_accounts a ON a.id = b.account_id"
        " WHERE b.guard * b.balance < 0 LIMIT 10",
        "{code} stands at {balance}",
    ),
    (
        "every posting is in its account's currency",
        "SELECT p.id, a.code FROM ledger_postings p LEFT JOIN ledger_accounts a ON a.id = p.account_id"
        " WHERE a.currency IS DISTINCT FROM p.currency LIMIT 10",
        "posting {id} stands on {code}",
    ),
    (
        "every posting has its transaction",
        "SELECT p.id, p.transaction_id FROM ledger_postings p"
        " LEFT JOIN ledger_transactions t ON t.id = p.transaction_id WHERE t.id IS NULL LIMIT 10",
        "posting {id} names {transaction_id}, which there is not",
    ),
    (
        "every transaction has its audit entry",
        # By equal keys on both sides, so that it is hashed: a stream may have very many entries.
        "SELECT t.id, t.key FROM ledger_transactions t WHERE t.created_at > now() - interval '1 day' AND NOT EXISTS"
        " (SELECT FROM audit_entries e WHERE e.at > now() - interval '25 hours' AND e.kind LIKE '%:posted:%'"
        " AND e.stream = t.about AND split_part(e.kind, ':posted:', 2) = t.kind) LIMIT 10",
        "transaction {id} ({key}) has none",
    ),
)


def check() -> Report:
    """The ledger by itself. Other rooms add what they know (payments.books)."""
    report = Report()
    for rule, query, words in _RULES:
        broken = db.session.execute(text(query)).mappings().all()
        report.faults += [f"{rule}: " + words.format(**row) for row in broken]
        report.figures.append((rule, "broken" if broken else "holds"))
    counted = db.session.execute(
        text("SELECT (SELECT count(*) FROM ledger_transactions), (SELECT count(*) FROM ledger_postings)")
    ).one()
    report.figures.append(("transactions and postings", f"{counted[0]} and {counted[1]}"))
    return report
