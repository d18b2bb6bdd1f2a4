"""The real supervisor in a process of its own, with stand-ins for the web server and the workers."""

import os
import shutil
import signal
import socket
import stat
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

from daigou.embedded.home import CannotStart, read_json
from daigou.embedded.stack import WholeStack
from daigou.embedded.sweep import Trace

pytestmark = pytest.mark.slow
STUB = str(Path(__file__).with_name("stub.py"))


@pytest.fixture
def folder():
    made = Path(tempfile.mkdtemp(prefix="daigou-case-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def stack(folder):
    stack = WholeStack(folder)
    stack.start(STUB)
    yield stack
    stack.stop()


def trace_of(stack: WholeStack) -> Trace:
    return Trace(stack.home.digest, stack.home.folder / "children.json")


def database(stack: WholeStack) -> "psycopg.Connection":
    return psycopg.connect(read_json(stack.home.env_file)["DATABASE_OWNER_URL"], autocommit=True)


def until(question, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.05)
    return False


def answers(stack: WholeStack) -> bool:
    try:
        with urllib.request.urlopen(stack.base_url, timeout=1) as page:
            return page.status == 200
    except OSError:
        return False


def test_it_starts_says_where_it_is_and_keeps_secrets_to_itself(stack):
    said = stack.log.read_text()
    assert stack.base_url in said
    assert answers(stack)
    for part in ("postgresql", "redis", "schema", "web", "workers"):
        assert sum(line.startswith(f"  {part} ") for line in said.splitlines()) == 1
    assert stat.S_IMODE(stack.home.env_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(stack.home.sockets.stat().st_mode) == 0o700
    logs = set(stack.home.logs.glob("*.log")) - {stack.log}
    assert {stat.S_IMODE(log.stat().st_mode) for log in logs} == {0o600}


def test_sigterm_stops_every_part_and_data_survives(stack):
    with database(stack) as connection:
        connection.execute("create table kept as select 42 as n")
    assert len(trace_of(stack).find("workers")) == 2, "the parent and what it left in another session"
    assert stack.stop() == 0
    assert trace_of(stack).find() == []
    assert not stack.home.sockets.exists()
    stack.start(STUB)
    with database(stack) as connection:
        assert connection.execute("select n from kept").fetchone() == (42,)


def test_ctrl_c_stops_it_too(stack):
    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(20) == 0
    assert trace_of(stack).find() == []


def test_a_killed_supervisor_is_mended_by_the_next_start(stack):
    with database(stack) as connection:
        connection.execute("create table kept as select 42 as n")
    stack.process.kill()
    stack.process.wait()
    begun = time.monotonic()
    stack.start(STUB)
    assert time.monotonic() - begun < 20
    with database(stack) as connection:
        assert connection.execute("select n from kept").fetchone() == (42,)
    assert len(trace_of(stack).find("workers")) == 2
    assert len(trace_of(stack).find("redis")) == 1


def test_when_everything_is_killed_at_once_the_next_start_mends_it(stack):
    with database(stack) as connection:
        connection.execute("create table kept as select 42 as n")
    stack.process.kill()
    for pid, _ in trace_of(stack).find():
        os.kill(pid, signal.SIGKILL)
    stack.process.wait()
    stack.start(STUB)
    with database(stack) as connection:
        assert connection.execute("select n from kept").fetchone() == (42,)


def test_a_second_start_in_the_same_folder_is_refused(stack):
    with pytest.raises(CannotStart, match="already runs"):
        WholeStack(stack.home.folder).start(STUB)
    assert answers(stack)


def test_a_taken_port_is_said_clearly(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} is in use"):
            WholeStack(folder, port).start(STUB)


def test_wrong_settings_are_refused_by_name(folder):
    given = {"STRIPE_SECRET_KEY": "sk_live_x", "MAIL_URL": "nonsense"}
    with pytest.raises(CannotStart) as refused:
        WholeStack(folder, given=given).start(STUB)
    assert "STRIPE_WEBHOOK_SECRET is missing" in str(refused.value)
    assert "MAIL_URL is malformed" in str(refused.value)


@pytest.mark.parametrize("part", ["web", "redis", "postgresql", "workers"])
def test_a_part_that_dies_is_started_again(stack, part):
    before = trace_of(stack).find(part)
    os.kill(min(before)[0], signal.SIGKILL)
    assert until(lambda: f"{part} ended (killed by SIGKILL)" in stack.log.read_text())
    assert until(lambda: trace_of(stack).find(part) and not set(before) & set(trace_of(stack).find(part)))
    assert until(lambda: answers(stack))
    assert stack.stop() == 0


def test_a_part_that_never_stays_up_stops_everything_with_its_last_words(folder):
    stack = WholeStack(folder)
    with pytest.raises(CannotStart) as refused:
        stack.start(STUB, "crash")
    assert "cron does not stay up (exit 3)" in str(refused.value)
    assert "what went wrong" in str(refused.value)
    assert trace_of(stack).find() == []


def test_a_warm_start_is_quick(stack):
    stack.stop()
    begun = time.monotonic()
    stack.start(STUB)
    assert time.monotonic() - begun < 10
