"""The whole way: an entry is written, RQ is hinted, a worker's job gives it its place and signs."""

import os
import stat
from pathlib import Path

from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from compliance.audit import log, publishing, searching, service
from daigou import jobs


class Here(jobs.Worker):
    """Our worker, but for the fork."""

    execute_job = SimpleWorker.execute_job


def test_a_worker_that_was_hinted_signs_what_was_written(house, happen, monkeypatch):
    happen(3, sign=False)
    assert publishing.newest() is None
    monkeypatch.setattr(jobs, "application", lambda: house)
    queue = Queue("audit", connection=house.extensions["redis"], serializer=JSONSerializer)
    assert queue.count == 1
    worker = Here([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="ERROR")
    assert queue.failed_job_registry.count == 0
    signed = publishing.newest()
    assert signed.size == log.tree_size(searching.reading())
    happen(1, sign=False)
    assert queue.count == 1


def test_a_run_beside_a_busy_one_tries_again(house, happen, monkeypatch):
    happen(1, sign=False)
    answers = [service.Run(busy=True), service.Run(busy=True), service.Run(1)]
    monkeypatch.setattr(jobs, "application", lambda: house)
    monkeypatch.setattr(jobs, "BUSY_SECONDS", 0)
    monkeypatch.setattr("compliance.audit.service.sequence_due", lambda: answers.pop(0))
    jobs.sequence()
    assert answers == []


def test_the_first_start_makes_a_key_that_only_its_owner_reads(stack):
    path = Path(stack.environment["AUDIT_SIGNING_KEY_FILE"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_uid == os.getuid()
    assert service.note.load_key_file(path).name == stack.environment["AUDIT_ORIGIN"]
