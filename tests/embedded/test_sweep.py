import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest

from daigou.embedded import children
from daigou.embedded.children import Spawn
from daigou.embedded.status import Status
from daigou.embedded.sweep import Trace, started_at

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def sleeper(trace: Trace, folder: Path, name: str = "web") -> children.Child:
    child = children.start(name, trace.mark, Spawn(SLEEP, {}, folder, folder / "log"))
    trace.note(child)
    return child


@pytest.mark.parametrize("through_proc", [True, False], ids=["proc", "pid-file"])
def test_a_sweep_ends_our_own_and_nobody_elses(tmp_path, through_proc):
    ours = Trace("here", tmp_path / "children.json", through_proc)
    theirs = Trace("there", tmp_path / "others.json", through_proc)
    mine, other = sleeper(ours, tmp_path), sleeper(theirs, tmp_path)
    try:
        time.sleep(0.1)
        assert ours.find() == [(mine.pid, "web")]
        assert ours.sweep({}, patience=0.5) == 1
        assert mine.process.wait(5) == -signal.SIGKILL
        assert other.alive()
        assert ours.find() == []
    finally:
        other.process.kill()
        other.process.wait()


def test_parts_that_hold_data_are_asked_first(tmp_path):
    trace = Trace("gently", tmp_path / "children.json")
    child = sleeper(trace, tmp_path, "redis")
    time.sleep(0.1)
    trace.sweep({"redis": signal.SIGTERM})
    assert child.process.wait(5) == -signal.SIGTERM


def test_a_reused_number_in_the_pid_file_is_not_hit(tmp_path):
    trace = Trace("mac", tmp_path / "children.json", through_proc=False)
    with subprocess.Popen(SLEEP) as stranger:
        trace.register.write_text(f'{{"{stranger.pid}": ["web", "Mon Jan  1 00:00:00 2024"]}}')
        assert started_at(stranger.pid)
        assert trace.sweep({}, patience=0.1) == 0
        assert stranger.poll() is None
        stranger.kill()


def test_a_child_shows_what_it_said_since_its_start(tmp_path):
    (tmp_path / "log").write_text("said before\n")
    spawn = Spawn([sys.executable, "-c", "print('said now')"], {}, tmp_path, tmp_path / "log")
    child = children.start("web", "talk", spawn)
    child.process.wait(10)
    assert child.said() == "said now\n"


def test_off_a_terminal_each_part_gets_one_line():
    out = StringIO()
    status = Status(["web", "workers"], out)
    status.show("web", "starting")
    status.show("web", "ready", 1.25)
    status.show("workers", "starting")
    status.show("workers", "failed", 2.0)
    assert out.getvalue().splitlines() == ["  web      ready        1.2 s", "  workers  FAILED       2.0 s"]


def test_on_a_terminal_the_lines_are_drawn_over():
    out = StringIO()
    out.isatty = lambda: True
    status = Status(["web"], out)
    status.show("web", "starting")
    status.show("web", "ready", 1.0)
    assert out.getvalue().count("\x1b[1A") == 1
    assert out.getvalue().count("\n") == 2
