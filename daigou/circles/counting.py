"""What a thread counts: its answers, and what the verdicts among them say. Its row is locked by the caller."""

from __future__ import annotations

from sqlalchemy import func, select

from daigou.core import clock
from daigou.core.db import db

from . import rules
from .models import Post


def add(thread: Post, row: Post) -> None:
    """One more, without counting the others again."""
    thread.answers += 1
    thread.last_at = clock.now()
    if row.kind == rules.VERDICT:
        setattr(thread, row.verdict, getattr(thread, row.verdict) + 1)


def recount(row: Post) -> None:
    """After a post of it appeared or disappeared."""
    if row.thread_id is None:
        return
    db.session.flush()
    shown = select(Post.verdict, func.count()).filter_by(thread_id=row.thread_id, state="shown").group_by(Post.verdict)
    found = {verdict: int(count) for verdict, count in db.session.execute(shown)}
    thread = db.session.get_one(Post, row.thread_id)
    thread.answers = sum(found.values())
    for verdict in rules.VERDICTS:
        setattr(thread, verdict, found.get(verdict, 0))
