"""kill -9 of what is long and not about an order's money: an export, an erasure, and every job of the calendar."""

import time

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import text

from compliance.audit import exports, wishes
from compliance.audit.bundle import Filter
from compliance.audit.models import Export
from compliance.privacy import requests, subject
from compliance.privacy.models_requests import PrivacyRequest
from daigou.accounts.models import Account
from daigou.core.config import Config
from daigou.core.crypto import ERASED
from daigou.core.db import db
from daigou.cron import SCHEDULE, scheduler
from tests import factories

from .points import FAMILIES
from .rows import fresh


def test_an_export_is_built_once_and_whole(shop):
    life = shop.order().paid()
    officer = factories.actor(factories.account("officer"))
    armed = FAMILIES["exporting"]
    shop.points.arm(*armed)
    wanted = wishes.Wanted(Filter(order_ref=life.ref), "The yearly audit of this order", "en")
    asked = shop.until("the log is signed", lambda: exports.ask(officer, wanted))
    row = shop.until("it is ready", lambda: (e := fresh(Export, id=asked.id)).is_("ready") and e)
    _, pieces = exports.fetch(officer, row.ref)
    assert sum(map(len, pieces)) == row.size
    assert shop.points.missed(*armed) == []
    steps = text("SELECT kind, count(*) FROM audit_entries WHERE stream = :stream GROUP BY kind")
    counts = dict(map(tuple, shop.ask(lambda: db.session.execute(steps, {"stream": row.stream}).all())))
    assert (counts["export:build"], counts["export:finish"]) == (1, 1)


def test_an_erasure_is_finished_by_whoever_comes_next(shop):
    account = shop.shopper()
    armed = FAMILIES["erasing"]
    shop.points.arm(*armed)
    asked = requests.ask_erasure(factories.actor(account), subject.person_with(account.id), at_once=True)
    shop.until("it is done", lambda: fresh(PrivacyRequest, id=asked.id).is_("answered"))
    gone = shop.ask(lambda: fresh(Account, id=account.id))
    assert (gone.state, gone.email) == ("closed", ERASED)
    assert shop.points.missed(*armed) == []


def test_every_job_of_the_calendar_runs_twice_at_once_and_survives_its_workers_death(shop):
    """All of them, each twice; in the middle every worker is killed. Nothing is left failed, and all promises hold."""
    shop.order().paid().deliver().confirm()
    calendar = scheduler(Config.from_env(shop.settings))
    with shop.servers.redis() as redis:
        jobs = [one.enqueue(redis).id for one in calendar._cron_jobs for _ in range(2)]
        assert len(jobs) == 2 * len(SCHEDULE)
        shop.tried.note("jobs of the calendar", len(jobs))
        shop.until("half of them are done", lambda: len(undone(redis, jobs)) < len(SCHEDULE))
        shop.servers.kill("workers")
        time.sleep(1)
        shop.until("all of them are done", lambda: not undone(redis, jobs), within=300)
        registries = [Queue(name, connection=redis).failed_job_registry for name in {row[1] for row in SCHEDULE}]
        failed = {key for registry in registries for key in registry.get_job_ids()}
        assert failed.isdisjoint(jobs)  # others are there: work-horses that the tests before have killed


def undone(redis, jobs):
    """Results are not kept: a job that is done is gone."""
    found = Job.fetch_many(jobs, connection=redis, serializer=JSONSerializer)
    return [job for job in found if job is not None and not job.is_finished]
