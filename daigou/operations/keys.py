"""The life of the keys that wrap keys, and of those that make blind indexes. Nothing here stops the shop.

A KEK's life: prepared (every process can read with it), current (writes), old (reads), retired (gone).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app

from compliance.audit import door
from daigou.core.access import Actor, system
from daigou.core.config import Config
from daigou.core.crypto import vault
from daigou.core.db import transaction
from daigou.core.keyring import Keyring, LocalWrapper
from daigou.core.keystore import PostgresKeyStore

from . import keyfile, reindexing
from .refused import Refused

OPERATOR = system("keys")
BATCH = 500
PAUSE_SECONDS = 0.2  # when all rows that are left are held by somebody else


@dataclass(frozen=True, slots=True)
class KekStatus:
    """``role`` is current, prepared, old, or missing: rows need it and it is not here."""

    name: str
    role: str
    data_keys: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """``left`` data keys still stand under other KEKs than the current one; ``indexes`` counts rows by epoch."""

    keks: list[KekStatus]
    left: int
    tombstones: int
    index_epoch: str
    indexes: dict[str, dict[int, int]]

    @property
    def missing(self) -> list[str]:
        return [kek.name for kek in self.keks if kek.role == "missing"]


def store() -> PostgresKeyStore:
    keys = vault().keys
    if not isinstance(keys, PostgresKeyStore):
        raise Refused("store", "the keys are in a store of another kind: use its own tools")
    return keys


def rotate(actor: Actor = OPERATOR, *, prepare: bool = False) -> str:
    """A new KEK, or the prepared one, writes from now on; its name. With ``prepare`` it is only made readable."""
    name, fresh = _advance(_kek_ring(), prepare, lambda number: f"k{number}")
    if not prepare:
        store().introduce(name)
    _note(actor, "keys:prepared" if prepare else "keys:rotated", kek=name, fresh=fresh)
    return name


def rotate_index(actor: Actor = OPERATOR, *, prepare: bool = False) -> str:
    """The same for the keys of blind indexes: a new epoch."""
    name, fresh = _advance(_index_ring(), prepare, str)
    _note(actor, "keys:index_prepared" if prepare else "keys:index_rotated", epoch=name, fresh=fresh)
    return name


def _advance(ring: Keyring, prepare: bool, form: Callable[[int], str]) -> tuple[str, bool]:
    """The key that was made or put first, and whether it was made just now."""
    path = _file_of(ring)
    waiting = _prepared(ring)
    if waiting and prepare:
        raise Refused("prepared", f"{waiting} is prepared already: put it to use with `rotate`")
    name = waiting or keyfile.next_name(ring.keys(), form)
    if not waiting:
        keyfile.prepare(path, ring.keys(), name)
    if not prepare:
        keyfile.promote(path, ring.keys(), name)
    return name, waiting is None


def _prepared(ring: Keyring) -> str | None:
    """A key that is younger than the writing one: its number says so."""
    number = keyfile.number_of
    younger = [name for name in ring.names() if number(name) > number(ring.current)]
    return max(younger, key=number) if younger else None


def rewrap(batch: int = BATCH) -> Iterator[int]:
    """Wrap every data key under the current KEK, a batch a transaction; how many so far, after each.

    Stopped at any moment, it goes on where it was: what is left is what the rows say.
    """
    keys, done = store(), 0
    while True:
        moved = keys.rewrap(batch)
        done += moved
        if moved:
            yield done
        elif _left(keys) == 0:
            return
        else:
            time.sleep(PAUSE_SECONDS)


def reindex(batch: int = BATCH) -> Iterator[int]:
    """Make every blind index anew in the current epoch, a batch a transaction; how many so far."""
    return reindexing.run(batch)


def finished(actor: Actor, kind: str, count: int) -> None:
    """Leave the entry of a rewrapping or reindexing that has come to its end."""
    if count:
        _note(actor, kind, rows=count)


def retire(name: str, actor: Actor = OPERATOR) -> None:
    """Take a KEK away. Refused while it writes or a data key stands under it."""
    ring = _kek_ring()
    if name not in ring.names():
        raise Refused("unknown", f"there is no KEK {name} here")
    if name == ring.current:
        raise Refused("current", f"{name} is the KEK that writes: rotate first")
    if held := store().census().keys.get(name, 0):
        raise Refused("in_use", f"{held} data keys still stand under {name}: run `daigou keys rewrap` first")
    keyfile.drop(_file_of(ring), ring.keys(), name)
    _note(actor, "keys:retired", kek=name)


def retire_index(epoch: str, actor: Actor = OPERATOR) -> None:
    """Take an epoch's index key away. Refused while it writes or a row's index is of it."""
    ring = _index_ring()
    if epoch not in ring.names():
        raise Refused("unknown", f"there is no epoch {epoch} here")
    if epoch == ring.current:
        raise Refused("current", f"epoch {epoch} is the one that writes: rotate first")
    if held := sum(counts.get(int(epoch), 0) for counts in reindexing.census().values()):
        raise Refused("in_use", f"{held} indexes are of epoch {epoch}: run `daigou keys reindex` first")
    keyfile.drop(_file_of(ring), ring.keys(), epoch)
    _note(actor, "keys:index_retired", epoch=epoch)


def status() -> Status:
    """Where every key stands, and what is left to do."""
    keys = store()
    census, here, current = keys.census(), keys.keks.names(), keys.keks.current
    names = [*here, *sorted(set(census.keys) - set(here))]
    rows = [
        KekStatus(name, _role(name, here, current), census.keys.get(name, 0), census.since.get(name)) for name in names
    ]
    left = sum(count for name, count in census.keys.items() if name != current)
    return Status(rows, left, census.tombstones, vault().index_keys.current, reindexing.census())


def _role(name: str, here: list[str], current: str) -> str:
    if name not in here:
        return "missing"
    if name == current:
        return "current"
    return "prepared" if keyfile.number_of(name) > keyfile.number_of(current) else "old"


def _left(keys: PostgresKeyStore) -> int:
    return sum(count for name, count in keys.census().keys.items() if name != keys.keks.current)


def _kek_ring() -> Keyring:
    wrapper = store().keks
    if not isinstance(wrapper, LocalWrapper):
        raise Refused("kms", "the KEKs are in a KMS: rotate them there, then run `daigou keys rewrap`")
    return wrapper.ring


def _index_ring() -> Keyring:
    return vault().index_keys


def _file_of(ring: Keyring) -> Path:
    config: Config = current_app.extensions["config"]
    path = config.index_key_file if ring is _index_ring() else config.kek_file
    name = "BLIND_INDEX_KEY" if ring is _index_ring() else "KEK"
    if not path:
        raise Refused("no_file", f"{name} stands in the environment: put it into a file and name that in {name}_FILE")
    return Path(path)


def _note(actor: Actor, kind: str, **facts: Any) -> None:
    with transaction():
        door.note(actor, "keys/rings", kind, **facts)
