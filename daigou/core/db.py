"""The database: one session a request, one transaction a use case.

``transaction()`` is the only place that commits. A service opens it, and a service called by a service joins it, so
that what belongs together lands together. Callbacks for after the commit (waking a queue, sending nothing themselves)
run only when it landed.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from psycopg import Connection
from sqlalchemy import (
    BigInteger,
    DateTime,
    Engine,
    Executable,
    MetaData,
    Row,
    Select,
    UpdateBase,
    Uuid,
    bindparam,
    event,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

from . import clock, faults, ids
from .errors import Invalid, NotFound, Refusal
from .i18n import lazy

log = logging.getLogger(__name__)

# Given to every connection: a server that neither answers nor refuses must not hold a page or a worker for ever.
CONNECTING: dict[str, Any] = {"connect_timeout": 5, "tcp_user_timeout": 30_000, "keepalives_idle": 30}

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: DateTime(timezone=True), int: BigInteger, UUID: Uuid},
    )


db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False, "autoflush": True, "join_transaction_mode": "create_savepoint"},
)


class Model(db.Model):  # type: ignore[name-defined, misc]
    """A row with a key of its own, known from the moment the object exists."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=clock.now)


@event.listens_for(Model, "init", propagate=True)
def _give_key(target: Any, args: Any, kwargs: dict[str, Any]) -> None:
    kwargs.setdefault("id", ids.new_id())
    kwargs.setdefault("created_at", clock.now())


_refusal_listeners: list[Callable[[Refusal], None]] = []


def on_refusal(listener: Callable[[Refusal], None]) -> None:
    """Have audited refusals told to ``listener`` after the roll-back, in a transaction of its own (see app.py)."""
    if listener not in _refusal_listeners:
        _refusal_listeners.append(listener)


@contextmanager
def transaction() -> Iterator[Session]:
    """One use case. Commits at the end, rolls back on any exception; nested calls join the outermost."""
    session = db.session()
    if session.info.get("in_transaction"):
        yield session
        return
    session.info["in_transaction"] = True
    session.info["after_commit"] = []
    session.info["after_rollback"] = []
    session.info["last_rows"] = {}
    try:
        try:
            yield session
            _write_last(session)
            faults.committing()
            session.commit()
            faults.committed()
        except BaseException:
            session.rollback()
            for undo in session.info["after_rollback"]:
                _try(undo)
            raise
        finally:
            faults.over()
            session.info["in_transaction"] = False
            callbacks = session.info.pop("after_commit", [])
            session.info.pop("after_rollback", None)
            session.info.pop("last_rows", None)
    except Refusal as refusal:
        tell(refusal)
        raise
    for callback in callbacks:
        callback()


def _try(undo: Callable[[], None]) -> None:
    """What can't be undone now must hide neither the failure itself nor the other undoings."""
    try:
        undo()
    except Exception:
        log.exception("not undone after a roll-back")


def tell(refusal: Refusal) -> None:
    """Have an audited refusal recorded, once; for those that were raised outside a transaction (a view's gate)."""
    if refusal.audited and not refusal.facts.get("told"):
        refusal.facts["told"] = True
        for listener in _refusal_listeners:
            listener(refusal)


def in_transaction() -> bool:
    return bool(db.session().info.get("in_transaction"))


def write_last(statement: str, row: dict[str, Any]) -> None:
    """Have a row written right before the commit, in one round trip with all others that are.

    For what nobody reads back in the transaction that writes it (audit entries, outbox rows). It goes past the session:
    ``statement`` (see as_sent) is sent to the driver as it stands.
    """
    db.session().info["last_rows"].setdefault(statement, []).append(row)


def _write_last(session: Session) -> None:
    """A pipeline of the driver's: it waits for the answers once, at the end, and raises there what any of them says."""
    if not session.info["last_rows"]:
        return
    connection = session.connection()
    driver = connection.connection.driver_connection
    assert isinstance(driver, Connection)
    with driver.pipeline():
        for statement, rows in session.info["last_rows"].items():
            connection.exec_driver_sql(statement, rows)


def as_sent(statement: UpdateBase, *names: str) -> str:
    """A statement as the driver takes it, compiled once, for write_last(). ``names``: of an INSERT's columns, these."""
    return str(statement.compile(dialect=dialect(), column_keys=names or None))  # type: ignore[no-untyped-call]


def after_commit(callback: Callable[[], None], once: str | None = None) -> None:
    """Run ``callback`` when this transaction has landed. With ``once``, only the first of that name is kept."""
    callbacks: list[Any] = db.session().info["after_commit"]
    if once is not None:
        if any(getattr(c, "once", None) == once for c in callbacks):
            return
        callback.once = once  # type: ignore[attr-defined]
    callbacks.append(callback)


def after_rollback(callback: Callable[[], None]) -> None:
    """Run ``callback`` when this transaction fails: to undo what it did outside the database (a file it wrote)."""
    db.session().info["after_rollback"].append(callback)


M = TypeVar("M", bound=Any)


def find(model: type[M], **by: object) -> M | None:
    """The one row with these values, or None."""
    row: M | None = _one(model, by, locked=False)
    return row


def load(model: type[M], **by: object) -> M:
    """The one row with these values, or NotFound."""
    row = find(model, **by)
    if row is None:
        raise NotFound(f"{model.__tablename__}.not_found", lazy("There is no such thing here, or it is not yours."))
    return row


def load_locked(model: type[M], **by: object) -> M:
    """Like load(), read afresh and locked until the transaction ends. Every move begins so."""
    row: M | None = _one(model, by, locked=True)
    if row is None:
        raise NotFound(f"{model.__tablename__}.not_found", lazy("There is no such thing here, or it is not yours."))
    return row


def _one(model: Any, by: dict[str, object], locked: bool) -> Any:
    values = {name: value for name, value in by.items() if value is not None}
    return db.session.execute(_by(model, tuple(by), tuple(values), locked), values).scalar_one_or_none()


@cache
def _by(model: Any, names: tuple[str, ...], given: tuple[str, ...], locked: bool) -> Select[Any]:
    """Built once for each model and set of columns: every use case begins with such a statement."""
    conditions = (getattr(model, name) == (bindparam(name) if name in given else None) for name in names)
    statement = select(model).where(*conditions)
    return statement.with_for_update(of=model).execution_options(populate_existing=True) if locked else statement


def look(statement: Executable, values: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
    """Rows of a page that changes nothing, where no transaction has begun yet: the statement goes by itself, without
    the two journeys to the database for BEGIN and ROLLBACK. Within a transaction it is a statement like any other."""
    if _is_alone():
        return _by_itself(statement, values)
    return db.session.execute(statement, values).all()


def land(statement: Executable, values: Mapping[str, object] | None = None) -> Sequence[Row[Any]]:
    """One statement that is a use case by itself: when its rows are answered it has landed. BEGIN and COMMIT, two of
    three journeys to the database, are spared. Within a transaction it lands with that."""
    if _is_alone():
        return _by_itself(statement, values)
    with transaction() as session:
        return session.execute(statement, values).all()


def _is_alone() -> bool:
    return isinstance(db.engine, Engine) and not in_transaction() and not db.session().in_transaction()


def _by_itself(statement: Executable, values: Mapping[str, object] | None) -> Sequence[Row[Any]]:
    with db.engine.connect() as connection:
        return connection.execution_options(isolation_level="AUTOCOMMIT").execute(statement, values).all()


def advisory_lock(name: str) -> None:
    """Held until the transaction ends; two holders of one name wait for each other."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


@dataclass(frozen=True, slots=True)
class Page:
    """One keyset page; ``next`` is the cursor of the page after it, or None."""

    rows: Sequence[Any]
    next: str | None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


def keyset(statement: Select[Any], *columns: Any, cursor: str | None, size: int = 24, descending: bool = True) -> Page:
    """The page of ``statement`` after ``cursor``, ordered by ``columns`` (all in one direction, the last one unique).

    Costs the same at any depth, unlike OFFSET. Rows must be entities that carry the columns as attributes.
    """
    ordered = after(statement, *columns, cursor=cursor, descending=descending)
    rows = list(db.session.execute(ordered.limit(size + 1)).scalars())
    more = len(rows) > size
    rows = rows[:size]
    return Page(rows, cursor_at(rows[-1], *columns) if more else None)


def after(statement: Select[Any], *columns: Any, cursor: str | None, descending: bool = True) -> Select[Any]:
    """``statement`` in the order of ``columns``, from behind ``cursor`` on; Invalid for a cursor that is none."""
    if cursor:
        values = tuple_(*_decode_cursor(cursor, columns))
        place = tuple_(*columns)
        statement = statement.where(place < values if descending else place > values)
    return statement.order_by(*(c.desc() if descending else c.asc() for c in columns))


def cursor_at(row: Any, *columns: Any) -> str:
    """The cursor of the place behind this row."""
    return _encode_cursor([getattr(row, c.key) for c in columns])


def _encode_cursor(values: Sequence[Any]) -> str:
    plain = [v.isoformat() if isinstance(v, datetime) else v if isinstance(v, int) else str(v) for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode_cursor(cursor: str, columns: Sequence[Any]) -> list[Any]:
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(plain) != len(columns):
            raise ValueError("wrong length")
        return [_typed(v, c.type.python_type) for v, c in zip(plain, columns, strict=True)]
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid({"cursor": lazy("This page link is not valid any more. Start from the first page.")}) from error


def _typed(value: Any, kind: Any) -> Any:
    return kind.fromisoformat(value) if issubclass(kind, date) else kind(value)
