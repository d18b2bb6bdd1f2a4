"""Brings a database to this version: tables, guards, grants and dated reference rows. Runs under the owner's role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as Alembic
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

import daigou
from daigou import reference, schema
from daigou.core.config import Config
from daigou.core.keystore import SCHEMA as KEYSTORE_SCHEMA

ROOT = Path(daigou.__file__).parent

# Rooms that ship dated rows: rates of fees, duties, carriers, rails. Rows are added, never changed: a new law is a
# new row.
REFERENCE = (
    "daigou.pricing",
    "daigou.methods",
    "daigou.risk.habits",
    "daigou.payments",
    "daigou.invoicing",
    "daigou.shipping",
    "daigou.warehouse",
    "daigou.casework.suspicions",
    "daigou.warranty",
    "compliance.customs",
    "compliance.screening",
    "compliance.privacy",
    "compliance.identity",
    "compliance.qualification",
)


def upgrade(config: Config) -> None:
    """To the newest version; does nothing when it is there. Safe to run on several machines at once."""
    engine = create_engine(config.owner_url or config.database_url)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(4713)"))
        try:
            migrate(engine)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(4713)"))
    engine.dispose()
    keys = create_engine(config.keystore_url)
    with keys.begin() as connection:
        connection.execute(text(KEYSTORE_SCHEMA))
    keys.dispose()


def migrate(engine: Engine) -> None:
    """Alembic's head, then grants and reference rows."""
    with engine.connect() as connection:
        alembic = settings()
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "head")
        connection.commit()
        connection.execute(text((ROOT / "migrations/sql/grants.sql").read_text()))
        connection.commit()
    load_reference(engine)


def settings() -> Alembic:
    alembic = Alembic()
    alembic.set_main_option("script_location", str(ROOT / "migrations"))
    return alembic


def load_reference(engine: Engine) -> None:
    """Adds the rows of each room's reference.json that are not there yet, by their key columns."""
    by_table = {m.class_.__tablename__: m.class_ for m in schema.Base.registry.mappers}
    with Session(engine) as session, session.begin():
        for room in REFERENCE:
            for table in reference.tables(room):
                _load_table(session, by_table[table["table"]], table["key"], table["rows"])


def _load_table(session: Session, model: Any, key: list[str], rows: list[dict[str, Any]]) -> None:
    columns = [getattr(model, name) for name in key]
    known = {tuple(str(v) for v in row) for row in session.execute(select(*columns))}
    for row in rows:
        typed = {name: _typed(model, name, value) for name, value in row.items()}
        if tuple(str(typed.get(name)) for name in key) not in known:
            session.add(model(**typed))


def _typed(model: Any, name: str, value: Any) -> Any:
    kind = getattr(model, name).type.python_type
    if value is None or isinstance(value, kind) or kind in (list, dict):
        return value
    return kind.fromisoformat(value) if hasattr(kind, "fromisoformat") else kind(value)
