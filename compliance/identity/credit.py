"""Outside credit look-ups (S15): a protocol, and its manual adapter: an officer who looks and writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, load, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy

from .models import CreditLookup

RESULTS = ("clear", "caution", "adverse")
LONGEST = timedelta(days=366)  # an older look says nothing about today


@dataclass(frozen=True, slots=True)
class Found:
    """What a source said: ``result`` is clear, caution or adverse. No report and no figures are kept."""

    source: str
    looked_on: date
    result: str
    expires_on: date


class CreditSource(Protocol):
    def look_up(self, account: Account) -> Found:
        """Ask about one person, who was told of it. payment.Unanswered when the source does not answer."""


class ByHand:
    """The officer is the adapter."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def look_up(self, account: Account) -> Found:
        return self._found


def note(actor: Actor, subject: str, source: CreditSource) -> CreditLookup:
    """Look somebody up and write down what came of it. Invalid by field for dates that can't be."""
    require(actor, "identity.review")
    account = load(Account, subject=subject)
    found = source.look_up(account)
    _check(found)
    with transaction() as session:
        row = CreditLookup(
            account_id=account.id, subject=account.subject, source=found.source, looked_on=found.looked_on,
            result=found.result, expires_on=found.expires_on, noted_by=actor.account_id,
        )  # fmt: skip
        session.add(row)
        facts = {"source": found.source, "result": found.result, "expires": found.expires_on.isoformat()}
        door.note(actor, f"credit/{account.id}", "credit:looked_up", subject=account.subject, **facts)
    return row


def _check(found: Found) -> None:
    faults: dict[str, object] = {}
    if found.result not in RESULTS:
        faults["result"] = lazy("Choose one of these.")
    if found.looked_on > clock.today():
        faults["looked_on"] = lazy("This day has not come yet.")
    if not found.looked_on < found.expires_on <= found.looked_on + LONGEST:
        faults["expires_on"] = lazy("It may be relied on for a year at most, and ends after the day of the look.")
    if faults:
        raise Invalid(faults, code="credit.invalid")


def in_force(account_id: object) -> CreditLookup | None:
    """The newest look-up that has not run out."""
    statement = select(CreditLookup).where(
        CreditLookup.account_id == account_id, CreditLookup.expires_on >= clock.today()
    )
    return db.session.execute(statement.order_by(CreditLookup.id.desc()).limit(1)).scalar_one_or_none()
