"""What payments turned out to be: the examples that a model learns from (S78).

Wrong: a person refused it, or a bank's case of fraud was lost or accepted. Right: a person cleared it, or it went
through and no bank said anything for as long as people may still claim. What is undecided teaches nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.risk.habits.scoring import VERSION
from daigou.risk.learning import service as learning
from daigou.risk.learning.models import LearnedModel
from daigou.risk.learning.rules import Example

WINDOW: Final = timedelta(days=730)
RIPE: Final = timedelta(days=120)
"""Card schemes let holders claim within 120 days of a payment (Visa rules 11.1, reason 10.4)."""
MOST: Final = 5_000
"""Of each kind, the newest: a night's learning stays within seconds."""

_EXAMPLES = text("""
    (SELECT p.created_at AS at, p.signs, true AS wrong
     FROM disputes d JOIN payment_attempts p ON p.id = d.attempt_id
     WHERE d.reason = 'fraudulent' AND d.state IN ('lost', 'accepted') AND p.created_at > :since
     ORDER BY p.created_at DESC LIMIT :most)
    UNION ALL
    (SELECT c.created_at, c.signs, c.state = 'refused' FROM payment_checks c
     WHERE c.state IN ('refused', 'cleared') AND c.version = :version AND c.created_at > :since
       AND NOT EXISTS (SELECT FROM payment_attempts p JOIN disputes d ON d.attempt_id = p.id
                       WHERE p.bill_id = c.bill_id)
     ORDER BY c.created_at DESC LIMIT :most)
    UNION ALL
    (SELECT p.created_at, p.signs, false FROM payment_attempts p
     WHERE p.state = 'succeeded' AND p.source = 'provider' AND p.created_at BETWEEN :since AND :ripe
       AND p.disputed_at IS NULL
       AND NOT EXISTS (SELECT FROM disputes d WHERE d.attempt_id = p.id)
       AND NOT EXISTS (SELECT FROM payment_checks c WHERE c.bill_id = p.bill_id)
     ORDER BY p.created_at DESC LIMIT :most)""")


def examples() -> list[Example]:
    """Every decided payment of two years, at most 5,000 of each kind. One statement."""
    now = clock.now()
    values = {"since": now - WINDOW, "ripe": now - RIPE, "most": MOST, "version": VERSION}
    rows = db.session.execute(_EXAMPLES, values)
    return [learning.example(row.at, row.signs, row.wrong) for row in rows]


def learn() -> LearnedModel | None:
    """The weekly job. Nothing where the examples are too few or were learned from before."""
    with transaction():
        return learning.train(examples())
