"""A merchant that changes is looked at again: its owner asks for a change, or we open a review ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from compliance.audit import door
from daigou.accounts.models import Account, Merchant
from daigou.core import clock, ids
from daigou.core.access import Actor, require, system
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import assessing, conflicts, deadlines, expiring, holds, life_letters, life_rules, rules, screening, standing
from .models import Application

SYSTEM = system("qualification")


def start(actor: Actor, changes: Sequence[str]) -> Application:
    """A draft of a change, with the claims of today. One at a time; Invalid at ``changes`` when none is named."""
    require(actor, "merchant.change")
    kept = [name for name in life_rules.CHANGES if name in set(changes)]
    if not kept:
        raise Invalid({"changes": lazy("Choose at least one thing that changes.")})
    with transaction():
        merchant = load_locked(Merchant, id=actor.merchant_id)
        _refuse_second(merchant)
        papers = standing.papers_of(merchant).values()
        renewed = [paper.kind for paper in standing.ending(papers)] if "papers" in kept else []
        asks = sorted({*life_rules.proofs(kept, merchant.kind), *renewed})
        if not asks:
            raise Invalid({"changes": lazy("No paper of yours ends within 60 days.")})
        account = load_locked(Account, id=actor.account_id)
        return _copy(actor, merchant, account, "change", kept, asks)


def review(merchant: Merchant, why: str, changes: Sequence[str] = ()) -> Application | None:
    """We look again by ourselves: an application that waits for an officer at once. None when one is open already.
    In the caller's transaction, the merchant's row locked. ``why`` is a word for the log."""
    before = standing.last_approved(merchant.id)
    if before is None or standing.open_change(merchant.id) is not None:
        return None
    account = load_locked(Account, id=before.account_id)
    application = _copy(SYSTEM, merchant, account, "review", list(changes), [])
    application.submitted_at = clock.now()
    door.transition(SYSTEM, application, "submit", why=why)
    screening.screen(application)
    conflicts.remember(application)
    deadlines.begin(application)
    db.session.flush()
    assessing.assess(application)
    return application


def bank_changed(merchant_id: UUID) -> None:
    """New bank details were entered: an officer looks at them."""
    with transaction():
        merchant = load_locked(Merchant, id=merchant_id)
        if not merchant.is_("closed"):
            review(merchant, "bank", ["bank"])


def apply(actor: Actor, application: Application) -> Merchant:
    """What an approval brings. The application is locked, in the caller's transaction."""
    merchant = load_locked(Merchant, id=application.merchant_id)
    if application.purpose == "review":
        holds.lift(actor, merchant, "test")
        return merchant
    claims = application.claims
    if "name" in application.changes:
        merchant.name = application.trade_name
    if "address" in application.changes:
        merchant.city = claims.get("city", "")
    door.record(actor, merchant, "changed", application=application.ref, changes=list(application.changes))
    life_letters.changed(application)
    return merchant


def follow_papers(actor: Actor, merchant: Merchant) -> None:
    """After an approval: what the papers held may go on. The merchant's row is locked."""
    db.session.flush()
    expiring.follow(actor, merchant, standing.papers_of(merchant).values())


def _refuse_second(merchant: Merchant) -> None:
    if merchant.is_("closed"):
        raise Impossible("merchant.closed", lazy("This shop is closed."))
    if standing.open_change(merchant.id) is not None:
        words = lazy("A change or a review of your shop is open already. It must be decided first.")
        raise Impossible("application.open", words)


def _copy(
    actor: Actor, merchant: Merchant, account: Account, purpose: str, changes: list[str], asks: list[str]
) -> Application:
    before = standing.last_approved(merchant.id)
    application = Application(
        ref=ids.new_ref("APP"), account_id=account.id, merchant_id=merchant.id, subject=account.subject,
        kind=merchant.kind, country=merchant.country, purpose=purpose, changes=changes, asks=asks,
    )  # fmt: skip
    application.trade_name = merchant.name
    known = before.claims if before is not None and isinstance(before.claims, dict) else {}
    application.claims = {**dict.fromkeys(rules.CLAIMS, ""), **known}
    door.created(actor, application, purpose=purpose, changes=changes, merchant_ref=merchant.ref)
    db.session.flush()
    return application


