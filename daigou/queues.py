"""RQ, as far as we need it: hints that a queue has work. The work itself stands in the outbox.

At most one hint of a queue waits at a time (a flag in Redis with a short life), so a thousand commits cost one job.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from redis import Redis
from redis.exceptions import TimeoutError as RedisSilent
from rq import Queue
from rq.serializers import JSONSerializer

FLAG_SECONDS = 5
SILENT_SECONDS = 5
JOB_SECONDS = 280
BULK_SECONDS = 6 * 3600  # an export of a year


def connect(url: str) -> Redis:
    """A client that fails fast: a web request must not wait for a queue."""
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=1)


def waker(redis: Redis) -> Callable[[str], None]:
    """The function that the outbox calls after a commit.

    While Redis is silent (it does not even refuse) only one call in ``SILENT_SECONDS`` waits for it: hints may be lost.
    """
    silent_until = 0.0

    def wake(queue: str) -> None:
        nonlocal silent_until
        if time.monotonic() < silent_until:
            return
        try:
            hint(queue)
        except RedisSilent:
            silent_until = time.monotonic() + SILENT_SECONDS
            raise

    def hint(queue: str) -> None:
        if redis.set(flag(queue), 1, nx=True, ex=FLAG_SECONDS):
            job = "daigou.jobs.sequence" if queue == "audit" else "daigou.jobs.drain"
            seconds = BULK_SECONDS if queue == "bulk" else JOB_SECONDS
            Queue(queue, connection=redis, serializer=JSONSerializer).enqueue(
                job, *([] if queue == "audit" else [queue]), job_timeout=seconds, result_ttl=0, failure_ttl=86400
            )

    return wake


def flag(queue: str) -> str:
    return f"daigou:woken:{queue}"
