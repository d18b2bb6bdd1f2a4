"""Finding again, and ending, the processes that a killed supervisor or a killed parent left behind.

Each child carries a marker in its environment, and its own children inherit it: on Linux all of them are
found through /proc, whatever group or session they moved to. Elsewhere the direct children are written to
a file with their start times and are ended by process group.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from daigou.embedded.children import IS_LINUX, MARKER, Child

PROC = Path("/proc")
Found = list[tuple[int, str]]


@dataclass(frozen=True)
class Trace:
    mark: str
    register: Path
    through_proc: bool = IS_LINUX

    def find(self, name: str = "") -> Found:
        """(number, part) of every living process of ours."""
        found = self._in_proc() if self.through_proc else self._in_register()
        return [(pid, part) for pid, part in found if not name or part == name]

    def note(self, child: Child) -> None:
        """Remember a child where there is no /proc to find it in."""
        if not self.through_proc:
            known = {**self._registered(), str(child.pid): [child.name, started_at(child.pid)]}
            self.register.write_text(json.dumps(known))

    def send(self, pid: int, number: signal.Signals) -> None:
        if not self.through_proc:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number)
            return
        with contextlib.suppress(OSError):
            handle = os.pidfd_open(pid)  # held by a descriptor, so that a reused number is never hit
            try:
                if self._part_of(pid):
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)

    def sweep(self, gently: Mapping[str, signal.Signals], patience: float = 20, name: str = "") -> int:
        """End all that is left. Parts named in `gently` hold data and get time to close their files; the
        others are killed first, so that nobody writes any more. Answers how many there were."""
        left = self.find(name)
        for pid, part in sorted(left, key=lambda one: one[1] in gently):
            self.send(pid, gently.get(part, signal.SIGKILL))
        deadline = time.monotonic() + patience
        while (rest := self.find(name)) and time.monotonic() < deadline:
            time.sleep(0.02)
        for pid, _ in rest:
            self.send(pid, signal.SIGKILL)
        if not name:
            self.register.unlink(missing_ok=True)
        return len(left)

    def _in_proc(self) -> Found:
        numbers = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())
        parts = ((pid, self._part_of(pid)) for pid in numbers if pid != os.getpid())
        return [(pid, part) for pid, part in parts if part]

    def _part_of(self, pid: int) -> str:
        """Empty when it is not ours or has ended (a zombie has no environment any more)."""
        wanted = f"{MARKER}={self.mark}:".encode()
        try:
            environ = (PROC / str(pid) / "environ").read_bytes()
        except OSError:
            return ""
        return next((e[len(wanted) :].decode() for e in environ.split(b"\0") if e.startswith(wanted)), "")

    def _registered(self) -> dict[str, list[str]]:
        try:
            return dict(json.loads(self.register.read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def _in_register(self) -> Found:
        known = self._registered().items()
        return [(int(pid), part) for pid, (part, begun) in known if begun and started_at(int(pid)) == begun]


def started_at(pid: int) -> str:
    """When the process began, as `ps` says it; empty when there is none (or only its remains)."""
    told = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True)
    state, _, begun = told.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else begun.strip()
