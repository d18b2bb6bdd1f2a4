"""The audit log against its limits: python -m benchmarks.audit [--entries N].

Runs a durable PostgreSQL of its own (fsync on), and each row's bare limit beside it. The two sizes lie a
hundredfold apart: N / 100 and N.
"""

import argparse
import random
import resource
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg

from benchmarks import audit_fill
from compliance.audit import export, log, merkle, note, sequencer
from compliance.audit.bundle import Filter
from compliance.audit.verify import verify_bundle
from daigou import migrate
from daigou.core.config import Config
from daigou.embedded.postgres import TUNING
from daigou.embedded.stack import Stack

ORIGIN = "bench.example/log"
TABLES = (
    "audit_entries, audit_leaves, audit_nodes, audit_checkpoints, audit_keys, audit_horizon, audit_deliveries,"
    " audit_timestamps"
)
COLUMNS = (
    "id, created_at, at, kind, stream, stream_no, prev_hash, actor, body, leaf_hash, subject, order_ref,"
    " merchant_ref, outcome"
)
INSERT = f"INSERT INTO {{}} ({COLUMNS}) VALUES ({', '.join(['%s'] * 14)})"
APPENDS = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=20_000, help="the larger size (goals: 1000000)")
    entries = parser.parse_args().entries
    stack = Stack()
    stack.postgres = replace(stack.postgres, settings=TUNING)
    with stack:
        migrate.upgrade(Config.from_env(stack.environment))
        with closing(psycopg.connect(stack.url("daigou"), autocommit=True)) as connection:
            appends(connection)
            for size in (max(entries // 100, 100), entries):
                everything(connection, size)


def say(what: str, rate: float, unit: str, goal: str = "") -> None:
    print(f"{what:<44} {rate:>12,.1f} {unit:<10} {goal}", flush=True)


def timed(work):
    """Seconds, and what the work answered."""
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def appends(connection) -> None:
    """One entry a transaction, encoded and hashed, against the same row put in ready made."""
    connection.execute("CREATE TABLE bare (LIKE audit_entries INCLUDING ALL)")
    ready = list(audit_fill.rows(4 * APPENDS))
    spent = {"audit_entries": 0.0, "bare": 0.0}
    for turn in range(4):  # interleaved, so that a busy machine is unfair to neither
        first = turn * APPENDS
        encoded = audit_fill.rows(APPENDS, first)
        spent["audit_entries"] += timed(lambda rows=encoded: insert(connection, "audit_entries", rows))[0]
        rows = ready[first : first + APPENDS]
        spent["bare"] += timed(lambda rows=rows: insert(connection, "bare", rows))[0]
    say("append, one a transaction", 4 * APPENDS / spent["audit_entries"], "entries/s")
    say("  plain INSERT of the same row", 4 * APPENDS / spent["bare"], "rows/s")
    say("  ratio", spent["bare"] / spent["audit_entries"], "", ">= 0.75")


def insert(connection, table, rows) -> None:
    statement = INSERT.format(table)
    for row in rows:
        connection.execute(statement, row)


def everything(connection, size: int) -> None:
    print(f"\n{size:,} entries")
    connection.execute("SET session_replication_role = replica")  # the log refuses to be emptied
    connection.execute(f"TRUNCATE {TABLES}")
    connection.execute("SET session_replication_role = origin")
    audit_fill.fill(connection, size)
    key = note.generate(ORIGIN)
    took, run = timed(lambda: sequencer.run(connection, ORIGIN, [key]))
    say("sequencing, checkpoint included", run.sequenced / took, "entries/s", ">= 30,000")
    took, _ = timed(lambda: sequencer.run(connection, ORIGIN, [key]))
    say("  a sweep that finds nothing", took * 1000, "ms")
    lag(connection, key, size)
    proofs(connection, size)
    bundles(connection, key, size)


def lag(connection, key, size: int) -> None:
    """From the commit of 100 entries to the checkpoint that covers them."""
    audit_fill.fill(connection, 100, size)
    since = audit_fill.START + (size - 600) * audit_fill.SECOND
    took, run = timed(lambda: sequencer.run(connection, ORIGIN, [key], since))
    assert run.sequenced == 100
    say("  lag of 100 entries", took * 1000, "ms", "< 1,000")


def proofs(connection, size: int) -> None:
    count = min(10_000, size)
    indexes = random.Random(1).sample(range(size), count)
    took, found = timed(lambda: log.inclusion_proofs(connection, indexes, size))
    say("inclusion proofs, in one batch", count / took, "proofs/s", ">= 10,000")
    one = found[0]
    assert merkle.verify_inclusion(one.index, one.size, one.leaf_hash, one.hashes, one.root)


def bundles(connection, key, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trail.zip"
        with path.open("wb") as file:
            took, done = timed(lambda: export.write_bundle(connection, file, Filter(), key))
        say("export", done.shown / took, "entries/s")
        took, report = timed(lambda: verify_bundle(path, str(key.vkey)))
        assert report.exit_code == 0, report.lines()
        say("verify", done.shown / took, "entries/s", ">= 16,667 (1 M within 60 s)")
        say("  bundle", path.stat().st_size / done.shown, "bytes/entry")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say("peak memory of this process so far", memory, "MiB")


if __name__ == "__main__":
    main()
