"""RQ, as far as we need it: hints that a queue has work. The work itself stands in the outbox.

At most one hint of a queue waits at a time (a flag in Redis with a short life), so a thousand commits cost one job.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cache, partial
from itertools import count

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

    def hint(queue: str) -> None:
        nonlocal silent_until
        if time.monotonic() < silent_until:
            return
        try:
            _hint(redis, queue)
        except RedisSilent:
            silent_until = time.monotonic() + SILENT_SECONDS
            raise

    @cache
    def shared(queue: str) -> Shared:
        return Shared(partial(hint, queue))

    return lambda queue: shared(queue).call()


class Shared:
    """Work that serves all who asked before it began: of threads that wait for a turn, one does it for the others."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work, self._turn = work, threading.Lock()
        self._moments, self._served = count(1), 0  # what was asked before this moment is done

    def call(self) -> None:
        asked = next(self._moments)
        with self._turn:
            if asked > self._served:
                begun = next(self._moments)
                self._work()
                self._served = begun


def _hint(redis: Redis, queue: str) -> None:
    if redis.set(flag(queue), 1, nx=True, ex=FLAG_SECONDS):
        job = "daigou.jobs.sequence" if queue == "audit" else "daigou.jobs.drain"
        seconds = BULK_SECONDS if queue == "bulk" else JOB_SECONDS
        Queue(queue, connection=redis, serializer=JSONSerializer).enqueue(
            job, *([] if queue == "audit" else [queue]), job_timeout=seconds, result_ttl=0, failure_ttl=86400
        )


def flag(queue: str) -> str:
    return f"daigou:woken:{queue}"
