"""What `daigou doctor` looks at, one function a matter. Nothing here changes anything but a probe file in storage."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from rq import Worker
from rq.cron import CronScheduler
from sqlalchemy import func, select, text

from compliance.audit.models import Checkpoint, Delivery, Entry, Leaf
from daigou import migrate
from daigou.core import clock
from daigou.core.config import Config
from daigou.core.db import db
from daigou.core.outbox import OutboxRow
from daigou.payments.paying.models import InboxEvent
from daigou.pricing.models import Rate
from daigou.providers.antivirus import NotScanned

from . import transport
from .findings import Finding, note, ok, wrong

MIN_POSTGRES = 16
MIN_REDIS = (6, 2)
TRIES = 5  # a witness that was missed that often
PATIENCE = timedelta(minutes=5)  # work that waits longer is stuck


def run(checks: tuple[Callable[[], Iterator[Finding]], ...]) -> list[Finding]:
    """Every check's findings; one that fails itself is a finding too."""
    found: list[Finding] = []
    for check in checks:
        try:
            found += list(check())
        except Exception as error:
            db.session.rollback()
            name = check.__name__.removeprefix("_").replace("_", " ")
            found.append(
                wrong(name, f"{type(error).__name__}: {error}"[:300], "Is the part running and its setting right?")
            )
    return found


def _config() -> Config:
    config: Config = current_app.extensions["config"]
    return config


def _scanner() -> Iterator[Finding]:
    """A scanner that is configured and silent refuses every upload."""
    scanner = current_app.extensions["scanner"]
    if scanner is None:
        yield note("virus scanner", "CLAMD_URL is not set: uploads are decoded and drawn anew, but not scanned")
        return
    try:
        scanner.scan(io.BytesIO(b"daigou doctor"))
    except NotScanned as error:
        yield wrong("virus scanner", str(error)[:200], "Is clamd running, and CLAMD_URL its address?")
    else:
        yield ok("virus scanner", "answers")


def _settings() -> Iterator[Finding]:
    config = _config()
    yield ok("python", sys.version.split()[0])
    if config.is_sandbox:
        yield note("settings", "every provider is the sandbox: no real money, parcels or mails")
    elif config.stripe_key.startswith(("sk_test_", "rk_test_")):
        yield note("settings", "STRIPE_SECRET_KEY is a test key: nothing is really paid")
    else:
        yield ok("settings", f"complete, serving {config.base_url}")


def _database() -> Iterator[Finding]:
    version = int(db.session.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    if version < MIN_POSTGRES:
        yield wrong("database", f"PostgreSQL {version}", f"Use PostgreSQL {MIN_POSTGRES} or newer.")
    else:
        yield ok("database", f"PostgreSQL {version} answers")
    owned = "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user"
    if db.session.execute(text(owned)).scalar_one():
        yield wrong(
            "database role", "the application's role owns tables", "Give DATABASE_URL a role that owns nothing."
        )
    else:
        yield ok("database role", "owns nothing")


def _migrations() -> Iterator[Finding]:
    here = MigrationContext.configure(db.session.connection()).get_current_revision()
    head = ScriptDirectory.from_config(migrate.settings()).get_current_head()
    if here == head:
        yield ok("migrations", f"at {head}")
    else:
        yield wrong("migrations", f"the database is at {here}, the code at {head}", "Run: daigou migrate")


def _keystore() -> Iterator[Finding]:
    with current_app.extensions["keystore_engine"].connect() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
    if name == db.session.execute(text("SELECT current_database()")).scalar_one():
        yield wrong(
            "key store", "lies in the main database", "Give KEYSTORE_URL a database of its own, backed up apart."
        )
    else:
        yield ok("key store", f"database {name}")


def _keys() -> Iterator[Finding]:
    from daigou.operations import keys

    found = keys.status()
    if found.missing:
        yield wrong(
            "keys", f"KEK {', '.join(found.missing)} is not here, and data keys stand under it", "Bring its line back."
        )
    elif found.left:
        yield note("keys", f"{found.left} data keys stand under an older KEK", "Run: daigou keys rewrap")
    else:
        yield ok("keys", f"all under {next(kek.name for kek in found.keks if kek.role == 'current')}")


def _transport() -> Iterator[Finding]:
    found = list(transport.in_clear(_config()))
    if _config().is_sandbox:
        yield note("transport", "the sandbox may speak plain HTTP; a live shop may not")
    for name, mend in found:
        yield wrong("transport", f"{name} goes over the network unencrypted", mend)
    if not found and not _config().is_sandbox:
        yield ok("transport", "https, HSTS and secure cookies; nothing leaves this machine unencrypted")


def _redis() -> Iterator[Finding]:
    redis = current_app.extensions["redis"]
    version = tuple(int(n) for n in redis.info("server")["redis_version"].split(".")[:2])
    if version < MIN_REDIS:
        yield wrong("redis", f"version {version}", "Use Redis 6.2 or newer, or Valkey.")
    policy = redis.config_get("maxmemory-policy").get("maxmemory-policy")
    if policy == "noeviction":
        yield ok("redis", "answers, evicts nothing")
    else:
        yield wrong("redis", f"maxmemory-policy is {policy}", "Set it to noeviction, or jobs vanish under load.")


def _workers() -> Iterator[Finding]:
    redis = current_app.extensions["redis"]
    workers = Worker.all(connection=redis)
    queues = {name for worker in workers for name in worker.queue_names()}
    missing = {"money", "default", "mail", "audit"} - queues
    if missing:
        yield wrong("workers", f"nobody works {', '.join(sorted(missing))}", "Start workers: see docs/deploy.md")
    else:
        yield ok("workers", f"{len(workers)} at work")
    if CronScheduler.all(connection=redis):
        yield ok("cron", "runs")
    else:
        yield wrong("cron", "nobody fires the schedule", "Start: python -m daigou.cron")


def _stuck_work() -> Iterator[Finding]:
    late = clock.now() - PATIENCE
    waiting = db.session.execute(
        select(func.count()).where(OutboxRow.done_at.is_(None), OutboxRow.failed_at.is_(None), OutboxRow.due_at < late)
    ).scalar_one()
    given_up = db.session.execute(select(func.count()).where(OutboxRow.failed_at.is_not(None))).scalar_one()
    events = db.session.execute(
        select(func.count()).where(InboxEvent.done_at.is_(None), InboxEvent.created_at < late)
    ).scalar_one()
    if waiting or events:
        yield wrong("queues", f"{waiting} outbox rows and {events} webhooks wait for minutes", "Are workers running?")
    if given_up:
        yield wrong("queues", f"{given_up} outbox rows were given up", "See /officer/books and the log for last_error.")
    if not (waiting or events or given_up):
        yield ok("queues", "nothing is stuck")


def _rates() -> Iterator[Finding]:
    day = db.session.execute(select(func.max(Rate.day))).scalar_one()
    if day is None or clock.today() - day > timedelta(days=5):
        yield wrong(
            "exchange rates", f"newest of {day}", "New quotes are refused. Is ECB_URL reachable and cron running?"
        )
    else:
        yield ok("exchange rates", f"of {day}")


def _log() -> Iterator[Finding]:
    key = Path(_config().audit_key)
    if not key.is_file():
        yield wrong("audit log key", f"{key} is not there", "Make one: daigou audit key")
    elif key.stat().st_mode & 0o077:
        yield wrong("audit log key", "others may read it", f"chmod 600 {key}")
    behind = db.session.execute(
        select(func.count())
        .select_from(Entry)
        .outerjoin(Leaf, Leaf.entry_id == Entry.id)
        .where(Leaf.entry_id.is_(None), Entry.at < clock.now() - PATIENCE)
    ).scalar_one()
    size = db.session.execute(select(func.max(Checkpoint.tree_size))).scalar_one()
    if behind:
        yield wrong("audit log", f"{behind} entries wait for their place", "Is the audit queue worked?")
    else:
        yield ok("audit log", f"checkpoint at {size or 0} entries")


def _witnesses() -> Iterator[Finding]:
    """Each witness of the settings took a copy lately, or nothing new was there to take."""
    newest = db.session.execute(select(func.max(Checkpoint.tree_size))).scalar_one() or 0
    for address, _vkey in _config().audit_witnesses:
        mine = select(Delivery).where(Delivery.witness == address).order_by(Delivery.tree_size.desc()).limit(1)
        last = db.session.execute(mine).scalar_one_or_none()
        if last is not None and last.outcome == "refused":
            advice = "Was the log cut, restored or forked? See docs/deploy.md"
            yield wrong("witness", f"{address} refuses the log: {last.error}", advice)
        elif newest and (last is None or (last.outcome != "delivered" and last.attempts > TRIES)):
            yield wrong("witness", f"{address} has no copy", (last and last.error) or "Is cron running?")
        else:
            yield ok("witness", f"{address} has {last.tree_size if last else 0} entries")


def _storage() -> Iterator[Finding]:
    storage = current_app.extensions["storage"]
    storage.put("doctor/probe", [b"probe"])
    same = b"".join(storage.open("doctor/probe")) == b"probe"
    storage.delete("doctor/probe")
    if same:
        yield ok("storage", "writes and reads back")
    else:
        yield wrong("storage", "does not give back what it took", "Check STORAGE_URL.")


def _words() -> Iterator[Finding]:
    from daigou.app import TRANSLATIONS

    missing = [p.parent.parent.name for p in TRANSLATIONS.glob("*/*/messages.po") if not p.with_suffix(".mo").exists()]
    if missing:
        yield wrong("languages", f"not compiled: {', '.join(missing)}", "Run: make setup")
    else:
        yield ok("languages", "compiled")


CHECKS = (
    _settings, _transport, _database, _migrations, _keystore, _keys, _redis, _workers, _stuck_work, _rates, _log,
    _witnesses, _storage, _scanner, _words,
)  # fmt: skip
