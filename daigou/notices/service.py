"""Telling people: a row in the transaction that has news. (The mail follows with the room of notices.)"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask_babel import force_locale

from daigou.core.db import db

from .models import Notice


def tell(account_id: UUID, kind: str, title: object, body: object, url: str) -> None:
    """Note news for somebody inside the running transaction."""
    notice = Notice(account_id=account_id, subject=f"sub_{account_id.hex[:24]}", kind=kind)
    notice.content = {"to": "", "title": str(title), "body": str(body), "url": url}
    db.session.add(notice)


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Inside, words come out in this language."""
    with force_locale(locale):
        yield
