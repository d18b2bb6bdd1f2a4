"""A merchant's account at the provider: opened, followed until it can be paid, and followed on."""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import faults, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, find, in_transaction, load, load_locked, transaction
from daigou.core.errors import Impossible, Unavailable
from daigou.core.i18n import lazy
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow.models import Release
from daigou.payments.paying import words
from daigou.payments.provider import provider
from daigou.providers.payment import AccountSeen, Trouble, Unanswered

from . import news, rails
from .models import PayoutAccount

_UNAVAILABLE = lazy("The payment provider does not answer. Nothing was changed: try again in a minute.")
_REFUSED = words.waiting("no_account_possible")


def onboard(actor: Actor) -> str:
    """The provider's pages where a merchant says where its money shall go. Opens its account at first."""
    if in_transaction():
        raise RuntimeError("the intent must be committed before the provider is asked")
    account, merchant, repeated = _intend(actor)
    base = current_app.extensions["config"].base_url
    try:
        if account.provider_id is None:
            faults.point("onboard.before_call")
            seen = (_look_up(account) if repeated else None) or _ask(account, merchant)
            faults.point("onboard.after_effect")
            _opened(actor, account.id, seen)
        return provider().onboarding_url(
            str(account.provider_id), f"{base}/merchant/payouts/return", f"{base}/merchant/payouts/again"
        )
    except Unanswered as unanswered:
        raise Unavailable("payout.unavailable", _UNAVAILABLE) from unanswered
    except Trouble as trouble:
        with transaction():
            news.stuck(merchant, "no_account_possible")
        raise Impossible("payout.refused", _REFUSED, provider_code=trouble.code) from trouble


def _ask(account: PayoutAccount, merchant: Merchant) -> AccountSeen:
    try:
        return provider().open_account(account.idempotency_key, merchant.ref, merchant.country, merchant.currency)
    except Unanswered as unanswered:
        if unanswered.answered:
            _new_key(account.id)
        raise


def _look_up(account: PayoutAccount) -> AccountSeen | None:
    """What an earlier try has opened, though its answer got lost or its key is forgotten."""
    return provider().account_of(account.merchant_ref, account.created_at)


def _new_key(account_id: UUID) -> None:
    with transaction():
        load_locked(PayoutAccount, id=account_id).tries += 1


def _intend(actor: Actor) -> tuple[PayoutAccount, Merchant, bool]:
    """The account's row, its merchant, and whether an earlier try may have gone through."""
    with transaction():
        faults.step("onboard.intend")
        merchant = load_locked(Merchant, id=actor.merchant_id)
        require(actor, "payout.onboard")
        if rails.rail_of(merchant.id) != "connect":
            raise Impossible(
                "payout.rail", lazy("Payouts to your country go by bank transfer; there is nothing to set up here.")
            )
        account = known = find(PayoutAccount, merchant_id=merchant.id)
        if account is None:
            account = PayoutAccount(
                merchant_id=merchant.id, merchant_ref=merchant.ref, rail="connect", country=merchant.country
            )
            door.created(actor, account, country=merchant.country)
        return account, merchant, known is not None


def _opened(actor: Actor, account_id: UUID, seen: AccountSeen) -> None:
    with transaction():
        faults.step("onboard.open")
        account = load_locked(PayoutAccount, id=account_id)
        account.provider_id = seen.id
        account.requirements = list(seen.requirements)
        if account.is_("intended"):
            door.transition(actor, account, "open", provider=seen.id)


def account_of(actor: Actor) -> PayoutAccount | None:
    return find(PayoutAccount, merchant_id=actor.merchant_id)


def came_back(actor: Actor) -> None:
    """The merchant returned from the provider's pages: look how the account stands, rather than wait to be told."""
    with transaction():
        account = account_of(actor)
        if account is not None:
            outbox.put("payout.refetch", payout_account_id=account.id)


def refetch(payout_account_id: UUID) -> None:
    with transaction():
        account = load(PayoutAccount, id=payout_account_id)
    if account.provider_id is not None:
        apply(provider().account_seen(account.provider_id))


def apply(seen: AccountSeen) -> None:
    """Bring our row to where the account is; what waited for it is tried again."""
    with transaction():
        faults.step("onboard.apply")
        known = find(PayoutAccount, provider_id=seen.id)
        if known is None:
            return
        account = load_locked(PayoutAccount, id=known.id)
        account.requirements = list(seen.requirements)
        if seen.can_be_paid and account.can("enable"):
            door.transition(SYSTEM, account, "enable")
            wake_releases(account.merchant_id)
        elif not seen.can_be_paid and _lost(account, seen):
            door.transition(SYSTEM, account, "restrict", requirements=account.requirements)


def _lost(account: PayoutAccount, seen: AccountSeen) -> bool:
    """It could be paid and can't any more, or everything was sent in and something is still missing."""
    return account.is_("enabled") or (account.is_("onboarding") and seen.is_submitted and bool(seen.requirements))


def wake_releases(merchant_id: UUID) -> None:
    """What a merchant was in the way of is tried again: the oldest of each currency takes the others along."""
    statement = (
        select(Release.id)
        .ext(distinct_on(Release.currency))
        .where(Release.merchant_id == merchant_id, Release.state == "waiting")
        .order_by(Release.currency, Release.created_at)
    )
    for release_id in db.session.execute(statement).scalars():
        outbox.put("release.submit", release_id=release_id)
