"""Every mail that would have been sent, for the people who try the sandbox out."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from sqlalchemy import Select, select

from blueprints.guard import guarded
from daigou.accounts import directory
from daigou.core.db import keyset, load
from daigou.notices.models import Notice

from . import bp


@bp.get("/mailbox")
@guarded("sandbox.view")
def mailbox() -> str:
    to = request.args.get("to", "").strip()[:254]
    page = keyset(_mails(to), Notice.created_at, Notice.id, cursor=request.args.get("cursor"))
    return render_template("sandbox/mailbox.html", page=page, to=to, console=True)


@bp.get("/mailbox/<uuid:notice_id>")
@guarded("sandbox.view")
def mail(notice_id: UUID) -> str:
    return render_template("sandbox/mail.html", mail=load(Notice, id=notice_id))


def _mails(to: str) -> Select[tuple[Notice]]:
    statement = select(Notice)
    if not to:
        return statement
    account = directory.by_email(to)
    return statement.where(Notice.account_id == (account.id if account else None))
