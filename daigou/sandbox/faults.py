"""Faults on request: each is a small counter that the next matching requests or events use up."""

import fnmatch
import threading
from dataclasses import asdict, dataclass
from typing import Any

from daigou.sandbox.ids import easypost_id
from daigou.sandbox.wire import Request
from daigou.sandbox.words import words

REQUEST_KINDS = words(
    "timeout_before timeout_after status_500 status_500_saved status_429 reset reset_after slow",
    "slow_answer",
)
WEBHOOK_KINDS = words("webhook_duplicate webhook_delay webhook_reverse webhook_drop")


@dataclass
class Fault:
    id: str
    kind: str
    count: int
    seconds: float
    method: str
    path: str
    holds: str
    effect: bool
    used: int = 0

    def matches(self, request: Request) -> bool:
        if self.method not in ("*", request.method) or not fnmatch.fnmatchcase(request.path, self.path):
            return False
        return self.holds.encode() in b"\n".join((request.path.encode(), request.query.encode(), request.body))


class Faults:
    """They live in memory only: a restart is a clean start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Fault] = []

    def add(self, spec: dict[str, Any]) -> Fault:
        """Raises ValueError with what is wrong."""
        kind = str(spec.get("kind", ""))
        if kind not in REQUEST_KINDS | WEBHOOK_KINDS:
            raise ValueError(f"kind must be one of {', '.join(sorted(REQUEST_KINDS | WEBHOOK_KINDS))}")
        match = spec.get("match") or {}
        fault = Fault(
            id=easypost_id("fault"),
            kind=kind,
            count=int(spec.get("count", 1)),
            seconds=float(spec.get("seconds", 60 if kind.startswith("timeout") else 1)),
            method=str(match.get("method", "*")).upper(),
            path=str(match.get("path", "*")),
            holds=str(match.get("holds", "")),
            effect=bool(spec.get("effect", False)),
        )
        with self._lock:
            self._all.append(fault)
        return fault

    def for_request(self, request: Request) -> Fault | None:
        return self._take(lambda f: f.kind in REQUEST_KINDS and f.matches(request))

    def for_event(self, kind: str) -> Fault | None:
        return self._take(lambda f: f.kind == kind)

    def _take(self, wanted: Any) -> Fault | None:
        with self._lock:
            for fault in self._all:
                if wanted(fault):
                    fault.used += 1
                    if fault.used >= fault.count:
                        self._all.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._all.clear()

    def as_list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._all]
