"""Steps with their times; the first that does not hold ends the story."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .browser import Astray

PATIENCE = 90.0


class Story:
    """Prints each step as it is done. ``say`` takes a line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.count = 0
        self.begun = time.monotonic()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        except Exception:
            self.say(f"  ✗ {time.monotonic() - begun:6.2f} s  {text}")
            raise
        self.count += 1
        self.say(f"  ✓ {time.monotonic() - begun:6.2f} s  {text}")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun


def wait_until(what: str, holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Look again until it holds: jobs and webhooks take their moment."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise Astray(f"{what}: not after {patience:.0f} s")
        time.sleep(0.3)
