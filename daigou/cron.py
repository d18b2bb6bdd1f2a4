"""The clock-work: what runs when. One host's cron fires at a time; PostgreSQL's advisory lock says whose.

``python -m daigou.cron`` waits for the lock, then runs RQ's scheduler until its connection or itself ends.
"""

from __future__ import annotations

import logging
import os
import threading
import time

import psycopg
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.cron import CronJob, CronScheduler
from rq.job import Job
from rq.serializers import JSONSerializer

from daigou.core.config import Config
from daigou.embedded.home import environment
from daigou.queues import connect

log = logging.getLogger(__name__)

LEADER = 4714  # the advisory lock's number
CHECK_SECONDS = 5.0
RETRIES = (0, 60, 600)  # seconds until a job that failed, or whose process was killed, is tried again

# job, queue, and either an interval in seconds or a cron line (UTC)
SCHEDULE: tuple[tuple[str, str, int | str], ...] = (
    ("daigou.jobs.sweep", "default", 15),
    ("daigou.jobs.sequence", "audit", 5),
    ("compliance.audit.jobs.send_copies", "audit", 60),
    ("compliance.audit.jobs.expire_proposals", "default", 3600),
    ("daigou.casework.jobs.check_alerts", "default", 120),
    ("daigou.casework.jobs.learn", "bulk", "15 4 * * 1"),
    ("daigou.shipping.jobs.poll", "default", 60),
    ("daigou.shipping.jobs.end_silence", "default", 300),
    ("daigou.warehouse.jobs.accept_silent", "default", 3600),
    ("daigou.warehouse.jobs.remind_of_storage", "default", "40 6 * * *"),
    ("daigou.orders.jobs.expire_due", "default", "*/5 * * * *"),
    ("daigou.accounts.jobs.sweep", "default", "25 3 * * *"),
    ("daigou.catalog.jobs.forget_imports", "default", "45 3 * * *"),
    ("daigou.sourcing.jobs.expire_due", "default", "7 * * * *"),
    ("compliance.screening.jobs.rescreen", "bulk", "25 0 * * *"),
    ("daigou.conversations.jobs.remind_of_late", "default", 900),
    ("daigou.announcing.jobs.send_letter", "bulk", "30 9 1 * *"),
    ("daigou.reputation.jobs.ask_for_reviews", "default", "15 8 * * *"),
    ("daigou.reputation.jobs.refresh_figures", "bulk", "45 1 * * *"),
    ("daigou.aftersales.jobs.rate_standings", "default", "50 * * * *"),
    ("compliance.identity.jobs.destroy_due", "default", "25 3 * * *"),
    ("compliance.identity.jobs.lower_expired", "default", "15 3 * * *"),
    ("compliance.qualification.jobs.watch_papers", "default", "5 3 * * *"),
    ("compliance.qualification.jobs.plan_tests", "default", "35 3 * * *"),
    ("compliance.qualification.jobs.remind_of_deadlines", "default", 3600),
    ("daigou.warranty.jobs.sweep", "default", 600),
    ("daigou.warranty.jobs.earn", "money", "15 4 1-3 * *"),
    ("daigou.payments.jobs.check_books", "money", 600),
    ("daigou.payments.jobs.sweep", "money", 120),
    ("compliance.privacy.jobs.remind", "default", 900),
    ("compliance.privacy.jobs.sweep_retention", "bulk", "50 3 * * *"),
    ("compliance.privacy.jobs.erase_due", "bulk", "20 3 * * *"),
    ("compliance.oversight.jobs.plan_audits", "default", "10 4 * * *"),
    ("compliance.oversight.jobs.remind_of_findings", "default", "20 4 * * *"),
    ("compliance.oversight.jobs.run_scans", "bulk", "30 4 * * *"),
    ("daigou.payments.jobs.refresh_habits", "bulk", "55 3 * * *"),
    ("daigou.payments.jobs.gather_payouts", "money", "10 6 * * *"),
    ("daigou.invoicing.jobs.monthly", "default", "40 4 1-5 * *"),
    ("daigou.payments.jobs.settle_before_limits", "money", "20 5 * * *"),
    ("daigou.reconciliation.jobs.nightly", "bulk", "10 2 * * *"),
    ("daigou.disputes.jobs.submit_due", "money", 600),
    ("daigou.disputes.jobs.sweep", "money", 3600),
    ("daigou.pricing.jobs.refresh_missing_rates", "default", 900),
    ("daigou.pricing.jobs.refresh_rates", "default", "20 15 * * 1-5"),  # the ECB publishes at about 16:00 CET
)


def main() -> None:
    """Runs until told to stop; a second host's waits here for the first one's to end."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    config = Config.from_env({**environment(), **os.environ})
    connection = leading(config.database_url.replace("+psycopg", ""))
    log.info("cron leads: %d jobs", len(SCHEDULE))
    threading.Thread(target=_resign_without_lock, args=(connection,), daemon=True).start()
    while _ran_into_redis(config):
        time.sleep(1)


def _ran_into_redis(config: Config) -> bool:
    """One run of the scheduler; whether it ended because Redis is away. It is waited for, as the database is."""
    try:
        scheduler(config).start()
    except RedisError as away:
        log.warning("cron waits for Redis: %s", away)
        return True
    return False


def leading(url: str) -> psycopg.Connection[object]:
    """The connection that holds the leader's lock, when it could be had: a database in recovery is waited for."""
    while True:
        try:
            connection = psycopg.connect(url, autocommit=True)
            while not connection.execute("SELECT pg_try_advisory_lock(%s)", (LEADER,)).fetchone()[0]:  # type: ignore[index]
                time.sleep(CHECK_SECONDS)
            return connection
        except psycopg.OperationalError as away:
            log.warning("cron waits for the database: %s", away)
            time.sleep(1)


class JsonCronJob(CronJob):
    """RQ 3.0's CronJob builds its queue without a serializer, so a worker that reads JSON could not read its jobs."""

    def enqueue(self, connection: Redis) -> Job:
        queue = Queue(self.queue_name, connection=connection, serializer=JSONSerializer)
        # Whose process is killed is done again at once: the next time may be tomorrow.
        again = Retry(max=len(RETRIES), interval=RETRIES)
        return queue.enqueue(self.func_name, args=self.args, kwargs=self.kwargs, retry=again, **self.job_options)


def scheduler(config: Config) -> CronScheduler:
    cron = CronScheduler(connection=connect(config.redis_url))
    for job, queue, when in SCHEDULE:
        every = {"interval": when} if isinstance(when, int) else {"cron": when}
        options = {"result_ttl": 0, "job_timeout": 600, "ttl": 300}
        cron._cron_jobs.append(JsonCronJob(queue, func_name=job, **options, **every))  # type: ignore[arg-type]
    return cron


def _resign_without_lock(connection: psycopg.Connection[object]) -> None:
    """The lock lives as long as its connection: without it another host may already fire."""
    try:
        while True:
            connection.execute("SELECT 1")
            time.sleep(CHECK_SECONDS)
    except psycopg.Error:
        log.error("lost the database connection that makes this cron the leader")
        os._exit(1)


if __name__ == "__main__":
    main()
