"""`daigou audit …`. `verify` needs nothing but this package; the others run inside the application.

The composition root mounts them with `mounted(with_app)`, where `with_app` is a decorator that runs a
function in the application's context.
"""

import base64
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from compliance.audit.note import MAX_NOTE_BYTES, NoteError
from compliance.audit.report import UNREADABLE, Report
from compliance.audit.verify import verify_bundle

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]
_ALONE: Final = frozenset({"verify", "verify-record"})
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])


@click.group()
def audit() -> None:
    """The audit log: check it, prove it, hand it out."""


def mounted(with_app: Wrap) -> click.Group:
    """The group, with the commands that need the application wrapped by `with_app`."""
    for name, command in audit.commands.items():
        if name not in _ALONE and command.callback is not None:
            command.callback = with_app(command.callback)
    return audit


@audit.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--vkey", type=click.Path(path_type=Path), help="The log's verifier key, from elsewhere.")
@click.option("--witness", type=click.Path(path_type=Path), help="A checkpoint that an outsider kept.")
@click.option("--witness-vkey", type=click.Path(path_type=Path), help="Keys of witnesses that must have cosigned.")
@click.option("--tsa-root", type=click.Path(path_type=Path), help="The time-stamping service's certificates (PEM).")
@click.option("--identity", type=click.Path(path_type=Path), help="The age key of a bundle that was encrypted to you.")
@click.option("--json", "as_json", is_flag=True, help="The report for programs.")
def verify(
    file: Path,
    vkey: Path | None,
    witness: Path | None,
    witness_vkey: Path | None,
    tsa_root: Path | None,
    identity: Path | None,
    as_json: bool,
) -> None:
    """Check a bundle offline.

    Exit codes: 0 whole and authenticated, 1 something is wrong, 2 unreadable, 3 self-consistent only
    (no --vkey: nobody knows whose log it is).
    """
    with _opened(file, _text(identity)) as plain:
        report = verify_bundle(plain, _text(vkey), _text(witness), _text(tsa_root), _text(witness_vkey))
    _finish(report, as_json)


@audit.command("verify-record")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--vkey", type=click.Path(path_type=Path), help="The log's verifier key, from elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="The report for programs.")
def verify_record(file: Path, vkey: Path | None, as_json: bool) -> None:
    """Check the record of one order, as its shopper or merchant fetched it. Exit codes as of verify."""
    from compliance.audit import record

    try:
        with file.open("rb") as source:
            data = source.read(record.MOST_BYTES + 1)
    except OSError as error:
        _refuse(f"{file} can't be read: {error.strerror}", UNREADABLE)
    _finish(record.verify(data, _text(vkey)), as_json)


@audit.command()
@click.option("--from", "since", type=_DAY, help="First day, in UTC.")
@click.option("--to", "until", type=_DAY, help="The time before which it ends, in UTC.")
@click.option("--kind", help="For example order:paid.")
@click.option("--order", "order_ref", help="An order's reference.")
@click.option("--merchant", "merchant_ref", help="A merchant's reference.")
@click.option("--subject", "--shopper", help="A person's subject reference.")
@click.option("--case", "about", help="The reference of a case, or of any other thing: all that happened to it.")
@click.option("--recipient", help="An age public key (age1…): only its owner can open the bundle.")
@click.option("--witness", type=click.Path(path_type=Path), help="A checkpoint that an outsider kept.")
@click.option("--locale", default="en", help="The language of the cover.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def export(
    since: datetime | None,
    until: datetime | None,
    about: str | None,
    recipient: str | None,
    witness: Path | None,
    locale: str,
    out: Path,
    **facets: str | None,
) -> None:
    """Write a bundle that anybody can check."""
    from compliance.audit import references, service
    from compliance.audit.bundle import Filter

    stream = _told(lambda: references.stream_of(about)) if about else None
    chosen = Filter(_utc(since), _utc(until), **facets, stream=stream)
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with draft.open("xb") as file:
            asked = service.Wish(chosen, _text(witness), locale, recipient)
            done = _told(lambda: service.write_for(file, asked))
        draft.replace(out)
    except OSError as error:
        _refuse(f"{out} can't be written: {error.strerror}")
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"{out}: entries [{done.first}, {done.end}) of {done.tree_size}, {done.shown} shown")
    click.echo(f"manifest sha256: {done.manifest_sha256}")


@audit.command()
def checkpoint() -> None:
    """Sequence what waits, sign the tree if it grew, and print the newest checkpoint."""
    from compliance.audit import log, service

    _told(service.sequence)
    with service.connected() as connection:
        newest = log.latest_checkpoint(connection)
    if newest is None:
        _refuse("the log is empty: there is nothing to sign")
    click.echo(newest.note, nl=False)


@audit.command()
def vkey() -> None:
    """Print the log's verifier key: give it to auditors by another way than the bundles."""
    from compliance.audit import service

    click.echo(str(_told(service.signer).vkey))


@audit.command()
@click.option("--entry", "index", type=int, help="The entry's leaf index: that it is in the log.")
@click.option("--from", "old", type=int, help="An older tree's size: that --to continues it.")
@click.option("--to", "new", type=int, help="The newer tree's size; without it, the newest that is signed.")
def prove(index: int | None, old: int | None, new: int | None) -> None:
    """Print a proof as JSON: that an entry is in the log, or that a tree continues an older one."""
    if (index is None) == (old is None):
        _refuse("say which: --entry N, or --from SIZE [--to SIZE]")
    found = _told(lambda: _inclusion(index, new) if index is not None else _consistency(old or 0, new))
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


def _inclusion(index: int, size: int | None) -> dict[str, Any]:
    from compliance.audit import log, service

    with service.connected() as connection:
        signed = _signed(connection, size)
        stored, proof = log.entry_at(connection, index), log.inclusion_proof(connection, index, signed.size)
    return {
        "index": index,
        "tree_size": proof.size,
        "leaf_hash": proof.leaf_hash.hex(),
        "entry": base64.b64encode(stored.body).decode(),
        "hashes": [base64.b64encode(h).decode() for h in proof.hashes],
        "checkpoint": signed.note,
    }


def _consistency(old: int, new: int | None) -> dict[str, Any]:
    from compliance.audit import log, service

    with service.connected() as connection:
        signed, older = _signed(connection, new), log.checkpoint_at(connection, old)
        hashes, root = log.consistency_proof(connection, old, signed.size), log.root_at(connection, old)
    return {
        "from_size": old,
        "from_root": root.hex(),
        "to_size": signed.size,
        "to_root": signed.root.hex(),
        "hashes": [base64.b64encode(h).decode() for h in hashes],
        "from_checkpoint": older.note if older else None,
        "checkpoint": signed.note,
    }


def _signed(connection: Any, size: int | None) -> Any:
    from compliance.audit import log

    found = log.latest_checkpoint(connection) if size is None else log.checkpoint_at(connection, size)
    if found is None:
        raise log.NotInLog("there is no checkpoint of that size; `daigou audit checkpoint` signs the newest tree")
    return found


@audit.command()
@click.option("--json", "as_json", is_flag=True)
def fsck(as_json: bool) -> None:
    """Rebuild the tree from the rows and compare the tables with the log."""
    from compliance.audit import service

    _finish(_told(service.check), as_json)


@audit.command()
def key() -> None:
    """Make the log's signing key at AUDIT_SIGNING_KEY_FILE; never overwrites one."""
    from compliance.audit import note, service

    settings = service.config()
    made = _told(lambda: note.create_key_file(Path(settings.audit_key), settings.log_origin))
    click.echo(str(made.vkey))


@audit.command("rotate-key")
def rotate_key() -> None:
    """Hand the log over to a new key, by a note that both keys sign. Publish the new verifier key."""
    from compliance.audit import service

    done = _told(service.rotate)
    click.echo(f"from {done.size} entries on: {done.new}")


@contextmanager
def _opened(file: Path, identity: str | None) -> Iterator[Path]:
    """The bundle, decrypted into a file beside no other when a key is given."""
    if identity is None:
        yield file
        return
    from compliance.audit import sealing

    with tempfile.NamedTemporaryFile(suffix=".zip") as plain:
        try:
            with file.open("rb") as sealed:
                sealing.unseal(sealed, plain, identity)
        except (OSError, sealing.WrongKey) as error:
            _refuse(f"{file} can't be decrypted: {error}", UNREADABLE)
        plain.flush()
        yield Path(plain.name)


def _finish(report: Report, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2))
    else:
        click.echo("\n".join(report.lines()))
    sys.exit(report.exit_code)


def _told(work: Callable[[], Any]) -> Any:
    """The result; what the log refuses is said in a line, not in a traceback."""
    from compliance.audit.export import NothingToExport, WitnessDisagrees
    from compliance.audit.log import LogDamaged, NotInLog
    from compliance.audit.sealing import WrongKey
    from daigou.core.errors import Refusal

    try:
        return work()
    except (NothingToExport, WitnessDisagrees, LogDamaged, NotInLog, NoteError, WrongKey, Refusal) as error:
        _refuse(str(error))


def _text(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return file.read(MAX_NOTE_BYTES + 1).decode("utf-8")
    except OSError as error:
        _refuse(f"{path} can't be read: {error.strerror}", UNREADABLE)
    except UnicodeDecodeError:
        _refuse(f"{path} is not text", UNREADABLE)


def _utc(at: datetime | None) -> datetime | None:
    if at is None or at.tzinfo is not None:
        return at
    return at.replace(tzinfo=UTC)


def _refuse(message: str, code: int = 1) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)
