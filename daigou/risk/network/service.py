"""Which accounts hang together (S72): what each has used, and the accounts that are reached over shared things.

A thing that more than ``HUB`` accounts share says nothing of any of them (a forwarder's address, a library's browser),
so nobody is reached over it. A cluster is a hint for a person; no program refuses anybody for the company they keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.crypto import blind_index
from daigou.core.db import db, transaction

from .models import AccountLink

CARD, BANK, ADDRESS, PHONE, BROWSER = "card", "bank", "address", "phone", "browser"
HUB: Final = 20
"""Accounts that may share a thing before it says nothing any more."""
DEPTH: Final = 3
"""Steps from the account that is looked at."""
MOST: Final = 200
"""Accounts of a cluster at most: more is no cluster, but a crowd."""

# Breadth first, by the index of values; LIMIT ends the recursion as soon as there are enough.
_CLUSTER = text("""
    WITH RECURSIVE reached (account_id, depth) AS (
        SELECT CAST(:account AS uuid), 0
        UNION
        SELECT theirs.account_id, r.depth + 1
        FROM reached r
        JOIN account_links mine ON mine.account_id = r.account_id
        JOIN account_links theirs ON theirs.value = mine.value AND theirs.kind = mine.kind
        WHERE r.depth < :depth AND theirs.account_id <> r.account_id
          AND (SELECT count(*) FROM (SELECT FROM account_links h WHERE h.value = mine.value AND h.kind = mine.kind
                                     LIMIT :hub + 1) AS crowd) <= :hub
    ), members AS (
        SELECT account_id, min(depth) AS depth FROM (SELECT * FROM reached LIMIT :most) AS near GROUP BY account_id
    ), shared AS (
        SELECT l.kind, l.value, array_agg(l.account_id ORDER BY l.account_id) AS accounts
        FROM account_links l JOIN members USING (account_id)
        GROUP BY l.kind, l.value HAVING count(*) BETWEEN 2 AND :hub
    )
    SELECT m.account_id, m.depth, a.subject, a.state,
           (SELECT array_agg(DISTINCT s.kind ORDER BY s.kind) FROM shared s
            WHERE m.account_id = ANY (s.accounts)) AS kinds,
           (SELECT count(*) FROM payment_checks c WHERE c.account_id = m.account_id AND c.state = 'refused') AS refused
    FROM members m JOIN accounts a ON a.id = m.account_id
    ORDER BY m.depth, m.account_id""")


@dataclass(frozen=True, slots=True)
class Member:
    """One account of a cluster: how many steps away, what kinds of things tie it, how many payments were refused."""

    subject: str
    state: str
    depth: int
    kinds: tuple[str, ...]
    refused: int


def link(account_id: UUID, kind: str, value: str) -> None:
    """This account has used this. Again it does nothing; empty values tie nobody."""
    if not value.strip():
        return
    row = {"id": ids.new_id(), "created_at": clock.now(), "account_id": account_id, "kind": kind}
    statement = insert(AccountLink).values(**row, value=blind_index(f"account_links.{kind}", value))
    with transaction() as session:
        session.execute(statement.on_conflict_do_nothing(index_elements=["account_id", "kind", "value"]))


def cluster(actor: Actor, account_id: UUID) -> Sequence[Member]:
    """The account and whoever is reached from it, nearest first; alone where nothing is shared. One statement."""
    require(actor, "habit.view")
    values = {"account": account_id, "depth": DEPTH, "hub": HUB, "most": MOST}
    rows = db.session.execute(_CLUSTER, values)
    return [Member(row.subject, row.state, row.depth, tuple(row.kinds or ()), row.refused) for row in rows]
