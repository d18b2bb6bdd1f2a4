"""What everybody may see of the log: its newest checkpoint, its key, its hash tiles (C2SP tlog-tiles)."""

from __future__ import annotations

from functools import partial

from . import log, searching, service, tiles
from .checkpoint import Checkpoint
from .checkpoint import parse as parse_checkpoint
from .log import StoredCheckpoint
from .tiles import NoSuchTile, Tile


def newest() -> StoredCheckpoint | None:
    """The newest signed checkpoint; None before the first."""
    return log.latest_checkpoint(searching.reading())


def read(stored: StoredCheckpoint) -> Checkpoint:
    """What it says."""
    return parse_checkpoint(stored.note)[0]


def vkey() -> str:
    """The log's verifier key, ``name+hex+base64``. Raises note.KeyFileError while the key can't be read."""
    return str(service.signer().vkey)


def tile(path: str) -> tuple[Tile, bytes]:
    """The tile of a path such as ``tile/0/x001/234.p/8``, within the newest signed tree. Raises NoSuchTile."""
    wanted, signed = tiles.parse(path), newest()
    if signed is None:
        raise NoSuchTile(path)
    return wanted, tiles.content(wanted, signed.size, partial(log.get_nodes, searching.reading()))
