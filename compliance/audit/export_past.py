"""The past of a bundle: older checkpoints, the proofs from each to the next, and what outsiders said of them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from compliance.audit import bundle, checkpoint, log
from compliance.audit.bundling import Job, b64
from compliance.audit.log import StoredCheckpoint

# One checkpoint a day, for a log that signs every few seconds has millions of them.
_DAILY = """
    SELECT DISTINCT ON (date_trunc('day', at AT TIME ZONE 'UTC')) tree_size, root_hash, note, at
    FROM audit_checkpoints WHERE tree_size < %(size)s
    ORDER BY date_trunc('day', at AT TIME ZONE 'UTC'), tree_size DESC"""
# One timestamp a day, and the newest: each with the checkpoint that it is over.
_STAMPED = """
    SELECT DISTINCT ON (date_trunc('day', t.at AT TIME ZONE 'UTC')) c.tree_size, c.root_hash, c.note, c.at, t.response
    FROM audit_timestamps t JOIN audit_checkpoints c USING (tree_size) WHERE c.tree_size <= %(size)s
    ORDER BY date_trunc('day', t.at AT TIME ZONE 'UTC'), c.tree_size DESC"""

# What each witness cosigned last on each day.
_COSIGNED = """
    SELECT DISTINCT ON (d.witness, date_trunc('day', c.at AT TIME ZONE 'UTC'))
        c.tree_size, c.root_hash, c.note, c.at, d.cosignature
    FROM audit_deliveries d JOIN audit_checkpoints c USING (tree_size)
    WHERE d.cosignature IS NOT NULL AND c.tree_size <= %(size)s
    ORDER BY d.witness, date_trunc('day', c.at AT TIME ZONE 'UTC'), c.tree_size DESC"""


class WitnessDisagrees(Exception):
    """The outside checkpoint is not of this log's past. Its message says how."""


def witnessed(job: Job, witness: str | None) -> StoredCheckpoint | None:
    """The outside checkpoint, checked against this log's own past."""
    if witness is None:
        return None
    seen, _ = checkpoint.parse(witness)
    ours = checkpoint.parse(job.newest.note)[0]
    if seen.origin != ours.origin:
        raise WitnessDisagrees(f"the witness's checkpoint is of {seen.origin}, this log is {ours.origin}")
    if seen.size > ours.size:
        raise WitnessDisagrees(f"the witness saw {seen.size} entries, this log has signed {ours.size} only")
    if log.root_at(job.connection, seen.size) != seen.root:
        raise WitnessDisagrees(f"the witness saw another tree of {seen.size} entries: the log was forked")
    return StoredCheckpoint(seen.size, seen.root, witness, job.newest.at)


def write_checkpoints(job: Job, outside: StoredCheckpoint | None) -> None:
    """One checkpoint a day, the witness's and those that outsiders signed; proofs from each to the next."""
    daily = [StoredCheckpoint(*row) for row in job.rows(_DAILY)]
    stamped, cosigned = list(job.rows(_STAMPED)), list(job.rows(_COSIGNED))
    chosen = {c.size: c for c in (*daily, *([outside] if outside else []))}
    # A timestamp is over these very bytes; a witness's copy of that size has the same root, and is there for that.
    chosen |= {row[0]: StoredCheckpoint(*row[:4]) for row in (*cosigned, *stamped) if row[0] < job.newest.size}
    for size in sorted(chosen):
        job.write(f"{bundle.CHECKPOINTS}{size}", [chosen[size].note.encode()])
    sizes = sorted({*chosen, job.newest.size})
    job.write(bundle.CONSISTENCY, (_step(job, *step) for step in pairwise(sizes)))
    for row in sorted(stamped):
        job.write(f"{bundle.TIMESTAMPS}{row[0]}.tsr", [bytes(row[4])])
    _write_cosigned(job, cosigned)


def _write_cosigned(job: Job, rows: Sequence[Any]) -> None:
    """cosigned/<size>: the checkpoint with the witnesses' lines below the log's own, as C2SP has it."""
    lines: dict[int, list[str]] = {}
    for size, _, signed, _, cosignature in rows:
        lines.setdefault(size, [signed]).append(cosignature)
    for size in sorted(lines):
        job.write(f"{bundle.COSIGNED}{size}", ["".join(lines[size]).encode()])


def _step(job: Job, old: int, new: int) -> bytes:
    hashes = log.consistency_proof(job.connection, old, new)
    step = {"from_size": old, "to_size": new, "hashes": [b64(h) for h in hashes]}
    return bundle.json_bytes(step) + b"\n"
