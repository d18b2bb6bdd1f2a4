"""Client certificates (mutual TLS at the reverse proxy) as one more factor for staff. Off unless configured.

The proxy checks the certificate and hands it on; here its fingerprint is compared. Whoever has bound one can't sign in
without showing it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from compliance.audit import door
from daigou.accounts import letters
from daigou.accounts.models import Account
from daigou.accounts.sessions.rules import Visit
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from .models import Certificate


def of(account: Account) -> list[Certificate]:
    statement = select(Certificate).where(Certificate.account_id == account.id).order_by(Certificate.id)
    return list(db.session.execute(statement).scalars())


def require_shown(account: Account, visit: Visit) -> None:
    """Invalid at ``password`` when the account has certificates and this visit shows none of them that is valid."""
    bound = of(account)
    now = clock.now()
    if bound and not any(row.fingerprint == visit.certificate and row.expires_at > now for row in bound):
        words = lazy("This account needs its client certificate. Choose it when your browser asks, then try again.")
        raise Invalid({"password": words}, code="sign_in.certificate")


def bind(actor: Actor, fingerprint: str, expires_at: datetime | None) -> None:
    """Bind the certificate that this request shows. Impossible when it shows none, or it is bound already."""
    require(actor, "certificate.bind")
    if not fingerprint or expires_at is None or expires_at <= clock.now():
        raise Impossible("certificate.none", lazy("Your browser has shown no valid certificate with this request."))
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        if find(Certificate, fingerprint=fingerprint) is not None:
            raise Impossible("certificate.bound", lazy("This certificate is bound to an account already."))
        db.session.add(Certificate(account_id=account.id, fingerprint=fingerprint, expires_at=expires_at))
        door.record(actor, account, "factor_added", factor="certificate", fingerprint=fingerprint[:16])
        letters.factor_added(account, "certificate")


def unbind(actor: Actor, certificate_id: UUID) -> None:
    require(actor, "certificate.bind")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        statement = delete(Certificate).where(Certificate.id == certificate_id, Certificate.account_id == account.id)
        if db.session.execute(statement.returning(Certificate.id)).scalar_one_or_none() is None:
            raise Impossible("certificate.gone", lazy("This certificate is not bound any more."))
        door.record(actor, account, "factor_removed", factor="certificate")
        letters.factor_removed(account, "certificate")
