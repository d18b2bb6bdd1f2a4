"""The log within the application: entries by the door, places by the job, checks by the commands."""

import base64
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from compliance.audit import (
    checkpoint,
    cli,
    door,
    exports,
    fsck_tables,
    keys,
    log,
    merkle,
    note,
    proposals,
    service,
    wishes,
)
from compliance.audit.bundle import Filter
from compliance.audit.verify import verify_bundle
from daigou.core.db import Base, db, transaction
from tests import factories


@pytest.fixture
def logged(committed_app):
    """Some accounts and merchants with their entries, sequenced and signed."""
    for _ in range(3):
        factories.merchant()
    service.sequence_due()
    return committed_app


@pytest.fixture
def superuser(logged, stack):
    """Statements against the application's database by one whom no trigger and no grant stops."""
    import psycopg

    name = db.engine.url.database
    with psycopg.connect(stack.url(name), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection.execute


def test_what_the_door_wrote_is_whole(logged):
    report = service.check()
    assert report.findings == []
    assert report.facts["entries"] > 9
    assert report.facts["not yet sequenced"] == 0
    assert report.facts["tables"] == len(list(Base.registry.mappers))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE merchants SET state = 'suspended'", "state_differs"),
        ("UPDATE merchants SET stream_no = stream_no - 1", "head_differs"),
        ("UPDATE merchants SET stream_no = stream_no + 1", "row_without_entry"),
        ("UPDATE merchants SET stream_head = sha256('x')", "head_differs"),
        ("DELETE FROM merchants", "entry_without_row"),
        ("DELETE FROM audit_entries WHERE stream LIKE 'merchant/%%'", "row_without_entry"),
    ],
)
def test_a_table_changed_around_the_door_is_found(superuser, statement, code):
    superuser(statement)
    assert code in service.check().codes


EDITS = {
    "state": ("UPDATE {} SET state = state || 'x'", {"state_differs"}),
    "number": ("UPDATE {} SET stream_no = stream_no + 7", {"row_without_entry"}),
    "head": ("UPDATE {} SET stream_head = sha256('x')", {"head_differs"}),
    "row": ("DELETE FROM {}", {"entry_without_row"}),
    "another row": ("UPDATE {} SET id = '019a0000-0000-7000-8000-00000000ffff' WHERE ctid = (SELECT min(ctid) FROM {})",
                    {"entry_without_row", "row_without_entry"}),
}  # fmt: skip


def test_each_kind_of_row_that_a_superuser_edits_is_found(logged, superuser):
    """Every table of things with a life that holds rows here: each edit is found, and taken back nothing is."""
    actor = factories.actor(factories.account("officer"))
    with transaction():
        door.created(actor, exports._row(actor, wishes.Wanted(Filter(), "reason enough", "en")))
    proposals.propose(actor, exports.PAPERS, about="export/1", summary="all", reason="reason enough", payload={})
    service.sequence()
    tables = [table.name for table in fsck_tables.tables_of(Base)]
    seen = [name for name in tables if superuser(f"SELECT count(*) FROM {name}").fetchone()[0]]
    assert {"audit_exports", "proposals", "merchants"} <= set(seen)
    for name in seen:
        superuser(f"CREATE TABLE kept AS TABLE {name}")
        for what, (statement, codes) in EDITS.items():
            superuser(statement.replace("{}", name))
            assert codes <= service.check().codes, (name, what)
            superuser(f"DELETE FROM {name}")
            superuser(f"INSERT INTO {name} TABLE kept")
        superuser("DROP TABLE kept")
    assert service.check().findings == []


@pytest.mark.parametrize("table", ["audit_entries", "audit_leaves", "audit_nodes", "audit_checkpoints", "audit_keys"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET ctid = ctid", "TRUNCATE {} CASCADE"])
def test_the_application_can_only_add_to_the_log(logged, table, statement):
    statement = statement.format(table).replace("ctid = ctid", _column(table))
    with pytest.raises(Exception, match="permission denied"):
        db.session.execute(text(statement))
    db.session.rollback()


def _column(table):
    column = {"audit_entries": "kind", "audit_checkpoints": "note", "audit_keys": "vkey"}.get(table, "")
    return f"{column} = {column}" if column else ("hash = hash" if table == "audit_nodes" else "leaf_hash = leaf_hash")


def test_the_commands_work_together(logged, tmp_path):
    invoke = CliRunner().invoke
    vkey, trail, old = tmp_path / "log.vkey", tmp_path / "trail.zip", tmp_path / "old"
    vkey.write_text(invoke(cli.audit, ["vkey"]).output)
    old.write_text(invoke(cli.audit, ["checkpoint"]).output)
    factories.merchant()
    invoke(cli.audit, ["checkpoint"])
    done = invoke(cli.audit, ["export", "--from", "2020-01-01", "--witness", str(old), "--out", str(trail)])
    assert done.exit_code == 0, done.output
    done = invoke(cli.audit, ["verify", str(trail), "--vkey", str(vkey), "--witness", str(old)])
    assert done.exit_code == 0, done.output
    proof = json.loads(invoke(cli.audit, ["prove", "--entry", "2"]).output)
    assert proof["index"] == 2
    assert invoke(cli.audit, ["prove", "--entry", "99999"]).exit_code == 1
    assert invoke(cli.audit, ["fsck"]).exit_code == 0
    assert invoke(cli.audit, ["key"]).exit_code == 1, "a key is never overwritten"
    assert invoke(cli.audit, ["export", "--out", str(tmp_path / "no" / "x")]).exit_code == 1


def test_a_key_hands_over(logged, tmp_path):
    before = str(service.signer().vkey)
    assert CliRunner().invoke(cli.audit, ["rotate-key"]).exit_code == 0
    after = str(service.signer().vkey)
    assert before != after
    factories.merchant()
    service.sequence()
    path = tmp_path / "trail.zip"
    with path.open("wb") as file:
        service.write_bundle(file, service.Filter(), locale="zh_Hans")
    assert verify_bundle(path, before).findings == []
    assert verify_bundle(path, after).findings == []
    assert service.check().findings == []
    with service.connected() as connection:
        assert [str(known.vkey) for known in keys.history(connection)] == [before, after]


def test_a_hand_over_that_died_half_way_is_finished_by_the_next(logged):
    """The note is in the log, the key's file is not yet in its place: nothing is signed until it is."""
    path = service.Path(service.config().audit_key)
    old, new = service.signer(), note.create_key_file(path.with_name(path.name + ".new"), service.config().log_origin)
    with service.connected() as connection:
        size = log.latest_checkpoint(connection).size
        keys.hand_over(connection, service.config().log_origin, size, old, new)
    factories.merchant()
    with pytest.raises(log.LogDamaged, match="rotate-key"):
        service.sequence()
    assert CliRunner().invoke(cli.audit, ["rotate-key"]).exit_code == 0
    assert service.signer().vkey == new.vkey
    assert service.sequence().signed is not None
    assert service.check().findings == []


def test_two_trees_are_proved_to_be_one_log(logged):
    invoke = CliRunner().invoke
    old = checkpoint.parse(invoke(cli.audit, ["checkpoint"]).output)[0]
    factories.merchant()
    new = checkpoint.parse(invoke(cli.audit, ["checkpoint"]).output)[0]
    said = json.loads(invoke(cli.audit, ["prove", "--from", str(old.size)]).output)
    hashes = [base64.b64decode(h) for h in said["hashes"]]
    assert said["to_size"] == new.size
    assert merkle.verify_consistency(old.size, new.size, old.root, new.root, hashes)
    earlier = json.loads(invoke(cli.audit, ["prove", "--from", "1", "--to", str(old.size)]).output)
    assert earlier["to_root"] == old.root.hex()
    for wrong in ([], ["--entry", "1", "--from", "1"], ["--from", "99999"], ["--from", "1", "--to", "99999"]):
        done = invoke(cli.audit, ["prove", *wrong])
        assert done.exit_code == 1
        assert done.exception is None or isinstance(done.exception, SystemExit)


def test_the_key_is_made_in_the_sandbox_only_when_it_is_wanted(logged):
    assert note.load_key_file(service.Path(service.config().audit_key)).name == service.config().log_origin
    with service.connected() as connection:
        assert log.latest_checkpoint(connection).size == log.tree_size(connection) > 0
