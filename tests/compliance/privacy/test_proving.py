"""The proof looks everywhere: what is planted in any place, in any shape, is found; after an erasure nothing is."""

import base64
import gzip
import hashlib
import json
import re
import threading
import zlib
from urllib.parse import quote

import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from compliance.audit import service as audit
from compliance.audit.bundle import Filter
from compliance.audit.verify import verify_bundle
from compliance.privacy import erasing, needles, proving, replaying, requests, subject
from daigou.accounts.models import Account
from daigou.commands.privacy import privacy as command
from daigou.core.crypto import ERASED, vault
from daigou.core.db import db, transaction
from daigou.core.keystore import KeyDestroyed, PostgresKeyStore
from daigou.notices.models import Notice
from daigou.operations import backup
from daigou.operations import proving as restoring
from daigou.operations.restore import examine, restore
from tests import factories
from tests.operations.conftest import keeping, kept  # noqa: F401
from tests.operations.test_backups import opened, places, take, target  # noqa: F401

EMAIL = "jörg.Vogel@example.test"
SHAPES = {
    "plain": lambda word: word,
    "folded": lambda word: word.upper(),
    "in a sentence": lambda word: f"dear {word}, hello",
    "base64": lambda word: base64.b64encode(word.encode()).decode(),
    "base64 within": lambda word: base64.b64encode(f"x {word} y".encode()).decode(),
    "base64url within": lambda word: base64.urlsafe_b64encode(f"zz{word}?".encode()).decode(),
    "json": lambda word: json.dumps({"to": word}),
    "percent": lambda word: quote(word),
    "hex": lambda word: word.encode().hex(),
    "sha256": lambda word: hashlib.sha256(word.lower().encode()).hexdigest(),
}


VISIBLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"))


@given(st.text(VISIBLE, min_size=6, max_size=30))
def test_a_word_is_found_in_every_shape_and_place(word):
    wanted = needles.of([word])
    for name, shape in SHAPES.items():
        if name != "folded" or word.upper().lower() == word.lower():
            assert wanted.named_in(f"before {shape(word)} after".encode()), name


def test_other_words_are_not_found():
    wanted = needles.of(["Mara Vogel", "mara@example.test"])
    assert not wanted.named_in(b"Maren Vogel wrote to tamara@example.org about mara @ example test")


def test_what_is_printed_does_not_tell_the_words():
    wanted = needles.of([EMAIL])
    assert wanted.named_in(EMAIL.encode()) == {"#1 plain"}


@pytest.fixture
def mara(keeping):  # noqa: F811
    return factories.account(email=EMAIL)


def erase(account):
    asked = requests.ask_erasure(factories.actor(account), subject.person_with(account.id), at_once=True)
    erasing.run(asked.id)
    db.session.expire_all()
    return asked


def found(user=EMAIL, **more):
    return [finding.place.split(" ")[0] for finding in proving.prove(proving.known(user), **more).findings]


def test_before_the_erasure_there_is_plenty_and_after_it_nothing(keeping, mara):  # noqa: F811
    who = proving._known([EMAIL], mara.subject)
    before = proving.prove(who)
    assert {f.place.split(" ")[0] for f in before.findings} == {"index", "sealed", "key"}
    asked = erase(mara)
    report = proving.prove(proving.known(asked.ref))
    assert (report.findings, report.exit_code) == ([], 0)
    assert {"database", "indexes", "storage", "redis", "sealed values"} <= set(report.searched)


def test_a_leak_planted_in_any_place_is_found(keeping, mara, tmp_path):  # noqa: F811
    erase(mara)
    redis, storage = keeping.extensions["redis"], keeping.extensions["storage"]
    for number, name in enumerate(("folded", "base64 within", "sha256")):
        leak = SHAPES[name](EMAIL)
        with transaction():
            db.session.execute(text("UPDATE accounts SET locale = locale, password_hash = :leak"), {"leak": leak})
        assert found() == ["database"], name
        with transaction():
            db.session.execute(text("UPDATE accounts SET password_hash = NULL"))
        storage.put(f"files/leak{number}", [b"\0" * 70_000, leak.encode()[:5], leak.encode()[5:]])
        assert found() == ["storage"], name
        storage.delete(f"files/leak{number}")
    for plant in (
        lambda: redis.set("leak", EMAIL),
        lambda: redis.hset("rq:job:leak", "data", zlib.compress(json.dumps(["send", EMAIL]).encode())),
        lambda: redis.rpush("leak", f"to {EMAIL}"),
        lambda: redis.sadd("leak", EMAIL),
        lambda: redis.zadd(f"leak {EMAIL}", {"x": 1}),
    ):
        plant()
        assert set(found()) == {"redis"}
        redis.flushdb()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "web.log").write_text(f"sent to {EMAIL}\n")
    (tmp_path / "logs" / "old.log.gz").write_bytes(gzip.compress(f"sent to {EMAIL}\n".encode()))
    assert found(logs=[tmp_path / "logs"]) == ["log", "log"]


def test_leaks_in_json_bytes_and_tables_that_nobody_declared_are_found(keeping, mara, stack):  # noqa: F811
    erase(mara)
    name = re.search(r"/(\w+)\?", keeping.extensions["config"].database_url)[1]
    with psycopg.connect(stack.url(name), autocommit=True) as root:
        for kind, value in (("text[]", [EMAIL]), ("jsonb", json.dumps({"a": [EMAIL]})), ("bytea", EMAIL.encode())):
            root.execute(f"CREATE TABLE leftover (x {kind})")
            root.execute("GRANT SELECT ON leftover TO daigou_app")
            root.execute("INSERT INTO leftover VALUES (%s)", (value,))
            assert found() == ["database"], kind
            root.execute("DROP TABLE leftover")


def test_a_blind_index_that_was_left_and_a_key_that_came_back_are_found(keeping, mara):  # noqa: F811
    asked, before = erase(mara), vault().blind_index("accounts.email", EMAIL)
    with transaction():
        mara.email_index = before
        db.session.add(mara)
    assert found() == ["index"]
    with keeping.extensions["keystore_engine"].begin() as connection:
        connection.exec_driver_sql("DELETE FROM tombstones")
    assert set(found(asked.ref)) == {"index", "key"}
    with transaction():
        late = Notice(account_id=mara.id, subject=mara.subject, kind="late")
        late.content = {"to": "somebody"}
        db.session.add(late)
    assert "sealed" in found(asked.ref)


def run(*arguments):
    return CliRunner().invoke(command, arguments)


def test_the_three_commands_one_after_the_other(keeping, mara, tmp_path):  # noqa: F811
    copied = run("export", EMAIL, "--to", str(tmp_path / "copy.zip"))
    assert copied.exit_code == 0, copied.output
    assert (tmp_path / "copy.zip").stat().st_mode & 0o077 == 0
    erased = run("erase", EMAIL)
    assert erased.exit_code == 0, erased.output
    proof = run("prove-erased", EMAIL, "--logs", str(tmp_path / "none"))
    assert proof.exit_code == 0, proof.output
    assert "Nothing readable was found" in proof.output
    assert EMAIL not in proof.output
    keeping.extensions["redis"].set("leak", EMAIL)
    assert run("prove-erased", EMAIL).exit_code == 1
    assert run("erase", EMAIL).exit_code == 1
    assert run("prove-erased", "sub_unknown").exit_code == 3


def test_an_old_backup_brings_nobody_back(keeping, mara, places, take, target):  # noqa: F811
    stays = factories.account(email="stays@example.test").id
    audit.sequence()
    take()
    erase(mara)
    who, key = proving.known(EMAIL), mara.id
    backup.keep_tombstones(places[1])
    restored = restore(examine(*places), target)
    with opened(target):
        before = proving.prove(who, part="backup: ")
        assert {f.place for f in before.findings} == {"backup: index accounts.email_index"}
        assert replaying.replay() == 1
        assert proving.prove(who, part="backup: ").findings == []
        account = db.session.get(Account, key)
        assert (account.state, account.email) == ("closed", ERASED)
        assert db.session.get(Account, stays).email == "stays@example.test"
        assert list(restoring.prove(restored)) == []


def test_every_proof_of_the_log_still_holds(keeping, mara, tmp_path):  # noqa: F811
    officer = factories.actor(factories.account("officer"))
    audit.sequence()
    with open(tmp_path / "before.zip", "w+b") as file:
        audit.write_for(file, audit.Wish(Filter(), None, "en", None, None))
    vkey = str(audit.signer().vkey)
    old = verify_bundle(tmp_path / "before.zip", vkey)
    assert old.findings == []
    erase(mara)
    audit.sequence()
    assert audit.check().exit_code == 0
    assert verify_bundle(tmp_path / "before.zip", vkey).findings == []
    with open(tmp_path / "after.zip", "w+b") as file:
        audit.write_for(file, audit.Wish(Filter(subject=mara.subject), None, "en", None, None))
    after = verify_bundle(tmp_path / "after.zip", vkey)
    assert (after.findings, after.facts["entries"] > 3) == ([], True)
    assert officer.subject


def test_whoever_writes_while_somebody_is_erased_leaves_nothing_to_read(keeping, mara):  # noqa: F811
    """Jobs of several workers, each with a key store of its own, as processes have."""
    who, stop, other = mara.id, threading.Event(), []
    name, asked = mara.subject, None

    def write():
        with keeping.app_context():
            while not stop.is_set():
                try:
                    with transaction():
                        row = Notice(account_id=who, subject=name, kind="busy")
                        row.content = {"to": EMAIL}
                        db.session.add(row)
                except KeyDestroyed:
                    other.append("refused")
            db.session.remove()

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        asked = erase(mara).ref
    finally:
        while not other and any(t.is_alive() for t in threads):
            threading.Event().wait(0.01)
        stop.set()
        for thread in threads:
            thread.join(30)
    assert other
    assert proving.prove(proving.known(asked)).findings == []


def test_a_key_is_never_made_beside_its_tombstone(keeping):  # noqa: F811
    """Making and destroying at once, each over a store of its own: a key may come before, never after."""
    engine, keks = keeping.extensions["keystore_engine"], vault().keys.keks
    for number in range(30):
        name, barrier = f"sub_race_{number}", threading.Barrier(3)

        def make(name=name, barrier=barrier):
            barrier.wait()
            try:
                PostgresKeyStore(engine, keks).current(name, "account")
            except KeyDestroyed:
                return

        def destroy(name=name, barrier=barrier):
            barrier.wait()
            PostgresKeyStore(engine, keks).destroy(name, "account", "race")

        threads = [threading.Thread(target=work) for work in (make, make, destroy)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM data_keys JOIN tombstones USING (subject, purpose)")
        assert left.scalar_one() == 0
