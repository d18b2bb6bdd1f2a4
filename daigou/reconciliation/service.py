"""What the room of reconciliation does for others, in one place."""

from .reading import delayed, finding, findings_of, moving, open_findings, pending, run_of, runs
from .running import reconcile
from .settling import resolve

__all__ = [
    "delayed",
    "finding",
    "findings_of",
    "moving",
    "open_findings",
    "pending",
    "reconcile",
    "resolve",
    "run_of",
    "runs",
]
