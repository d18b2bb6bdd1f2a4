"""Bundles out of a real log, whole and attacked: each attack has its own name in the report."""

import base64
import csv
import io
import json
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import audit_fill
from compliance.audit import bundle, checkpoint, cli, entry, export, keys, log, merkle, note, sequencer
from compliance.audit.bundle import Filter
from compliance.audit.verify import verify_bundle
from tests.compliance.audit import naive
from tests.compliance.audit.conftest import ORIGIN

START = audit_fill.START


@pytest.fixture
def write(connection, key, tmp_path):
    """Writes a bundle and gives its path."""

    def run(chosen=None, witness=None, signer=key, extra=()):
        path = tmp_path / "trail.zip"
        with path.open("wb") as file:
            export.write_bundle(connection, file, chosen or Filter(), signer, witness, extra=extra)
        return path

    return run


@pytest.fixture
def vkey(key):
    return str(key.vkey)


def members(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rezip(path, files):
    with zipfile.ZipFile(path, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def resign(files, key):
    """What an insider who has the key does after a change: new hashes, new signature."""
    manifest = json.loads(files["manifest.json"])
    for name, data in files.items():
        if name not in ("manifest.json", "manifest.note"):
            manifest["files"][name] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    manifest["files"] = {n: f for n, f in manifest["files"].items() if n in files}
    files["manifest.json"] = bundle.json_bytes(manifest)
    text = checkpoint.manifest_text(sha256(files["manifest.json"]).digest())
    files["manifest.note"] = note.make(text, [key]).encode()
    return files


def edit_manifest(files, key, **changes):
    files["manifest.json"] = bundle.json_bytes(json.loads(files["manifest.json"]) | changes)
    return resign(files, key)


# whole bundles


def test_a_whole_bundle_is_whole(fill, write, vkey):
    fill(57)
    report = verify_bundle(write(), vkey)
    assert report.findings == []
    assert report.exit_code == 0
    assert report.facts["entries"] == 57


def test_its_files_are_as_the_format_says(connection, fill, write):
    first, second = fill(30).signed, fill(27).signed
    since, until = START + timedelta(seconds=10), START + timedelta(seconds=50)
    files = members(write(Filter(since, until, order_ref="ORD-0000000002")))
    manifest = json.loads(files["manifest.json"])
    assert set(manifest) == {
        *("format", "origin", "filter", "first", "end", "tree_size", "root_hash", "stream_heads", "files")
    }
    assert (manifest["format"], manifest["origin"]) == ("daigou-audit-bundle/1", ORIGIN)
    assert (manifest["first"], manifest["end"], manifest["tree_size"]) == (10, 50, 57)
    assert manifest["root_hash"] == second.root.hex()
    assert set(files) - set(manifest["files"]) == {"manifest.json", "manifest.note"}
    for name, said in manifest["files"].items():
        assert said == {"sha256": sha256(files[name]).hexdigest(), "size": len(files[name])}
    digest = sha256(files["manifest.json"]).hexdigest()
    assert files["manifest.note"].decode().startswith(f"sha256:{digest}\n\n— {ORIGIN} ")
    leaves = [log.entry_at(connection, i).leaf_hash for i in range(57)]
    assert files["leaves.bin"] == b"".join(leaves[10:50])
    sides = json.loads(files["range.json"])
    assert sides["left"] == [base64.b64encode(naive.node(*n, leaves)).decode() for n in merkle.span_nodes(0, 10)]
    assert sides["right"] == [base64.b64encode(naive.node(*n, leaves)).decode() for n in merkle.span_nodes(50, 57)]
    lines = [json.loads(line) for line in files["entries.jsonl"].splitlines()]
    assert [line["index"] for line in lines] == list(range(20, 30))
    raw = base64.b64decode(lines[0]["entry"])
    assert merkle.leaf_hash(raw) == leaves[20]
    assert {k: v for k, v in lines[0].items() if k not in ("index", "entry")} == entry.decode(raw)
    assert len(manifest["stream_heads"]) == 1
    assert list(manifest["stream_heads"].values()) == [{"no": 10, "index": 29, "hash": leaves[29].hex()}]
    assert first.size == 30


def test_a_filtered_bundle_is_whole(fill, write, vkey):
    fill(100)
    for chosen in (
        Filter(order_ref="ORD-0000000003"),
        Filter(kind="order:paid"),
        Filter(since=START + timedelta(seconds=33), until=START + timedelta(seconds=66)),
        Filter(subject="nobody"),
        Filter(since=START + timedelta(days=9)),
        Filter(until=START - timedelta(days=9)),
    ):
        report = verify_bundle(write(chosen), vkey)
        assert report.findings == [], chosen


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 70), st.integers(0, 70))
def test_every_range_is_whole(connection, fill, write, vkey, low, high):
    if log.tree_size(connection) == 0:
        fill(61)
    chosen = Filter(START + timedelta(seconds=low), START + timedelta(seconds=high))
    assert verify_bundle(write(chosen), vkey).exit_code == 0


def test_without_a_key_it_is_self_consistent_only(fill, write):
    fill(20)
    report = verify_bundle(write())
    assert report.exit_code == 3
    assert "self-consistent only" in report.verdict


def test_a_log_without_checkpoint_has_nothing_to_export(fill, write):
    fill(20, sequence=False)
    with pytest.raises(export.NothingToExport):
        write()


def test_the_csv_runs_no_formula():
    raw = entry.encode(
        {
            **{"at": START, "kind": "order:paid", "stream": "order/1", "no": 1, "prev": entry.GENESIS},
            **{"actor": "=cmd()", "order_ref": "+1", "facts": {"note": '@x"y'}},
        }
    )
    row = next(csv.reader(io.StringIO(bundle.csv_line(0, raw, entry.decode(raw)).decode())))
    assert "'=cmd()" in row
    assert "'+1" in row
    assert '{"note":"@x\\"y"}' in row


# witnesses


def test_a_witness_inside_and_outside_the_range_is_proved(fill, write, vkey):
    old = fill(30).signed.note
    fill(70)
    for chosen in (Filter(), Filter(START + timedelta(seconds=50)), Filter(until=START + timedelta(seconds=20))):
        report = verify_bundle(write(chosen, old), vkey, old)
        assert report.findings == [], chosen


def test_a_witness_that_the_bundle_does_not_lead_to(fill, write, vkey):
    first = fill(30).signed.note
    fill(40)
    fill(30)
    path = write(Filter(START + timedelta(seconds=50)))
    assert verify_bundle(path, vkey, first).codes == {"witness_unproven"}


def test_a_truncated_log_is_named(connection, fill, write, vkey, key):
    fill(30)
    path = write()
    newer = fill(10).signed.note
    assert verify_bundle(path, vkey, newer).codes == {"truncated"}


def test_a_forked_log_is_named(fill, write, vkey, key):
    fill(30)
    for size in (20, 30):
        forged = checkpoint.make(checkpoint.Checkpoint(ORIGIN, size, bytes(32)), [key])
        assert verify_bundle(write(), vkey, forged).codes == {"forked"}
        with pytest.raises(export.WitnessDisagrees, match="another tree"):
            write(witness=forged)


def test_a_witness_of_another_log_or_key(fill, write, vkey, key):
    fill(30)
    other = checkpoint.make(checkpoint.Checkpoint("example.org/log", 30, bytes(32)), [key])
    assert verify_bundle(write(), vkey, other).codes == {"other_log"}
    stranger = note.generate(ORIGIN)
    said, _ = checkpoint.parse(members(write())["checkpoint"])
    assert verify_bundle(write(), vkey, checkpoint.make(said, [stranger])).codes == {"other_key"}


def test_an_export_refuses_a_witness_ahead_of_the_log(fill, write, key):
    fill(5)
    ahead = checkpoint.make(checkpoint.Checkpoint(ORIGIN, 6, bytes(32)), [key])
    with pytest.raises(export.WitnessDisagrees, match="6 entries"):
        write(witness=ahead)


# keys


def test_a_log_rebuilt_under_another_key_is_named(fill, write, key):
    fill(30)
    stranger = note.generate(ORIGIN)
    assert verify_bundle(write(), str(stranger.vkey)).codes == {"other_key"}


def test_a_handed_over_log_is_trusted_with_either_key(connection, fill, write, key):
    fill(30)
    new = note.generate(ORIGIN)
    keys.hand_over(connection, ORIGIN, 30, key, new)
    handover = keys.history(connection)[-1].handover.encode()
    audit_fill.fill(connection, 10, 30)
    sequencer.run(connection, ORIGIN, [new])
    path = write(signer=new, extra=[("handovers/30", handover)])
    assert verify_bundle(path, str(key.vkey)).findings == []
    assert verify_bundle(path, str(new.vkey)).findings == []
    assert verify_bundle(write(signer=new), str(key.vkey)).codes == {"other_key"}


# attacks on the files by somebody without the key


@pytest.mark.parametrize(
    "name",
    [
        *("leaves.bin", "range.json", "entries.jsonl", "entries.csv", "ocsf.jsonl", "consistency.jsonl"),
        *("checkpoint", "manifest.json", "manifest.note"),
    ],
)
def test_a_changed_byte_in_any_file_is_found(fill, write, vkey, name):
    old = fill(20).signed.note
    fill(20)
    path = write(witness=old)
    files = members(path)
    for place in {0, len(files[name]) // 3, len(files[name]) // 2, len(files[name]) - 1}:
        data = bytearray(files[name])
        data[place] ^= 1
        report = verify_bundle(rezip(path, {**files, name: bytes(data)}), vkey, old)
        assert report.exit_code == 1, place
        expected = {"manifest_changed", "manifest", "other_key", "bad_signature", "malformed", "format_version"}
        assert report.codes & ({"file_changed"} if not name.startswith("manifest") else expected)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_changed_bit_of_the_zip_passes_or_traces_back(connection, fill, write, vkey, tmp_path, data):
    if log.tree_size(connection) == 0:
        fill(12)
        write()
    raw = bytearray((tmp_path / "trail.zip").read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "changed.zip"
    path.write_bytes(raw)
    report = verify_bundle(path, vkey)
    if report.exit_code == 0:  # bits that no reader looks at (times, attributes): the contents are the same
        assert members(path) == members(tmp_path / "trail.zip")


def test_a_zip_cut_short_is_named(fill, write, vkey):
    fill(20)
    path = write()
    raw = path.read_bytes()
    for length in (len(raw) - 1, len(raw) // 2, 40):
        path.write_bytes(raw[:length])
        report = verify_bundle(path, vkey)
        assert report.codes == {"cut_short"}
        assert report.exit_code == 1


def test_what_is_no_zip_is_unreadable(tmp_path, vkey):
    path = tmp_path / "x"
    assert verify_bundle(path, vkey).exit_code == 2
    path.write_bytes(b"hello")
    assert verify_bundle(path, vkey).exit_code == 2
    assert verify_bundle(path, "no key").exit_code == 2
    assert verify_bundle(path, vkey, "no checkpoint").exit_code == 2


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a//b", "C:\\x", "a\\..\\b", "a/", "a\nb", "./a"])
def test_a_traversal_name_is_named(fill, write, vkey, name):
    fill(5)
    path = write()
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(name, b"x")
    assert verify_bundle(path, vkey).codes == {"unsafe_name"}


def test_a_doubled_name_is_named(fill, write, vkey):
    fill(5)
    path = write()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as file:
        file.writestr("leaves.bin", b"x")
    assert verify_bundle(path, vkey).codes == {"duplicate_name"}


def test_a_file_that_is_not_listed_or_missing_is_named(fill, write, vkey):
    fill(5)
    path = write()
    files = members(path)
    assert verify_bundle(rezip(path, {**files, "more": b""}), vkey).codes == {"unlisted_file"}
    for name in ("leaves.bin", "ocsf.jsonl"):
        assert verify_bundle(rezip(path, {n: d for n, d in files.items() if n != name}), vkey).codes == {"missing_file"}
    without = {n: d for n, d in files.items() if n != "manifest.json"}
    assert verify_bundle(rezip(path, without), vkey).codes == {"manifest"}


# attacks by somebody with the log's key: hashes and signatures are made right again


def lines_of(files):
    return files["entries.jsonl"].splitlines(keepends=True)


def with_entries(files, lines, tables=True):
    """The files with other entries; the tables made to fit."""
    files["entries.jsonl"] = b"".join(lines)
    read = [json.loads(line) for line in lines]
    for name, (head, write_line) in bundle.TABLES.items() if tables else ():
        raws = [(r["index"], base64.b64decode(r["entry"])) for r in read]
        files[name] = head + b"".join(write_line(i, raw, entry.decode(raw)) for i, raw in raws)
    return files


def test_a_withheld_entry_is_named(fill, write, vkey, key):
    fill(40)
    path = write()
    files = members(path)
    lines = lines_of(files)
    report = verify_bundle(rezip(path, resign(with_entries(files, lines[:7] + lines[8:]), key)), vkey)
    assert "withheld" in report.codes
    assert report.findings[0].index == 7


@pytest.mark.parametrize("place", [4, 9])
def test_an_entry_withheld_from_an_order_is_named(fill, write, vkey, key, place):
    fill(40)
    path = write(Filter(order_ref="ORD-0000000001"))
    files = members(path)
    lines = lines_of(files)
    del lines[place]
    report = verify_bundle(rezip(path, resign(with_entries(files, lines), key)), vkey)
    assert report.codes == {"withheld"}
    assert report.findings[0].index == 10 + place


def test_an_edited_entry_is_named(fill, write, vkey, key):
    fill(40)
    path = write()
    files = members(path)
    lines = lines_of(files)
    raw = base64.b64decode(json.loads(lines[5])["entry"]).replace(b"JPY", b"EUR")
    lines[5] = bundle.entry_line(5, raw, entry.decode(raw))
    report = verify_bundle(rezip(path, resign(with_entries(files, lines), key)), vkey)
    assert {"edited", "stream_broken"} == report.codes
    files["leaves.bin"] = files["leaves.bin"][:160] + merkle.leaf_hash(raw) + files["leaves.bin"][192:]
    report = verify_bundle(rezip(path, resign(files, key)), vkey)
    assert {"root", "stream_broken"} == report.codes


def test_reordered_entries_are_named(fill, write, vkey, key):
    fill(40)
    path = write()
    files = members(path)
    lines = lines_of(files)
    a, b = (json.loads(lines[i]) for i in (3, 5))
    a["index"], b["index"] = 5, 3
    lines[3], lines[5] = bundle.json_bytes(b) + b"\n", bundle.json_bytes(a) + b"\n"
    assert verify_bundle(rezip(path, resign(with_entries(files, lines), key)), vkey).codes == {"reordered"}
    lines[3], lines[5] = lines[5], lines[3]
    assert "reordered" in verify_bundle(rezip(path, resign(with_entries(files, lines), key)), vkey).codes


def test_dropped_leaves_are_named(fill, write, vkey, key):
    fill(40)
    path = write()
    files = members(path)
    files["leaves.bin"] = files["leaves.bin"][:-32]
    assert "dropped" in verify_bundle(rezip(path, resign(files, key)), vkey).codes
    files = with_entries(files, lines_of(files)[:-1])
    report = verify_bundle(rezip(path, edit_manifest(files, key, end=39)), vkey)
    assert "range" in report.codes


def test_tables_that_say_something_else_are_named(fill, write, vkey, key):
    fill(40)
    path = write()
    for name in ("entries.csv", "ocsf.jsonl"):
        files = members(path)
        files[name] = files[name].replace(b"JPY", b"EUR", 1)
        assert verify_bundle(rezip(path, resign(files, key)), vkey).codes == {"table"}
    files = members(path)
    whole = files["entries.jsonl"]
    for old, new in ((b'"JPY"', b'"EUR"'), (b'"no":1', b'"no":7,"no":1'), (b'"facts":', b'"facts": ')):
        files["entries.jsonl"] = whole.replace(old, new, 1)
        assert verify_bundle(rezip(path, resign(files, key)), vkey).codes == {"table"}


def test_a_future_checkpoint_is_named(fill, write, vkey, key):
    fill(40)
    path = write()
    future = checkpoint.make(checkpoint.Checkpoint(ORIGIN, 99, bytes(32)), [key]).encode()
    files = members(path) | {"checkpoints/99": future}
    assert verify_bundle(rezip(path, resign(files, key)), vkey).codes == {"future_checkpoint"}
    files = members(write()) | {"checkpoint": future}
    assert verify_bundle(rezip(path, resign(files, key)), vkey).codes == {"future_checkpoint"}


def test_a_broken_past_is_named(fill, write, vkey, key):
    old = fill(20).signed
    fill(20)
    path = write(witness=old.note)
    files = members(path)
    assert files["consistency.jsonl"].count(b"\n") == 1
    assert verify_bundle(rezip(path, resign({**files, "consistency.jsonl": b""}, key)), vkey).codes == {"consistency"}
    forged = checkpoint.make(checkpoint.Checkpoint(ORIGIN, 20, bytes(32)), [key]).encode()
    report = verify_bundle(rezip(path, resign({**files, "checkpoints/20": forged}, key)), vkey)
    assert report.codes == {"forked"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"format": "daigou-audit-bundle/2"}, "format_version"),
        ({"format": "zip"}, "manifest"),
        ({"first": -1}, "manifest"),
        ({"first": 39, "end": 3}, "manifest"),
        ({"end": "40"}, "manifest"),
        ({"root_hash": "00"}, "manifest"),
        ({"root_hash": "00" * 32}, "checkpoint"),
        ({"tree_size": 41}, "range"),
        ({"origin": "example.org/log"}, "other_log"),
        ({"stream_heads": {}}, "stream_head"),
        ({"stream_heads": {"x": 1}}, "manifest"),
        ({"filter": {"mood": "good"}}, "manifest"),
        ({"filter": {"from": "yesterday"}}, "manifest"),
        ({"files": []}, "manifest"),
        ({"more": 1}, "manifest"),
    ],
)
def test_a_wrong_manifest_is_named(fill, write, vkey, key, changes, code):
    fill(40)
    path = write()
    files = members(path)
    files["manifest.json"] = bundle.json_bytes(json.loads(files["manifest.json"]) | changes)
    text = checkpoint.manifest_text(sha256(files["manifest.json"]).digest())
    files["manifest.note"] = note.make(text, [key]).encode()
    assert code in verify_bundle(rezip(path, files), vkey).codes


@pytest.mark.parametrize("name", ["range.json", "entries.jsonl", "consistency.jsonl", "checkpoint", "leaves.bin"])
@pytest.mark.parametrize("rubbish", [b"", b"[" * 100_000, b"\xff\x00", b"null", b"x" * 2_000_000, b"{}\n" * 50])
def test_rubbish_under_a_good_signature_is_a_finding(fill, write, vkey, key, name, rubbish):
    fill(6)
    path = write()
    files = members(path) | {name: rubbish}
    report = verify_bundle(rezip(path, resign(files, key)), vkey)
    if (name, rubbish) != ("consistency.jsonl", b""):
        assert report.exit_code == 1


# the command


def test_the_command_says_and_exits(fill, write, tmp_path, vkey):
    fill(20)
    path = write()
    (tmp_path / "log.vkey").write_text(vkey)
    run = CliRunner().invoke
    arguments = ["verify", str(path), "--vkey", str(tmp_path / "log.vkey")]
    done = run(cli.audit, arguments)
    assert done.exit_code == 0, done.output
    assert "whole and authenticated" in done.output
    assert json.loads(run(cli.audit, [*arguments, "--json"]).output)["exit_code"] == 0
    assert run(cli.audit, ["verify", str(path)]).exit_code == 3
    assert run(cli.audit, ["verify", str(tmp_path / "none")]).exit_code == 2
    assert run(cli.audit, ["verify", str(path), "--vkey", "none"]).exit_code == 2
    assert run(cli.audit, ["verify"]).exit_code == 2
    path.write_bytes(path.read_bytes()[:-5])
    assert run(cli.audit, arguments).exit_code == 1
