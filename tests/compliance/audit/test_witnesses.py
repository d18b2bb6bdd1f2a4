"""Copies of checkpoints outside: over real HTTP to a witness that refuses forks, into a folder, by mail."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit import checkpoint, cosign, jobs, note, service, witnesses
from compliance.audit.models import Delivery, Entry
from daigou.core import clock
from daigou.core.db import db
from tests import factories
from tests.compliance.audit.witness import LoopbackWitness


class Sent:
    """Where mails go."""

    def __init__(self):
        self.mails = []

    def send(self, *mail):
        self.mails.append(mail)


@pytest.fixture
def grow(committed_app):
    def run():
        factories.merchant()
        return service.sequence().signed

    return run


@pytest.fixture
def outside(committed_app, grow):
    """A witness that knows this log; the settings name it."""
    grow()
    made = LoopbackWitness(str(service.signer().vkey))
    name(committed_app, (made.url, made.vkey))
    yield made
    made.close()


def name(app, *lines):
    app.extensions["config"] = replace(app.extensions["config"], audit_witnesses=lines)


def rows():
    db.session.rollback()
    return db.session.execute(select(Delivery).order_by(Delivery.tree_size)).scalars().all()


def last():
    return rows()[-1]


def tick(minutes=1):
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=minutes))):
        witnesses.send_due()


def test_a_witness_cosigns_and_its_signature_is_verified_and_kept(outside, grow):
    jobs.send_copies()
    first = last()
    assert (first.outcome, first.tree_size) == ("delivered", outside.seen[0])
    second = grow()
    tick()
    assert outside.seen == (second.size, second.root)
    text = checkpoint.parse(second.note)[1].text
    line = note.parse_signature(last().cosignature.strip())
    assert cosign.parse_key(outside.vkey).time_of(text, line) > 0
    assert cosign.parse_key(outside.vkey).time_of(text + "x\n", line) is None


def test_a_log_that_did_not_grow_sends_nothing(outside):
    tick()
    tick()
    assert outside.asked == 1
    assert len(rows()) == 1


def test_a_forked_log_is_refused_and_noted_once(outside, grow):
    newest = grow()
    outside.seen = (newest.size - 1, b"x" * 32)
    for _ in range(2):
        tick()
        grow()
    assert {row.outcome for row in rows()} == {"refused"}
    assert "422" in rows()[0].error
    refused = db.session.execute(select(Entry).where(Entry.kind == "witness:refused")).scalars().all()
    assert len(refused) == 1


def test_a_log_that_shrank_is_refused(outside):
    outside.seen = (10_000, b"x" * 32)
    tick()
    assert last().outcome == "refused"
    assert "10000 entries" in last().error


def test_a_witness_that_knows_less_than_was_thought_is_led_from_there(outside, grow):
    first = grow()
    outside.seen = (first.size, first.root)
    second = grow()
    tick()
    assert outside.asked == 2
    assert (last().outcome, outside.seen[0]) == ("delivered", second.size)


def test_one_out_of_order_is_tried_again_later(outside):
    outside.fault = 503
    tick()
    assert (last().outcome, last().attempts) == ("waiting", 1)
    witnesses.send_due()
    assert outside.asked == 1, "not before its time"
    tick(10)
    assert (last().outcome, last().attempts) == ("delivered", 2)


def test_one_that_is_gone_gets_the_newest_when_it_is_back(outside, grow, committed_app):
    outside.fault = 503
    tick()
    newest = grow()
    tick(10)
    assert [(row.outcome, row.tree_size) for row in rows()] == [("delivered", newest.size)]


def test_a_cosignature_of_another_key_is_no_delivery(outside, committed_app):
    stranger = LoopbackWitness(str(service.signer().vkey))
    name(committed_app, (outside.url, stranger.vkey))
    stranger.close()
    tick()
    assert last().outcome == "refused"
    assert last().cosignature is None


def test_an_unknown_log_is_refused_by_it(outside):
    outside.log_name = "other.example/log"
    tick()
    assert last().outcome == "refused"
    assert "404" in last().error


def test_a_folder_gets_each_checkpoint_and_never_another_of_that_size(committed_app, grow, tmp_path):
    signed = grow()
    name(committed_app, (tmp_path.as_uri() + "/kept", ""))
    tick()
    assert (tmp_path / "kept" / "newest").read_text() == signed.note
    later = grow()
    forged = checkpoint.make(checkpoint.Checkpoint("x/log", later.size, bytes(32)), [service.signer()])
    (tmp_path / "kept" / str(later.size)).write_text(forged)
    tick()
    assert last().outcome == "refused"
    assert (tmp_path / "kept" / str(later.size)).read_text() == forged


def test_an_auditor_gets_one_mail_a_day(committed_app, grow):
    signed, sent = grow(), Sent()
    committed_app.extensions["mail"] = sent
    name(committed_app, ("mailto:auditor@example.test", ""))
    tick()
    grow()
    tick(60)
    assert len(sent.mails) == 1
    to, _title, body, _ = sent.mails[0]
    assert to == "auditor@example.test"
    assert checkpoint.parse(body.split("\n\n", 1)[1])[0].size == signed.size
    tick(25 * 60)
    assert len(sent.mails) == 2


def test_what_a_witness_is_told_has_the_form_of_the_standard():
    assert cosign.request(3, [b"\1" * 32], "x\n") == f"old 3\n{'AQEB' * 10}AQE=\n\nx\n"
