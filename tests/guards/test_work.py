"""Queues, topics and schedules fit together."""

from importlib import import_module
from pathlib import Path

from daigou import cron, topics
from daigou.core.db import in_transaction
from daigou.embedded import parts


def test_every_topic_goes_to_a_queue_that_is_worked():
    assert {t.queue for t in topics.TOPICS.values()} <= set(topics.QUEUES)


def test_the_embedded_workers_work_every_queue():
    assert set(parts.QUEUES) == set(topics.QUEUES)


def test_every_scheduled_job_exists_and_has_a_queue():
    for job, queue, when in cron.SCHEDULE:
        module, _, name = job.rpartition(".")
        assert callable(getattr(import_module(module), name))
        assert queue in topics.QUEUES
        assert when


def test_a_test_begins_outside_a_transaction(app):
    assert not in_transaction()


def test_the_deployed_workers_work_every_queue():
    unit = Path(__file__).parents[2] / "deploy/systemd/daigou-worker@.service"
    command = next(line for line in unit.read_text().splitlines() if line.startswith("ExecStart="))
    assert tuple(command.split("daigou.jobs.Worker ")[1].split()) == topics.QUEUES


def test_the_deployed_cron_is_ours_with_its_leader_lock():
    """Plain ``rq cron`` would fire without the lock, and queue jobs that a JSON worker can't read."""
    unit = (Path(__file__).parents[2] / "deploy/systemd/daigou-cron.service").read_text()
    assert "python -m daigou.cron" in unit
