"""What runs by the calendar and after others. Each may run twice."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import any_, literal, select

from daigou.accounts.models import Account
from daigou.core.db import db, load, transaction
from daigou.core.i18n import _, ngettext
from daigou.notices.service import speaking, tell

from . import alerts, outcomes, packing, packs, searches
from .models import Alert, LegalPack, SavedSearch

_MOST_OFFICERS = 200


def learn() -> None:
    """Weekly: what people decided since is learned. Two officers put a model into use, nobody else."""
    outcomes.learn()


def check_alerts() -> None:
    alerts.check()


def build_pack(pack_id: str) -> None:
    packing.build(UUID(pack_id))


def tell_pack(pack_id: str) -> None:
    """To the officer who asked: it can be fetched."""
    with transaction():
        row = load(LegalPack, id=UUID(pack_id))
        account = db.session.get_one(Account, row.requested_by)
        with speaking(account.locale, account.zone):
            title = _("The legal pack %(ref)s is ready", ref=row.ref)
            body = _("It is about %(about)s. Fetch it from its page.", about=row.about_ref)
            tell(row.requested_by, "pack.ready", title, body, packs.page_of(row), once=row.id)


def tell_alert(alert_id: str) -> None:
    """To every officer: a watched search met its threshold."""
    with transaction():
        alert = load(Alert, id=UUID(alert_id))
        search = load(SavedSearch, id=alert.search_id)
        officers = select(Account).where(literal("officer") == any_(Account.roles), Account.state == "active")
        for account in db.session.scalars(officers.order_by(Account.id).limit(_MOST_OFFICERS)):
            with speaking(account.locale, account.zone):
                title = _("Alert: %(name)s", name=searches.name_of(search))
                body = ngettext(
                    "%(num)d entry within %(minutes)s minutes. Look what it was.",
                    "%(num)d entries within %(minutes)s minutes. Look what they were.",
                    alert.count, minutes=search.minutes,
                )  # fmt: skip
                tell(account.id, "audit.alert", title, body, "/officer/searches", once=alert.id)
