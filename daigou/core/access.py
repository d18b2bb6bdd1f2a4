"""Who may do what, as one page of data.

A permission lists its grants. ``role`` grants on anything; ``role:own`` only on things whose parties() name the actor
in that role. ``anyone`` includes people who are not signed in. What stands in no row is denied.

Who works for a merchant has the role ``merchant``, and beside it ``owner`` or what the owner allows of ``lister`` and
``seller``: money, bank and people are the owner's alone. Who must still set up a second factor is ``enrolling`` and
nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from .errors import Denied, NotFound
from .i18n import lazy

ROLES = ("shopper", "merchant", "owner", "lister", "seller", "inspector", "support", "officer", "admin", "enrolling")
# Those whose things are the merchant's: one id, whatever the role is called.
MERCHANT_ROLES = ("merchant", "owner", "lister", "seller")
RIGHTS = ("lister", "seller")
STAFF = frozenset({"inspector", "support", "officer", "admin"})


class Thing(Protocol):
    """What permissions are asked about.

    Parties() maps a role to the account or merchant ids that own the thing in it.
    """

    def parties(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, a job (role ``system``) or nobody yet. ``subject`` is what the audit log names."""

    subject: str
    account_id: UUID | None = None
    merchant_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    name: str = ""
    session_id: UUID | None = None  # the browser session it acts through, if it does

    @property
    def is_signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & STAFF)

    def owns(self, thing: Thing, role: str) -> bool:
        if role in MERCHANT_ROLES:
            parties = thing.parties()
            return self.merchant_id is not None and parties.get(role, parties.get("merchant")) == self.merchant_id
        return self.account_id is not None and thing.parties().get(role) == self.account_id


ANONYMOUS = Actor("anonymous")


def system(part: str) -> Actor:
    """The actor of a job: ``system:payments``."""
    return Actor(f"system:{part}", roles=frozenset({"system"}), name=part)


def _grants(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# fmt: off
PERMISSIONS: dict[str, tuple[str, ...]] = {name: _grants(grants) for name, grants in {
    # the shop window, and what is true for everybody
    "public.view":             "anyone",
    "session.open":            "anyone",
    "hook.deliver":            "anyone",           # authenticated by its signature
    "metrics.view":            "anyone",           # authenticated by its own token
    "sandbox.view":            "anyone",           # the routes exist beside the sandbox only
    # one's own account
    "account.use":             "shopper merchant inspector support officer admin",
    "account.step_up":         "shopper merchant inspector support officer admin enrolling",
    "account.confirm":         "shopper:own merchant:own inspector:own support:own officer:own admin:own system",
    "account.close":           "shopper:own admin system",
    "account.suspend":         "officer admin",
    "account.freeze":          "system officer",
    "factor.enrol":            "shopper merchant inspector support officer admin enrolling",
    "factor.reset":            "admin",
    "certificate.bind":        "inspector support officer admin",
    "staff.manage":            "admin",
    # qualification
    "application.start":       "shopper merchant",
    "application.edit":        "shopper:own owner:own system",
    "application.view":        "shopper:own owner:own officer",
    "application.review":      "officer",
    "document.view":           "shopper:own owner:own officer",
    "identity.raise":          "shopper",
    "identity.edit":           "shopper:own system",
    "identity.settle":         "system",
    "identity.review":         "officer",
    "identity.verify":         "officer system",
    "identity.advance":        "officer",
    "identity.lower":          "officer system",
    "merchant.suspend":        "officer",
    "merchant.activate":       "officer system",
    "merchant.change":         "owner",
    "suspension.appeal":       "owner:own",
    "test.view":               "officer",
    "test.plan":               "officer system",
    "test.record":             "officer",
    "interest.declare":        "inspector support officer admin",
    "dac7.propose":            "officer",
    "dac7.decide":             "officer admin",
    "dac7.fetch":              "officer",
    # who works for a merchant
    "member.manage":           "owner",
    "member.edit":             "owner:own",
    "member.join":             "shopper merchant",
    "member.answer":           "shopper:own",
    # listings and sourcing
    "listing.manage":          "owner lister",
    "listing.edit":            "owner:own lister:own",
    "listing.pause":           "owner:own lister:own officer system",
    "listing.resume":          "system",
    "listing.check":           "system",
    "risk.view":               "officer",
    "risk.decide":             "officer",
    "habit.view":              "officer",
    "habit.propose":           "officer",
    "habit.decide":            "officer",
    "suspicion.report":        "officer",
    "suspicion.agree":         "officer",
    "payment.watch":           "system",
    "payment.contest":         "shopper:own",
    "import.view":             "owner:own lister:own",
    "import.work":             "system",
    "sourcing.ask":            "shopper",
    "sourcing.view":           "shopper:own merchant",
    "sourcing.quote":          "owner lister",
    "sourcing.withdraw":       "shopper:own system",
    # the order
    "cart.use":                "anyone",
    "quote.view":              "shopper:own",
    "quote.accept":            "shopper:own",
    "quote.expire":            "system",
    "order.place":             "shopper",
    "order.view":              "shopper:own merchant:own inspector support officer",
    "order.view_money":        "shopper:own support officer",
    "order.cancel":            "shopper:own support system",
    "item.pay":                "system",
    "item.purchase":           "owner:own seller:own",
    "item.reprice":            "owner:own seller:own officer",
    "item.decline":            "shopper:own system",
    "item.receive":            "inspector",
    "item.inspect":            "inspector",
    "item.accept":             "shopper:own system",
    "item.ship":               "inspector system",
    "item.deliver":            "system",
    "item.complete":           "shopper:own system",
    "merchant.work":           "merchant",
    "warehouse.work":          "inspector",
    # money
    "bill.pay":                "shopper:own",
    "bill.pay_by_link":        "anyone",           # authenticated by its signed link, which pays and shows no more
    "bill.settle":             "system",
    "bill.expire":             "system shopper:own",
    "refund.request":          "shopper:own support officer system",
    "refund.retry":            "officer system",
    "refund.settle":           "system",
    "refund.name_bank":        "shopper:own",
    "refund.propose_bank":     "officer",
    "refund.approve_bank":     "officer",
    "dispute.view":            "officer",
    "dispute.answer":          "officer system",
    "dispute.settle":          "system",
    "difference.settle":       "officer",
    "difference.clear":        "system",
    "ledger.correct":          "officer",
    "parcel.settle":           "officer",
    "work.resume":             "officer admin",
    "release.decide":          "system officer",
    "release.settle":          "system",
    "payout.onboard":          "owner",
    "bank.enter":              "owner:own",
    "payout.file":             "officer",
    "payout.approve":          "officer",
    "bank.import":             "officer",
    "deposit.return":          "officer",
    "deposit.ask":             "owner:own",
    "fee.view":                "officer admin",
    "fee.propose":             "officer",
    "fee.decide":              "officer admin",
    "invoice.view":            "shopper:own owner:own officer",
    "books.view":              "officer admin",
    "exposure.view":           "officer admin",
    "rate.view":               "officer admin",
    "rate.enter":              "officer",
    # parcels
    "parcel.build":            "shopper",
    "parcel.edit":             "shopper:own",
    "parcel.view":             "shopper:own inspector support officer",
    "parcel.cancel":           "shopper:own support system",
    "parcel.pack":             "inspector",
    "parcel.bill":             "system shopper:own",
    "parcel.ship":             "inspector system",
    "parcel.track":            "system",
    "parcel.confirm":          "shopper:own system",
    "address.keep":            "shopper",
    "address.view":            "shopper:own",
    # after-sales
    "return.open":             "shopper:own",
    "return.view":             "shopper:own support officer",
    "return.withdraw":         "shopper:own",
    "return.decide":           "support officer system",
    "return.receive":          "inspector",
    "return.settle":           "system",
    "support.work":            "support officer",
    "announcement.post":       "officer",
    # what people say of shops
    "review.write":            "shopper:own",
    "review.read":             "merchant",
    "review.answer":           "owner:own seller:own lister:own",
    "review.hold":             "system",
    # what people write to each other
    "conversation.open":       "shopper:own merchant:own",
    "conversation.use":        "shopper merchant support officer",
    "conversation.view":       "shopper:own merchant:own support officer",
    "conversation.write":      "shopper:own merchant:own support officer",
    "conversation.close":      "shopper:own support officer",
    "conversation.inspect":    "officer",
    # screening
    "screening.view":          "officer",
    "screening.decide":        "officer",
    "screening.settle":        "officer system",
    "screening.hold":          "system",
    "screening.import":        "system",
    # evidence
    "passport.view":           "anyone",
    "officer.work":            "officer",
    "audit.view":              "officer",
    "audit.export":            "officer",
    "export.build":            "system",
    "export.fetch":            "officer",
    "person.reveal":           "officer",
    "pack.ask":                "officer",
    "pack.build":              "system",
    "pack.fetch":              "officer",
    "consent.give":            "shopper merchant inspector support officer admin",
    "privacy.view":            "officer admin",
    "privacy.keep":            "officer",
    "privacy.ask":             "shopper:own merchant:own inspector:own support:own officer:own admin:own system",
    "privacy.work":            "system",
    "privacy.answer":          "officer system",
    "oversight.view":          "officer admin",
    "oversight.keep":          "officer",
    # guarantees
    "cover.buy":               "shopper:own",
    "cover.view":              "shopper:own support officer",
    "cover.cancel":            "shopper:own support",
    "cover.settle":            "system",
    "warranty.report":         "shopper:own",
    "warranty.view":           "shopper:own support officer",
    "warranty.assign":         "support officer system",
    "warranty.handle":         "support officer",
    "warranty.rule":           "officer",
    "warranty.sweep":          "system",
    "warranty.partner":        "officer",
    # what takes two people; each kind of proposal names a permission of its own besides
    "proposal.view":           "officer admin",
    "proposal.decide":         "officer admin",
    "proposal.withdraw":       "officer:own admin:own",
    "proposal.expire":         "system",
}.items()}
# fmt: on


def can(actor: Actor, permission: str, thing: Thing | None = None) -> bool:
    """Whether the table grants it.

    Without a thing, an ``own`` grant answers for the role alone (the view's first gate).
    """
    for grant in PERMISSIONS[permission]:
        role, _, relation = grant.partition(":")
        if role == "anyone":
            return True
        if role not in actor.roles:
            continue
        if not relation or thing is None or actor.owns(thing, role):
            return True
    return False


def require(actor: Actor, permission: str, thing: Thing | None = None) -> None:
    """Denied when the role lacks it; NotFound when the thing is another's, so that references can't be probed."""
    if can(actor, permission, thing):
        return
    if thing is not None and can(actor, permission):
        raise foreign(actor, permission, thing)
    raise Denied("access.denied", lazy("Your account may not do this."), **_facts(actor, permission, thing))


def foreign(actor: Actor, permission: str, thing: Thing) -> NotFound:
    """For a thing that is not this actor's: nothing is told of it, but the attempt is logged."""
    words = lazy("There is no such thing here, or it is not yours.")
    refusal = NotFound("access.foreign", words, **_facts(actor, permission, thing))
    refusal.audited = True
    return refusal


def _facts(actor: Actor, permission: str, thing: Thing | None) -> dict[str, object]:
    facts = {"actor": actor.subject, "permission": permission, "thing": getattr(thing, "stream", None)}
    return {**facts, "facets": getattr(thing, "facets", dict)()}
