"""The audit log: one entry a transaction, sequencing and its lag, proofs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from itertools import islice
from statistics import median
from uuid import UUID

import psycopg

from benchmarks import audit_fill
from benchmarks.house import House
from benchmarks.report import Row
from benchmarks.rounds import interleave, per_second, timed
from compliance.audit import door, log, merkle, note, sequencer
from compliance.audit.models import Export
from daigou.core import ids, outbox
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction

ORIGIN = "bench.example/log"
COLUMNS = (
    "id, created_at, at, kind, stream, stream_no, prev_hash, actor, body, leaf_hash, subject, order_ref,"
    " merchant_ref, outcome"
)
INSERT = f"INSERT INTO {{}} ({COLUMNS}) VALUES ({', '.join(['%s'] * 14)})"
LARGEST, PROOFS = 1_000_000, 10_000
LATER = timedelta(days=1)


def append(house: House) -> Iterator[Row]:
    """An entry alone beside the ready row; and a use case's transaction with its entry beside the same without."""
    market = house.markets[0]
    with market.superuser() as connection, market.app.app_context():
        connection.execute("CREATE TABLE IF NOT EXISTS bare_entries (LIKE audit_entries INCLUDING ALL)")
        entries, ready = audit_fill.rows(10**7), iter(list(audit_fill.rows(60_000)))
        thing = a_thing()
        runs = {
            "entry": lambda _: connection.execute(INSERT.format("audit_entries"), next(entries)),
            "plain": lambda _: connection.execute(INSERT.format("bare_entries"), next(ready)),
            "with": lambda _: change(thing, True),
            "without": lambda _: change(thing, False),
        }
        found = interleave({name: per_second(run, house.seconds / 2) for name, run in runs.items()}, house.rounds)
    for work, ours, limit, goal in (
        ("audit append: encode, hash, insert", "entry", "plain", 0.75),
        ("audit append inside a transaction", "with", "without", 0.85),
    ):
        rate, bare = median(found[ours]), median(found[limit])
        yield Row(
            work, None, f"{rate:,.0f}/s", f"{bare:,.0f}/s", rate / bare, f">= {goal}", rate / bare >= goal,
            note="audit append: the limit is an INSERT of the same row, ready made, in a table with the same indexes; "
            "inside a transaction: a thing is locked, changed and its news put into the outbox, COMMIT; the limit is "
            "the same without the entry",
        )  # fmt: skip


def a_thing() -> UUID:
    """A thing with a life, to change again and again."""
    row = Export(ref=ids.new_ref("EXP"), requested_by=ids.new_id(), reason="benchmark", locale="en", filter={})
    with transaction():
        door.created(system("bench"), row)
    return row.id


def change(thing: UUID, logged: bool) -> None:
    """Lock, change, tell; ``logged`` also writes the entry and moves the chain's head on."""
    with transaction():
        row = load_locked(Export, id=thing)
        row.progress = (row.progress or 0) + 1
        outbox.put("export.build", delay=LATER, export_id=thing)
        if logged:
            door.record(system("bench"), row, "noted", number=row.progress)
    db.session.expunge_all()


def sequencing(house: House) -> Iterator[Row]:
    """A log of two sizes, given its leaves and its checkpoint; a hundred more; then proofs for ten thousand at once."""
    for size in house.pair(LARGEST):
        whole = size == house.pair(LARGEST)[1]  # the smaller is there to show the growth: what is fixed weighs there
        name = f"trail_{size}"
        house.database(name)
        with closing(psycopg.connect(house.stack.url(name), autocommit=True)) as connection:
            audit_fill.fill(connection, size)
            key = note.generate(ORIGIN)
            took, run = timed(partial(sequencer.run, connection, ORIGIN, [key]))
            rate = run.sequenced / took
            met = rate >= 30_000 if whole else None
            yield Row("audit sequencing", size, f"{rate:,.0f}/s", goal=">= 30,000/s", met=met, value=rate)
            yield _lag(connection, key, size)
            yield _proofs(connection, size, whole)


def _lag(connection: psycopg.Connection, key: note.Signer, size: int) -> Row:
    """From the commit of 100 entries to the checkpoint that covers them."""
    audit_fill.fill(connection, 100, size)
    since = audit_fill.START + (size - 600) * audit_fill.SECOND
    took, run = timed(partial(sequencer.run, connection, ORIGIN, [key], since))
    if run.sequenced != 100:
        raise RuntimeError(run)
    return Row("lag of 100 entries more", size, f"{took * 1000:.1f} ms", goal="< 1 s", met=took < 1, value=1 / took)


def _proofs(connection: psycopg.Connection, size: int, whole: bool) -> Row:
    chosen = random.Random(1).sample(range(size), min(PROOFS, size))
    took, proofs = timed(lambda: log.inclusion_proofs(connection, chosen, size))
    for one in islice(proofs, 100):
        if not merkle.verify_inclusion(one.index, one.size, one.leaf_hash, one.hashes, one.root):
            raise RuntimeError("a proof that does not hold")
    rate = len(chosen) / took
    met = rate >= 10_000 if whole else None
    return Row("inclusion proofs, leaves", size, f"{rate:,.0f}/s", goal=">= 10,000/s", met=met, value=rate)
