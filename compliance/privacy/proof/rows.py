"""The tables that the database has, searched column by column; and what people are found by."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, text

from compliance.privacy.needles import Needles
from compliance.privacy.subject import models
from daigou.core.crypto import blind_indexes
from daigou.core.db import db, transaction

from .report import Finding, Known, Report

# Not ours and the same for everybody: a name may well stand there.
PUBLISHED: Final = {"screening_entries": "the published lists of sanctions"}
_TEXTS: Final = ("text", "varchar", "bpchar", "citext", "jsonb", "json", "name", "_text", "_varchar")


def search(report: Report, wanted: Needles, part: str) -> None:
    rows_seen = size = columns_seen = 0
    with transaction():
        for table, columns in _columns().items():
            if table in PUBLISHED:
                report.left_out[f"{part}table {table}"] = PUBLISHED[table]
                continue
            rows, octets, hits = _scan(table, columns, wanted)
            rows_seen, size, columns_seen = rows_seen + rows, size + octets, columns_seen + len(columns)
            report.findings += [Finding(f"{part}database {table}.{c}", f"{n} rows") for c, n in hits.items() if n]
    report.searched[f"{part}database"] = f"{columns_seen} columns, {rows_seen} rows, {size} bytes"


def _columns() -> dict[str, dict[str, str]]:
    """Every column of text or bytes of every table that there is, by its type."""
    query = text(
        "SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c"
        " JOIN information_schema.tables t USING (table_schema, table_name)"
        " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2"
    )
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in db.session.execute(query):
        if kind in _TEXTS or kind == "bytea":
            found.setdefault(table, {})[column] = kind
    return found


def _scan(table: str, columns: dict[str, str], wanted: Needles) -> tuple[int, int, dict[str, int]]:
    """Rows, bytes, and in how many rows each column holds a shape: one pass over the table."""
    quote = db.engine.dialect.identifier_preparer.quote
    parts = []
    for number, (column, kind) in enumerate(columns.items()):
        shown = f"encode({quote(column)}, 'escape')" if kind == "bytea" else f"CAST({quote(column)} AS text)"
        patterns = "bytes" if kind == "bytea" else "texts"
        parts.append(f"count(*) FILTER (WHERE lower({shown}) LIKE ANY (:{patterns})) AS c{number}")
        parts.append(f"coalesce(sum(octet_length({shown})), 0) AS s{number}")
    query = text(f"SELECT count(*), {', '.join(parts)} FROM {quote(table)}")  # noqa: S608  names of the catalogue, quoted
    values = {"texts": wanted.like(), "bytes": wanted.like_bytes()}
    used = {name: value for name, value in values.items() if f":{name}" in str(query)}
    row = db.session.execute(query, used).one()
    counts, sizes = row[1::2], row[2::2]
    return int(row[0]), int(sum(sizes)), dict(zip(columns, map(int, counts), strict=True))


def look_up(report: Report, who: Known, part: str) -> None:
    """Whether anybody could still be found by these words: each blind index is made anew and looked up."""
    looked = 0
    with transaction():
        for model in models().values():
            for column in (c for c in model.__table__.columns if "blind_index" in c.info):
                values = [index for word in who.words for index in blind_indexes(column.info["blind_index"], word)]
                looked += len(values)
                statement = select(model.id).where(column.in_(values)).limit(1)
                if values and db.session.execute(statement).first():
                    place = f"{part}index {model.__tablename__}.{column.key}"
                    report.findings.append(Finding(place, "a blind index of one of the words"))
    report.searched[f"{part}indexes"] = f"{looked} blind indexes looked up"
