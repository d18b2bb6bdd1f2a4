"""Writes a bundle that anybody can check by public standards alone; docs/verify.md describes it.

Everything streams: rows come by server-side cursors and go into the zip as they come, so memory stays
flat whatever the range. What lies below a tree size never changes, so the files agree with each other
although the log grows meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from compliance.audit import bundle, checkpoint, entry, export_past, log, merkle, note
from compliance.audit.bundle import Filter
from compliance.audit.bundling import FETCH, Job, b64
from compliance.audit.export_past import WitnessDisagrees
from compliance.audit.log import Db, LogDamaged
from compliance.audit.note import Signer

__all__ = ["NothingToExport", "Papers", "Progress", "Summary", "WitnessDisagrees", "write_bundle"]
_CHUNK: Final = 1 << 20
_FIRST = """
    SELECT min(l.leaf_index) FROM audit_leaves l JOIN audit_entries e ON e.id = l.entry_id
    WHERE l.leaf_index < %(size)s AND e.at >= %(since)s"""
_END = """
    SELECT max(l.leaf_index) + 1 FROM audit_leaves l JOIN audit_entries e ON e.id = l.entry_id
    WHERE l.leaf_index < %(size)s AND e.at < %(until)s"""
_LEAVES = """
    SELECT leaf_hash FROM audit_leaves
    WHERE leaf_index >= %(first)s AND leaf_index < %(end)s ORDER BY leaf_index"""
_SHOWN = """
    FROM audit_leaves l JOIN audit_entries e ON e.id = l.entry_id
    WHERE l.leaf_index >= %(first)s AND l.leaf_index < %(end)s"""
_ENTRIES = f"SELECT l.leaf_index, e.body {_SHOWN}"
_HEADS = f"""
    SELECT DISTINCT ON (e.stream) e.stream, e.stream_no, l.leaf_hash, l.leaf_index
    FROM audit_entries e JOIN audit_leaves l ON l.entry_id = e.id
    WHERE l.leaf_index < %(size)s AND e.stream IN (SELECT e.stream {_SHOWN}"""  # noqa: S608
_STORED = f"SELECT DISTINCT e.stream {_SHOWN} AND e.kind = 'document:stored'"
_PAPERS_AT_ONCE: Final = 200
_MOST_PAPERS: Final = 50_000

Progress = Callable[[int, int], object]

Papers = Callable[[list[str]], Iterator[tuple[str, Iterable[bytes]]]]
"""Opens documents by their streams: (SHA-256 in hex, plain bytes) of each."""


class NothingToExport(Exception):
    """No checkpoint has been signed yet, so nothing can be proved."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written: the range [first, end), the number of its entries shown, the manifest's hash."""

    first: int
    end: int
    tree_size: int
    shown: int
    manifest_sha256: str


def write_bundle(  # noqa: PLR0913  what one bundle is made of
    connection: Db,
    out_file: IO[bytes],
    chosen: Filter,
    signer: Signer,
    witness: str | None = None,
    progress: Progress = lambda done, total: None,
    extra: Iterable[tuple[str, bytes]] = (),
    papers: Papers | None = None,
) -> Summary:
    """Write a bundle to `out_file` (it need not be seekable) and say what is in it.

    `witness` is the text of a checkpoint that an outsider kept; `extra` more files by name (COVER.pdf,
    handovers/…). With `papers` the documents that entries shown tell of go into documents/. `progress`
    hears (entries written, entries in the range).
    Raises NothingToExport, WitnessDisagrees, and LogDamaged if the log contradicts itself.
    """
    with connection.transaction(), ZipFile(out_file, "w", ZIP_DEFLATED, compresslevel=3) as archive:
        newest = log.latest_checkpoint(connection)
        if newest is None:
            raise NothingToExport("the log has no checkpoint yet; run `daigou audit checkpoint` first")
        job = Job(connection, archive, chosen, newest)
        outside = export_past.witnessed(job, witness)
        job.first, job.end = _range(job)
        job.write(bundle.CHECKPOINT, [newest.note.encode()])
        _write_leaves(job)
        _write_tables(job, progress)
        export_past.write_checkpoints(job, outside)
        for name, data in extra:
            job.write(name, [data])
        if papers is not None:
            _write_papers(job, papers)
        digest = _write_manifest(job, signer)
    return Summary(job.first, job.end, newest.size, job.shown, digest.hex())


def _range(job: Job) -> tuple[int, int]:
    """The half-open range of leaf indexes that holds every entry of the time asked for."""
    size, chosen = job.newest.size, job.chosen
    first, end = 0, size
    if chosen.since is not None:
        found = job.value(_FIRST)
        first = size if found is None else found
    if chosen.until is not None:
        end = job.value(_END) or 0
    return first, max(first, end)


def _write_leaves(job: Job) -> None:
    job.write(bundle.LEAVES, (row[0] for row in job.rows(_LEAVES)))
    if job.files[bundle.LEAVES]["size"] != merkle.HASH_BYTES * (job.end - job.first):
        raise LogDamaged("the log lacks leaves in this range; run `daigou audit fsck`")
    sides = {"left": (0, job.first), "right": (job.end, job.newest.size)}
    hashes = {
        name: [b64(h) for h in log.get_nodes(job.connection, merkle.span_nodes(*span))] for name, span in sides.items()
    }
    job.write(bundle.RANGE, [bundle.json_bytes(hashes)])


def _write_tables(job: Job, progress: Progress) -> None:
    """The three files of entries in one pass. A zip is written one file at a time: two wait beside it."""
    total = job.end - job.first
    statement = f"{_ENTRIES}{_narrowed(job)} ORDER BY l.leaf_index"
    with ExitStack() as stack:
        waiting = {name: stack.enter_context(TemporaryFile()) for name in bundle.TABLES}
        for name, (head, _) in bundle.TABLES.items():
            waiting[name].write(head)
        with job.member(bundle.ENTRIES) as write:
            for index, body in job.rows(statement):
                raw = bytes(body)
                fields = _decoded(index, raw)
                write(bundle.entry_line(index, raw, fields))
                for name, (_, line) in bundle.TABLES.items():
                    waiting[name].write(line(index, raw, fields))
                job.shown += 1
                if job.shown % FETCH == 0:
                    progress(index - job.first, total)
        for name, file in waiting.items():
            file.seek(0)
            job.write(name, iter(partial(file.read, _CHUNK), b""))
    progress(total, total)


def _decoded(index: int, raw: bytes) -> dict[str, Any]:
    try:
        return entry.decode(raw)
    except entry.EntryError as error:
        raise LogDamaged(f"entry {index} is damaged ({error}); run `daigou audit fsck`") from None


def _narrowed(job: Job) -> str:
    """The facets as SQL: names from bundle.Filter, values beside the statement."""
    return "".join(f" AND e.{name} = %({name})s" for name in job.chosen.facets())


def _write_papers(job: Job, papers: Papers) -> None:
    """documents/<sha256>: each file once, and only as the entry that stored it says."""
    streams = [row[0] for row in job.rows(f"{_STORED}{_narrowed(job)} LIMIT {_MOST_PAPERS}")]
    for start in range(0, len(streams), _PAPERS_AT_ONCE):
        for digest, pieces in papers(streams[start : start + _PAPERS_AT_ONCE]):
            name = f"{bundle.DOCUMENTS}{digest}"
            if name in job.files:
                continue
            job.write(name, pieces)
            if job.files[name]["sha256"] != digest:
                raise LogDamaged(f"the document {digest} is not what was stored")


def _write_manifest(job: Job, signer: Signer) -> bytes:
    files = dict(job.files)
    digest = sha256()
    with job.member(bundle.MANIFEST) as write:
        for part in _manifest(job, files):
            write(part)
            digest.update(part)
    signed = note.make(checkpoint.manifest_text(digest.digest()), [signer])
    job.write(bundle.MANIFEST_NOTE, [signed.encode()])
    return digest.digest()


def _manifest(job: Job, files: dict[str, dict[str, Any]]) -> Iterator[bytes]:
    """manifest.json in pieces, its keys in order: a year's stream heads need not fit in memory."""
    known = {
        "end": job.end,
        "files": files,
        "filter": job.chosen.to_json(),
        "first": job.first,
        "format": bundle.FORMAT,
        "origin": checkpoint.parse(job.newest.note)[0].origin,
        "root_hash": job.newest.root.hex(),
    }
    yield bundle.json_bytes(known)[:-1] + b',"stream_heads":{'
    statement = f"{_HEADS}{_narrowed(job)}) ORDER BY e.stream, e.stream_no DESC"
    comma = b""
    for stream, number, leaf, index in job.rows(statement):
        head = {"hash": bytes(leaf).hex(), "index": index, "no": number}
        yield comma + bundle.json_bytes(stream) + b":" + bundle.json_bytes(head)
        comma = b","
    yield b'},"tree_size":' + str(job.newest.size).encode() + b"}"
