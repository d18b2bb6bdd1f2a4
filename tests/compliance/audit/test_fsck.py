import pytest

from compliance.audit import fsck, note
from compliance.audit.checkpoint import Keyring

EDITS = {
    "entry_edited": "UPDATE audit_entries SET body ="
    " convert_to(replace(convert_from(body, 'UTF8'), 'JPY', 'EUR'), 'UTF8') WHERE stream_no = 3",
    "column_edited": "UPDATE audit_entries SET order_ref = 'ORD-X' WHERE stream_no = 3",
    "stream_gap": "DELETE FROM audit_entries WHERE stream_no = 3",
    "stream_broken": "UPDATE audit_entries SET prev_hash = sha256('x') WHERE stream_no = 3",
    "leaf_edited": "UPDATE audit_leaves SET leaf_hash = sha256('x') WHERE leaf_index = 3",
    "leaf_missing": "DELETE FROM audit_leaves WHERE leaf_index = 3",
    "entry_missing": "DELETE FROM audit_entries WHERE stream_no = 10",
    "node_edited": "UPDATE audit_nodes SET hash = sha256('x') WHERE level = 2 AND node_index = 1",
    "node_missing": "DELETE FROM audit_nodes WHERE level = 2 AND node_index = 1",
    "node_extra": "INSERT INTO audit_nodes VALUES (3, 999, sha256('x'))",
    "checkpoint": "UPDATE audit_checkpoints SET root_hash = sha256('x')",
    "entry_without_row": "DELETE FROM audit_streams WHERE stream = (SELECT min(stream) FROM audit_streams)",
    "row_without_entry": "INSERT INTO audit_streams VALUES ('account/9', 1, sha256('x'))",
    "head_differs": "UPDATE audit_streams SET stream_no = 4",
}


@pytest.fixture
def filled(connection, fill):
    fill(40)
    connection.execute(
        "INSERT INTO audit_streams SELECT DISTINCT ON (stream) stream, stream_no, leaf_hash"
        " FROM audit_entries ORDER BY stream, stream_no DESC"
    )
    return connection


def test_a_whole_log_has_no_findings(filled, key):
    report = fsck.fsck(filled, [], Keyring.trusting([key.vkey]))
    assert report.findings == []
    assert report.exit_code == 0
    assert report.facts["entries"] == 40
    assert report.facts["tree size"] == 40


@pytest.mark.parametrize("code", EDITS)
def test_what_a_superuser_changes_is_found(filled, code):
    filled.execute(EDITS[code])
    assert code in fsck.fsck(filled, []).codes


def test_a_truncated_log_is_found(filled):
    filled.execute("DELETE FROM audit_leaves WHERE leaf_index >= 30")
    filled.execute("DELETE FROM audit_entries WHERE id NOT IN (SELECT entry_id FROM audit_leaves)")
    filled.execute("DELETE FROM audit_nodes WHERE (node_index + 1) << level > 30")
    report = fsck.fsck(filled, [])
    assert {"checkpoint", "head_differs", "row_without_entry"} & report.codes
    assert any("truncated" in f.message for f in report.findings)


def test_another_key_is_found(filled):
    stranger = note.generate("example.com/log")
    assert fsck.fsck(filled, [], Keyring.trusting([stranger.vkey])).codes == {"checkpoint"}


def test_entries_that_wait_are_no_finding(filled, fill):
    report = fsck.fsck(filled, [])
    assert report.facts["not yet sequenced"] == 0
