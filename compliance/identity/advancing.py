"""The advanced tier: one officer proposes it with what is known, another decides."""

from __future__ import annotations

from typing import Any

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.core.access import Actor
from daigou.core.db import find, load_locked, transaction
from daigou.core.errors import Denied, Impossible
from daigou.core.i18n import lazy

from . import credit, letters
from .models import Identity, Standing

KIND = "identity.advanced"


def propose(actor: Actor, subject: str, reason: str) -> Proposal:
    """Put somebody's rise before a second officer. Impossible from any other tier than verified, or twice at once."""
    with transaction():
        identity = load_locked(Identity, subject=subject)
        _require_other(actor, identity)
        if not identity.is_("verified"):
            raise Impossible("identity.not_verified", lazy("Only a verified identity can rise to the advanced tier."))
        if proposals.open_about(KIND, identity.stream) is not None:
            raise Impossible("identity.proposed", lazy("This is before a second officer already."))
        facts = {"subject": subject}
        return proposals.propose(
            actor, KIND, about=identity.stream, summary=summary(identity), reason=reason, payload=facts
        )


def summary(identity: Identity) -> str:
    """What a decider should know, in plain figures and without a name."""
    parts = [f"{identity.subject} ({identity.audience})", f"name verified {_day(identity.name_verified_at)}"]
    if identity.document_country:
        parts.append(f"document of {identity.document_country}, valid until {identity.document_expires}")
    if identity.account_id is not None:
        standing, looked = find(Standing, account_id=identity.account_id), credit.in_force(identity.account_id)
        parts.append(f"card verified {_day(identity.card_verified_at)}")
        parts.append(f"rating {standing.score if standing else 'none yet'}")
        parts.append(f"credit look-up {looked.result} of {looked.looked_on}" if looked else "no credit look-up")
    return "; ".join(parts)


def _day(moment: Any) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "never"


def _apply(actor: Actor, proposal: Proposal) -> None:
    identity = load_locked(Identity, subject=proposal.payload["subject"])
    _require_other(actor, identity)
    identity.advanced_asked_at = None
    door.transition(actor, identity, "advance", proposal=proposal.ref)
    if identity.account_id is not None:
        letters.advanced(identity)


def _require_other(actor: Actor, identity: Identity) -> None:
    if identity.account_id is not None and identity.account_id == actor.account_id:
        raise Denied("identity.own", lazy("This is your own tier. Other officers must decide."), actor=actor.subject)


proposals.register(
    proposals.Kind(
        KIND, propose="identity.advance", decide="identity.advance", title=lazy("Advanced tier"), apply=_apply
    )
)
