"""`daigou keys`: rotate, rewrap, reindex, retire, and how they stand. The shop runs on meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

import click

from .context import with_app

T = TypeVar("T")


@click.group()
def keys() -> None:
    """The keys that personal data is sealed with."""


@keys.command()
@click.option("--index", is_flag=True, help="the key of blind indexes, rather than the KEK")
@click.option("--prepare", is_flag=True, help="only make it readable, for deployments of many machines")
@with_app
def rotate(index: bool, prepare: bool) -> None:
    """Make a new key (or take the prepared one) and write with it from now on."""
    from daigou.operations import keys as use

    name = _told(lambda: use.rotate_index(prepare=prepare) if index else use.rotate(prepare=prepare))
    what, then = (f"Epoch {name}", "reindex") if index else (name, "rewrap")
    if prepare:
        click.echo(f"{what} is readable. Bring the file to every machine, then run: daigou keys rotate")
    else:
        click.echo(f"{what} writes from now on. Next: daigou keys {then}")


@keys.command()
@click.option("--batch", default=500, show_default=True, type=click.IntRange(1, 10_000))
@with_app
def rewrap(batch: int) -> None:
    """Wrap every data key under the KEK that writes. Can be stopped and begun again at any time."""
    from daigou.operations import keys as use

    count = _told(lambda: _counted(use.rewrap(batch)))
    use.finished(use.OPERATOR, "keys:rewrapped", count)
    click.echo(f"{count} data keys wrapped anew; none are left under another KEK.")


@keys.command()
@click.option("--batch", default=500, show_default=True, type=click.IntRange(1, 10_000))
@with_app
def reindex(batch: int) -> None:
    """Make every blind index anew in the epoch that writes."""
    from daigou.operations import keys as use

    count = _told(lambda: _counted(use.reindex(batch)))
    use.finished(use.OPERATOR, "keys:reindexed", count)
    click.echo(f"{count} indexes made anew; none of another epoch are left.")


@keys.command()
@click.argument("name")
@click.option("--index", is_flag=True, help="NAME is an epoch of the index key")
@with_app
def retire(name: str, index: bool) -> None:
    """Take an old key away for good, once nothing stands under it."""
    from daigou.operations import keys as use

    _told(lambda: use.retire_index(name) if index else use.retire(name))
    click.echo(f"{name} is gone from here. Old backups that need it can't be opened without your copy of it.")


@keys.command()
@with_app
def status() -> None:
    """What is sealed under which key, how old each is, and what is left to do. Ends with 1 when a key is missing."""
    from daigou.core import clock
    from daigou.operations import keys as use

    found = _told(use.status)
    for kek in found.keks:
        age = f", {(clock.now() - kek.since).days} days old" if kek.since else ""
        click.echo(f"  KEK {kek.name}: {kek.role}, {kek.data_keys} data keys{age}")
    for column, counts in found.indexes.items():
        told = ", ".join(f"{count} of epoch {epoch}" for epoch, count in sorted(counts.items())) or "none"
        click.echo(f"  index {column}: {told} (epoch {found.index_epoch} writes)")
    click.echo(f"  tombstones: {found.tombstones}")
    click.echo(f"Left to rewrap: {found.left}")
    if found.missing:
        click.echo(f"Missing here: {', '.join(found.missing)}. What they wrap can't be read.", err=True)
        sys.exit(1)


def _counted(steps: Iterator[int]) -> int:
    count = 0
    for count in steps:
        click.echo(f"  {count} …")
    return count


def _told(work: Callable[[], T]) -> T:
    from daigou.operations.refused import Refused

    try:
        return work()
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
