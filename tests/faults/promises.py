"""What holds after every fault, asked of the tables, of the log, and of the provider's own books.

``broken`` is the whole sentence; test_promises.py breaks each of its clauses on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.payments import books
from daigou.providers.stripe.amounts import from_stripe

# States in which our own machinery has a thing in hand: what has come to rest stands in none of them. From all others
# a person goes on (whose page shows it), the provider does, or nobody need.
IN_HAND = {
    "refunds": "state IN ('requested', 'submitted')",
    "payouts": "state IN ('intended', 'submitted')",
    "releases": "state IN ('decided', 'submitted') OR (state = 'waiting' AND coalesce(refusal, '') = '')",
    "recourses": "state = 'reversing'",
    "disputes": "state IN ('opened', 'submitting') OR (state = 'evidence_due' AND assembled_at IS NULL)",
    "parcels": "state = 'packed'",
    "audit_exports": "state IN ('requested', 'building')",
}

# Rows that a query finds break the promise.
PROMISES = {
    "one success a bill": "SELECT bill_id FROM payment_attempts WHERE state = 'succeeded' AND source = 'provider'"
    " GROUP BY bill_id HAVING count(*) > 1",
    "captured at most due": "SELECT b.ref FROM bills b JOIN payment_attempts a ON a.bill_id = b.id"
    " AND a.state = 'succeeded' GROUP BY b.ref, b.total_minor HAVING sum(a.amount_minor) > b.total_minor",
    "refunds at most captured": "SELECT a.id FROM payment_attempts a JOIN refunds r ON r.attempt_id = a.id"
    " AND r.state <> 'failed' GROUP BY a.id, a.amount_minor HAVING sum(r.amount_minor) > a.amount_minor",
    "one release an item": "SELECT item_id FROM releases GROUP BY item_id HAVING count(*) > 1",
    "escrow never negative": "SELECT a.code, sum(b.balance) FROM ledger_accounts a JOIN ledger_balances b"
    " ON b.account_id = a.id WHERE a.kind = 'escrow' GROUP BY a.code HAVING sum(b.balance) > 0",
    "books balance in each currency": "SELECT currency, sum(amount) FROM ledger_postings GROUP BY currency"
    " HAVING sum(amount) <> 0",
    "one audit entry a money transaction": "SELECT coalesce(t.about, e.stream), t.number, e.number FROM"
    " (SELECT about, kind, count(*) AS number FROM ledger_transactions GROUP BY about, kind) t FULL JOIN"
    " (SELECT stream, substring(kind FROM ':posted:(.*)$') AS kind, count(*) AS number FROM audit_entries"
    "  WHERE kind LIKE '%:posted:%' GROUP BY 1, 2) e ON e.stream = t.about AND e.kind = t.kind"
    " WHERE t.number IS DISTINCT FROM e.number",
    "an order for each accepted quote, and one": "SELECT q.ref FROM quotes q LEFT JOIN orders o ON o.quote_id = q.id"
    " WHERE q.state = 'accepted' GROUP BY q.ref HAVING count(o.id) <> 1",
    "nothing sold twice": "SELECT ref FROM listings WHERE stock < 0",
    "the outbox is empty": "SELECT topic, last_error FROM outbox WHERE done_at IS NULL AND failed_at IS NULL"
    " AND (attempts > 0 OR due_at < now() + interval '2 minutes')",
    "nothing given up": "SELECT topic, last_error FROM outbox WHERE failed_at IS NOT NULL",
    "no work in dead hands": "SELECT topic FROM outbox WHERE leased AND done_at IS NULL",
    "the inbox is empty": "SELECT kind, event_id FROM inbox_events WHERE done_at IS NULL",
    "no bill paid without its order": "SELECT b.ref FROM bills b JOIN orders o ON o.id = b.order_id"
    " WHERE b.kind = 'goods' AND o.state IN ('placed', 'paid', 'completed')"
    " AND (b.state = 'paid') <> (o.state <> 'placed')",
    **{
        f"{table}: a next step or a human": f"SELECT id, state FROM {table} WHERE {which}"
        for table, which in IN_HAND.items()
    },
}  # fmt: skip
LEDGER, CLEARING, DURABLE, HEARD = "ledger check", "clearing", "every answer is durable", "every event was heard"


def broken(shop) -> list[str]:
    """Every promise that does not hold, by its name."""
    found = []
    with transaction() as session:
        for name, query in PROMISES.items():
            rows = session.execute(text(query)).all()
            found += [f"{name}: {tuple(row)}" for row in rows[:3]]
    found += [f"{LEDGER}: {fault}" for fault in books.check_all().faults]
    return [*found, *_clearing(shop), *_lost(shop), *_unheard(shop)]


def _clearing(shop) -> Iterator[str]:
    """To the cent what the provider says, which keeps books of its own."""
    theirs = shop.provider.get("/books.json").json()["balances"]
    with transaction():
        ours = books.clearing()
    for currency in {*ours, *(name.upper() for name in theirs)}:
        there = from_stripe(sum(theirs.get(currency.lower(), {}).values()), currency)
        here = ours.get(currency, Money.zero(currency))
        if there != here:
            yield f"{CLEARING}: {here} with us, {there} with the provider"


def _lost(shop) -> Iterator[str]:
    """What was answered is there."""
    for (table, column), values in shop.answered.items():
        query = text(f"SELECT {column} FROM {table} WHERE {column} = ANY(:values)")
        for value in values - set(db.session.execute(query, {"values": list(values)}).scalars()):
            yield f"{DURABLE}: {table} {value} was answered and is not there"


def _unheard(shop) -> Iterator[str]:
    """Every event that the provider has to tell is in the inbox, however often it had to be sent."""
    known = set(db.session.execute(text("SELECT event_id FROM inbox_events")).scalars())
    missing = [event["type"] for event in shop.provider.events() if event["id"] not in known]
    if missing:
        yield f"{HEARD}: {len(missing)} never reached us: {missing[:3]}"
