"""A backup restored into a folder of its own, as `make run` keeps one: for a try, a search, or to go on from there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, current_app, has_app_context

from compliance.privacy import replaying
from daigou import queues, topics
from daigou.core import outbox
from daigou.core.config import Config, ConfigError
from daigou.core.db import db
from daigou.embedded.home import CannotStart, Home
from daigou.embedded.stack import Stack

from . import manifest
from .refused import Refused
from .restore import Restored, Source, restore


@contextmanager
def restored_home(source: Source, folder: Path, secrets: Path) -> Iterator[tuple[Flask, Restored]]:
    """Restore into ``folder``, with the keys of the ``secrets`` folder of another home (they are in no backup).

    Inside the block its servers run and the application is the restored one's; afterwards the folder stays, and
    ``DAIGOU_HOME=folder make run`` goes on with it. Refused: not_empty, secrets_missing, and what restore() refuses.
    """
    _furnish(source, folder, secrets)
    stack = Stack(folder, durable=True)
    try:
        stack.start()
        target = Config.from_env(stack.environment)
        done = restore(source, target)
        with _application(target) as app:
            yield app, done
    except CannotStart as error:
        raise Refused("cannot_start", str(error)) from error
    finally:
        stack.stop()


@contextmanager
def restored_settings(source: Source) -> Iterator[tuple[Flask, Restored]]:
    """Into the empty databases and the storage that the environment names."""
    try:
        target = Config.from_env(os.environ)
    except ConfigError as error:
        raise Refused("settings", f"the settings are not complete: {'; '.join(error.problems)}") from error
    done = restore(source, target)
    with _application(target) as app:
        yield app, done


def secrets_of(environ: Mapping[str, str] = os.environ) -> Path:
    """The secrets of the home that commands here belong to."""
    return Home.at(environ).private


def _furnish(source: Source, folder: Path, secrets: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise Refused("not_empty", f"{folder} is not empty")
    if not (secrets / "made-once.json").is_file():
        raise Refused("secrets_missing", f"{secrets} holds no secrets of a home: name that folder with --secrets")
    home = Home(folder.absolute())
    home.prepare()
    shutil.copytree(secrets, home.private, dirs_exist_ok=True)
    (home.private / "sandbox-port").unlink(missing_ok=True)
    logins = secrets.parent / home.logins_file.name
    # Without it the demo market would be seeded into what was restored.
    home.logins_file.write_bytes(logins.read_bytes() if logins.is_file() else b"[]")
    home.logins_file.chmod(0o600)
    books = source.folder / manifest.SANDBOX
    if books.is_file():
        shutil.copyfile(books, home.sandbox / "journal.jsonl")


@contextmanager
def _application(config: Config) -> Iterator[Flask]:
    from daigou.app import create_app

    app = create_app(config)
    try:
        with app.app_context():
            replaying.replay()  # rows of who was erased since, before anybody sees them; their keys are gone
            yield app
            db.session.remove()
            db.engine.dispose()
        app.extensions["keystore_engine"].dispose()
    finally:
        if has_app_context():  # the outbox wakes whom it was told last: ours again
            outbox.configure(topics.TOPICS, queues.waker(current_app.extensions["redis"]))
