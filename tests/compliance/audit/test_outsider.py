"""docs/verify.md suffices: a verifier written from it alone comes to the verdicts of ours."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import audit_fill
from compliance.audit import checkpoint, keys, log, note, sequencer
from compliance.audit.bundle import Filter
from compliance.audit.verify import verify_bundle
from tests.compliance.audit import outsider
from tests.compliance.audit.conftest import ORIGIN
from tests.compliance.audit.test_bundle import lines_of, members, resign, rezip, with_entries, write  # noqa: F401

START = audit_fill.START


@pytest.fixture
def vkey(key):
    return str(key.vkey)


def test_it_is_short_and_knows_nothing_of_the_product():
    text = Path(outsider.__file__).read_text("utf-8")
    assert len([line for line in text.splitlines() if line.strip()]) < 200
    assert not {"compliance", "daigou", "benchmarks"} & {
        line.split(" ")[1] for line in text.splitlines() if "import" in line
    }


def test_it_accepts_what_is_whole(fill, write, vkey):  # noqa: F811
    old = fill(30).signed.note
    fill(43)
    for chosen in (
        *(Filter(), Filter(order_ref="ORD-0000000003"), Filter(kind="order:paid"), Filter(subject="nobody")),
        *(Filter(START + timedelta(seconds=s), START + timedelta(seconds=e)) for s, e in ((0, 9), (33, 66), (64, 65))),
    ):
        assert outsider.verify(write(chosen, old), vkey, old) == set(), chosen


def test_it_follows_a_hand_over(connection, fill, write, key):  # noqa: F811
    fill(30)
    new = note.generate(ORIGIN)
    keys.hand_over(connection, ORIGIN, 30, key, new)
    text = keys.history(connection)[-1].handover.encode()
    audit_fill.fill(connection, 10, 30)
    sequencer.run(connection, ORIGIN, [new])
    path = write(signer=new, extra=[("handovers/30", text)])
    assert outsider.verify(path, str(key.vkey)) == outsider.verify(path, str(new.vkey)) == set()
    assert "checkpoint signature" in outsider.verify(write(signer=new), str(key.vkey))


def test_it_names_what_an_insider_did(fill, write, vkey, key):  # noqa: F811
    fill(40)
    files = members(write())
    lines, path = lines_of(files), write()
    hidden = resign(with_entries(dict(files), lines[:7] + lines[8:]), key)
    assert "withheld" in outsider.verify(rezip(path, hidden), vkey)
    swapped = resign(with_entries(dict(files), [lines[1], lines[0], *lines[2:]]), key)
    assert "order" in outsider.verify(rezip(path, swapped), vkey)
    dropped = resign({**files, "leaves.bin": files["leaves.bin"][:-32]}, key)
    assert {"leaves", "root"} <= outsider.verify(rezip(path, dropped), vkey)


def test_it_sees_a_fork_and_another_key(fill, write, vkey, key):  # noqa: F811
    fill(30)
    forged = checkpoint.make(checkpoint.Checkpoint(ORIGIN, 20, bytes(32)), [key])
    assert outsider.verify(write(), vkey, forged) == {"forked"}
    ahead = checkpoint.make(checkpoint.Checkpoint(ORIGIN, 50, bytes(32)), [key])
    assert "truncated" in outsider.verify(write(), vkey, ahead)
    assert outsider.verify(write(), str(note.generate(ORIGIN).vkey))


def is_accepted(path, vkey):
    try:
        return outsider.verify(path, vkey) == set()
    except Exception:  # a file that can't even be read is not accepted either
        return False


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_both_say_the_same_of_any_changed_bit(connection, fill, write, vkey, tmp_path, data):  # noqa: F811
    if log.tree_size(connection) == 0:
        fill(12)
        write()
    files = members(tmp_path / "trail.zip")
    name = data.draw(st.sampled_from(sorted(set(files) - {"COVER.pdf"})).filter(lambda n: files[n]))
    raw = bytearray(files[name])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = rezip(tmp_path / "changed.zip", {**files, name: bytes(raw)})
    assert verify_bundle(path, vkey).exit_code == 1
    assert not is_accepted(path, vkey)
