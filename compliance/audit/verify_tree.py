"""Verifying a bundle: the leaves lead to the root, and the entries are the leaves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from compliance.audit import bundle, entry, merkle, quick, verify_time
from compliance.audit.archive import Damaged
from compliance.audit.check import Check, decoded, hashes, json_object
from compliance.audit.merkle import HASH_BYTES, CompactRange
from compliance.audit.streams import Chains

_RUN: Final = 1 << 16
_EXAMPLES: Final = 1_000
_LINES: Final = 2_000
_DIGEST: Final = re.compile(rb'"sha256":"([0-9a-f]{64})"')


def check_root(check: Check) -> None:
    """Left side, leaves and right side lead to the root (RFC 9162 section 2.1.1)."""
    read, size = check.manifest, check.archive.size(bundle.LEAVES)
    sides = _sides(check)
    if size != HASH_BYTES * (read.end - read.first):
        message = f"leaves.bin has {size // HASH_BYTES} hashes for {read.end - read.first} entries"
        check.report.add("dropped", message)
    elif sides is not None:
        tree, right = sides
        _grow(check, tree)
        tree.extend(right)
        check.roots[read.tree_size] = tree.root()
        if tree.root() != read.root:
            message = "the leaves do not lead to the root: one was edited, dropped, added or moved"
            check.report.add("root", message)


def _sides(check: Check) -> tuple[CompactRange, CompactRange] | None:
    read = check.manifest
    data = json_object(check.archive.read(bundle.RANGE), "left", "right") or {}
    left, right = hashes(data.get("left")), hashes(data.get("right"))
    try:
        if left is not None and right is not None:
            return CompactRange(0, read.first, left), CompactRange(read.end, read.tree_size, right)
    except ValueError:
        pass  # the wrong number of hashes
    check.report.add("range", "range.json does not hold the subtrees on both sides of the range")
    return None


def _grow(check: Check, tree: CompactRange) -> None:
    """Adds the range's leaves; where the witness's size lies within it, its root is noted on the way."""
    stop = check.witness[0].size if check.witness else None
    if tree.end == stop:
        check.roots[tree.end] = tree.root()
    for chunk in check.archive.chunks(bundle.LEAVES, _RUN * HASH_BYTES):
        leaves = [chunk[i : i + HASH_BYTES] for i in range(0, len(chunk), HASH_BYTES)]
        if stop is not None and tree.end < stop <= tree.end + len(leaves):
            before = stop - tree.end
            tree.extend_leaves(leaves[:before])
            check.roots[stop] = tree.root()
            leaves = leaves[before:]
        tree.extend_leaves(leaves)


@dataclass
class _Walk:
    """The entries against the leaves, both from left to right."""

    check: Check
    leaves: Iterator[bytes]
    place: int
    """Index of the next leaf."""
    chains: Chains = field(default_factory=Chains)
    shown: int = 0
    hidden: int | None = None
    """Index of the first leaf that is not shown."""
    papers: set[str] = field(default_factory=set)
    """Hashes of documents/ that no entry has named yet."""
    span: tuple[int, str, str] = (0, "", "")
    """What the entries below an index may say of their time."""
    strange: dict[bytes, int] = field(default_factory=dict)
    """Leaf hashes of entries that are not the leaf of their index."""

    def __post_init__(self) -> None:
        self.spans = verify_time.spans(self.check)
        names = (name for name in self.check.archive.names if name.startswith(bundle.DOCUMENTS))
        self.papers = {name.removeprefix(bundle.DOCUMENTS) for name in names}

    def name_papers(self, raw: bytes) -> None:
        """The entry may name a document of the bundle."""
        for digest in _DIGEST.findall(raw) if self.papers else ():
            self.papers.discard(digest.decode())


class _Tables:
    """What the two tables beside the entries must be: hashed a few thousand lines at a time."""

    def __init__(self) -> None:
        self._hashes = {name: sha256(head) for name, (head, _) in bundle.TABLES.items()}
        self._csv: list[str] = []
        self._ocsf: list[str] = []

    def add(self, csv: str, ocsf: str) -> None:
        self._csv.append(csv)
        self._ocsf.append(ocsf)
        if len(self._csv) >= _LINES:
            self._flush()

    def digests(self) -> dict[str, str]:
        """SHA-256 in hex by the file's name."""
        self._flush()
        return {name: digest.hexdigest() for name, digest in self._hashes.items()}

    def _flush(self) -> None:
        for name, lines in ((bundle.ENTRIES_CSV, self._csv), (bundle.OCSF, self._ocsf)):
            self._hashes[name].update("".join(lines).encode())
            lines.clear()


def check_entries(check: Check) -> None:
    """Each entry is the leaf of its index, chains hold, and the tables say what the entries say."""
    walk = _Walk(check, _leaves(check), check.manifest.first)
    tables = _Tables()
    try:
        for number, line in enumerate(check.archive.lines(bundle.ENTRIES, bundle.MAX_LINE), 1):
            plain = quick.read(line)
            if plain is not None:
                walk.name_papers(plain.raw)
                _compare(walk, plain.index, plain.at, plain.leaf, plain.stream, plain.no, plain.prev)
                tables.add(plain.csv, plain.ocsf)
            elif (read := _entry(check, number, line)) is not None:
                index, raw, body = read
                walk.name_papers(raw)
                chain = (body["stream"], body["no"], bytes.fromhex(body["prev"]))
                _compare(walk, index, body["at"], merkle.leaf_hash(raw), *chain)
                tables.add(bundle.csv_line(*read).decode(), bundle.ocsf_line(*read).decode())
        _skip_to(walk, check.manifest.end)
        _check_strange(walk)
        _check_withheld(walk)
        _check_papers(walk)
        _check_tables(check, tables.digests())
    finally:
        walk.chains.close()
    check.report.facts |= {"entries": walk.shown, "hashes only": walk.chains.hidden_count}


def _leaves(check: Check) -> Iterator[bytes]:
    for chunk in check.archive.chunks(bundle.LEAVES, _RUN * HASH_BYTES):
        for start in range(0, len(chunk), HASH_BYTES):
            yield chunk[start : start + HASH_BYTES]


def _entry(check: Check, number: int, line: bytes) -> tuple[int, bytes, dict[str, Any]] | None:
    """Index, exact bytes and fields of a line of entries.jsonl; None, with a finding, if it is none."""
    data = json_object(line, "index", "entry") or {}
    index, raw = data.get("index"), decoded(data.get("entry"))
    if type(index) is not int or raw is None:
        check.report.add("malformed", f"line {number} of {bundle.ENTRIES} is not an entry with its index")
        return None
    body = {name: value for name, value in data.items() if name not in ("index", "entry")}
    # The two members more than the leaf's, and not a byte besides: no field can be there twice.
    compact = len(raw) + len(f'"entry":"{data["entry"]}","index":{index},')
    if len(line) == compact and entry.is_encoding(body, raw):
        return index, raw, body
    try:
        body = entry.decode(raw)
    except entry.EntryError as error:
        check.report.add("edited", f"entry {index} is not one that the log can hold: {error}", index)
        return None
    check.report.add("table", f"the decoded fields of entry {index} are not what its bytes say", index)
    return index, raw, body


def _compare(walk: _Walk, index: int, at: str, value: bytes, stream: str, number: int, prev: bytes) -> None:
    read, report = walk.check.manifest, walk.check.report
    if not read.first <= index < read.end:
        report.add("outside", f"entry {index} does not lie in the range", index)
        return
    if index < walk.place:
        report.add("reordered", f"entry {index} stands behind a later one, or twice", index)
        return
    _skip_to(walk, index)
    if index >= walk.span[0] or not walk.span[1] <= at <= walk.span[2]:
        _check_time(walk, index, at)
    leaf = next(walk.leaves, None)
    walk.place, walk.shown = index + 1, walk.shown + 1
    if leaf != value and len(walk.strange) < _EXAMPLES:
        walk.strange[value] = index
    walk.chains.show(stream, number, prev, value, index)


def _check_time(walk: _Walk, index: int, at: str) -> None:
    """The entry says a time that fits the timestamps on both sides of it."""
    while index >= walk.span[0]:
        walk.span = next(walk.spans)
    end, earliest, latest = walk.span
    if at < earliest:
        message = f"entry {index} says {at}, but came after a timestamp that is over an hour later"
        walk.check.report.add("backdated", message, index)
    elif at > latest:
        message = f"entry {index} says {at}, but the tree of {end} entries, which holds it, was stamped before"
        walk.check.report.add("ahead_of_time", message, index)


def _skip_to(walk: _Walk, index: int) -> None:
    """The leaves before `index` are in the range, but their entries are not shown."""
    while walk.place < index and (leaf := next(walk.leaves, None)) is not None:
        if walk.hidden is None:
            walk.hidden = walk.place
        walk.chains.hide(leaf, walk.place)
        walk.place += 1


def _check_strange(walk: _Walk) -> None:
    """An entry that is some other leaf was moved; one that is none was edited."""
    if not walk.strange:
        return
    elsewhere = {
        leaf: place for place, leaf in enumerate(_leaves(walk.check), walk.check.manifest.first) if leaf in walk.strange
    }
    for value, index in walk.strange.items():
        if value in elsewhere:
            message = f"entry {index} is the one that the log holds at {elsewhere[value]}"
            walk.check.report.add("reordered", message, index)
        else:
            walk.check.report.add("edited", f"entry {index} is not what the log holds there", index)


def _check_withheld(walk: _Walk) -> None:
    """Without facets all of the range must be shown; with a reference, each stream without holes."""
    read, report = walk.check.manifest, walk.check.report
    facets = read.chosen.facets()
    if not facets and walk.hidden is not None:
        count = walk.chains.hidden_count
        message = f"{count} entries of the range are not shown, the first at {walk.hidden}"
        report.add("withheld", message, walk.hidden)
    # A filter by kind or by person leaves holes in streams rightly; one by order or merchant does not.
    complete = bool(facets) and not facets.keys() & {"kind", "subject"}
    walk.chains.check(dict(read.heads), complete, report)


def _check_papers(walk: _Walk) -> None:
    """Each document is the file that its name says, and an entry shown knows it."""
    check = walk.check
    for name in sorted(n for n in check.archive.names if n.startswith(bundle.DOCUMENTS)):
        digest = name.removeprefix(bundle.DOCUMENTS)
        if digest in walk.papers:
            check.report.add("document", f"{name}: no entry shown knows a file of this hash")
        elif check.archive.digest(name) != digest:
            check.report.add("document", f"{name} is another file than its name says")


def _check_tables(check: Check, expected: dict[str, str]) -> None:
    """The CSV and the OCSF events are what the signed bytes say."""
    for name, digest in expected.items():
        try:
            same = check.archive.digest(name) == digest
        except Damaged:
            continue  # said already, with the files
        if not same:
            check.report.add("table", f"{name} does not say what the entries themselves say")
