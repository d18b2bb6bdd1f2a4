"""Child processes that never outlive their supervisor. (What came loose all the same: sweep.py.)"""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

MARKER = "DAIGOU_PART"
IS_LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
# Loaded before any fork: nothing may be imported or allocated between fork and exec.
LIBC = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None


@dataclass(frozen=True)
class Spawn:
    """How to start one process."""

    argv: list[str]
    environ: Mapping[str, str]
    folder: Path
    log: Path
    death: signal.Signals = signal.SIGTERM
    user: int | None = None


@dataclass
class Child:
    name: str
    process: "subprocess.Popen[bytes]"
    spawn: Spawn
    log_from: int
    started: float = field(default_factory=time.monotonic)

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        return self.process.poll() is None

    def age(self) -> float:
        return time.monotonic() - self.started

    def said(self) -> str:
        """What it has written to its log since it was started."""
        with open(self.spawn.log, "rb") as log:
            log.seek(min(self.log_from, self.spawn.log.stat().st_size))
            return log.read().decode(errors="replace")

    def signal(self, number: signal.Signals) -> None:
        if self.alive():
            self.process.send_signal(number)


def start(name: str, mark: str, spawn: Spawn) -> Child:
    """Start in a session of its own, so that the terminal's Ctrl-C reaches the supervisor only."""
    handle = os.open(spawn.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    log_from = os.fstat(handle).st_size
    try:
        process = subprocess.Popen(  # the log is its own, stdin is closed: it can't hang on a terminal
            spawn.argv,
            env={**spawn.environ, MARKER: f"{mark}:{name}"},
            cwd=spawn.folder,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=dies_with_parent(spawn.death),
            **as_user(spawn.user),  # type: ignore[call-overload]
        )
        return Child(name, process, spawn, log_from)
    finally:
        os.close(handle)


def as_user(user: int | None) -> dict[str, object]:
    return {} if user is None else {"user": user, "group": group_of(user), "extra_groups": []}


def group_of(user: int) -> int:
    return pwd.getpwuid(user).pw_gid


def dies_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """The kernel ends it when the thread that made it is gone: so only where that is the main thread."""
    if LIBC is None or threading.current_thread() is not threading.main_thread():
        return None
    parent, prctl, wanted = os.getpid(), LIBC.prctl, int(number)

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, wanted)
        if os.getppid() != parent:  # it died in between: the signal will never come
            os._exit(1)

    return before_exec


def adopt_orphans() -> None:
    """Grandchildren whose parent died become ours, so that we can see and reap them."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def reap(children: Iterable[Child]) -> None:
    """Collect everything that has ended: ours, by their numbers, and what we adopted."""
    by_pid = {child.pid: child for child in children}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in by_pid:
            by_pid[pid].process.returncode = os.waitstatus_to_exitcode(status)


def end_group(child: Child) -> None:
    """What a dead child leaves in its group still serves its port: end it. (Its number is not reused while
    the group has a member.)"""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
