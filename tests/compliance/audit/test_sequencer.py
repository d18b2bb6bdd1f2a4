import threading
from datetime import timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import audit_fill
from compliance.audit import checkpoint, log, merkle, note, sequencer, tiles
from tests.compliance.audit import naive
from tests.compliance.audit.conftest import ORIGIN


def leaves(connection):
    rows = connection.execute("SELECT leaf_index, leaf_hash FROM audit_leaves ORDER BY leaf_index").fetchall()
    assert [index for index, _ in rows] == list(range(len(rows))), "a gap or a double"
    return [leaf for _, leaf in rows]


def assert_whole(connection, size):
    """Every entry has one place, and every perfect subtree one node."""
    found = leaves(connection)
    assert len(found) == size
    rows = connection.execute("SELECT level, node_index, hash FROM audit_nodes")
    nodes = {(level, index): value for level, index, value in rows}
    wanted = {(level, index) for level in range(1, 20) for index in range(size >> level)}
    assert set(nodes) == wanted
    assert all(value == naive.node(*node, found) for node, value in nodes.items())


def test_entries_get_places_nodes_and_a_checkpoint(connection, fill, key):
    run = fill(137)
    assert run.sequenced == 137
    assert_whole(connection, 137)
    newest = log.latest_checkpoint(connection)
    assert newest == run.signed
    said = checkpoint.verify(newest.note, ORIGIN, [key.vkey])
    assert (said.size, said.root) == (137, naive.mth(leaves(connection)))


def test_a_second_run_does_nothing(connection, fill, key):
    fill(5)
    again = sequencer.run(connection, ORIGIN, [key])
    assert (again.sequenced, again.signed) == (0, None)


def test_an_empty_log_is_not_signed(connection, key):
    assert sequencer.run(connection, ORIGIN, [key]).signed is None


def test_the_tree_grows_batch_by_batch(connection, fill, key):
    fill(100, sequence=False)
    run = sequencer.run(connection, ORIGIN, [key], batch=7)
    assert run.sequenced == 100
    assert_whole(connection, 100)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 40), max_size=5), st.integers(1, 50))
def test_the_tree_is_the_same_however_it_was_cut(log_url, connection, key, parts, batch):
    tables = "audit_entries, audit_leaves, audit_nodes, audit_checkpoints, audit_deliveries, audit_timestamps"
    connection.execute(f"TRUNCATE {tables}")
    done = 0
    for part in parts:
        audit_fill.fill(connection, part, done)
        done += part
        sequencer.run(connection, ORIGIN, [key], batch=batch)
    assert_whole(connection, done)


def test_an_entry_that_commits_late_is_not_skipped(log_url, connection, fill, key):
    rows = list(audit_fill.rows(3))
    columns = "id, created_at, at, kind, stream, stream_no, prev_hash, actor, body, leaf_hash, subject"
    columns += ", order_ref, merchant_ref, outcome"
    insert = f"INSERT INTO audit_entries ({columns}) VALUES ({', '.join(['%s'] * 14)})"
    with psycopg.connect(log_url) as slow:
        slow.execute(insert, rows[0])
        connection.execute(insert, rows[1])
        connection.execute(insert, rows[2])
        assert sequencer.run(connection, ORIGIN, [key]).sequenced == 2
        slow.commit()
    assert sequencer.run(connection, ORIGIN, [key]).sequenced == 1
    assert log.entry_of(connection, rows[0][0]).index == 2


def test_the_horizon_waits_for_the_oldest_open_transaction(log_url, connection, fill, key):
    """However long it stays open: what it commits is found by the next ordinary run."""
    fill(5)
    with psycopg.connect(log_url) as slow:
        slow.execute("INSERT INTO audit_streams VALUES ('order/slow', 0, 'x')")
        started = slow.execute("SELECT xact_start FROM pg_stat_activity WHERE pid = pg_backend_pid()").fetchone()[0]
        for _ in range(3):
            sequencer.run(connection, ORIGIN, [key], sequencer.due(connection))
            assert sequencer.due(connection) <= started
        slow.rollback()
    sequencer.run(connection, ORIGIN, [key], sequencer.due(connection))
    assert sequencer.due(connection) + sequencer._SKEW > started


def test_a_run_that_skipped_the_past_does_not_move_the_horizon(connection, fill, key):
    assert sequencer.due(connection) is None, "a new log is looked at as a whole"
    fill(20, sequence=False)
    sequencer.run(connection, ORIGIN, [key], audit_fill.START + timedelta(seconds=15))
    assert sequencer.due(connection) is None
    assert sequencer.run(connection, ORIGIN, [key], sequencer.due(connection)).sequenced == 15


def test_who_is_not_the_newest_key_signs_nothing(connection, fill, key):
    fill(5)
    audit_fill.fill(connection, 3, 5)
    with pytest.raises(log.LogDamaged, match="rotate-key"):
        sequencer.run(connection, ORIGIN, [note.generate(ORIGIN)])
    assert log.latest_checkpoint(connection).size == 5


def test_a_run_since_a_time_looks_no_further_back(connection, fill, key):
    fill(20, sequence=False)
    since = audit_fill.START + timedelta(seconds=15)
    assert sequencer.run(connection, ORIGIN, [key], since).sequenced == 5
    assert sequencer.run(connection, ORIGIN, [key]).sequenced == 15


def test_a_crash_leaves_neither_gap_nor_double(connection, fill, key, monkeypatch):
    fill(100, sequence=False)
    true, calls = sequencer._copy_nodes, []

    def crash(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        true(*args)

    monkeypatch.setattr(sequencer, "_copy_nodes", crash)
    with pytest.raises(KeyboardInterrupt):
        sequencer.run(connection, ORIGIN, [key], batch=10)
    assert_whole(connection, 20)
    monkeypatch.undo()
    sequencer.run(connection, ORIGIN, [key], batch=10)
    assert_whole(connection, 100)


def test_a_second_sequencer_goes_home(log_url, connection, fill, key):
    fill(10, sequence=False)
    with psycopg.connect(log_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (sequencer.LOCK,))
        assert sequencer.run(connection, ORIGIN, [key]).busy
    assert sequencer.run(connection, ORIGIN, [key]).sequenced == 10


def test_many_sequencers_at_once_make_one_tree(log_url, connection, fill, key):
    fill(400, sequence=False)

    def work():
        with psycopg.connect(log_url, autocommit=True) as own:
            for _ in range(20):
                sequencer.run(own, ORIGIN, [key], batch=9)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sequencer.run(connection, ORIGIN, [key])
    assert_whole(connection, 400)
    sizes = [s for (s,) in connection.execute("SELECT tree_size FROM audit_checkpoints ORDER BY 1")]
    assert sizes[-1] == 400


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM audit_leaves WHERE leaf_index > 30",
        "UPDATE audit_nodes SET hash = sha256('x') WHERE level = 5",
        "DELETE FROM audit_nodes WHERE level = 5",
    ],
)
def test_a_damaged_tree_is_never_signed(connection, fill, key, damage):
    fill(40)
    connection.execute(damage)
    audit_fill.fill(connection, 3, 40)
    with pytest.raises(log.LogDamaged):
        sequencer.run(connection, ORIGIN, [key])
    assert log.latest_checkpoint(connection).size == 40


def test_proofs_out_of_the_database_verify(connection, fill):
    fill(201)
    all_leaves = leaves(connection)
    proofs = log.inclusion_proofs(connection, list(range(150)), 150)
    for proof in proofs:
        assert proof.hashes == naive.path(proof.index, all_leaves[:150])
        assert merkle.verify_inclusion(
            proof.index, proof.size, proof.leaf_hash, proof.hashes, naive.mth(all_leaves[:150])
        )
    for old in range(0, 202, 13):
        proof = log.consistency_proof(connection, old, 201)
        roots = naive.mth(all_leaves[:old]), naive.mth(all_leaves)
        assert merkle.verify_consistency(old, 201, *roots, proof)
    stored = log.entry_at(connection, 7)
    assert merkle.leaf_hash(stored.body) == stored.leaf_hash == all_leaves[7]
    get = lambda nodes: log.get_nodes(connection, nodes)  # noqa: E731
    assert tiles.content(tiles.Tile(0, 0, 201), 201, get) == b"".join(all_leaves)


def test_what_is_not_there_is_said(connection, fill):
    fill(3)
    for wrong in (-1, 3):
        with pytest.raises(log.NotInLog):
            log.inclusion_proof(connection, wrong)
    with pytest.raises(log.NotInLog):
        log.entry_at(connection, 3)
    with pytest.raises(log.NotInLog):
        log.consistency_proof(connection, 2, 4)
    assert log.checkpoint_at(connection, 2) is None
    assert log.checkpoint_at(connection, 3).size == 3
