"""Letters about what people asked."""

from __future__ import annotations

from uuid import UUID

from daigou.core.db import load, transaction
from daigou.core.i18n import _, format_moment
from daigou.notices import recipients
from daigou.notices.service import speaking, tell

from .models_requests import PrivacyRequest


def asked(request_id: UUID) -> None:
    """Somebody wants the account erased: if it was a stranger, its owner must hear of it while there is time."""
    with transaction():
        row = load(PrivacyRequest, id=request_id)
        if not row.is_("received") or row.runs_at is None:
            return
        to = recipients.find(row.account_id)
        with speaking(to.locale, to.zone):
            title = _("Your account will be erased")
            body = _(
                "It happens on %(when)s and can’t be undone. If this was not you, or you think better of it: sign in, "
                "call it off and change your password.",
                when=format_moment(row.runs_at),
            )
            tell(row.account_id, "privacy.asked", title, body, "/account/privacy", once=row.id)


def decided(request_id: UUID) -> None:
    """An officer has answered, in their own words."""
    with transaction():
        row = load(PrivacyRequest, id=request_id)
        to = recipients.find(row.account_id)
        with speaking(to.locale, to.zone):
            title = _("Your request %(ref)s is answered", ref=row.ref)
            tell(row.account_id, "privacy.decided", title, row.answer, "/account/privacy", once=row.id)
