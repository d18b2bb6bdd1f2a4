"""Posting announcements, reading them, and sending them on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy
from daigou.notices import service as notices

from .models import Announcement
from .rules import KINDS, LETTER_MOST, MAILED, in_language

BATCH = 500


def post(actor: Actor, kind: str, texts: Mapping[str, Mapping[str, str]]) -> Announcement:
    """Show it in the safety centre; a security announcement is mailed to everybody by job. Invalid without English."""
    require(actor, "announcement.post")
    if kind not in KINDS:
        raise Invalid({"kind": lazy("Choose one of these.")})
    if not all(texts.get("en", {}).get(name) for name in ("title", "body")):
        raise Invalid({"title": lazy("This is needed.")})
    row = Announcement(ref=ids.new_ref("ANN"), kind=kind, texts=dict(texts))
    with transaction():
        door.created(actor, row, kind=kind, languages=sorted(texts))
        db.session.flush()
        if kind in MAILED:
            outbox.put("announcement.posted", announcement_id=row.id)
    return row


def take_down(actor: Actor, ref: str) -> Announcement:
    """Nobody sees it any more."""
    with transaction():
        row: Announcement = load_locked(Announcement, ref=ref)
        door.transition(actor, row, "take_down")
    return row


def shown(cursor: str | None = None) -> Page:
    """What the safety centre shows, newest first."""
    statement = select(Announcement).filter_by(state="posted")
    return keyset(statement, Announcement.created_at, Announcement.id, cursor=cursor, size=10)


def tell_everybody(announcement_id: UUID, after: UUID | None = None) -> None:
    """A notice to each active account, in its language, a batch in each transaction; whom it has told, it skips."""
    row: Announcement = load(Announcement, id=announcement_id)
    if not row.is_("posted"):
        return
    with transaction():
        people = _people(after)
        for account in people:
            text = in_language(row.texts, account.locale)
            notices.tell(account.id, "announcement.security", text["title"], text["body"], "/safety", once=row.id)
        if len(people) == BATCH:
            outbox.put("announcement.posted", announcement_id=row.id, after=people[-1].id)


def send_letter(month: datetime, after: UUID | None = None) -> None:
    """The month's cases and tips, as one notice to each active shopper, a batch in each transaction."""
    rows = _of_month(month)
    if not rows:
        return
    with transaction():
        people = _people(after)
        for account in people:
            if "shopper" in account.roles:
                _letter(account, rows, month)
        if len(people) == BATCH:
            outbox.put("announcement.letter", month=month.isoformat(), after=people[-1].id)


def _letter(account: Account, rows: list[Announcement], month: datetime) -> None:
    with notices.speaking(account.locale, account.zone):
        body = "\n".join(in_language(row.texts, account.locale)["title"] for row in rows)
        notices.tell(
            account.id, "announcement.letter", _("This month’s cases and tips for safe trading"), body, "/safety",
            once=f"{month:%Y-%m}",
        )  # fmt: skip


def _of_month(until: datetime) -> list[Announcement]:
    """The newest cases and tips of the month before ``until``."""
    since = until.replace(year=until.year - (until.month == 1), month=until.month - 1 or 12)
    statement = (
        select(Announcement)
        .where(Announcement.state == "posted", Announcement.kind.not_in(MAILED))
        .where(Announcement.created_at >= since, Announcement.created_at < until)
        .order_by(Announcement.created_at.desc())
        .limit(LETTER_MOST)
    )
    return list(db.session.scalars(statement))


def first_of_month() -> datetime:
    """When the letter of the month that is over was due."""
    return clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _people(after: UUID | None) -> list[Account]:
    statement = select(Account).where(Account.state == "active").order_by(Account.id).limit(BATCH)
    return list(db.session.scalars(statement.where(Account.id > after) if after else statement))
