import base64
from dataclasses import replace

from compliance.audit import checkpoint, merkle, note, service


def test_before_the_first_checkpoint_there_is_a_page_and_no_checkpoint(house, client_on):
    assert client_on.get("/log/checkpoint").status_code == 404
    assert "No checkpoint yet" in client_on.get("/log").text
    assert client_on.get("/log/tile/0/000").status_code == 404


def test_the_checkpoint_verifies_with_the_key_that_is_shown(house, client_on, happen):
    happen(5)
    key = note.parse_vkey(client_on.get("/log/vkey").text)
    answer = client_on.get("/log/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    origin = house.extensions["config"].log_origin
    said = checkpoint.verify(answer.data, origin, [key])
    assert said.size >= 5
    page = client_on.get("/log").text
    assert said.root.hex() in page
    assert str(key) in page.replace("&#43;", "+")


def test_the_tiles_lead_to_the_signed_root(client_on, happen):
    happen(300)
    said, _signed = checkpoint.parse(client_on.get("/log/checkpoint").data)
    full = client_on.get("/log/tile/0/000")
    assert "immutable" in full.headers["Cache-Control"]
    rest = client_on.get(f"/log/tile/0/001.p/{said.size - 256}")
    assert "immutable" not in rest.headers["Cache-Control"]
    hashes = full.data + rest.data
    leaves = [hashes[i : i + 32] for i in range(0, len(hashes), 32)]
    assert len(leaves) == said.size
    assert merkle.root(leaves) == said.root
    assert client_on.get("/log/tile/1/000.p/1").data == merkle.root(leaves[:256])


def test_a_tile_that_the_signed_tree_does_not_reach_is_not_there(client_on, happen):
    happen(3)
    for place in ("0/000", "0/001.p/1", "1/000.p/1", "0/0", "entries/000", "entries/000.p/3", "0/000.p/200", "9" * 300):
        assert client_on.get(f"/log/tile/{place}").status_code == 404, place


def test_a_key_that_can_not_be_read_is_said_so(house, client_on, tmp_path):
    house.extensions["config"] = replace(
        house.extensions["config"], audit_key=str(tmp_path / "nowhere" / "key"), sandbox=False
    )
    assert client_on.get("/log/vkey").status_code == 503


def test_the_root_is_written_as_the_standard_has_it(client_on, happen):
    happen(1)
    lines = client_on.get("/log/checkpoint").text.split("\n")
    assert len(base64.b64decode(lines[2])) == 32
    assert lines[4].startswith("— ")


def test_an_entry_and_the_growth_are_proved_to_anybody(client_on, happen):
    happen(5)
    old, _signed = checkpoint.parse(client_on.get("/log/checkpoint").data)
    happen(9)
    new, _signed = checkpoint.parse(client_on.get("/log/checkpoint").data)
    for size in (old, new):
        said = client_on.get(f"/log/proof/entry/3?size={size.size}").json
        hashes = [base64.b64decode(h) for h in said["hashes"]]
        assert merkle.verify_inclusion(3, size.size, base64.b64decode(said["leaf_hash"]), hashes, size.root)
    said = client_on.get(f"/log/proof/growth/{old.size}").json
    hashes = [base64.b64decode(h) for h in said["hashes"]]
    assert merkle.verify_consistency(old.size, new.size, old.root, new.root, hashes)
    assert set(said) == {"from_size", "to_size", "root_hash", "hashes"}


def test_a_proof_that_can_not_be_is_not_found(client_on, happen):
    happen(3)
    size = checkpoint.parse(client_on.get("/log/checkpoint").data)[0].size
    for place in (
        *(f"entry/{size}", "entry/99999999999999999999999", "entry/0?size=99999", "entry/0?size=x", "entry/0?size=²"),
        *(f"growth/{size + 1}", "growth/99999999999999999999999", f"entry/0?size={'9' * 40}", "entry/-1"),
    ):
        assert client_on.get(f"/log/proof/{place}").status_code == 404, place


def test_the_key_is_shown_by_a_process_that_can_not_read_the_signing_key(house, client_on, happen, tmp_path):
    happen(1)
    before = client_on.get("/log/vkey").text
    house.extensions["config"] = replace(house.extensions["config"], audit_key=str(tmp_path / "no"), sandbox=False)
    assert client_on.get("/log/vkey").text == before


def test_a_change_of_key_is_public_and_signed_by_both(client_on, happen):
    happen(1)
    first = note.parse_vkey(client_on.get("/log/vkey").text)
    service.rotate()
    happen(1)
    second = note.parse_vkey(client_on.get("/log/vkey").text)
    lines = client_on.get("/log/handovers").text.splitlines()
    assert [line.split(" ")[2] for line in lines] == [str(first), str(second)]
    origin = checkpoint.parse(client_on.get("/log/checkpoint").data)[0].origin
    done = checkpoint.verify_handover(client_on.get("/log/handovers/1").data, origin)
    assert (done.old, done.new) == (first, second)
    assert client_on.get("/log/handovers/0").status_code == 404
    assert client_on.get("/log/handovers/2").status_code == 404
