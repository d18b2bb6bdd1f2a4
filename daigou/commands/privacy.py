"""`daigou privacy`: a copy of all that we hold of somebody, their erasure, and the proof of it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from .backups import beside
from .context import with_app

_PATH = click.Path(path_type=Path)


@click.group()
def privacy() -> None:
    """What people may ask of us about their own data. USER is an e-mail address or a subject reference."""


@contextmanager
def _in_words() -> Iterator[None]:
    """A refusal is told in one line."""
    from daigou.core.errors import Refusal

    try:
        yield
    except Refusal as refusal:
        for name, words in getattr(refusal, "fields", {}).items():
            click.echo(f"{name}: {words}", err=True)
        for obstacle in getattr(refusal, "obstacles", ()):
            click.echo(f"  {obstacle.words} ({obstacle.count}): {', '.join(obstacle.refs)}", err=True)
        raise click.ClickException(str(refusal.message or refusal.code)) from refusal


@privacy.command()
@click.argument("user")
@click.option("--to", type=_PATH, help="the archive to write (REQUEST.zip in this folder)")
@with_app
def export(user: str, to: Path | None) -> None:
    """Put together everything that we hold of USER. The person is told, and finds it on their own page too."""
    from compliance.privacy import exporting, requests
    from compliance.privacy.subject import person_of
    from daigou.core.db import db
    from daigou.documents import service as documents
    from daigou.documents.models import StoredFile

    with _in_words():
        person = person_of(user)
        row = requests.open_of(person.account_id, "access") or requests.ask_copy(exporting.SYSTEM, person)
        exporting.build(row.id)
        db.session.refresh(row)
        if row.file_id is None:
            raise click.ClickException(f"{row.ref} is being made by a worker: look again in a minute")
        file = db.session.get_one(StoredFile, row.file_id)
        path = to or Path(f"{row.ref}.zip")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            for piece in documents.open_stream(documents.view(exporting.SYSTEM, file.ref)):
                out.write(piece)
    click.echo(f"{path}: {file.size} bytes, sha256 {file.sha256} ({row.ref})")


@privacy.command()
@click.argument("user")
@with_app
def erase(user: str) -> None:
    """Erase USER now, without the days to think it over: for who has asked by letter and has been identified."""
    from compliance.privacy import erasing, requests
    from compliance.privacy.actor import SYSTEM
    from compliance.privacy.subject import person_of
    from daigou.core.db import db, transaction

    with _in_words():
        person = person_of(user)
        waiting = requests.open_of(person.account_id, "erasure")
        if waiting is not None:
            with transaction():
                db.session.refresh(waiting)
                waiting.runs_at = waiting.created_at if waiting.runs_at else None
        row = waiting or requests.ask_erasure(SYSTEM, person, at_once=True)
        erasing.run(row.id)
        db.session.refresh(row)
        if not row.is_("answered"):
            found = requests.holds.obstacles(person)
            raise requests.Hindered(found)
    click.echo(f"{person.subject} is erased ({row.ref}).")
    for line in _kept(person.subject):
        click.echo(line)
    click.echo(f"Prove it: daigou privacy prove-erased {user if '@' not in user else row.ref}")


def _kept(subject: str) -> Iterator[str]:
    from compliance.privacy.models_requests import Remainder
    from daigou.core.db import db

    for row in db.session.query(Remainder).filter_by(subject=subject, gone_at=None).order_by(Remainder.purpose):
        yield f"  kept: {row.purpose} until {row.until} ({row.source})"


@privacy.command("prove-erased")
@click.argument("user")
@click.option("--also", multiple=True, help="another word to look for, as it was known")
@click.option("--logs", type=_PATH, multiple=True, help="a folder of logs (that of DAIGOU_HOME)")
@click.option("--backup", "source", type=_PATH, help="an old backup, or a folder of them, to restore and search")
@click.option("--keys", type=_PATH, help="where its key-store backups are (BACKUP-keys)")
@click.option("--secrets", type=_PATH, help="the secrets folder that the backup's home has")
@with_app
def prove_erased(
    user: str,
    also: tuple[str, ...],
    logs: tuple[Path, ...],
    source: Path | None,
    keys: Path | None,
    secrets: Path | None,
) -> None:
    """Look everywhere for what was known of USER: an e-mail address, the subject, or the request's reference (PRV-…).

    Ends with 1 when anything is found, with 3 when there is nothing to look for.
    """
    from compliance.privacy import proving
    from daigou.embedded.home import Home
    from daigou.operations.refused import Refused

    who = proving.known(user, also)
    if not who.words:
        click.echo("Nobody knows what to look for: the words kept at the erasure are gone. Give them with --also.")
        sys.exit(3)
    reports = [proving.prove(who, logs or (Home.at().logs,))]
    try:
        reports += _of_backup(who, source, keys, secrets) if source else ()
    except Refused as refused:
        raise click.ClickException(f"{refused} ({refused.code})") from refused
    _print(who, reports)


def _of_backup(who: Any, source: Path, keys: Path | None, secrets: Path | None) -> Iterator[Any]:
    """Restored into a folder that goes again, searched there, as somebody would who has found it."""
    from compliance.privacy import proving
    from daigou.embedded.home import environment
    from daigou.operations import homes
    from daigou.operations.restore import examine

    place = source.parent if (source / "manifest.json").is_file() else source
    found = examine(source, keys or beside(place), {**environment(), **os.environ}.get("KEYSTORE_URL"))
    with (
        tempfile.TemporaryDirectory(prefix="proof-") as folder,
        homes.restored_home(found, Path(folder) / "home", secrets or homes.secrets_of()),
    ):
        yield proving.prove(who, part=f"backup {found.folder.name}: ")


def _print(who: Any, reports: Iterable[Any]) -> None:
    found = 0
    click.echo(f"Looked for {len(who.words)} words, in plain, folded, percent-encoded, base64, hex and sha256.")
    for report in reports:
        found += len(report.findings)
        for line in report.lines():
            click.echo(line)
    click.echo("Not searched: dead rows and write-ahead log, which PostgreSQL overwrites by itself (docs/privacy.md).")
    if found:
        click.echo(f"NOT erased: found in {found} places.", err=True)
        sys.exit(1)
    click.echo("Nothing readable was found.")
