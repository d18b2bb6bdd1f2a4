"""Named places where a test may have this process killed. They do nothing unless DAIGOU_FAULTS names a folder.

A test arms a place by making a file of its name in that folder (``refund.after_effect``); the first process that comes
by takes the file away and does what stands in it: ``kill`` (itself, by SIGKILL), ``kill parent`` (the worker of a
work-horse, too), ``raise``. Where every provider is not the sandbox, the variable is refused (config.py).

    faults.point("refund.before_call")     right here
    faults.step("refund.promise")          around the commit of the running transaction: .before_commit, .after_commit
"""

from __future__ import annotations

import os
import signal
from contextvars import ContextVar
from pathlib import Path

VARIABLE = "DAIGOU_FAULTS"
FOLDER = os.environ.get(VARIABLE)  # read once: unarmed, a point costs one look at this

_steps: ContextVar[tuple[str, ...]] = ContextVar("steps", default=())


class Injected(RuntimeError):
    """A defect that a test asked for."""


def point(name: str) -> None:
    """Suffer what is armed here, if anything is."""
    _suffer(name)


def step(name: str) -> None:
    """Have the running transaction's commit pass ``name.before_commit`` and ``name.after_commit``."""
    if FOLDER is not None:
        _steps.set((*_steps.get(), name))


def committing() -> None:
    """For transaction() only."""
    _suffer(*(f"{name}.before_commit" for name in _steps.get()))


def committed() -> None:
    """For transaction() only."""
    _suffer(*(f"{name}.after_commit" for name in _steps.get()))


def over() -> None:
    """For transaction() only: steps belong to one transaction."""
    if FOLDER is not None:
        _steps.set(())


def _suffer(*names: str) -> None:
    """What is armed at the first of these names. They are one moment: one death is a death at each of them."""
    taken = [] if FOLDER is None else [path for name in names if (path := _taken(Path(FOLDER), name))]
    if not taken:
        return
    what = taken[0].read_text().strip()
    if what == "raise":
        raise Injected(taken[0].name)
    if what == "kill parent":
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _taken(folder: Path, name: str) -> Path | None:
    """The file of an armed place, now ours; None where nothing is armed or another process was first."""
    taken = folder / f"{name}.taken-{os.getpid()}"
    try:
        return (folder / name).rename(taken)
    except OSError:
        return None
