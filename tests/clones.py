"""The database of tests that commit: a clone of the migrated one, made once and given back as it was.

What a test leaves is deleted. Then all is compared with the clone as it was made: the rows that every installation
begins with, the sequences, and the catalogue itself. What differs is thrown away, and the next test gets a new clone.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from daigou.embedded.stack import Stack

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
OTHERS_END = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
USED_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
CATALOGUE = """
    SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
        SELECT concat_ws(' ', relname, relkind, relowner, relacl) AS line FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull) FROM pg_attribute
            JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, convalidated) FROM pg_constraint
        UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
        UNION ALL SELECT concat_ws(' ', proname, prosrc, proacl) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting
            JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()
    ) AS lines"""


class Clone:
    """One database of this name; ``take`` it before a test, ``give_back`` after it."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack, self.name = stack, name
        self._seeded: list[str] = []
        self._empty: list[str] = []
        self._mark: Any = None

    def take(self) -> None:
        if self._mark is not None:
            return
        name, owner = sql.Identifier(self.name), sql.Identifier("daigou_owner")
        with self._opened("postgres") as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            template = "CREATE DATABASE {} TEMPLATE daigou_template OWNER {} STRATEGY wal_log"
            server.execute(sql.SQL(template).format(name, owner))
        with self._opened(self.name) as connection:
            every = [table for (table,) in connection.execute(TABLES)]
            self._seeded = _with_rows(connection, every)
            self._empty = [table for table in every if table not in self._seeded]
            self._mark = self._look(connection)

    def give_back(self) -> None:
        with self._opened(self.name) as connection:
            connection.execute(OTHERS_END)
            self._sweep(connection)
            if self._look(connection) != self._mark:
                self._mark = None

    def _opened(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.stack.url(database), autocommit=True)

    def _sweep(self, connection: psycopg.Connection[Any]) -> None:
        """As superuser without triggers: nothing that our own code could do."""
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in _with_rows(connection, self._empty):
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            for (sequence,) in connection.execute(USED_SEQUENCES).fetchall():
                connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))

    def _look(self, connection: psycopg.Connection[Any]) -> Any:
        rows = "SELECT count(*), sum(hashtext(r::text)::bigint) FROM {} r"
        seeded = sql.SQL(" UNION ALL ").join(sql.SQL(rows).format(sql.Identifier(table)) for table in self._seeded)
        left = _with_rows(connection, self._empty)
        return left, connection.execute(seeded).fetchall(), connection.execute(CATALOGUE).fetchone()


def _with_rows(connection: psycopg.Connection[Any], tables: list[str]) -> list[str]:
    one = sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})")
    each = (one.format(sql.Literal(table), sql.Identifier(table)) for table in tables)
    return [table for (table,) in connection.execute(sql.SQL(" UNION ALL ").join(each))]
