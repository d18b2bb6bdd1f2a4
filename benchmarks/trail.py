"""The audit log: one entry a transaction, sequencing, proofs. Exports and more sizes: `python -m benchmarks.audit`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from statistics import median

import psycopg

from benchmarks import audit_fill
from benchmarks.audit import INSERT, ORIGIN, timed
from benchmarks.house import House
from benchmarks.report import Row
from benchmarks.rounds import interleave, per_second
from compliance.audit import door, log, merkle, note, sequencer
from daigou.core import ids
from daigou.core.access import system
from daigou.core.db import db, transaction

PROOFS = 10_000


def append(house: House) -> Iterator[Row]:
    """The encoded, hashed and chained entry, and the door as use cases call it, beside the ready row alone."""
    market = house.markets[0]
    with market.superuser() as connection, market.app.app_context():
        connection.execute("CREATE TABLE IF NOT EXISTS bare_entries (LIKE audit_entries INCLUDING ALL)")
        entries, ready = audit_fill.rows(10**7), iter(list(audit_fill.rows(60_000)))
        stream = f"bench/{ids.new_id()}"
        runs = {
            "entry": lambda _: connection.execute(INSERT.format("audit_entries"), next(entries)),
            "plain": lambda _: connection.execute(INSERT.format("bare_entries"), next(ready)),
            "door": lambda _: by_the_door(stream),
        }
        found = interleave({name: per_second(run, house.seconds / 2) for name, run in runs.items()}, house.rounds)
    plain = median(found["plain"])
    for name, work in (("entry", "audit append: encode, hash, insert"), ("door", "audit append: the door's note()")):
        rate = median(found[name])
        yield Row(
            work, None, f"{rate:,.0f}/s", f"{plain:,.0f}/s", rate / plain, ">= 0.75", rate / plain >= 0.75,
            note="audit append: the limit is an INSERT of the same row, ready made, in a table with the same indexes; "
            "note() is a whole use case: BEGIN, the stream's head made, locked and moved on, the entry, COMMIT",
        )  # fmt: skip


def by_the_door(stream: str) -> None:
    with transaction():
        door.note(system("bench"), stream, "bench:noted", number=1)
    db.session.expunge_all()


def sequencing(house: House) -> Iterator[Row]:
    """A log of two sizes, given its leaves and its checkpoint; then proofs for ten thousand of them at once."""
    sizes = (1_000, 20_000) if house.seconds < 1 else (5_000, 500_000)
    for size in sizes:
        name = f"trail_{size}"
        house.database(name)
        with closing(psycopg.connect(house.stack.url(name), autocommit=True)) as connection:
            audit_fill.fill(connection, size)
            key = note.generate(ORIGIN)
            took, run = timed(lambda link=connection, key=key: sequencer.run(link, ORIGIN, [key]))
            rate = run.sequenced / took
            yield Row(
                f"audit sequencing, {size:,} entries", None, f"{rate:,.0f}/s", goal=">= 30,000/s", met=rate >= 30_000
            )
            chosen = random.Random(1).sample(range(size), min(PROOFS, size))
            took, proofs = timed(lambda link=connection, n=size, some=chosen: log.inclusion_proofs(link, some, n))
            for one in islice(proofs, 100):
                if not merkle.verify_inclusion(one.index, one.size, one.leaf_hash, one.hashes, one.root):
                    raise RuntimeError("a proof that does not hold")
            rate = len(chosen) / took
            yield Row(
                f"inclusion proofs, {size:,} leaves", None, f"{rate:,.0f}/s", goal=">= 10,000/s", met=rate >= 10_000
            )
