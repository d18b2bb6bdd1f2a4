"""`daigou backup` and `daigou restore`."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import click

from .context import with_app

_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--to", type=_PATH, help="a folder of backups; each gets a folder of its own in it")
@click.option("--keys", type=_PATH, help="where key-store backups go: another place, best another machine (DIR-keys)")
@click.option("--keep-keys", type=int, default=7, show_default=True, help="days that a key-store backup is kept")
@click.option("--tombstones-only", is_flag=True, help="only note beside the key backups who was erased until now")
@with_app
def backup(to: Path | None, keys: Path | None, keep_keys: int, tombstones_only: bool) -> None:
    """Take a backup while everything runs. Ends with 1 when files are missing that rows name."""
    from daigou.operations import backup as use
    from daigou.operations.refused import Refused

    try:
        if tombstones_only and keys:
            click.echo(f"{use.keep_tombstones(keys)} tombstones in {keys}")
            return
        if to is None or tombstones_only:
            raise click.UsageError("Say --to DIR for a backup, or --keys DIR with --tombstones-only.")
        done = use.take(to, keys or beside(to), timedelta(days=keep_keys))
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{done.folder}: taken in {done.seconds:.1f} s, with {done.files} files")
    click.echo(f"{done.keys_folder}: the key store; {done.expired_keys} copies older than {keep_keys} days deleted")
    if done.since_last is not None:
        click.echo(f"RPO until now: {done.since_last} since the backup before")
    if done.gone:
        click.echo(f"{len(done.gone)} files were deleted meanwhile")
    if done.missing:
        click.echo(f"{len(done.missing)} files are missing that rows name: {', '.join(done.missing[:5])}", err=True)
        sys.exit(1)


@click.command()
@click.option("--from", "source", type=_PATH, required=True, help="a backup, or a folder of them: then the newest")
@click.option("--keys", type=_PATH, help="where the key-store backups are (DIR-keys)")
@click.option("--into", required=True, help="a new folder (DAIGOU_HOME), or `settings`: the empty databases they name")
@click.option("--secrets", type=_PATH, help="the secrets folder that the backup's home has (that of DAIGOU_HOME)")
def restore(source: Path, keys: Path | None, into: str, secrets: Path | None) -> None:
    """Bring a backup back and prove it. What was erased since it was taken stays erased."""
    from daigou.operations.refused import Refused

    begun = time.monotonic()
    try:
        faults = list(_restore(source, keys or beside(_place_of(source)), into, secrets))
    except Refused as refused:
        raise click.ClickException(f"{refused} ({refused.code})") from refused
    click.echo(f"RTO: {time.monotonic() - begun:.1f} s until every check had run")
    for fault in faults:
        click.echo(f"fault: {fault}", err=True)
    if faults:
        click.echo(f"The restored data does NOT hold: {len(faults)} faults.", err=True)
        sys.exit(1)
    click.echo("The restored data holds: rows, files, log, books, and nobody erased can be read.")


def _restore(source: Path, keys: Path, into: str, secrets: Path | None):  # type: ignore[no-untyped-def]
    from daigou.embedded.home import environment
    from daigou.operations import homes, proving
    from daigou.operations.restore import examine

    found = examine(source, keys, {**environment(), **os.environ}.get("KEYSTORE_URL"))
    click.echo(f"{found.folder} and {found.keys_folder} are whole; {len(found.dead)} tombstones")
    opened = (
        homes.restored_settings(found)
        if into == "settings"
        else homes.restored_home(found, Path(into), secrets or homes.secrets_of())
    )
    with opened as (_app, done):
        click.echo(f"{done.files} files and both databases are back; {done.erased} keys of erased people went again")
        click.echo(f"RPO: what happened in the {str(done.lost).split('.')[0]} since the backup is not in it")
        yield from proving.prove(done)


def beside(place: Path) -> Path:
    """Where keys go when nobody says: next to the folder, never in it."""
    return place.with_name(f"{place.name}-keys")


def _place_of(source: Path) -> Path:
    """The folder of backups that one backup stands in."""
    return source.parent if (source / "manifest.json").is_file() else source
