"""An application with databases, key files and a storage folder of its own: what is rotated here is nobody else's."""

import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from daigou.app import create_app
from daigou.core.db import db
from tests.clones import OTHERS_END, Clone

NAMES = {known: f"{known}_keeping" for known in ("daigou", "daigou_keys")}


@pytest.fixture(scope="session")
def kept(stack, config):
    """Both databases; the one of keys is still to be filled."""
    with psycopg.connect(stack.url("postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAMES['daigou_keys']} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAMES['daigou_keys']} TEMPLATE template0 OWNER daigou_keys")
    return Clone(stack, NAMES["daigou"])


@pytest.fixture
def keeping(kept, stack, config, tmp_path):
    """``daigou`` as migrated, ``daigou_keys`` empty, the ring files copied. Commits are real."""
    kept.take()
    with psycopg.connect(stack.url(NAMES["daigou_keys"]), autocommit=True) as keys:
        keys.execute(OTHERS_END)
        keys.execute("DROP SCHEMA public CASCADE")
        keys.execute("CREATE SCHEMA public AUTHORIZATION daigou_keys")
    made = create_app(own_settings(config, tmp_path))
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    made.extensions["redis"].flushdb()
    with made.app_context():
        made.extensions["vault"].keys.prepare()
        yield made
        db.session.remove()
        db.engine.dispose()
        made.extensions["keystore_engine"].dispose()
    kept.give_back()


def own_settings(config, folder: Path):
    kek, index = folder / "kek", folder / "blind-index-key"
    shutil.copy(config.kek_file, kek)
    shutil.copy(config.index_key_file, index)
    return replace(
        config,
        database_url=config.database_url.replace("/daigou?", f"/{NAMES['daigou']}?"),
        owner_url=config.owner_url.replace("/daigou?", f"/{NAMES['daigou']}?"),
        keystore_url=config.keystore_url.replace("/daigou_keys?", f"/{NAMES['daigou_keys']}?"),
        kek_file=str(kek),
        index_key_file=str(index),
        storage_url=(folder / "files").as_uri(),
    )
