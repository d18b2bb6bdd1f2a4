"""A real worker, forking, on a real Redis."""

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from daigou import jobs
from daigou.core import clock, outbox
from daigou.core.db import db, transaction
from daigou.core.outbox import OutboxRow, Topic
from daigou.queues import waker


@pytest.mark.slow
def test_a_forked_worker_does_the_outbox_work(committed_app, monkeypatch):
    """From the commit's hint over Redis to the handler in a work-horse, which has the application around it."""
    monkeypatch.setattr(jobs, "application", lambda: committed_app)
    redis = committed_app.extensions["redis"]
    outbox.configure({"test.mark": Topic("default", mark)}, waker(redis))
    with transaction():
        key = outbox.put("test.mark", word="seen")
    queue = Queue("default", connection=redis, serializer=JSONSerializer)
    jobs.Worker([queue], connection=redis, serializer=JSONSerializer).work(burst=True)
    db.session.expire_all()
    kept = db.session.get(OutboxRow, key)
    assert (kept.done_at is not None, kept.last_error) == (True, None)
    assert redis.getdel("test:mark") == b"seen"


def mark(word):
    from flask import current_app

    assert clock.now()
    current_app.extensions["redis"].set("test:mark", word)
