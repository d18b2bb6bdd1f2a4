"""Rewrites migration 0001 from the models.

Only until the first release: afterwards every change is a migration of its own.
"""

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from daigou.embedded.stack import Stack
from daigou.migrate import ROOT, settings


def main(url: str) -> None:
    """``url`` is of an empty scratch database."""
    if not Path(__file__).is_relative_to(ROOT.parent):
        raise SystemExit(f"This would rewrite the tables of another checkout, {ROOT}. Set PYTHONPATH to this one.")
    versions = ROOT / "migrations/versions"
    kept = versions / "0002_guards.py"
    aside = kept.rename(kept.with_suffix(".aside"))
    for old in versions.glob("0001_*.py"):
        old.unlink()
    try:
        engine = create_engine(url)
        with engine.connect() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            connection.commit()
            alembic = settings()
            alembic.attributes["connection"] = connection
            command.revision(alembic, "The first release's tables", autogenerate=True, rev_id="0001")
        engine.dispose()
    finally:
        aside.rename(kept)
    made = next(versions.glob("0001_*.py"))
    made.rename(versions / "0001_tables.py")
    print(Path(versions / "0001_tables.py"))


if __name__ == "__main__":
    with Stack() as stack:
        main(stack.url("daigou"))
