"""Watches every transaction of a test: what changes a table of evidence must write an entry beside it."""

from __future__ import annotations

import re
import threading
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from compliance.audit.coverage import COVERAGE, Logged
from compliance.audit.fsck_tables import tables_of
from daigou import schema

ROOT = Path(__file__).parents[1]
_WRITES = re.compile(r"\s*(?:WITH .*?\)\s)?(INSERT INTO|UPDATE|DELETE FROM) \"?([a-z_]+)", re.DOTALL)
_LIVES = frozenset(table.name for table in tables_of(schema.Base))
# Nobody decides here: nights of deletion, which say in one entry of their own what went.
_QUIET = {("DELETE", "erasure_remainders"), ("DELETE", "stored_files")}


class Watch:
    """``found`` names each transaction that changed evidence without a word; emptied by whoever reads it."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._local = threading.local()

    def start(self) -> None:
        event.listen(Engine, "after_cursor_execute", self._note)
        event.listen(Session, "after_commit", self._committed)
        event.listen(Session, "after_rollback", self._over)

    def stop(self) -> None:
        event.remove(Engine, "after_cursor_execute", self._note)
        event.remove(Session, "after_commit", self._committed)
        event.remove(Session, "after_rollback", self._over)

    def _note(self, connection: Any, cursor: Any, statement: str, _: Any, context: Any, many: bool) -> None:
        """What goes to the driver as it stands goes in a pipeline, and has no count yet."""
        written = _write(statement)
        if written and (cursor.rowcount or context.compiled is None):
            self._written().add(written)

    def _written(self) -> set[tuple[str, str]]:
        if not hasattr(self._local, "written"):
            self._local.written = set()
        written: set[tuple[str, str]] = self._local.written
        return written

    def _committed(self, session: Session) -> None:
        written = self._written()
        if not any(table == "audit_entries" for _, table in written):
            silent = sorted(f"{verb} {table}" for verb, table in written if _is_evidence(verb, table))
            where = _place() if silent else ""
            if silent and not where.startswith("tests"):
                self.found.append(f"{where}: {', '.join(silent)}")
        written.clear()

    def _over(self, session: Session) -> None:
        self._written().clear()


def _place() -> str:
    """The code that ended the transaction: ours, or a test that makes its own world."""
    for frame, line in traceback.walk_stack(None):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts and path.name not in ("unlogged.py", "db.py"):
            return f"{path.relative_to(ROOT)}:{line}"
    return "tests"


@lru_cache(4096)
def _write(statement: str) -> tuple[str, str] | None:
    found = _WRITES.match(statement)
    return (found[1].split()[0], found[2]) if found else None


def _is_evidence(verb: str, table: str) -> bool:
    """The state of a thing with a life is guarded by a trigger, so its UPDATE may be of what it decides nothing by."""
    line = COVERAGE.get(table)
    if isinstance(line, Logged):
        return not (line.counts and verb == "UPDATE") and (verb, table) not in _QUIET
    return table in _LIVES and verb == "INSERT"
