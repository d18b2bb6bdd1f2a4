"""Telling people: a row in the transaction that has news, a mail by job afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid5

from flask_babel import force_locale
from sqlalchemy import ColumnElement, func, select, update

from daigou.core import clock, outbox
from daigou.core.access import Actor
from daigou.core.crypto import ERASED
from daigou.core.db import Page, db, keyset, transaction
from daigou.core.i18n import in_zone

from . import recipients
from .models import Notice

_ONCE = UUID("6f1a0c1e-8f0e-5b7b-9d5c-0d6a3f2b7c11")  # the space of keys of news that is told once
# These carry a one-time link: they are mailed and never shown on a page.
MAIL_ONLY = (
    "account.confirm", "account.known", "account.password", "account.invite", "account.frozen", "account.signed_in",
    "account.phone_code",
)  # fmt: skip


def tell(account_id: UUID, kind: str, title: object, body: object, url: str, *, once: object = None) -> None:
    """Note news for somebody inside the running transaction; the mail follows by job.

    Title and body are in the person's language already (see ``speaking``); ``url`` is a local path. ``once`` names what
    the news is of, for jobs that may run twice: the same person hears of the same thing once.
    """
    to = recipients.find(account_id)
    if to.email == ERASED:
        return  # nobody is there any more
    notice = Notice(account_id=account_id, subject=to.subject, kind=kind)
    if once is not None:
        notice.id = uuid5(_ONCE, f"{account_id}/{kind}/{once}")
        if db.session.get(Notice, notice.id) is not None:
            return
    notice.content = {"to": to.email, "title": str(title), "body": str(body), "url": url}
    db.session.add(notice)
    outbox.put("notice.mail", notice_id=notice.id)


def text(account_id: UUID, kind: str, phone: str, title: str, body: str) -> None:
    """Have a text message sent to a phone number, by job, from the running transaction; it is kept like a mail."""
    notice = Notice(account_id=account_id, subject=recipients.find(account_id).subject, kind=kind)
    notice.content = {"to": phone, "title": title, "body": body, "url": "/"}
    db.session.add(notice)
    outbox.put("notice.text", notice_id=notice.id)


@contextmanager
def speaking(locale: str, zone: str) -> Iterator[None]:
    """Inside, words come out in this language and moments in this zone: the reader's, not those of whoever causes the
    news. Accounts and recipients carry both; what is written for no one reader takes UTC."""
    with force_locale(locale), in_zone(zone):
        yield


def mine(actor: Actor, cursor: str | None) -> Page:
    """The actor's notices, newest first."""
    statement = select(Notice).where(Notice.account_id == actor.account_id, Notice.kind.not_in(MAIL_ONLY))
    return keyset(statement, Notice.created_at, Notice.id, cursor=cursor)


def unread(actor: Actor) -> int:
    statement = select(func.count()).select_from(Notice).where(*_unread(actor))
    return int(db.session.execute(statement).scalar_one())


def mark_read(actor: Actor) -> None:
    """Everything told so far has been seen."""
    with transaction() as session:
        session.execute(update(Notice).where(*_unread(actor)).values(read_at=clock.now()))


def _unread(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (Notice.account_id == actor.account_id, Notice.read_at.is_(None), Notice.kind.not_in(MAIL_ONLY))
