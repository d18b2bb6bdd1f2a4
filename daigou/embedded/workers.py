"""`python -m daigou.embedded.workers COUNT QUEUE…`: RQ's worker pool, started clean on the embedded Redis."""

import importlib
import math
import os
import sys

from redis import Redis
from rq.cli.cli import main as rq
from rq.queue import Queue
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker_registration import clean_worker_registry

WORKER = "daigou.jobs.Worker"


def main() -> None:
    count, *queues = sys.argv[1:]
    if os.environ["RQ_REDIS_URL"].startswith("unix:"):
        put_back(os.environ["RQ_REDIS_URL"], queues)
    # Imported before the fork: once for all workers, not once per worker or job.
    importlib.import_module(WORKER.rpartition(".")[0])
    rq(["worker-pool", "-n", count, "-S", "json", "-w", WORKER, *queues], prog_name="rq")


def put_back(url: str, queues: list[str]) -> None:
    """Jobs that a killed stack had begun. No other worker is on this Redis, so none of them is really
    running; left alone they would wait for heartbeats to run out, up to ten minutes."""
    with Redis.from_url(url) as connection:
        for name in queues:
            queue = Queue(name, connection=connection, serializer=JSONSerializer)
            StartedJobRegistry(queue=queue, serializer=JSONSerializer).cleanup(timestamp=math.inf)
            clean_worker_registry(queue)


if __name__ == "__main__":
    main()
