"""What a person sees: one line per part while it starts, then only what changes."""

import contextlib
import sys
import time
from typing import TextIO

WORDS = {"waiting": "waits", "starting": "starting …", "ready": "ready", "done": "done", "failed": "FAILED"}
FINAL = ("ready", "done", "failed")


class Status:
    """On a terminal the lines are redrawn in place; elsewhere each part gets one line when it is up."""

    def __init__(self, names: list[str], out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.live = self.out.isatty()
        self.width = max(map(len, names), default=0)
        self.lines = dict.fromkeys(names, ("waiting", 0.0))
        self.begun = time.monotonic()
        self.drawn = 0
        self.settled = False

    def show(self, name: str, state: str, seconds: float = 0.0) -> None:
        if self.lines.get(name) == (state, seconds):
            return
        self.lines[name] = (state, seconds)
        if self.settled:
            return
        if self.live:
            self._redraw()
        elif state in FINAL:
            self.say(self._line(name))

    def settle(self) -> float:
        """All is up: from now on lines are not redrawn. Answers the seconds it took."""
        self.settled = True
        return time.monotonic() - self.begun

    def event(self, text: str) -> None:
        """Something that happened while all was running, with the time of day."""
        self.drawn = 0
        self.say(f"{time.strftime('%H:%M:%S')} {text}")

    def say(self, text: str) -> None:
        # The terminal may be gone (SIGHUP, a closed pipe): that must not keep us from stopping the parts.
        with contextlib.suppress(OSError):
            self.out.write(text + "\n")
            self.out.flush()

    def _line(self, name: str) -> str:
        state, seconds = self.lines[name]
        took = f"{seconds:5.1f} s" if state in FINAL else ""
        return f"  {name:<{self.width}}  {WORDS[state]:<10} {took}".rstrip()

    def _redraw(self) -> None:
        up = f"\x1b[{self.drawn}A" if self.drawn else ""
        self.drawn = len(self.lines)
        self.say(up + "\n".join("\x1b[2K" + self._line(name) for name in self.lines))
