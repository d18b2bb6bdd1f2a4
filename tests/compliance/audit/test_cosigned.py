"""Bundles bring along what witnesses cosigned, and each line is worth what its key is."""

import base64

import pytest

from compliance.audit import cosign, note
from compliance.audit.bundle import Filter
from compliance.audit.verify import verify_bundle
from tests.compliance.audit import outsider
from tests.compliance.audit.test_bundle import members, resign, rezip, vkey, write  # noqa: F401
from tests.compliance.audit.witness import LoopbackWitness


@pytest.fixture
def witness(key):
    made = LoopbackWitness(str(key.vkey))
    yield made
    made.close()


@pytest.fixture
def cosigned(connection, witness):
    """Has the witness cosign a checkpoint that continues nothing it saw, and keeps its lines as deliveries do."""

    def run(signed, by=witness):
        by.seen = (0, b"")
        _, lines, _ = by.add(cosign.request(0, [], signed.note))
        connection.execute(
            "INSERT INTO audit_deliveries (id, created_at, witness, tree_size, outcome, attempts, due_at, cosignature)"
            " VALUES (gen_random_uuid(), now(), %s, %s, 'delivered', 1, now(), %s)",
            (by.name, signed.size, lines),
        )
        return lines

    return run


def test_the_newest_cosigned_tree_of_a_day_is_brought_along(fill, write, vkey, witness, cosigned):  # noqa: F811
    cosigned(fill(10).signed)
    cosigned(fill(20).signed)
    fill(7)
    path = write()
    assert {n for n in members(path) if n.startswith("cosigned/")} == {"cosigned/30"}
    report = verify_bundle(path, vkey, witness_vkeys=witness.vkey)
    assert (report.findings, report.exit_code) == ([], 0)
    assert report.facts[f"cosigned by {witness.name}"].startswith("30 entries, 20")
    assert any("30 entries" in text for text in report.notes), "what is behind it rests on the log alone"
    assert verify_bundle(path, vkey).findings == [], "who has no key passes over the lines"
    assert outsider.verify(path, vkey) == set()


def test_the_bundles_own_tree_may_be_the_cosigned_one(fill, write, vkey, witness, cosigned):  # noqa: F811
    cosigned(fill(10).signed)
    path = write(Filter(order_ref="ORD-0000000000"))
    report = verify_bundle(path, vkey, witness_vkeys=witness.vkey)
    assert (report.findings, report.notes) == ([], [])


def test_two_witnesses_sign_below_one_checkpoint(fill, write, vkey, witness, cosigned, key):  # noqa: F811
    other, signed = LoopbackWitness(str(key.vkey), "witness.example/w2"), fill(10).signed
    cosigned(signed), cosigned(signed, other)
    path = write()
    assert len(note.parse(members(path)["cosigned/10"]).signatures) == 3
    assert verify_bundle(path, vkey, witness_vkeys=f"{witness.vkey}\n{other.vkey}\n").findings == []
    other.close()


def test_a_witness_that_never_signed_is_missed(fill, write, vkey, witness):  # noqa: F811
    fill(10)
    report = verify_bundle(write(), vkey, witness_vkeys=witness.vkey)
    assert (report.codes, report.exit_code) == ({"uncosigned"}, 1)


def test_another_key_under_the_witnesss_name_is_no_witness(fill, write, vkey, witness, cosigned, key):  # noqa: F811
    cosigned(fill(10).signed)
    impostor = LoopbackWitness(str(key.vkey), witness.name)
    assert verify_bundle(write(), vkey, witness_vkeys=impostor.vkey).codes == {"uncosigned"}
    impostor.close()


def test_a_cosignature_of_another_time_or_tree_does_not_hold(fill, write, vkey, witness, cosigned, key):  # noqa: F811
    lines = cosigned(fill(10).signed)
    files = members(write())
    raw = bytearray(base64.b64decode(lines.split(" ")[2]))
    raw[11] ^= 1  # the time
    edited = f"— {witness.name} {base64.b64encode(raw).decode()}\n"
    path = write()
    rezip(path, resign(files | {"cosigned/10": files["cosigned/10"].replace(lines.encode(), edited.encode())}, key))
    assert verify_bundle(path, vkey, witness_vkeys=witness.vkey).codes == {"bad_signature", "uncosigned"}


@pytest.mark.parametrize("name", ["cosigned/9", "cosigned/x", "cosigned/10"])
def test_what_is_cosigned_must_be_a_checkpoint_of_the_bundle(fill, write, vkey, witness, cosigned, key, name):  # noqa: F811
    cosigned(fill(10).signed)
    fill(5)
    files = members(write())
    text = files["cosigned/10"].replace(b"\n10\n", b"\n12\n") if name == "cosigned/10" else files["cosigned/10"]
    del files["cosigned/10"]
    path = rezip(write(), resign(files | {name: text}, key))
    assert "cosignature" in verify_bundle(path, vkey, witness_vkeys=witness.vkey).codes


def test_a_key_that_is_none_is_said(fill, write, vkey):  # noqa: F811
    fill(3)
    report = verify_bundle(write(), vkey, witness_vkeys=vkey)
    assert (report.codes, report.exit_code) == ({"unreadable"}, 2)
