"""Triggers that keep the books and the states: see migrations/sql."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    for name in ("ledger.sql", "states.sql"):
        op.execute((SQL / name).read_text())


def downgrade() -> None:
    op.execute("DROP FUNCTION IF EXISTS ledger_post, refuse_change, state_through_the_door CASCADE")
