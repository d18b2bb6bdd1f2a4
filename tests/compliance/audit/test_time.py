"""Timestamps of a service outside: got over real HTTP, kept, put into bundles, and what they show."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from benchmarks import audit_fill
from compliance.audit import bundle, entry, merkle, sequencer, service, timestamps
from compliance.audit.models import Timestamp
from compliance.audit.verify import verify_bundle
from daigou.core import clock
from daigou.core.db import db
from daigou.providers import timestamping
from tests import factories
from tests.compliance.audit.conftest import ORIGIN
from tests.compliance.audit.test_bundle import members, resign, rezip, write  # noqa: F401
from tests.compliance.audit.tsa import LoopbackTsa

START, HOUR = audit_fill.START, timedelta(hours=1)


@pytest.fixture(scope="module")
def tsa():
    made = LoopbackTsa()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def on_time(request):
    if "tsa" in request.fixturenames:
        service_outside = request.getfixturevalue("tsa")
        service_outside.now = service_outside.fault = None


@pytest.fixture
def vkey(key):
    return str(key.vkey)


@pytest.fixture
def stamp(connection, tsa):
    """Stamps a signed checkpoint at a time."""

    def run(signed, at):
        tsa.now = at
        made = timestamping.stamp(tsa.url, signed.note.encode(), tsa.roots)
        row = (signed.size, made.response, tsa.url, made.at)
        connection.execute(
            "INSERT INTO audit_timestamps (tree_size, response, service, at) VALUES (%s, %s, %s, %s)", row
        )

    return run


def test_a_stamped_log_is_whole(fill, stamp, write, vkey, tsa):  # noqa: F811
    stamp(fill(30).signed, START + timedelta(seconds=31))
    stamp(fill(30).signed, START + timedelta(days=1))
    path = write()
    assert {n for n in members(path) if n.startswith("timestamps/")} == {"timestamps/30.tsr", "timestamps/60.tsr"}
    report = verify_bundle(path, vkey, tsa_roots=tsa.roots)
    assert (report.findings, report.exit_code, report.facts["timestamps"]) == ([], 0, 2)
    assert "no --tsa-root" in "".join(verify_bundle(path, vkey).notes)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_openssl_says_so_too(fill, stamp, write, tsa, tmp_path):  # noqa: F811
    stamp(fill(30).signed, START)
    files = members(write())
    names = {"a.tsr": files["timestamps/30.tsr"], "data": files["checkpoint"], "ca": tsa.roots.encode()}
    for name, data in names.items():
        (tmp_path / name).write_bytes(data)
    command = ["openssl", "ts", "-verify", "-in", "a.tsr", "-data", "data", "-CAfile", "ca"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout


def test_an_entry_put_in_later_is_backdated(fill, stamp, write, vkey, connection):  # noqa: F811
    """Thirty entries of New Year were stamped in the evening; the ten after them say that they are of New Year too."""
    stamp(fill(30).signed, START + 12 * HOUR)
    fill(10)
    report = verify_bundle(write(), vkey)
    assert report.codes == {"backdated"}
    assert report.findings[0].index == 30


def test_an_entry_that_came_within_the_hour_is_not(fill, stamp, write, vkey):  # noqa: F811
    stamp(fill(30).signed, START + timedelta(minutes=59))
    fill(10)
    assert verify_bundle(write(), vkey).findings == []


def test_an_entry_later_than_its_own_stamp_is_named(fill, stamp, write, vkey):  # noqa: F811
    stamp(fill(30).signed, START - HOUR)
    report = verify_bundle(write(), vkey)
    assert report.codes == {"ahead_of_time"}
    assert report.counts["ahead_of_time"] == 30


def test_a_late_entry_by_its_own_time_only_is_found_in_the_slow_way_too(connection, fill, stamp, write, vkey, key):  # noqa: F811
    """An entry that is not plain ASCII takes the other path through the verifier."""
    stamp(fill(30).signed, START + 12 * HOUR)
    row = list(next(iter(audit_fill.rows(1, 30))))
    fields = {"at": row[2], "kind": row[3], "stream": "order/x", "no": 1, "prev": entry.GENESIS, "actor": "Jürgen"}
    row[4], row[6], row[7], row[8] = "order/x", entry.GENESIS, "Jürgen", entry.encode(fields)
    row[9], row[10:14] = merkle.leaf_hash(row[8]), [None, None, None, "done"]
    columns = "id, created_at, at, kind, stream, stream_no, prev_hash, actor, body, leaf_hash, subject, order_ref"
    values = ", ".join(["%s"] * 14)
    connection.execute(f"INSERT INTO audit_entries ({columns}, merchant_ref, outcome) VALUES ({values})", row)
    sequencer.run(connection, ORIGIN, [key])
    assert verify_bundle(write(), vkey).codes == {"backdated"}


def test_a_stamp_over_something_else_or_by_somebody_else_is_named(fill, stamp, write, vkey, key, tsa):  # noqa: F811
    stamp(fill(30).signed, START + HOUR)
    stamp(fill(1).signed, START + 2 * HOUR)
    path = write()
    files = members(path)
    swapped = {**files, "timestamps/30.tsr": files["timestamps/31.tsr"]}
    assert verify_bundle(rezip(path, resign(swapped, key)), vkey, tsa_roots=tsa.roots).codes == {"timestamp"}
    stranger = LoopbackTsa()
    stranger.close()
    assert verify_bundle(rezip(path, files), vkey, tsa_roots=stranger.roots).codes == {"timestamp"}
    for name in ("timestamps/7.tsr", "timestamps/x"):
        odd = resign({**files, name: files["timestamps/31.tsr"]}, key)
        manifest = json.loads(odd["manifest.json"])
        manifest["files"][name] = {"sha256": sha256(odd[name]).hexdigest(), "size": len(odd[name])}
        odd["manifest.json"] = bundle.json_bytes(manifest)
        assert "timestamp" in verify_bundle(rezip(path, resign(odd, key)), vkey).codes
    assert verify_bundle(path, vkey, tsa_roots="no certificate").exit_code == 2


def test_times_that_fall_are_named(fill, stamp, write, vkey):  # noqa: F811
    stamp(fill(30).signed, START + timedelta(days=1))
    stamp(fill(1).signed, START + timedelta(minutes=30))
    assert "timestamp" in verify_bundle(write(), vkey).codes


# the job


@pytest.fixture
def stamped(committed_app, tsa):
    config = replace(committed_app.extensions["config"], timestamp_url=tsa.url, timestamp_roots=tsa.roots)
    committed_app.extensions["config"] = config
    factories.merchant()
    return lambda: db.session.query(Timestamp).order_by(Timestamp.tree_size).all()


def test_the_job_stamps_what_waits_too_once_an_hour(stamped):
    timestamps.stamp_due()
    first = stamped()
    assert len(first) == 1, "what nobody had sequenced yet was given its place first"
    factories.merchant()
    timestamps.stamp_due()
    assert len(stamped()) == 1
    with clock.use(clock.FixedClock(clock.now() + 2 * HOUR)):
        timestamps.stamp_due()
        timestamps.stamp_due()
    assert len(stamped()) == 2


def test_a_service_out_of_order_stamps_nothing_and_is_asked_again(stamped, tsa):
    tsa.fault = 500
    timestamps.stamp_due()
    tsa.fault = 200
    timestamps.stamp_due()
    assert stamped() == [], "neither an error nor words that are no timestamp"
    tsa.fault = None
    timestamps.stamp_due()
    assert len(stamped()) == 1


def test_an_answer_of_a_service_that_is_not_trusted_is_not_kept(stamped, committed_app):
    stranger = LoopbackTsa()
    config = committed_app.extensions["config"]
    committed_app.extensions["config"] = replace(config, timestamp_url=stranger.url)
    timestamps.stamp_due()
    stranger.close()
    assert stamped() == []
    assert service.check().findings == []
