"""Checks at the provider: a person's name by their document and face, and that a bank card is theirs.

The intent is committed before the provider is asked; the outcome lands in a second transaction and may come twice.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require, system
from daigou.core.db import db, find, in_transaction, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, NotFound, Unavailable
from daigou.core.i18n import lazy
from daigou.providers.identity import CardOrder, CardSeen, CheckOrder, CheckSeen
from daigou.providers.payment import Rejected, Trouble, Unanswered

from . import letters, retention, rules, tiers
from .models import IdentityCheck
from .provider import provider
from .rules import OPEN

SYSTEM = system("identity")
_AWAY = lazy("The provider of the check does not answer. Nothing was changed: try again in a minute.")
_REFUSED = lazy("The provider can’t make this check for you. Send photos instead: an officer looks at them.")


def open_check(actor: Actor, account_id: UUID, method: str) -> IdentityCheck | None:
    """The actor's check of a kind that is under way, if there is one."""
    statement = (
        select(IdentityCheck)
        .where(
            IdentityCheck.account_id == account_id, IdentityCheck.method == method, IdentityCheck.state.in_(rules.OPEN)
        )
        .order_by(IdentityCheck.id.desc())
    )
    return db.session.execute(statement.limit(1)).scalar_one_or_none()


def require_name(name: str) -> None:
    """Invalid at ``name`` for what can be nobody's name."""
    if sum(c.isalpha() for c in name) < 2:
        raise Invalid({"name": lazy("Write your name as it stands on your document.")}, code="identity.name")
    if rules.mixed_scripts(name):
        words = lazy("A word of this name mixes letters of two alphabets. Type it in the letters of your document.")
        raise Invalid({"name": words}, code="identity.mixed_scripts")


def intend(actor: Actor, method: str, name: str | None) -> IdentityCheck:
    """The row of a check that shall begin; one that is under way already is gone on with."""
    with transaction():
        require(actor, "identity.raise")
        account = load_locked(Account, id=actor.account_id)
        if not account.is_("active"):
            raise Impossible("identity.unconfirmed", lazy("Confirm your e-mail address first."))
        known = open_check(actor, account.id, method)
        if known is not None:
            check = load_locked(IdentityCheck, id=known.id)
            check.name = name  # typed anew, perhaps put right
            return check
        check = IdentityCheck(
            ref=ids.new_ref("IDC"), account_id=account.id, subject=account.subject, method=method
        )
        check.name = name
        door.created(actor, check, check=check.ref, method=method)
    return check


def start(actor: Actor, name: str) -> str:
    """The address of the provider's page on which the person shows document and face."""
    require_name(name)
    check = intend(actor, "provider", name)
    return _ask(lambda: _open(actor, check))


def _open(actor: Actor, check: IdentityCheck) -> str:
    if check.provider_id is None:
        url = f"{_base()}/account/identity/return"
        seen = provider().open_check(CheckOrder(f"identity-check-{check.id}", str(check.id), url))
        _opened(actor, check.id, seen.id)
    else:
        seen = provider().check_seen(check.provider_id)
    if not seen.url:
        apply(seen)
        raise Impossible("identity.over", lazy("This check is over. The page says how it ended."))
    return seen.url


def start_card(actor: Actor) -> str:
    """The address of the provider's page on which a card is set up with nothing charged."""
    check = intend(actor, "card", None)
    return _ask(lambda: _open_card(actor, check))


def _open_card(actor: Actor, check: IdentityCheck) -> str:
    """A page lives for a day: one that is past is let go of, and the next press begins anew."""
    currency = current_app.extensions["config"].platform_currency
    back = f"{_base()}/account/identity"
    order = CardOrder(f"card-check-{check.id}", str(check.id), currency, f"{back}/return", back)
    page = provider().open_card_page(order)
    _opened(actor, check.id, page.id)
    return page.url


def _opened(actor: Actor, check_id: UUID, provider_id: str) -> None:
    with transaction():
        check = load_locked(IdentityCheck, id=check_id)
        check.provider_id = provider_id
        if check.is_("intended"):
            door.transition(actor, check, "open", provider=provider_id)


def _ask(call: Callable[[], str]) -> str:
    if in_transaction():
        raise RuntimeError("the intent must be committed before the provider is asked")
    try:
        return call()
    except Unanswered as unanswered:
        raise Unavailable("identity.unavailable", _AWAY) from unanswered
    except Trouble as trouble:
        raise Impossible("identity.refused", _REFUSED, provider_code=trouble.code) from trouble


def _base() -> str:
    return str(current_app.extensions["config"].base_url)


# ---- what became of it


def came_back(actor: Actor) -> None:
    """The person returned from the provider's page: look how the check stands, rather than wait to be told."""
    with transaction():
        for method in ("provider", "card"):
            check = open_check(actor, _account_id(actor), method)
            if check is not None and check.provider_id is not None:
                outbox.put("identity.refetch", check_id=check.id)


def _account_id(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise NotFound("identity.nobody", lazy("There is no such thing here, or it is not yours."))
    return actor.account_id


def refetch(check_id: UUID) -> None:
    """Fetch a check as the provider has it, and apply it."""
    with transaction():
        check = load(IdentityCheck, id=check_id)
    if check.provider_id is None or not check.is_(*OPEN):
        return
    if check.method == "card":
        apply_card(provider().card_seen(check.provider_id))
    else:
        apply(provider().check_seen(check.provider_id))


def is_card_page(page_id: str) -> bool:
    """Whether a checkout page is one of ours for a card check, not for a bill."""
    return find(IdentityCheck, provider_id=page_id, method="card") is not None


def fetch_event(provider_id: str) -> Callable[[], None]:
    """For the inbox of webhooks: asks the provider now, answers with what is to be done in the transaction."""
    seen = provider().check_seen(provider_id)
    return lambda: apply(seen)


def fetch_card_event(page_id: str) -> Callable[[], None]:
    seen = provider().card_seen(page_id)
    return lambda: apply_card(seen)


def apply(seen: CheckSeen) -> None:
    """Bring our check to where the provider's is. Nothing happens twice."""
    with transaction():
        check = _ours(seen.id, seen.check_id)
        if check is None or not check.is_(*OPEN):
            return
        if seen.status == "verified":
            _judge(check, seen)
        elif seen.status == "requires_input":
            check.refusal = seen.refusal or "other"
            if check.can("trouble"):
                door.transition(SYSTEM, check, "trouble", refusal=check.refusal)
                letters.again(check)
        elif seen.status == "cancelled":
            end(SYSTEM, check, "refuse", refusal="abandoned")
        elif check.can("resume"):
            door.transition(SYSTEM, check, "resume")


def _ours(provider_id: str, check_id: str) -> IdentityCheck | None:
    """Locked. Found by the provider's id; a webhook may come before its id was written down, so by our own too."""
    known = find(IdentityCheck, provider_id=provider_id)
    if known is None and (key := _uuid(check_id)) is not None:
        known = find(IdentityCheck, id=key, provider_id=None)
    if known is None:
        return None
    check = load_locked(IdentityCheck, id=known.id)
    if check.provider_id is None:
        check.provider_id = provider_id
        door.transition(_owner(check), check, "open", provider=provider_id)
    return check


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _owner(check: IdentityCheck) -> Actor:
    return Actor(check.subject, check.account_id, None, frozenset({"shopper"}))


def _judge(check: IdentityCheck, seen: CheckSeen) -> None:
    """The provider says that document and face are real and one person's; that the name is the claimed one, we say."""
    check.name_matches = rules.names_match(check.name or "", seen.name)
    check.document_country, check.document_expires = seen.document_country, seen.document_expires
    fault = rules.document_fault(seen.document_expires, clock.today())
    refusal = fault or ("" if check.name_matches else "name")
    if refusal:
        end(SYSTEM, check, "refuse", refusal=refusal)
    else:
        end(SYSTEM, check, "verify")


def end(actor: Actor, check: IdentityCheck, move: str, *, refusal: str = "") -> None:
    """The outcome of a check: the claimed name goes, the images' last day is set, the tier rises where it passed."""
    check.refusal, check.name_sealed = refusal, None
    check.decided_at, check.decided_by = clock.now(), actor.account_id
    account = load_locked(Account, id=check.account_id)
    retention.set_days(check, account.country)
    facts = {"refusal": refusal or None, "name_matches": check.name_matches}
    door.transition(actor, check, move, check=check.ref, **facts)
    if move == "verify":
        _raise(actor, check, account)
    letters.ended(check, account)


def _raise(actor: Actor, check: IdentityCheck, account: Account) -> None:
    identity = tiers.identity_of(SYSTEM, account)
    identity.name_verified_at = clock.now()
    identity.document_country, identity.document_expires = check.document_country, check.document_expires
    if identity.can("verify"):
        door.transition(actor, identity, "verify", check=check.ref, by=check.method)


def apply_card(seen: CardSeen) -> None:
    """The outcome of a card page: that it is verified, when, its country and kind. Nothing else of the card."""
    with transaction():
        check = _ours(seen.id, seen.check_id)
        if check is None or not check.is_(*OPEN) or seen.status == "open":
            return
        check.decided_at = clock.now()
        if seen.status == "expired":
            check.refusal = "abandoned"
            door.transition(SYSTEM, check, "refuse", check=check.ref, refusal="abandoned")
            return
        door.transition(SYSTEM, check, "verify", check=check.ref)
        identity = tiers.identity_of(SYSTEM, load_locked(Account, id=check.account_id))
        identity.card_verified_at = clock.now()
        identity.card_country, identity.card_funding = seen.country, seen.funding
        door.record(SYSTEM, identity, "card_verified", funding=seen.funding, country=seen.country)


def cancel(actor: Actor, ref: str) -> None:
    """The person gives up a check. What the provider has begun is cancelled there by job."""
    with transaction():
        check = load_locked(IdentityCheck, ref=ref)
        door.transition(actor, check, "cancel", check=check.ref)
        check.name_sealed, check.decided_at = None, clock.now()
        retention.set_days(check, load(Account, id=check.account_id).country)
        if check.provider_id is not None and check.method == "provider":
            outbox.put("identity.cancel", check_id=check.id)


def cancel_there(check_id: UUID) -> None:
    """The job's half of cancel(). Rejected means that it is over there already."""
    with transaction():
        check = load(IdentityCheck, id=check_id)
    if check.provider_id is not None:
        try:
            provider().cancel_check(check.provider_id)
        except Rejected:
            return
