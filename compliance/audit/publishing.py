"""What everybody may see of the log: its newest checkpoint, its key, its hash tiles (C2SP tlog-tiles)."""

from __future__ import annotations

from functools import partial

from . import keys, log, searching, service, tiles
from .checkpoint import Checkpoint
from .checkpoint import parse as parse_checkpoint
from .keys import LogKey
from .log import NotInLog, Proof, StoredCheckpoint
from .tiles import NoSuchTile, Tile


def newest() -> StoredCheckpoint | None:
    """The newest signed checkpoint; None before the first."""
    return log.latest_checkpoint(searching.reading())


def read(stored: StoredCheckpoint) -> Checkpoint:
    """What it says."""
    return parse_checkpoint(stored.note)[0]


def vkey() -> str:
    """The log's verifier key, ``name+hex+base64``. The signing key is read before the first checkpoint only: raises
    note.KeyFileError while that can't be done."""
    known = key_history()
    return str(known[-1].vkey if known else service.signer().vkey)


def key_history() -> list[LogKey]:
    """Every key that signed this log, oldest first, with its hand-over; empty before the first checkpoint."""
    return keys.history(searching.reading())


def entry_proof(index: int, size: int | None) -> Proof:
    """That leaf ``index`` is in a signed tree (the newest, or that of ``size``). Hashes only. Raises NotInLog."""
    signed = _signed(size)
    if index >= signed.size:
        raise NotInLog("the tree has not grown that far")
    return log.inclusion_proof(searching.reading(), index, signed.size)


def growth_proof(old: int, new: int | None) -> tuple[StoredCheckpoint, list[bytes]]:
    """That a signed tree (the newest, or that of ``new``) continues that of ``old``. Raises NotInLog."""
    signed = _signed(new)
    if old > signed.size:
        raise NotInLog("the tree has not grown that far")
    return signed, log.consistency_proof(searching.reading(), old, signed.size)


def _signed(size: int | None) -> StoredCheckpoint:
    connection = searching.reading()
    found = log.latest_checkpoint(connection) if size is None else log.checkpoint_at(connection, size)
    if found is None:
        raise NotInLog("there is no signed tree of that size")
    return found


def tile(path: str) -> tuple[Tile, bytes]:
    """The tile of a path such as ``tile/0/x001/234.p/8``, within the newest signed tree. Raises NoSuchTile."""
    wanted, signed = tiles.parse(path), newest()
    if signed is None:
        raise NoSuchTile(path)
    return wanted, tiles.content(wanted, signed.size, partial(log.get_nodes, searching.reading()))
