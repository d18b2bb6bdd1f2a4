"""Starts the parts in the order of their needs, keeps them running, stops them all. Knows no part by name."""

import contextlib
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from daigou.core import faults
from daigou.embedded.children import Child, Spawn, adopt_orphans, end_group, reap, start
from daigou.embedded.home import CannotStart
from daigou.embedded.status import Status
from daigou.embedded.sweep import Trace

START_PATIENCE = 90.0  # seconds until a part that runs must also answer
DEATHS, WITHIN = 5, 60.0  # so many deaths in so many seconds are a crash loop
LOG_LIMIT = 20_000_000  # bytes; then the log is set aside once (.1) and begun anew
TAIL = 15  # lines shown of a failed part's log


@dataclass(frozen=True)
class Part:
    name: str
    prepare: Callable[[], Spawn]
    is_ready: Callable[[Child], bool] = lambda child: True
    needs: tuple[str, ...] = ()
    once: bool = False  # does its work and ends, rather than runs
    optional: bool = False  # when it fails that is said, and the rest goes on
    behind: bool = False  # nobody waits for it: all is up without it
    stage: int = 0  # lower ones are stopped first
    patience: tuple[float, ...] = (10.0,)  # seconds after each request to stop; then it is killed


@dataclass
class Slot:
    part: Part
    state: str = "waiting"
    child: Child | None = None
    begun: float = 0.0  # with its preparation
    again_at: float = 0.0
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))
    was_ready: bool = False

    @property
    def settled(self) -> bool:
        over = self.state in ("ready", "done") or (self.part.optional and self.state == "failed")
        return over or self.part.behind

    @property
    def runs(self) -> bool:
        return self.child is not None and self.child.alive()


class Supervisor:
    def __init__(self, parts: Sequence[Part], trace: Trace, status: Status) -> None:
        self.slots = {part.name: Slot(part) for part in parts}
        self.trace, self.status = trace, status
        self.asked_to_stop = False

    def run(self, when_ready: Callable[[float], None]) -> int:
        """Until asked to stop (0) or until a part can't be kept up (1)."""
        adopt_orphans()
        with self._signals() as wake:
            try:
                return self._work(when_ready, wake)
            except CannotStart as failed:
                self.status.event(str(failed))
                return 1
            finally:
                self._stop_all()

    def _work(self, when_ready: Callable[[float], None], wake: int) -> int:
        announced = False
        while not self.asked_to_stop:
            self._tick()
            if not announced and all(slot.settled for slot in self.slots.values()):
                announced = True
                when_ready(self.status.settle())
            self._nap(wake, 1.0 if announced else 0.03)
        self.status.event("Stopping …")
        return 0

    def _tick(self) -> None:
        self._reap()
        for slot in self.slots.values():
            if slot.state == "waiting" and self._may_start(slot):
                self._launch(slot)
            elif slot.state == "starting":
                self._ask(slot)
            elif slot.state == "ready" and not slot.runs:
                self._died(slot)
            set_aside_long_log(slot)

    def _may_start(self, slot: Slot) -> bool:
        up = (slot.was_ready or self.slots[need].state in ("ready", "done") for need in slot.part.needs)
        return time.monotonic() >= slot.again_at and all(up)

    def _launch(self, slot: Slot) -> None:
        slot.begun = time.monotonic()
        slot.child = start(slot.part.name, self.trace.mark, slot.part.prepare())
        self.trace.note(slot.child)
        self._set(slot, "starting")

    def _ask(self, slot: Slot) -> None:
        child = slot.child
        assert child is not None
        if not child.alive():
            if slot.part.once and child.process.returncode == 0:
                self._set(slot, "done")
            else:
                self._died(slot)
        elif not slot.part.once and slot.part.is_ready(child):
            slot.was_ready = True
            self._set(slot, "ready")
        elif child.age() > START_PATIENCE and not slot.part.once:
            raise self._failure(slot, f"{slot.part.name} did not answer within {START_PATIENCE:.0f} s.")

    def _died(self, slot: Slot) -> None:
        child = slot.child
        assert child is not None
        end_group(child)
        self.trace.sweep({}, name=slot.part.name)
        how = ending(child.process.returncode)
        now = time.monotonic()
        slot.deaths.append(now)
        tries = DEATHS if slot.was_ready else 2
        recent = [death for death in slot.deaths if now - death < WITHIN]
        # where a test kills on purpose (core.faults), many deaths are no crash loop
        if slot.part.once or (len(recent) >= tries and faults.FOLDER is None):
            self._give_up(slot, how)
            return
        wait = 0.25 * 2 ** len(recent)
        slot.again_at = now + wait
        self.status.event(f"{slot.part.name} ended ({how}), starting it again in {wait:.1f} s")
        self._set(slot, "waiting")

    def _give_up(self, slot: Slot, how: str) -> None:
        verb = "failed" if slot.part.once else "does not stay up"
        failure = self._failure(slot, f"{slot.part.name} {verb} ({how}).")
        if not slot.part.optional:
            raise failure
        self.status.event(str(failure))

    def _failure(self, slot: Slot, text: str) -> CannotStart:
        self._set(slot, "failed")
        said = slot.child.said().splitlines()[-TAIL:] if slot.child else []
        log = slot.child.spawn.log if slot.child else ""
        return CannotStart("\n".join([text, *(f"    {line}" for line in said), f"  Its whole log: {log}"]))

    def _set(self, slot: Slot, state: str) -> None:
        slot.state = state
        self.status.show(slot.part.name, state, time.monotonic() - slot.begun)

    def _reap(self) -> None:
        reap(slot.child for slot in self.slots.values() if slot.child)

    def _stop_all(self) -> None:
        """Web first, data last: whoever still writes must find what it writes to."""
        for stage in sorted({slot.part.stage for slot in self.slots.values()}):
            self._stop([slot for slot in self.slots.values() if slot.part.stage == stage and slot.runs])
        self.trace.sweep({}, patience=0.2)
        self._reap()

    def _stop(self, slots: list[Slot]) -> None:
        """Ask, wait, ask again as often as the part has patience for, then kill."""
        begun = time.monotonic()
        asked = {slot.part.name: 0 for slot in slots}
        while left := [slot for slot in slots if slot.runs]:
            for slot in left:
                child, times = slot.child, asked[slot.part.name]
                assert child is not None
                if time.monotonic() - begun < sum(slot.part.patience[:times]):
                    continue
                asked[slot.part.name] += 1
                child.signal(child.spawn.death if times < len(slot.part.patience) else signal.SIGKILL)
            time.sleep(0.02)
            self._reap()
        for slot in slots:
            if slot.child:
                end_group(slot.child)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[int]:
        """A signal wakes the loop through a pipe; nothing is done inside the handler."""
        read, write = os.pipe()
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        before = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        handlers = {number: signal.signal(number, self._on_stop) for number in stops}
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        try:
            yield read
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            os.close(read)
            os.close(write)

    def _on_stop(self, number: int, frame: object) -> None:
        self.asked_to_stop = True

    def _nap(self, wake: int, seconds: float) -> None:
        soonest = min((s.again_at for s in self.slots.values() if s.state == "waiting"), default=0.0)
        if soonest or any(slot.state == "starting" for slot in self.slots.values()):
            seconds = 0.03
        select.select([wake], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(wake, 1024)


def ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit {code}"


def set_aside_long_log(slot: Slot) -> None:
    """The child keeps its descriptor, so the text is copied away and the file cut (it appends)."""
    if slot.child is None:
        return
    log = slot.child.spawn.log
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        kept = log.with_name(log.name + ".1")
        kept.write_bytes(log.read_bytes())
        kept.chmod(0o600)
        os.truncate(log, 0)
        slot.child.log_from = 0
