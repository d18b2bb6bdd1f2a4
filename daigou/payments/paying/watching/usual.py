"""What an account usually pays, for the pages that explain a decision."""

from __future__ import annotations

from uuid import UUID

from compliance.identity.models import Identity
from daigou.accounts.models import Account
from daigou.core.db import find, load
from daigou.risk.habits import keeping, scoring, thresholds
from daigou.risk.habits.rules import Habit

from .facts import BASIC


def of_account(account_id: UUID) -> tuple[Habit, int]:
    """The habit, and the euro cents up to which an amount is nothing to wonder at."""
    account, identity = load(Account, id=account_id), find(Identity, account_id=account_id)
    prior = thresholds.table().prior(identity.state if identity else BASIC, account.country)
    habit = keeping.of(account_id)
    return habit, scoring.usual_most(habit, prior)
