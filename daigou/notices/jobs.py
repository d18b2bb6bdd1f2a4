"""Mail goes out here, after the transaction that had the news."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from daigou.core import clock
from daigou.core.config import Config
from daigou.core.crypto import ERASED
from daigou.core.db import db, find, transaction
from daigou.core.i18n import _
from daigou.providers.mail import Mail
from daigou.providers.sms import RefusedNumber, Sms

from . import recipients
from .models import Notice
from .service import speaking

log = logging.getLogger(__name__)

STALE = timedelta(minutes=10)  # text messages carry codes that live as long


def mail(notice_id: str) -> None:
    """Send one notice. Run twice, it sends once, or twice under one Message-ID when a crash came between."""
    notice = find(Notice, id=UUID(notice_id))
    if notice is None or notice.mailed_at is not None or notice.content == ERASED:
        return
    _send(notice)
    with transaction():
        db.session.execute(update(Notice).where(Notice.id == notice.id).values(mailed_at=clock.now()))


def text(notice_id: str) -> None:
    """Send one text message. Run twice after a crash it may arrive twice; a refused number is not tried again."""
    notice = find(Notice, id=UUID(notice_id))
    if notice is None or notice.mailed_at is not None or notice.content == ERASED:
        return
    provider: Sms | None = current_app.extensions["sms"]
    if provider is None or clock.now() - notice.created_at > STALE:
        return  # no gateway any more, or a code that is too old to be of use
    try:
        provider.send(notice.content["to"], notice.content["body"])
    except RefusedNumber as refused:
        log.warning("the gateway refuses a number: %s", refused)
    with transaction():
        db.session.execute(update(Notice).where(Notice.id == notice.id).values(mailed_at=clock.now()))


def _send(notice: Notice) -> None:
    config: Config = current_app.extensions["config"]
    provider: Mail = current_app.extensions["mail"]
    content = notice.content
    to = recipients.find(notice.account_id)
    with speaking(to.locale, to.zone):
        footer = _("You get this mail because you have an account with us.")
    body = f"{content['body']}\n\n{config.base_url}{content['url']}\n\n-- \n{footer}\n{config.base_url}\n"
    provider.send(content["to"], content["title"], body, f"<{notice.id}@{config.host.split(':')[0]}>")
