"""Keys change while the shop runs: nobody waits, nothing is lost, and what is left to do is never forgotten."""

import os
import threading
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, select, text

from daigou.accounts import directory
from daigou.accounts.models import Account
from daigou.app import create_app
from daigou.cli import main
from daigou.core.crypto import ERASED, Vault, vault
from daigou.core.db import db
from daigou.core.keyring import Keyring, LocalWrapper, UnknownKey
from daigou.core.keystore import PostgresKeyStore
from daigou.operations import keys
from daigou.operations.refused import Refused
from tests import factories


@pytest.fixture
def daigou(keeping):
    return lambda *words: CliRunner().invoke(main, ["keys", *words])


@pytest.fixture
def elsewhere(keeping):
    """Another process's application, as far as keys go: it was started before, and nobody restarts it."""
    other = create_app(keeping.extensions["config"])
    yield other
    with other.app_context():
        db.engine.dispose()
    other.extensions["keystore_engine"].dispose()


def counted(app):
    with app.extensions["keystore_engine"].connect() as connection:
        return dict(connection.execute(text("SELECT kek_id, count(*) FROM data_keys GROUP BY kek_id")).all())


def test_a_rotation_from_new_kek_to_the_old_ones_end(keeping, daigou, elsewhere):
    people = [factories.account() for _ in range(7)]
    addresses = {row.id: row.email for row in people}
    with elsewhere.app_context():
        assert db.session.get(Account, people[0].id).email == addresses[people[0].id]
    assert daigou("rotate").exit_code == 0
    factories.account()
    assert counted(keeping) == {"k1": 7, "k2": 1}
    assert "Left to rewrap: 7" in daigou("status").output
    assert daigou("retire", "k1").exit_code == 1
    assert daigou("rewrap", "--batch", "3").exit_code == 0
    assert counted(keeping) == {"k2": 8}
    assert daigou("retire", "k1").exit_code == 0
    assert "k1" not in Path(keeping.extensions["config"].kek_file).read_text()
    for app in (keeping, elsewhere):
        vault_of(app).keys._cache.clear()
        with app.app_context():
            db.session.remove()
            assert {row.id: db.session.get(Account, row.id).email for row in people} == addresses
            db.session.remove()
    kinds = db.session.execute(text("SELECT kind FROM audit_entries WHERE stream = 'keys/rings' ORDER BY stream_no"))
    assert list(kinds.scalars()) == ["keys:rotated", "keys:rewrapped", "keys:retired"]


def vault_of(app):
    return app.extensions["vault"]


def test_a_prepared_kek_reads_everywhere_before_it_writes_anywhere(keeping, daigou):
    factories.account()
    assert daigou("rotate", "--prepare").exit_code == 0
    factories.account()
    assert counted(keeping) == {"k1": 2}
    assert "k2: prepared" in daigou("status").output
    assert daigou("rotate", "--prepare").exit_code == 1
    assert daigou("rotate").exit_code == 0
    assert Path(keeping.extensions["config"].kek_file).read_text().split(":")[0] == "k2"
    assert "k3" not in daigou("status").output


def test_the_key_files_mode_is_kept_and_the_key_is_never_said(keeping, daigou):
    path = Path(keeping.extensions["config"].kek_file)
    path.chmod(0o640)
    said = daigou("rotate").output + daigou("rewrap").output + daigou("status").output
    assert path.stat().st_mode & 0o777 == 0o640
    for line in path.read_text().split():
        assert line.partition(":")[2] not in said


def test_shoppers_come_and_read_while_the_keys_are_wrapped_anew(keeping, elsewhere):
    """Three writers and three readers, beside a rewrapping that is stopped and begun again, and a second one."""
    known = {row.id: row.email for row in (factories.account() for _ in range(40))}
    stop, made, wrong = threading.Event(), {}, []

    def join(app):
        row = factories.account()
        made[row.id] = row.email

    def look(app):
        vault_of(app).keys._cache.clear()  # as a process that has just been started
        key = next(iter(known))
        if db.session.get(Account, key, populate_existing=True).email != known[key]:
            wrong.append(key)

    def repeat(app, work):
        while not stop.is_set():
            with app.app_context():
                try:
                    work(app)
                except Exception as error:
                    wrong.append(repr(error))
                finally:
                    db.session.remove()

    works = [(elsewhere, join), (keeping, join), (elsewhere, join), (elsewhere, look), (keeping, look), (keeping, look)]
    threads = [threading.Thread(target=repeat, args=work) for work in works]
    for thread in threads:
        thread.start()
    try:
        keys.rotate()
        next(keys.rewrap(5))  # and then it was killed
        second = threading.Thread(target=lambda: with_context(elsewhere, lambda: list(keys.rewrap(5))))
        second.start()
        list(keys.rewrap(5))
        second.join(30)
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    list(keys.rewrap())
    assert not wrong
    assert made
    assert counted(keeping) == {"k2": len(known) + len(made)}
    db.session.remove()
    vault().keys._cache.clear()
    for key, email in {**known, **made}.items():
        assert db.session.get(Account, key).email == email


def with_context(app, work):
    with app.app_context():
        work()
        db.session.remove()


def test_who_is_erased_during_a_rotation_stays_erased(keeping):
    gone, stays = factories.account(), factories.account()
    keys.rotate()
    vault().keys.destroy(gone.subject, "account", "erasure request")
    list(keys.rewrap())
    assert (gone.email, "@" in stays.email) == (ERASED, True)
    assert keys.status().tombstones == 1


def test_a_wrapped_key_moved_to_another_subject_does_not_unwrap(keeping):
    one, other = factories.account(), factories.account()
    with keeping.extensions["keystore_engine"].begin() as connection:
        connection.execute(
            text(
                "UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE subject = :a)"
                " WHERE subject = :b"
            ),
            {"a": one.subject, "b": other.subject},
        )
    vault().keys._cache.clear()
    with pytest.raises(Exception, match=r"^$") as refused:
        other.email
    assert type(refused.value).__name__ == "InvalidTag"


def test_a_kek_that_is_gone_is_named_and_nothing_else_breaks(keeping, daigou):
    row = factories.account()
    keys.rotate()
    path = Path(keeping.extensions["config"].kek_file)
    path.write_text(path.read_text().splitlines()[0] + "\n")
    vault().keys._cache.clear()
    with pytest.raises(UnknownKey, match="k1"):
        row.email
    told = daigou("status")
    assert (told.exit_code, "Missing here: k1" in told.output) == (1, True)
    assert factories.account().email


def test_a_half_written_key_file_changes_nothing(tmp_path):
    path = tmp_path / "kek"
    path.write_text("k1:" + "A" * 43 + "=\n")
    ring = Keyring({}, str(path))
    assert ring.current == "k1"
    path.write_text("k2:tooshort")
    assert ring.current == "k1"


def test_keys_from_the_environment_are_rotated_where_they_come_from(keeping):
    keeping.extensions["config"] = __import__("dataclasses").replace(keeping.extensions["config"], kek_file="")
    with pytest.raises(Refused, match="KEK_FILE"):
        keys.rotate()


class Kms:
    """A KMS outside: wraps and unwraps by name and never shows a key."""

    def __init__(self):
        self._local = LocalWrapper(Keyring({"projects/shop/key/1": os.urandom(32)}))
        self.calls = []
        self.current = self._local.current

    def names(self):
        return self._local.names()

    def wrap(self, name, secret, bound):
        self.calls.append("wrap")
        return self._local.wrap(name, secret, bound)

    def unwrap(self, name, wrapped, bound):
        self.calls.append("unwrap")
        return self._local.unwrap(name, wrapped, bound)


def test_a_kms_outside_fits(keeping):
    kms = Kms()
    store = PostgresKeyStore(keeping.extensions["keystore_engine"], kms)
    used = Vault(store, Keyring(keeping.extensions["config"].index_keys))
    sealed = used.seal("sub_kms", "account", "t|c|1", b"word")
    assert (used.open("t|c|1", sealed), kms.calls) == (b"word", ["wrap", "unwrap", "unwrap"])


# ---- blind indexes


@contextmanager
def connected(app):
    engine = create_engine(app.extensions["config"].database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_people_are_found_before_during_and_after_the_index_key_changes(keeping, daigou, elsewhere):
    emails = [f"p{number}@example.test" for number in range(9)]
    for email in emails:
        factories.account(email=email)
    assert daigou("rotate", "--index").exit_code == 0
    factories.account(email="new@example.test")
    steps = keys.reindex(4)
    next(steps)
    for app in (keeping, elsewhere):
        with app.app_context():
            assert all(directory.by_email(email) for email in [*emails, "NEW@example.test"])
            db.session.remove()
    assert daigou("retire", "1", "--index").exit_code == 1
    list(steps)
    assert keys.status().indexes["accounts.email"] == {2: 10}
    assert daigou("retire", "1", "--index").exit_code == 0
    assert all(directory.by_email(email) for email in emails)
    assert "10 of epoch 2" in daigou("status").output


def test_an_address_is_taken_whatever_epoch_its_index_is_of(keeping):
    from daigou.accounts import joining

    factories.account(email="taken@example.test")
    keys.rotate_index()
    joining.sign_up(joining.SignUp("taken@example.test", "Ann", "korrekt-pferd-batterie", "DE", "EUR", "en"))
    assert len(db.session.execute(select(Account)).scalars().all()) == 1


def test_what_was_erased_is_not_indexed_again(keeping):
    row = factories.account(email="gone@example.test")
    vault().keys.destroy(row.subject, "account", "erasure request")
    keys.rotate_index()
    list(keys.reindex())
    assert directory.by_email("gone@example.test") is None
    assert keys.status().indexes["accounts.email"] == {2: 1}


def test_what_stands_in_the_tables_names_its_epoch_and_no_address(keeping):
    factories.account(email="mara@example.test")
    with psycopg.connect(keeping.extensions["config"].database_url) as connection:
        index = connection.execute("SELECT email_index FROM accounts").fetchone()[0]
    assert (len(index), index[0]) == (33, 1)
