"""What RQ runs. Imported once by a worker, which forks for each job with the application already there."""

from __future__ import annotations

import time
from functools import cache
from importlib import import_module
from typing import Any

from flask import Flask
from rq import Worker as RQWorker
from rq.job import Job

from daigou.core import outbox
from daigou.core.db import db
from daigou.payments.provider import provider
from daigou.queues import flag

# What jobs use and web processes leave alone until somebody needs it.
LIBRARIES = ("httpx", "typst")
BUSY_TRIES, BUSY_SECONDS = 20, 0.1


@cache
def application() -> Flask:
    from daigou.app import create_app

    return create_app()


def drain(queue: str) -> None:
    """Work through one queue's due outbox rows."""
    app = application()
    with app.app_context():
        app.extensions["redis"].delete(flag(queue))
        if outbox.drain(queue) >= outbox.BATCH:
            outbox.wake(queue)


def sequence() -> None:
    """Give new audit entries their place in the log."""
    from compliance.audit.service import sequence_due

    app = application()
    with app.app_context():
        app.extensions["redis"].delete(flag("audit"))
        for _ in range(BUSY_TRIES):
            if not sequence_due().busy:
                break
            time.sleep(BUSY_SECONDS)  # another run may have passed what this one was called for


def sweep() -> None:
    """Hint every queue that has due work, in case Redis forgot."""
    with application().app_context():
        outbox.sweep()
    outbox.wake("audit")


class Worker(RQWorker):
    """An RQ worker that has the application loaded before it forks, and no connection shared with its children."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("maintenance_interval", 15)
        kwargs.setdefault("job_monitoring_interval", 5)
        super().__init__(*args, **kwargs)
        with application().app_context():
            provider()  # libraries take a while to load: once here, not in every work-horse
        for name in LIBRARIES:
            import_module(name)

    def perform_job(self, job: Job, queue: Any, execution: Any) -> bool:
        """Every room's job finds the application around it."""
        with application().app_context():
            return bool(super().perform_job(job, queue, execution))

    def fork_work_horse(self, job: Job, queue: Any) -> None:
        app = application()
        app.extensions["timekeeper"].look()  # a work-horse asks for due work before it has a connection
        with app.app_context():
            db.session.remove()
            db.engine.dispose(close=True)
            app.extensions["keystore_engine"].dispose(close=True)
        super().fork_work_horse(job, queue)
