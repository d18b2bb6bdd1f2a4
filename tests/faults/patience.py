"""Waiting until something holds, and until everything has come to rest."""

from __future__ import annotations

import contextlib
import time

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from daigou.core import outbox
from daigou.core.db import db

HEALED_WITHIN = 120.0


class NotHealed(AssertionError):
    """What should have happened by now."""


class Patience:
    """What a shop that was harmed is waited for with. ``slowest`` is the longest that it took."""

    slowest = 0.0

    def until(self, what: str, check, within: float = HEALED_WITHIN):
        """What ``check`` found. Cron sweeps every 15 seconds; here a second's wait stands for that."""
        begun, swept = time.monotonic(), time.monotonic()
        while time.monotonic() - begun < within:
            with contextlib.suppress(Exception):
                found = self.ask(check)
                if found:
                    self.slowest = max(self.slowest, time.monotonic() - begun)
                    return found
            if time.monotonic() - swept > 1:
                swept = time.monotonic()
                with contextlib.suppress(Exception):
                    self.ask(outbox.sweep)
            time.sleep(0.05)
        raise NotHealed(f"{what}: not within {within:.0f} s; {self.ask(self.undone)}")

    def ask(self, question):
        """In a transaction of its own, with nothing remembered from before."""
        with contextlib.suppress(SQLAlchemyError):
            db.session.rollback()
        db.session.expunge_all()
        return question()

    def undone(self) -> str:
        rows = db.session.execute(
            text("SELECT topic, attempts, leased, due_at - now(), last_error FROM outbox WHERE done_at IS NULL")
        ).all()
        return f"undone: {[tuple(map(str, row)) for row in rows][:8]}"

    def at_rest(self) -> None:
        """Every process answers, and nothing that is due is undone."""
        self.until("the web answers", self.web_answers)
        self.until("the provider answers", lambda: self.provider.get("/healthz").is_success)
        self.until("the outbox and the inbox are empty", nothing_undone)

    def database_answers(self) -> bool:
        engine = create_engine(self.settings["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"))
        try:
            with engine.connect() as connection:
                return connection.execute(text("SELECT 1")).scalar_one() == 1
        except Exception:
            return False
        finally:
            engine.dispose()

    def web_answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.whole.base_url}/readyz", timeout=3).status_code == 200
        return False


def nothing_undone() -> bool:
    """Work that was put off on purpose and never begun (a mail for next week) may wait."""
    due = text(
        "SELECT (SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL"
        "   AND (attempts > 0 OR due_at < now() + interval '2 minutes'))"
        " + (SELECT count(*) FROM inbox_events WHERE done_at IS NULL)"
    )
    return db.session.execute(due).scalar_one() == 0
