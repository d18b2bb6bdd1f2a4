import json
import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from daigou.core import clock, outbox
from daigou.core.db import db, transaction
from daigou.core.outbox import OutboxRow, Topic


@pytest.fixture
def done(committed_app):
    """What the handlers were called with; a payload with fail=True raises."""
    seen = []

    def handle(number, fail=False):
        if fail:
            raise RuntimeError("the provider is away")
        seen.append(number)

    woken = []
    outbox.configure({"test.topic": Topic("default", handle)}, woken.append)
    return seen, woken


def test_work_is_done_after_the_commit_that_wanted_it(done):
    seen, woken = done
    with transaction():
        outbox.put("test.topic", number=1)
        assert woken == []
    assert woken == ["default"]
    assert outbox.drain("default") == 1
    assert seen == [1]


def test_work_of_a_rolled_back_transaction_is_never_done(done):
    _, woken = done

    def change_of_mind():
        with transaction():
            outbox.put("test.topic", number=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_of_mind()
    assert outbox.drain("default") == 0
    assert woken == []


def test_a_lost_hint_is_found_by_the_sweep(done):
    _, woken = done
    with transaction():
        outbox.put("test.topic", number=1)
    woken.clear()
    assert outbox.sweep() == ["default"]
    assert woken == ["default"]


def test_failed_work_waits_and_is_tried_again(done):
    with transaction():
        key = outbox.put("test.topic", number=1, fail=True)
    assert outbox.drain("default") == 1
    assert outbox.drain("default") == 0
    kept = db.session.get(OutboxRow, key)
    assert (kept.attempts, kept.done_at, kept.last_error) == (1, None, "RuntimeError: the provider is away")
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=1))):
        assert outbox.drain("default") == 1


def test_work_that_never_succeeds_is_left_to_a_person(done):
    with transaction():
        key = outbox.put("test.topic", number=1, fail=True)
    later = clock.now()
    for _ in range(outbox.GIVE_UP_AFTER):
        later += timedelta(days=1)
        with clock.use(clock.FixedClock(later)):
            assert outbox.drain("default") == 1
    with clock.use(clock.FixedClock(later + timedelta(days=9))):
        assert outbox.drain("default") == 0
    assert db.session.get(OutboxRow, key).failed_at is not None


def test_a_worker_that_died_gives_its_work_back_after_the_lease(done):
    seen, _ = done
    with transaction():
        outbox.put("test.topic", number=1)
    assert outbox._take("default") is not None  # and then the process is gone
    assert outbox.drain("default") == 0
    with clock.use(clock.FixedClock(clock.now() + outbox.LEASE + timedelta(seconds=1))):
        assert outbox.drain("default") == 1
    assert seen == [1]


def test_a_dead_redis_does_not_fail_what_has_landed(committed_app):
    def dead(queue):
        raise ConnectionError("no redis")

    outbox.configure({"test.topic": Topic("default", lambda number: None)}, dead)
    with transaction():
        key = outbox.put("test.topic", number=1)
    assert db.session.get(OutboxRow, key) is not None


def test_work_in_dead_hands_is_given_back_by_the_sweep_and_work_in_living_ones_is_not(stack, committed_app):
    """A process that dies with the work begun: its lock is free, its lease has minutes to go."""
    script = (
        "import os, sys\n"
        "from daigou.app import create_app\n"
        "from daigou.core import outbox\n"
        "from daigou.core.config import Config\n"
        "import json\n"
        "app = create_app(Config.from_env(json.loads(os.environ['SETTINGS'])))\n"
        "app.app_context().push()\n"
        "print(outbox._take('default').id, flush=True)\n"
        "sys.stdin.read()\n"
    )
    outbox.configure({"test.topic": Topic("default", lambda number: None)}, lambda queue: None)
    with transaction():
        key = outbox.put("test.topic", number=1)
    settings = {**stack.environment, "DATABASE_URL": committed_app.extensions["config"].database_url}
    command = [sys.executable, "-c", script]
    worker = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "SETTINGS": json.dumps(settings)}
    )
    assert worker.stdout.readline().decode().strip() == str(key)
    outbox.sweep()
    assert outbox.drain("default") == 0
    worker.kill()
    worker.communicate()
    deadline = time.monotonic() + 10
    while not (outbox.sweep() and outbox.drain("default")):  # the server takes a moment to see the connection's end
        assert time.monotonic() < deadline
        time.sleep(0.05)
    db.session.expire_all()
    assert db.session.get(OutboxRow, key).done_at is not None


def test_work_that_outlives_its_lease_is_not_begun_beside_itself(committed_app):
    outbox.configure({"test.topic": Topic("default", lambda number: None)}, lambda queue: None)
    with transaction():
        key = outbox.put("test.topic", number=1)
    other = outbox.Guard(committed_app.extensions["config"].database_url)
    assert other.hold(key)
    assert outbox.drain("default") == 0
    other.let_go(key)
    with clock.use(clock.FixedClock(clock.now() + outbox.LEASE * 2)):
        assert outbox.drain("default") == 1
