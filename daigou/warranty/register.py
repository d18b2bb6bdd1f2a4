"""Guarantees in figures, for officers: what is in force, what waits, and what stands in the books for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from daigou.core.access import Actor, require
from daigou.core.db import db
from daigou.core.money import Money
from daigou.ledger.models import Account, Balance

from . import rules
from .models import Cover, WarrantyClaim

KINDS = ("warranty_provision", "warranty_premium", "warranty_income", "warranty_cost", "repair_payable")
_COSTS = ("warranty_cost",)


@dataclass(frozen=True, slots=True)
class Register:
    """Counts by kind and by state, and the sums of the accounts of guarantees by kind and currency."""

    in_force: dict[str, int]
    claims: dict[str, int]
    books: dict[str, list[Money]]


def register(actor: Actor) -> Register:
    """Three queries, each by an index."""
    require(actor, "warranty.partner")
    covers = select(Cover.kind, func.count()).where(Cover.state.in_(rules.LIVE)).group_by(Cover.kind)
    claims = select(WarrantyClaim.state, func.count()).group_by(WarrantyClaim.state)
    return Register(_counted(covers), _counted(claims), _books())


def _counted(statement: object) -> dict[str, int]:
    return {str(name): int(count) for name, count in db.session.execute(statement)}  # type: ignore[call-overload]


def _books() -> dict[str, list[Money]]:
    statement = (
        select(Account.kind, Account.currency, func.sum(Balance.balance))
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.kind.in_(KINDS))
        .group_by(Account.kind, Account.currency)
        .order_by(Account.kind, Account.currency)
    )
    found: dict[str, list[Money]] = {kind: [] for kind in KINDS}
    for kind, currency, signed in db.session.execute(statement):
        amount = Money(int(signed) if kind in _COSTS else -int(signed), currency)
        if amount:
            found[kind].append(amount)
    return found
