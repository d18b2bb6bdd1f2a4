"""Checks a bundle offline, with nothing but this package: no application, no database, no settings.

Trust comes from outside the bundle only: the log's verifier key, and a checkpoint that somebody else
kept. Everything is read as from an enemy: nothing is unpacked, sizes are bounded, and whatever is wrong
becomes a finding, never a traceback. Memory is flat in the number of entries.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from compliance.audit import (
    archive,
    bundle,
    checkpoint,
    cosign,
    manifest,
    note,
    verify_past,
    verify_time,
    verify_tree,
    verify_witnesses,
)
from compliance.audit.archive import Archive, Damaged
from compliance.audit.check import Check
from compliance.audit.checkpoint import Checkpoint, Keyring
from compliance.audit.cosign import WitnessKey
from compliance.audit.manifest import Manifest, ManifestError, OtherVersion
from compliance.audit.note import Note, NoteError
from compliance.audit.report import Report
from daigou.providers import timestamping
from daigou.providers.timestamping import Unusable

_UNLISTED: Final = frozenset((bundle.MANIFEST, bundle.MANIFEST_NOTE))


@dataclass(frozen=True, slots=True)
class Outside:
    """What is trusted, and came by another way than the bundle."""

    ring: Keyring | None
    witness: tuple[Checkpoint, Note] | None
    tsa_roots: list[Any]
    witness_keys: list[WitnessKey]


def verify_bundle(
    path: Path | str,
    vkey: str | None = None,
    witness: str | None = None,
    tsa_roots: str | None = None,
    witness_vkeys: str | None = None,
) -> Report:
    """Everything that is wrong with the bundle at `path`.

    `vkey`: the text of a verifier key file (one key a line), `witness`: the text of a checkpoint, `tsa_roots`: the
    PEM of the time-stamping service, `witness_vkeys`: the keys of witnesses that must have cosigned; all must come
    from outside the bundle. Without `vkey` signatures are not checked and the report says "self-consistent only".
    Never raises for what is in the files.
    """
    report = Report()
    try:
        outside = Outside(
            ring=Keyring.trusting(note.parse_vkeys(vkey)) if vkey is not None else None,
            witness=checkpoint.parse(witness) if witness is not None else None,
            tsa_roots=timestamping.certificates(tsa_roots) if tsa_roots is not None else [],
            witness_keys=cosign.parse_keys(witness_vkeys) if witness_vkeys is not None else [],
        )
    except (NoteError, Unusable) as error:
        report.readable = False
        report.add("unreadable", f"the key, checkpoint or certificate given is of no use: {error}")
        return report
    file = archive.open_zip(Path(path), report)
    if file is not None:
        with file:
            if archive.check_names(file, report):
                _verify(Archive(file), report, outside)
    return report


def _verify(files: Archive, report: Report, outside: Outside) -> None:
    read = _manifest(files, report)
    if read is None:
        return
    report.facts |= {
        "origin": read.origin,
        "range": f"[{read.first}, {read.end}) of {read.tree_size}",
        "filter": bundle.json_bytes(read.chosen.to_json()).decode(),
        "root": read.root.hex(),
    }
    check = Check(files, read, report, outside.ring, outside.witness)
    check.tsa_roots, check.witness_keys = outside.tsa_roots, outside.witness_keys
    check.guarded(_follow_handovers, _check_manifest_note, _check_files)
    if set(bundle.REQUIRED) <= set(files.names):
        check.guarded(_check_checkpoint, verify_time.check_timestamps)
        check.guarded(verify_tree.check_root, verify_tree.check_entries)
        check.guarded(verify_past.check_chain, verify_past.check_witness)
        check.guarded(verify_witnesses.check_cosigned)
    _say_what_was_not_checked(check)
    report.authenticated = outside.ring is not None


def _manifest(files: Archive, report: Report) -> Manifest | None:
    try:
        return manifest.parse(files.read(bundle.MANIFEST, bundle.MAX_MANIFEST))
    except Damaged as error:
        report.add("manifest", f"without its manifest this is no bundle: {error}")
    except OtherVersion as error:
        report.add("format_version", str(error))
    except ManifestError as error:
        report.add("manifest", f"{bundle.MANIFEST}: {error}")
    return None


def _follow_handovers(check: Check) -> None:
    """Keys that the log handed itself over to, or from, signed by both sides."""
    names = sorted(n for n in check.archive.names if n.startswith(bundle.HANDOVERS))
    origin = check.manifest.origin
    parsed = [check.parsed(name, lambda data: checkpoint.verify_handover(data, origin)) for name in names]
    if check.ring is not None:
        check.ring = check.ring.follow([handover for handover in parsed if handover is not None])


def _check_manifest_note(check: Check) -> None:
    """The note's signature holds, and it is over the hash of this manifest.json."""
    signed = check.parsed(bundle.MANIFEST_NOTE, note.parse)
    if signed is None:
        return
    digest = bytes.fromhex(check.archive.digest(bundle.MANIFEST))
    if signed.text != checkpoint.manifest_text(digest):
        check.report.add("manifest_changed", "manifest.json is not the one that manifest.note speaks of")
    check.signed(signed, bundle.MANIFEST_NOTE)


def _check_files(check: Check) -> None:
    """Each file is listed, there, and as listed."""
    listed, present = check.manifest.files, set(check.archive.names) - _UNLISTED
    for name in sorted(present - set(listed)):
        check.report.add("unlisted_file", f"{name!r} does not stand in the manifest")
    for name in sorted((set(listed) | set(bundle.REQUIRED)) - present):
        check.report.add("missing_file", f"{name!r} is missing")
    for name in sorted(present & set(listed)):
        _check_file(check, name, *listed[name])


def _check_file(check: Check, name: str, digest: str, size: int) -> None:
    actual = check.archive.size(name)
    if actual != size:
        check.report.add("file_changed", f"{name} has {actual} bytes, the manifest says {size}")
        return
    try:
        if check.archive.digest(name) != digest:
            check.report.add("file_changed", f"{name} is not the file that the manifest lists")
    except Damaged as error:
        check.report.add("damaged", str(error))


def _check_checkpoint(check: Check) -> None:
    """The bundle's checkpoint is the log's own, and is the tree that the manifest speaks of."""
    parsed = check.parsed(bundle.CHECKPOINT, checkpoint.parse)
    if parsed is None:
        return
    (said, signed), read = parsed, check.manifest
    check.signed(signed, bundle.CHECKPOINT, said.size)
    if said.origin != read.origin:
        check.report.add("other_log", f"the checkpoint is of {said.origin}, the manifest of {read.origin}")
    if said.size > read.tree_size:
        message = f"the checkpoint is over {said.size} entries, the manifest over {read.tree_size}"
        check.report.add("future_checkpoint", message)
    elif (said.size, said.root) != (read.tree_size, read.root):
        check.report.add("checkpoint", "the checkpoint has another size or root than the manifest")


def _say_what_was_not_checked(check: Check) -> None:
    if check.ring is None:
        check.report.notes.append("no verifier key was given, so no signature was checked")
    if check.witness is None and not check.witness_keys:
        check.report.notes.append("no witness was given: a log cut or rebuilt as a whole would not show")
    if check.stamps and not check.tsa_roots:
        check.report.notes.append("no --tsa-root was given, so nobody knows who signed the timestamps")
    if check.stamps:
        check.report.facts["timestamps"] = len(check.stamps)
