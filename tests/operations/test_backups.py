"""A backup is worth what its restore is: whole or refused by name, and never the way back for who was erased."""

import hashlib
import io
import json
import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text

from compliance.audit import service as audit
from daigou.accounts.models import Account
from daigou.app import create_app
from daigou.core import clock
from daigou.core.access import system
from daigou.core.crypto import ERASED, vault
from daigou.core.db import db, load_locked, transaction
from daigou.documents import service as documents
from daigou.documents.inspection import Checked
from daigou.documents.models import StoredFile
from daigou.operations import backup, keys, manifest, proving
from daigou.operations.refused import Refused
from daigou.operations.restore import examine, restore
from tests import factories

WEEK = timedelta(days=7)


def paper(person, words=b"a paper of hers"):
    checked = Checked(io.BytesIO(words), "application/pdf", len(words), hashlib.sha256(words).hexdigest())
    return documents.store(
        system("test"), f"account/{person.id}", person.subject, "identity", "paper", checked,
        allowed=documents.PAPERS, limit=10_000,
    )  # fmt: skip


@pytest.fixture
def places(tmp_path):
    return tmp_path / "backups", tmp_path / "apart"


@pytest.fixture
def take(keeping, places):
    return lambda keep=WEEK: backup.take(*places, keep)


@pytest.fixture
def target(stack, keeping, tmp_path):
    """Empty databases as databases.sql makes them, an empty folder, and the same keys."""
    names = {known: f"{known}_restored" for known in ("daigou", "daigou_keys")}
    with psycopg.connect(stack.url("postgres"), autocommit=True) as server:
        for known, name in names.items():
            owner = "daigou_owner" if known == "daigou" else known
            server.execute(f"CREATE DATABASE {name} OWNER {owner}")
    with psycopg.connect(stack.url(names["daigou"]), autocommit=True) as made:
        for extension in ("pg_trgm", "citext", "btree_gist", "unaccent"):
            made.execute(f"CREATE EXTENSION {extension}")
        made.execute("ALTER SCHEMA public OWNER TO daigou_owner")
    with psycopg.connect(stack.url(names["daigou_keys"]), autocommit=True) as made:
        made.execute("ALTER SCHEMA public OWNER TO daigou_keys")
    config = keeping.extensions["config"]
    yield replace(
        config,
        database_url=moved(config.database_url, names["daigou"]),
        owner_url=moved(config.owner_url, names["daigou"]),
        keystore_url=moved(config.keystore_url, names["daigou_keys"]),
        storage_url=(tmp_path / "restored-files").as_uri(),
    )
    with psycopg.connect(stack.url("postgres"), autocommit=True) as server:
        for name in names.values():
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def moved(url, name):
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


@contextmanager
def opened(config):
    app = create_app(config)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["keystore_engine"].dispose()


def test_what_comes_back_is_what_was_there(keeping, places, take, target):
    person = factories.account(email="mara@example.test")
    file = paper(person)
    shop, _owner = factories.merchant()
    factories.rates()
    factories.order(person, factories.listing(shop))
    audit.sequence()
    done = take()
    assert (done.files, done.missing, done.gone) == (1, [], [])
    restored = restore(examine(*places), target)
    assert restored.files == 1
    with opened(target):
        assert list(proving.prove(restored)) == []
        assert db.session.get(Account, person.id).email == "mara@example.test"
        assert documents.read(db.session.get(StoredFile, file.id)) == b"a paper of hers"
        factories.account()  # and the shop goes on, under the application's own role
        audit.sequence()
        assert audit.check().exit_code == 0
    told = json.loads((done.folder / "manifest.json").read_text())["facts"]
    assert (told["tree_size"] > 10, told["rows"]["orders"]) == (True, 1)


def test_who_was_erased_since_the_backup_stays_erased(keeping, places, take, target):
    gone, early, stays = (factories.account() for _ in range(3))
    file = paper(gone)
    take()
    destroy(gone, "account", "identity")
    backup.keep_tombstones(places[1])
    destroy(early, "account")  # known only to the key store that is in use
    source = examine(*places, live_store=keeping.extensions["config"].keystore_url)
    restored = restore(source, target)
    assert restored.erased == 3
    with opened(target):
        assert list(proving.prove(restored)) == []
        assert [db.session.get(Account, row.id).email for row in (gone, early)] == [ERASED, ERASED]
        assert db.session.get(Account, stays.id).email == stays.email
        with pytest.raises(documents.NotFound):
            documents.open_stream(db.session.get(StoredFile, file.id))


def destroy(person, *purposes):
    for purpose in purposes:
        vault().keys.destroy(person.subject, purpose, "erasure request")


def test_a_key_that_came_back_all_the_same_is_found(keeping, places, take, target):
    """A restore by hand that replays nothing: the check says so."""
    person = factories.account()
    take()
    destroy(person, "account")
    backup.keep_tombstones(places[1])
    restored = restore(replace(examine(*places), dead=[]), target)
    with opened(target):
        said = list(proving.prove(replace(restored, source=examine(*places))))
    assert said == ["1 tombstones were not replayed"]


def flip(path, at=-20):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))


def edit(path, change):
    body = json.loads(path.read_text())
    change(body)
    path.write_text(json.dumps(body))


def only(folder):
    return next(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def a_file(folder):
    return next(p for p in only(folder).rglob("*") if p.is_file() and p.parent.parent.name == "files")


HARM = {
    "not_a_backup": lambda main, keys: shutil.rmtree(only(main)),
    "damaged database": lambda main, keys: flip(only(main) / "database.dump"),
    "damaged list": lambda main, keys: flip(only(main) / "files.jsonl", 5),
    "damaged file": lambda main, keys: flip(a_file(main)),
    "damaged manifest": lambda main, keys: edit(only(main) / "manifest.json", lambda b: b.update(taken_at="2020")),
    "damaged shape": lambda main, keys: (only(main) / "manifest.json").write_text("[1]"),
    "damaged text": lambda main, keys: (only(main) / "manifest.json").write_text("{"),
    "incomplete database": lambda main, keys: (only(main) / "database.dump").unlink(),
    "incomplete file": lambda main, keys: a_file(main).unlink(),
    "keys_missing": lambda main, keys: shutil.rmtree(only(keys)),
    "keys_damaged": lambda main, keys: flip(only(keys) / "keystore.dump"),
    "keys_incomplete": lambda main, keys: (only(keys) / "keystore.dump").unlink(),
    "tombstones_missing": lambda main, keys: (keys / "tombstones.jsonl").unlink(),
    "damaged tombstones": lambda main, keys: (keys / "tombstones.jsonl").write_text("{"),
}


def test_what_is_not_whole_is_refused_by_name(keeping, places, take, tmp_path):
    """One backup, harmed in every way; nothing of it is ever written anywhere."""
    paper(factories.account())
    take()
    for number, (name, harm) in enumerate(HARM.items()):
        copies = [shutil.copytree(place, tmp_path / f"harm-{number}" / place.name) for place in places]
        harm(*copies)
        with pytest.raises(Refused) as refused:
            examine(*copies)
        assert refused.value.code == name.split()[0], name
        assert str(tmp_path / f"harm-{number}") in str(refused.value), name


def test_a_target_that_does_not_fit_is_refused_before_anything_is_written(keeping, places, take, target):
    factories.account()
    take()
    source = examine(*places)
    config = keeping.extensions["config"]
    newer = replace(source, said=replace(source.said, facts={**source.said.facts, "revision": "9999"}))
    for code, wrong_source, wrong_target in (
        ("not_empty", source, replace(target, database_url=config.database_url, owner_url=config.owner_url)),
        ("not_empty", source, replace(target, keystore_url=config.keystore_url)),
        ("kek_missing", source, replace(target, keks={"k1": b"x" * 32}, kek_file="")),
        ("index_key_missing", source, replace(target, index_keys={"1": b"x" * 32}, index_key_file="")),
        ("newer", newer, target),
    ):
        with pytest.raises(Refused) as refused:
            restore(wrong_source, wrong_target)
        assert refused.value.code == code
    assert restore(source, target).files == 0


def test_an_old_backup_opens_with_keys_that_were_rotated_since(keeping, places, take, target):
    person = factories.account()
    main = take().folder
    keys.rotate()
    list(keys.rewrap())
    keys.retire("k1")
    backup.take_keys(places[1], WEEK)
    restored = restore(examine(main, places[1]), target)
    with opened(target):
        assert list(proving.prove(restored)) == []
        assert db.session.get(Account, person.id).email == person.email


def test_every_row_of_a_backup_has_its_file_though_people_go_on(keeping, places, target):
    person = factories.account()
    kept = [paper(person, b"%d" % number).id for number in range(30)]
    stop = threading.Event()

    def write():
        with keeping.app_context():
            while not stop.is_set():
                paper(person, b"meanwhile")
            db.session.remove()

    def delete():
        with keeping.app_context():
            while kept and not stop.is_set():
                with transaction():
                    file = load_locked(StoredFile, id=kept.pop())
                    file.deleted_at = clock.now()
                keeping.extensions["storage"].delete(file.storage_key)
            db.session.remove()

    threads = [threading.Thread(target=work) for work in (write, write, delete)]
    for thread in threads:
        thread.start()
    try:
        done = [backup.take(*places, WEEK) for _ in range(3)][-1]
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert done.missing == []
    restored = restore(examine(*places), target)
    with opened(target):
        assert list(proving.prove(restored)) == []
        for file in db.session.execute(select(StoredFile).where(StoredFile.deleted_at.is_(None))).scalars():
            if file.storage_key not in done.gone:
                documents.read(file)


def test_a_file_that_is_missing_is_said_and_its_backup_not_restored(keeping, places, take):
    file = paper(factories.account())
    keeping.extensions["storage"].delete(file.storage_key)
    assert take().missing == [file.storage_key]
    with pytest.raises(Refused, match=file.storage_key) as refused:
        examine(*places)
    assert refused.value.code == "files_missing"


def test_files_that_were_copied_before_are_not_copied_again(keeping, places, take):
    paper(factories.account())
    first, second = take(), take()
    one, other = (next(p for p in done.folder.glob("files/*/*")) for done in (first, second))
    assert one.stat().st_ino == other.stat().st_ino
    shutil.rmtree(first.folder)
    examine(*places)


def test_key_backups_expire_and_the_newest_never(keeping, places, take):
    factories.account()
    take()
    assert take(timedelta(0)).expired_keys == 1
    assert take(timedelta(days=-1)).expired_keys == 1
    assert len(manifest.all_in(places[1])) == 1
    assert len(manifest.all_in(places[0])) == 3
    examine(*places)


def test_the_keys_never_lie_with_what_they_open(keeping, places):
    with pytest.raises(Refused) as refused:
        backup.take(places[0], places[0] / "keys", WEEK)
    assert refused.value.code == "same_place"
    assert not list(Path(places[0]).glob("*"))


def test_a_backup_tells_no_secret_and_is_its_owners_alone(keeping, places, take):
    person = factories.account(email="mara@example.test")
    paper(person)
    take()
    secrets = [Path(keeping.extensions["config"].kek_file).read_text().split(":")[1].strip().encode()]
    for place in places:
        for path in place.rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
            if path.is_file():
                said = path.read_bytes()
                assert not [word for word in (*secrets, b"mara@example.test", b"a paper of hers") if word in said]


def test_half_a_backup_is_none(keeping, places, take):
    take()
    draft = places[0] / ".draft-1"
    draft.mkdir()
    (draft / "manifest.json").write_text("{")
    (places[0] / "zzz").mkdir()
    assert examine(*places).folder == manifest.all_in(places[0])[0]


def test_that_one_was_taken_stands_in_the_log(keeping, take):
    done = take()
    with transaction() as session:
        body = session.execute(text("SELECT body FROM audit_entries WHERE kind = 'backup:taken'")).scalar_one()
    assert manifest.sha256_of(done.folder / "manifest.json").encode() in bytes(body)
