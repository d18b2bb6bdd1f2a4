"""Writes a bundle that anybody can check by public standards alone; docs/verify.md describes it.

Everything streams: rows come by server-side cursors and go into the zip as they come, so memory stays
flat whatever the range. What lies below a tree size never changes, so the files agree with each other
although the log grows meanwhile.
"""

import base64
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import pairwise
from tempfile import TemporaryFile
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from compliance.audit import bundle, checkpoint, entry, log, merkle, note
from compliance.audit.bundle import Filter
from compliance.audit.log import Db, LogDamaged, StoredCheckpoint
from compliance.audit.note import Signer

_FETCH: Final = 5_000
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

_STORED = f"SELECT DISTINCT e.stream {_SHOWN} AND e.kind = 'document:stored'"
_PAPERS_AT_ONCE: Final = 200
_MOST_PAPERS: Final = 50_000

Progress = Callable[[int, int], object]


Papers = Callable[[list[str]], Iterator[tuple[str, Iterable[bytes]]]]
"""Opens documents by their streams: (SHA-256 in hex, plain bytes) of each."""


class NothingToExport(Exception):
    """No checkpoint has been signed yet, so nothing can be proved."""


class WitnessDisagrees(Exception):
    """The outside checkpoint is not of this log's past. Its message says how."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written: the range [first, end), the number of its entries shown, the manifest's hash."""

    first: int
    end: int
    tree_size: int
    shown: int
    manifest_sha256: str


@dataclass
class _Job:
    """One bundle on its way."""

    connection: Db
    zip: ZipFile
    chosen: Filter
    newest: StoredCheckpoint
    first: int = 0
    end: int = 0
    shown: int = 0
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        times = {"since": self.chosen.since, "until": self.chosen.until}
        return {
            "first": self.first,
            "end": self.end,
            "size": self.newest.size,
            **times,
            **self.chosen.facets(),
        }


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
        job = _Job(connection, archive, chosen, newest)
        outside = _witnessed(job, witness)
        job.first, job.end = _range(job)
        _write(job, bundle.CHECKPOINT, [newest.note.encode()])
        _write_leaves(job)
        _write_tables(job, progress)
        _write_checkpoints(job, outside)
        for name, data in extra:
            _write(job, name, [data])
        if papers is not None:
            _write_papers(job, papers)
        digest = _write_manifest(job, signer)
    return Summary(job.first, job.end, newest.size, job.shown, digest.hex())


def _range(job: _Job) -> tuple[int, int]:
    """The half-open range of leaf indexes that holds every entry of the time asked for."""
    size, chosen = job.newest.size, job.chosen
    first, end = 0, size
    if chosen.since is not None:
        found = _value(job, _FIRST)
        first = size if found is None else found
    if chosen.until is not None:
        end = _value(job, _END) or 0
    return first, max(first, end)


def _value(job: _Job, statement: str) -> Any:
    row = job.connection.execute(statement, job.values).fetchone()
    return row[0] if row else None


def _rows(job: _Job, statement: str) -> Iterator[Any]:
    """Rows of a server-side cursor, fetched a few thousand at a time."""
    with job.connection.cursor(name="audit_export", binary=True) as cursor:
        cursor.itersize = _FETCH
        yield from cursor.execute(statement, job.values)


@contextmanager
def _member(job: _Job, name: str) -> Iterator[Callable[[bytes], None]]:
    """A file in the zip, and in the manifest with its size and hash when it ends."""
    info = ZipInfo(name)
    info.external_attr = 0o644 << 16
    # Hashes do not shrink; trying would only cost time.
    info.compress_type = ZIP_STORED if name == bundle.LEAVES else ZIP_DEFLATED
    digest, size = sha256(), 0
    with job.zip.open(info, "w", force_zip64=True) as file:

        def write(data: bytes) -> None:
            nonlocal size
            file.write(data)
            digest.update(data)
            size += len(data)

        yield write
    job.files[name] = {"sha256": digest.hexdigest(), "size": size}


def _write(job: _Job, name: str, parts: Iterable[bytes]) -> None:
    with _member(job, name) as write:
        for part in parts:
            write(part)


def _write_leaves(job: _Job) -> None:
    _write(job, bundle.LEAVES, (row[0] for row in _rows(job, _LEAVES)))
    if job.files[bundle.LEAVES]["size"] != merkle.HASH_BYTES * (job.end - job.first):
        raise LogDamaged("the log lacks leaves in this range; run `daigou audit fsck`")
    sides = {"left": (0, job.first), "right": (job.end, job.newest.size)}
    hashes = {
        name: [_b64(h) for h in log.get_nodes(job.connection, merkle.span_nodes(*span))] for name, span in sides.items()
    }
    _write(job, bundle.RANGE, [bundle.json_bytes(hashes)])


def _write_tables(job: _Job, progress: Progress) -> None:
    """The three files of entries in one pass. A zip is written one file at a time: two wait beside it."""
    total = job.end - job.first
    statement = f"{_ENTRIES}{_narrowed(job)} ORDER BY l.leaf_index"
    with ExitStack() as stack:
        waiting = {name: stack.enter_context(TemporaryFile()) for name in bundle.TABLES}
        for name, (head, _) in bundle.TABLES.items():
            waiting[name].write(head)
        with _member(job, bundle.ENTRIES) as write:
            for index, body in _rows(job, statement):
                raw = bytes(body)
                fields = _decoded(index, raw)
                write(bundle.entry_line(index, raw, fields))
                for name, (_, line) in bundle.TABLES.items():
                    waiting[name].write(line(index, raw, fields))
                job.shown += 1
                if job.shown % _FETCH == 0:
                    progress(index - job.first, total)
        for name, file in waiting.items():
            file.seek(0)
            _write(job, name, iter(partial(file.read, _CHUNK), b""))
    progress(total, total)


def _decoded(index: int, raw: bytes) -> dict[str, Any]:
    try:
        return entry.decode(raw)
    except entry.EntryError as error:
        raise LogDamaged(f"entry {index} is damaged ({error}); run `daigou audit fsck`") from None


def _narrowed(job: _Job) -> str:
    """The facets as SQL: names from bundle.Filter, values beside the statement."""
    return "".join(f" AND e.{name} = %({name})s" for name in job.chosen.facets())


def _witnessed(job: _Job, witness: str | None) -> StoredCheckpoint | None:
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


def _write_checkpoints(job: _Job, outside: StoredCheckpoint | None) -> None:
    """One checkpoint a day, the witness's and those with a timestamp among them, and proofs from each to the next."""
    daily = [StoredCheckpoint(*row) for row in _rows(job, _DAILY)]
    stamped = {row[0]: (StoredCheckpoint(*row[:4]), bytes(row[4])) for row in _rows(job, _STAMPED)}
    chosen = {c.size: c for c in (*daily, *([outside] if outside else []))}
    # A timestamp is over these very bytes; a witness's copy of that size has the same root, and is there for that.
    chosen |= {size: signed for size, (signed, _) in stamped.items() if size < job.newest.size}
    for size in sorted(chosen):
        _write(job, f"{bundle.CHECKPOINTS}{size}", [chosen[size].note.encode()])
    sizes = sorted({*chosen, job.newest.size})
    _write(job, bundle.CONSISTENCY, (_step(job, *step) for step in pairwise(sizes)))
    for size, (_, response) in sorted(stamped.items()):
        _write(job, f"{bundle.TIMESTAMPS}{size}.tsr", [response])


def _step(job: _Job, old: int, new: int) -> bytes:
    hashes = log.consistency_proof(job.connection, old, new)
    step = {"from_size": old, "to_size": new, "hashes": [_b64(h) for h in hashes]}
    return bundle.json_bytes(step) + b"\n"


def _write_papers(job: _Job, papers: Papers) -> None:
    """documents/<sha256>: each file once, and only as the entry that stored it says."""
    streams = [row[0] for row in _rows(job, f"{_STORED}{_narrowed(job)} LIMIT {_MOST_PAPERS}")]
    for start in range(0, len(streams), _PAPERS_AT_ONCE):
        for digest, pieces in papers(streams[start : start + _PAPERS_AT_ONCE]):
            name = f"{bundle.DOCUMENTS}{digest}"
            if name in job.files:
                continue
            _write(job, name, pieces)
            if job.files[name]["sha256"] != digest:
                raise LogDamaged(f"the document {digest} is not what was stored")


def _write_manifest(job: _Job, signer: Signer) -> bytes:
    files = dict(job.files)
    digest = sha256()
    with _member(job, bundle.MANIFEST) as write:
        for part in _manifest(job, files):
            write(part)
            digest.update(part)
    signed = note.make(checkpoint.manifest_text(digest.digest()), [signer])
    _write(job, bundle.MANIFEST_NOTE, [signed.encode()])
    return digest.digest()


def _manifest(job: _Job, files: dict[str, dict[str, Any]]) -> Iterator[bytes]:
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
    for stream, number, leaf, index in _rows(job, statement):
        head = {"hash": bytes(leaf).hex(), "index": index, "no": number}
        yield comma + bundle.json_bytes(stream) + b":" + bundle.json_bytes(head)
        comma = b","
    yield b'},"tree_size":' + str(job.newest.size).encode() + b"}"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
