"""The test bench: one PostgreSQL and Redis per test process, one migrated template, a clone or a roll-back per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text

from daigou import migrate, queues, topics
from daigou.accounts.models import Account
from daigou.app import create_app
from daigou.core import outbox
from daigou.core.config import Config
from daigou.core.db import db
from daigou.embedded.stack import Stack
from tests import factories
from tests.clones import Clone
from tests.unlogged import Watch

# What makes a test slow: a database of its own, the provider sandbox as a process, pictures decoded in child processes.
# `make check` leaves these out; `make test` runs them all.
SLOW_FIXTURES = {"committed_app", "provider", "carrier", "sandbox", "own", "receiver", "paid", "keeping", "whole"}
SLOW_FILES = {
    "test_inspections.py", "test_listings.py", "test_reviewing.py", "test_storing.py", "test_bundle.py",
    "test_sequencer.py", "test_cosigned.py", "test_seed.py", "test_pictures.py", "test_applying.py", "test_entering.py",
}  # fmt: skip


# What starts whole shops of its own: one after the other by one worker, so that two of them do not share two cores.
SHOPS = ("tests/faults", "tests/embedded", "tests/operations", "tests/journeys", "tests/design")
ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is slow, and what one worker does as a whole (`--dist loadgroup`): a file, for it shares its world or its
    sandbox among its tests, and all whole shops."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & SLOW_FIXTURES or item.path.name in SLOW_FILES:
            item.add_marker(pytest.mark.slow)
        folder, file = item.path.relative_to(ROOT).parent.as_posix(), item.path.stem
        item.add_marker(pytest.mark.xdist_group("shops" if folder.startswith(SHOPS) else f"{folder}/{file}"))


@pytest.fixture(scope="session")
def watched() -> Iterator[Watch]:
    watch = Watch()
    watch.start()
    yield watch
    watch.stop()


@pytest.fixture(autouse=True)
def nothing_unlogged(watched: Watch) -> Iterator[None]:
    """Whatever a test does: evidence changes in the transaction of an entry, or the test fails (tests/unlogged.py)."""
    watched.found.clear()
    yield
    assert not watched.found, f"changed without an entry in the log: {watched.found}"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with Stack() as running:
        yield running


@pytest.fixture(scope="session")
def config(stack: Stack) -> Config:
    """Settings of a migrated database that tests leave as they found it. Its twin ``daigou_template`` is for clones."""
    made = Config.from_env(stack.environment)
    migrate.upgrade(made)
    _superuser(stack, "CREATE DATABASE daigou_template TEMPLATE daigou OWNER daigou_owner STRATEGY wal_log")
    return made


class Browser(FlaskClient):
    """Each request starts with an empty ``g``: it would share the test's own context, and so the actor before it."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        for name in list(g):
            g.pop(name)
        return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def shared_app(config: Config) -> Flask:
    app = create_app(config)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    return app


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The application inside a transaction that is rolled back; commits in it are savepoints."""
    with rolled_back(shared_app):
        yield shared_app


@contextmanager
def rolled_back(shared_app: Flask) -> Iterator[None]:
    """What ``app`` is, for a module that shares one world among its tests."""
    with shared_app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        db.engines[None] = connection  # type: ignore[assignment]
        outbox.configure(topics.TOPICS, lambda queue: None)
        try:
            yield
            db.session.rollback()
            connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        finally:
            db.session.remove()
            outer.rollback()
            connection.close()
            db.engines[None] = engine


@pytest.fixture(scope="session")
def cloned(stack: Stack, config: Config) -> tuple[Clone, Flask]:
    """A database for those that commit, and the application on it."""
    clone = Clone(stack, "daigou_committed")
    app = create_app(replace(config, database_url=config.database_url.replace("/daigou?", f"/{clone.name}?")))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return clone, app


@pytest.fixture
def committed_app(cloned: tuple[Clone, Flask]) -> Iterator[Flask]:
    """The application on a database of its own, where commits are real: races, workers, crashes."""
    clone, app = cloned
    clone.take()
    kept = dict(app.config), dict(app.extensions), app.test_client_class
    app.extensions["redis"].flushdb()
    outbox.configure(topics.TOPICS, queues.waker(app.extensions["redis"]))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    for place, before in ((app.config, kept[0]), (app.extensions, kept[1])):
        place.clear()
        place.update(before)
    app.test_client_class = kept[2]
    clone.give_back()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client_of(app: Flask) -> Callable[[Account], FlaskClient]:
    """A browser in which this account is signed in."""

    return lambda account: signed_in(app, account)


def signed_in(app: Flask, account: Any) -> FlaskClient:
    browser, held = app.test_client(), factories.session_of(account)
    with browser.session_transaction() as session:
        session.update(held)
    return browser


@pytest.fixture
def work() -> Callable[[], int]:
    """Do all outbox work that is due, as the workers would; how many rows were tried."""

    def run() -> int:
        done = 0
        while any(tried := [outbox.drain(queue) for queue in topics.QUEUES]):
            done += sum(tried)
        return done

    return run


@pytest.fixture
def statements() -> Callable[[], Any]:
    """Collect the SQL that a block sends: ``with statements() as seen``. Savepoints of the test itself are left out."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return collect


def _superuser(stack: Stack, statement: str) -> None:
    url: Any = stack.url("postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
