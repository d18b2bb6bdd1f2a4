"""What officers do: judge photos, propose and decide the advanced tier, note outside credit look-ups, lower a tier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, find, keyset, load, load_locked, transaction
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.documents import service as documents
from daigou.documents.models import StoredFile

from . import checking, letters, rules, tiers
from .models import Identity, IdentityCheck


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the officer read off the document. ``name_matches``: it is the claimed name."""

    country: str
    expires: date
    name_matches: bool


def queue(actor: Actor, cursor: str | None) -> Page:
    """Photos that wait for an officer, the oldest first."""
    require(actor, "identity.review")
    statement = select(IdentityCheck).where(IdentityCheck.state == "in_review")
    return keyset(statement, IdentityCheck.created_at, IdentityCheck.id, cursor=cursor, descending=False)


def asked(actor: Actor) -> list[Identity]:
    """Who asks for the advanced tier, the oldest first."""
    require(actor, "identity.review")
    statement = select(Identity).where(Identity.advanced_asked_at.is_not(None))
    return list(db.session.execute(statement.order_by(Identity.advanced_asked_at, Identity.id).limit(50)).scalars())


def find_check(actor: Actor, ref: str) -> IdentityCheck:
    require(actor, "identity.review")
    return load(IdentityCheck, ref=ref)


def images(check: IdentityCheck) -> list[StoredFile]:
    """The photos that still exist."""
    statement = select(StoredFile).where(
        StoredFile.about == check.stream, StoredFile.kind.in_(rules.IMAGES), StoredFile.deleted_at.is_(None)
    )
    return list(db.session.execute(statement.order_by(StoredFile.id)).scalars())


def view_image(actor: Actor, ref: str, file_ref: str) -> StoredFile:
    """One photo of a check, for its preview; the viewing is logged."""
    check = find_check(actor, ref)
    file = load(StoredFile, ref=file_ref, about=check.stream)
    return documents.view(actor, file.ref)


def accept(actor: Actor, ref: str, facts: DocumentFacts) -> None:
    """The person is who they say. Invalid where the document has ended or shows another name."""
    faults: dict[str, object] = {}
    if rules.document_fault(facts.expires, clock.today()):
        faults["expires"] = lazy("This document has expired. Refuse the photos and ask for a valid one.")
    if not facts.name_matches:
        faults["name_matches"] = lazy("Accept only when the document shows the claimed name. Else refuse.")
    if faults:
        raise Invalid(faults, code="identity.document")
    with transaction():
        check = _locked(actor, ref)
        check.name_matches = True
        check.document_country, check.document_expires = facts.country, facts.expires
        checking.end(actor, check, "verify")


def refuse(actor: Actor, ref: str, reason: str) -> None:
    """With words for the person, who may try again."""
    with transaction():
        check = _locked(actor, ref)
        check.reason = reason
        checking.end(actor, check, "refuse", refusal="officer")


def _locked(actor: Actor, ref: str) -> IdentityCheck:
    require(actor, "identity.review")
    check = load_locked(IdentityCheck, ref=ref)
    if check.account_id == actor.account_id:
        raise Denied("identity.own", lazy("This is your own check. Another officer must decide."), actor=actor.subject)
    return check


# ---- the advanced tier


def ask_for_advanced(actor: Actor) -> None:
    """A person's wish. Impossible before name and card are verified: the page says so too."""
    with transaction():
        require(actor, "identity.raise")
        identity = tiers.identity_of(actor, load_locked(Account, id=actor.account_id))
        if not identity.is_("verified") or identity.card_verified_at is None:
            raise Impossible("identity.not_ready", lazy("Confirm your name and a bank card first."))
        if identity.advanced_asked_at is None:
            identity.advanced_asked_at = clock.now()
            door.record(actor, identity, "advanced_asked")


def lower(actor: Actor, subject: str, reason: str) -> None:
    """Back to basic, with a reason: the document ended, or something was found to be false."""
    with transaction():
        identity = load_locked(Identity, subject=subject)
        door.transition(actor, identity, "lower", reason=reason)
        identity.advanced_asked_at = None
        identity.name_verified_at = None
        if identity.account_id is not None:
            letters.lowered(identity, reason)


def of_subject(actor: Actor, subject: str) -> Identity:
    require(actor, "identity.review")
    return load(Identity, subject=subject)


def of_account(account_id: object) -> Identity | None:
    return find(Identity, account_id=account_id)
