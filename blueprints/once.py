"""A form that creates or pays carries a random ``once`` field: its second submit finds the first one's result.

Double clicks and the back button so do no harm. The place a form led to is kept beside its number, per person.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from flask import redirect, request, session
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from werkzeug.wrappers import Response

from daigou.accounts.models import Submission
from daigou.core import clock, ids
from daigou.core.db import as_sent, db, transaction, write_last
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from .guard import actor

FORMS = Submission.__table__  # no object of a submission is ever needed, and without them it is twice as fast
# Built once: every form that creates or pays sends them.
_CLAIM = insert(FORMS).on_conflict_do_nothing(index_elements=["account_key", "once"]).returning(FORMS.c.id)
_LED = as_sent(update(FORMS).where(FORMS.c.id == bindparam("claimed")).values(location=bindparam("to")))
_WHERE_TO = select(FORMS.c.location).where(
    FORMS.c.account_key == bindparam("who"), FORMS.c.once == bindparam("number")
)
_FORM = re.compile(r"[A-Za-z0-9_-]{16,64}")


def new_once() -> str:
    """The value of a fresh form's hidden field."""
    return secrets.token_urlsafe(18)


def visitor_key() -> str:
    """Who submits: the account, or the browser's session for people who have not signed in."""
    if actor().account_id:
        return str(actor().account_id)
    if "visitor" not in session:
        session["visitor"] = secrets.token_urlsafe(18)
    return str(session["visitor"])


def once(work: Callable[[], str]) -> Response:
    """Do ``work`` (answers the address to go to) in one transaction with the form's number; a repeat is only led there.

    A refusal rolls the number back too, so the corrected form can be sent with it.
    """
    number = request.form.get("once", "")
    if not _FORM.fullmatch(number):
        raise Invalid({"once": lazy("This page is too old. Send the form again.")})
    with transaction() as db_session:
        form = {"id": ids.new_id(), "created_at": clock.now(), "account_key": visitor_key(), "once": number}
        claimed = db_session.execute(_CLAIM, form).scalar_one_or_none()
        if claimed is not None:
            location = work()
            write_last(_LED, {"claimed": claimed, "to": location})
            return redirect(location, 303)
    led = db.session.execute(_WHERE_TO, {"who": visitor_key(), "number": number}).scalar_one()
    return redirect(led or request.path, 303)
