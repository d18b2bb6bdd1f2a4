"""Signing in through others (OpenID Connect): linked by those who proved the account is theirs, never by an address.

An address that a provider calls verified opens no account that is there already: its owner signs in first, and links
then. A new account still confirms its address by our own mail.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from compliance.audit import door
from daigou.accounts import codes, directory, identity, letters, tokens
from daigou.accounts.factors import service as factors
from daigou.accounts.joining import open_account
from daigou.accounts.models import Account
from daigou.accounts.sessions import service as sessions
from daigou.core.access import Actor, require
from daigou.core.crypto import blind_index, blind_indexes
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Denied, Impossible, NotFound
from daigou.core.i18n import lazy
from daigou.providers.openid import Claims, OpenId

from .models import INDEX, ExternalIdentity


def _found(provider: OpenId, claims: Claims) -> ExternalIdentity | None:
    indexes = blind_indexes(INDEX, f"{provider.issuer}|{claims.subject}")
    statement = select(ExternalIdentity).where(ExternalIdentity.external_index.in_(indexes))
    return db.session.execute(statement).scalars().first()


def owner(provider: OpenId, claims: Claims) -> Account | None:
    """Who signs in with this identity, if it is linked."""
    row = _found(provider, claims)
    account = db.session.get_one(Account, row.account_id) if row else None
    if account is not None and account.state not in identity.SIGNED_IN:
        raise Denied("sign_in.closed", lazy("This account can’t be used now. Look into your mails, or ask us."))
    return account


def linked(account: Account) -> list[str]:
    """Names of the providers that the account is linked to."""
    statement = select(ExternalIdentity.provider).where(ExternalIdentity.account_id == account.id)
    return list(db.session.execute(statement.order_by(ExternalIdentity.provider)).scalars())


def link(actor: Actor, provider: OpenId, claims: Claims) -> None:
    """Let this identity open the actor's account. The page has asked for a fresh proof of who acts.

    Impossible when the identity belongs to another account, for staff, and for a second one of the same provider.
    """
    require(actor, "account.use")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        if account.is_staff:
            raise Impossible("external.staff", lazy("Staff sign in with their password and a second factor."))
        if provider.name in linked(account) or _found(provider, claims):
            raise Impossible("external.taken", lazy("This is linked already, here or to another account."))
        _add(account, provider, claims)
        sessions.end_others(account, keep=actor.session_id)
        door.record(actor, account, "identity_linked", provider=provider.name)
        letters.factor_added(account, "external")


def unlink(actor: Actor, name: str) -> None:
    """Impossible when it is the only way in."""
    require(actor, "account.use")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        if name not in linked(account):
            raise NotFound("external.gone", lazy("This is not linked any more."))
        if account.password_hash is None and len(linked(account)) == 1 and not factors.ways(account).passkeys:
            words = lazy("This is the only way into your account. Choose a password by mail first, then unlink it.")
            raise Impossible("external.last", words)
        found = delete(ExternalIdentity).where(ExternalIdentity.account_id == account.id)
        db.session.execute(found.where(ExternalIdentity.provider == name))
        sessions.end_others(account, keep=actor.session_id)
        door.record(actor, account, "identity_unlinked", provider=name)
        letters.factor_removed(account, "external")


def join(provider: OpenId, claims: Claims, country: str, currency: str, locale: str) -> Account | None:
    """A new account for somebody nobody knows; None when the address has one, whose owner must sign in first.

    Impossible when the provider has not verified an address. Our own mail confirms it all the same.
    """
    if not claims.email:
        words = "%(provider)s has not confirmed an e-mail address of yours. Sign up with your address instead."
        raise Impossible("external.no_address", lazy(words, provider=provider.label))
    with transaction():
        directory.lock_email(claims.email)
        if directory.by_email(claims.email) is not None:
            return None
        account = open_account(claims.email, ["shopper"], country, currency, locale)
        account.name = claims.name or claims.email.partition("@")[0]
        door.created(directory.itself(account), account, country=country, provider=provider.name)
        db.session.flush()
        _add(account, provider, claims)
        letters.confirm(account, tokens.issue(account, "confirm"), codes.issue(account, "confirm"))
    return account


def _add(account: Account, provider: OpenId, claims: Claims) -> None:
    row = ExternalIdentity(account_id=account.id, subject=account.subject, provider=provider.name)
    row.external = f"{provider.issuer}|{claims.subject}"
    row.external_index = blind_index(INDEX, row.external)
    db.session.add(row)
    db.session.flush()
