"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): pure, no input or output.

Words: a *leaf hash* is 32 bytes; a *node* (level, index) is the root of the perfect subtree over the
leaves [index << level, (index + 1) << level), so (0, i) is leaf i; a *span* is a half-open range of
leaf indexes; a *compact range* of a span is the list of the roots of the fewest perfect subtrees that
cover it, left to right. Only perfect subtrees are ever stored: they never change once they are full.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the tree without leaves (RFC 9162 section 2.1.1)."""

Node = tuple[int, int]
Span = tuple[int, int]
Getter = Callable[[Sequence[Node]], Sequence[bytes]]
"""Hashes of the nodes asked for, in the same order. All of one proof's nodes are asked for at once."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry), 32 bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def span_nodes(begin: int, end: int) -> list[Node]:
    """The nodes of the compact range of [begin, end), left to right; at most 2 log2(end) of them."""
    if not 0 <= begin <= end:
        raise ValueError("not a span")
    nodes = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def fold(hashes: Sequence[bytes]) -> bytes:
    """Root over a compact range whose subtrees shrink from left to right: hashed from the right."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


@dataclass
class CompactRange:
    """The compact range of [begin, end), growing to the right; log2(end) hashes, whatever its length."""

    begin: int = 0
    end: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._nodes = span_nodes(self.begin, self.end)
        if len(self._nodes) != len(self.hashes) or any(len(h) != HASH_BYTES for h in self.hashes):
            raise ValueError("these hashes are not a compact range of that span")

    def append(self, leaf: bytes) -> None:
        """Add the leaf hash at index `end`."""
        self._push((0, self.end), leaf)

    def extend(self, other: "CompactRange") -> None:
        """Add the range that begins where this one ends."""
        if other.begin != self.end:
            raise ValueError("the ranges do not meet")
        for node, value in zip(span_nodes(other.begin, other.end), other.hashes, strict=True):
            self._push(node, value)

    def extend_leaves(self, leaves: Sequence[bytes]) -> None:
        """Add many leaf hashes at once, level by level: several times as fast as `append`."""
        done = 0
        while done < len(leaves):
            # The greatest run that is one perfect subtree: what is hashed stays in one loop.
            level = span_nodes(self.end, self.end + len(leaves) - done)[0][0]
            run = leaves[done : done + (1 << level)]
            done += len(run)
            for _ in range(level):
                run = _pairs(run)
            self._push((level, self.end >> level), run[0])

    def root(self) -> bytes:
        """Root of the tree of `end` leaves; only for a range that begins at 0."""
        if self.begin:
            raise ValueError("a range that does not begin at 0 has no root")
        return fold(self.hashes)

    def _push(self, node: Node, value: bytes) -> None:
        level, index = node
        self.end = (index + 1) << level
        while self._nodes and index & 1 and self._nodes[-1] == (level, index - 1):
            self._nodes.pop()
            value = node_hash(self.hashes.pop(), value)
            level, index = level + 1, index >> 1
        self._nodes.append((level, index))
        self.hashes.append(value)


def _pairs(hashes: Sequence[bytes]) -> list[bytes]:
    pairs = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]


def grow(tree: CompactRange, leaves: Sequence[bytes]) -> Iterator[tuple[int, int, list[bytes]]]:
    """The nodes above the leaves that become perfect when `leaves` follow the whole tree `tree`.

    Yields (level, index of the first, hashes) from level 1 up. `tree` itself stays as it is.
    """
    lefts = dict(zip((level for level, _ in span_nodes(0, tree.end)), tree.hashes, strict=True))
    level, first, hashes = 0, tree.end, list(leaves)
    while True:
        if first & 1:
            hashes.insert(0, lefts[level])
        hashes = _pairs(hashes)
        level, first = level + 1, first >> 1
        if not hashes:
            return
        yield level, first, hashes


def root(leaves: Iterable[bytes]) -> bytes:
    """Root of the list of leaf hashes."""
    tree = CompactRange()
    tree.extend_leaves(list(leaves))
    return tree.root()


def tree_root(size: int, get: Getter) -> bytes:
    """Root of the tree of the first `size` leaves, from stored nodes."""
    return fold(get(span_nodes(0, size)))


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The spans whose roots prove leaf `index` in the tree of `size`, from the leaf up (RFC 9162 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of that size")
    spans = []
    low, high = 0, size
    while high - low > 1:
        split = low + _half(high - low)
        if index < split:
            spans.append((split, high))
            high = split
        else:
            spans.append((low, split))
            low = split
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """The spans whose roots prove that the tree of `new` continues that of `old` (RFC 9162 2.1.4.1)."""
    if not 0 <= old <= new:
        raise ValueError("a tree can't shrink")
    if old in (0, new):
        return []
    spans = []
    low, high, whole = 0, new, True
    while old != high:
        split = low + _half(high - low)
        if old <= split:
            spans.append((split, high))
            high = split
        else:
            spans.append((low, split))
            low, whole = split, False
    if not whole:
        spans.append((low, high))
    return spans[::-1]


def inclusion_proof(index: int, size: int, get: Getter) -> list[bytes]:
    """Hashes that lead from leaf `index` to the root of the tree of `size`."""
    return span_roots(inclusion_spans(index, size), get)


def consistency_proof(old: int, new: int, get: Getter) -> list[bytes]:
    """Hashes that show the tree of `old` leaves to be the beginning of that of `new`."""
    return span_roots(consistency_spans(old, new), get)


def span_roots(spans: Sequence[Span], get: Getter) -> list[bytes]:
    """The root of each span; one call of `get` for all."""
    nodes = [span_nodes(*span) for span in spans]
    hashes = iter(get([node for several in nodes for node in several]))
    return [fold([next(hashes) for _ in several]) for several in nodes]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """True if `proof` shows the leaf hash at `index` under `root` (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, value = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(step, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, step)
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """True if `proof` shows the tree of `old` to begin that of `new` (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        # Every tree continues the empty one.
        return not proof and old_root == EMPTY_ROOT
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    return bool(steps) and _walk(old - 1, new - 1, steps) == (old_root, new_root)


def _walk(place: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots that the steps lead to; None if their number is wrong."""
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    return (first, second) if last == 0 else None


def _half(count: int) -> int:
    """The largest power of two smaller than `count` (`count` >= 2)."""
    return 1 << ((count - 1).bit_length() - 1)
