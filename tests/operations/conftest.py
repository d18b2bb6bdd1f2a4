"""An application with databases, key files and a storage folder of its own: what is rotated here is nobody else's."""

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from daigou.app import create_app
from daigou.core.db import db

_numbers = itertools.count(1)


@pytest.fixture
def keeping(stack, config, tmp_path):
    """``daigou`` and ``daigou_keys`` cloned, the ring files copied. Commits are real."""
    number, owned = next(_numbers), {"daigou": "daigou_owner", "daigou_keys": "daigou_keys"}
    names = {known: f"{known}_keeping_{number}" for known in owned}
    sources = {"daigou": "daigou_template", "daigou_keys": "template0"}
    with psycopg.connect(stack.url("postgres"), autocommit=True) as server:
        for known, name in names.items():
            server.execute(
                f"CREATE DATABASE {name} TEMPLATE {sources[known]} OWNER {owned[known]} STRATEGY wal_log"
            )
    with psycopg.connect(stack.url(names["daigou_keys"])) as keys:
        keys.execute("ALTER SCHEMA public OWNER TO daigou_keys")
    made = create_app(own_settings(config, names, tmp_path))
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    made.extensions["redis"].flushdb()
    with made.app_context():
        made.extensions["vault"].keys.prepare()
        yield made
        db.session.remove()
        db.engine.dispose()
        made.extensions["keystore_engine"].dispose()
    with psycopg.connect(stack.url("postgres"), autocommit=True) as server:
        for name in names.values():
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def own_settings(config, names, folder: Path):
    kek, index = folder / "kek", folder / "blind-index-key"
    shutil.copy(config.kek_file, kek)
    shutil.copy(config.index_key_file, index)
    return replace(
        config,
        database_url=config.database_url.replace("/daigou?", f"/{names['daigou']}?"),
        owner_url=config.owner_url.replace("/daigou?", f"/{names['daigou']}?"),
        keystore_url=config.keystore_url.replace("/daigou_keys?", f"/{names['daigou_keys']}?"),
        kek_file=str(kek),
        index_key_file=str(index),
        storage_url=(folder / "files").as_uri(),
    )
