"""Verifying a bundle: its tree continues every older tree that somebody saw."""

import re
from typing import Final

from compliance.audit import bundle, checkpoint, merkle
from compliance.audit.check import Check, hashes, json_object
from compliance.audit.merkle import verify_consistency

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")


def check_chain(check: Check) -> None:
    """checkpoints/<size> are the log's, and consistency.jsonl leads from each to the next and to ours."""
    seen = _checkpoints(check)
    seen[check.manifest.tree_size] = check.manifest.root
    steps = list(check.archive.lines(bundle.CONSISTENCY, bundle.MAX_LINE))
    sizes = sorted(seen)
    if len(steps) != len(sizes) - 1:
        message = f"consistency.jsonl has {len(steps)} steps for {len(sizes)} checkpoints"
        check.report.add("consistency", message)
    for number, line in enumerate(steps[: len(sizes) - 1]):
        _check_step(check, seen, (sizes[number], sizes[number + 1]), line)
    # Only now, with their proofs looked at, do these roots stand for the bundle's own past.
    check.roots.update((size, root) for size, root in seen.items() if size not in check.roots)


def check_witness(check: Check) -> None:
    """The checkpoint that came from outside is of this log, and of its past."""
    if check.witness is None:
        return
    (seen, signed), read, report = check.witness, check.manifest, check.report
    check.signed(signed, "the witness's checkpoint", seen.size)
    if seen.origin != read.origin:
        report.add("other_log", f"the witness's checkpoint is of {seen.origin}, the bundle of {read.origin}")
    elif seen.size > read.tree_size:
        message = (
            f"the witness saw {seen.size} entries, the bundle's log has {read.tree_size}: "
            "the log was truncated, or the bundle is older than the witness's copy"
        )
        report.add("truncated", message)
    elif seen.size and seen.size not in check.roots:
        message = f"nothing in the bundle leads from the witness's {seen.size} entries: export with --witness"
        report.add("witness_unproven", message)
    elif check.roots.get(seen.size, merkle.EMPTY_ROOT) != seen.root:
        report.add("forked", f"the witness saw another tree of {seen.size} entries: the log was forked")


def _checkpoints(check: Check) -> dict[int, bytes]:
    """Root by size, of those under checkpoints/."""
    found: dict[int, bytes] = {}
    for name in sorted(n for n in check.archive.names if n.startswith(bundle.CHECKPOINTS)):
        parsed = check.parsed(name, checkpoint.parse)
        if parsed is None:
            continue
        said, signed = parsed
        check.signed(signed, name, said.size)
        if not _NUMBER.fullmatch(name.removeprefix(bundle.CHECKPOINTS)) or not name.endswith(f"/{said.size}"):
            check.report.add("malformed", f"{name} is a checkpoint over {said.size} entries")
        elif said.origin != check.manifest.origin:
            check.report.add("other_log", f"{name} is of {said.origin}")
        elif said.size > check.manifest.tree_size:
            message = f"{name} is over more entries than the bundle's own {check.manifest.tree_size}"
            check.report.add("future_checkpoint", message)
        else:
            _remember(check, found, name, said)
    return found


def _remember(check: Check, found: dict[int, bytes], name: str, said: checkpoint.Checkpoint) -> None:
    if said.size == check.manifest.tree_size and said.root != check.manifest.root:
        check.report.add("forked", f"{name} has another root than the bundle's own checkpoint")
    found[said.size] = said.root


def _check_step(check: Check, seen: dict[int, bytes], sizes: tuple[int, int], line: bytes) -> None:
    old, new = sizes
    step = json_object(line, "from_size", "to_size", "hashes") or {}
    proof = hashes(step.get("hashes"))
    if (step.get("from_size"), step.get("to_size")) != sizes or proof is None:
        check.report.add("consistency", f"consistency.jsonl does not lead from {old} to {new}")
    elif not verify_consistency(old, new, seen[old], seen[new], proof):
        check.report.add("forked", f"the tree of {new} entries does not continue the signed one of {old}")
