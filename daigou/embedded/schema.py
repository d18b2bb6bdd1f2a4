"""`python -m daigou.embedded.schema`: databases, roles and migrations, in one short-lived process.

A process of its own keeps the supervisor small, and what the migrations import loads while PostgreSQL starts.
"""

import importlib
import os
import sys

from daigou.embedded.home import CannotStart, Home
from daigou.embedded.postgres import Postgres


def main() -> int:
    try:
        upgrade = importlib.import_module("daigou.migrate").upgrade
    except ModuleNotFoundError as missing:
        if missing.name != "daigou.migrate":
            raise
        upgrade = None
    try:
        if embedded := ours(Home.at()):
            embedded.wait_ready()
            embedded.make_databases()
    except CannotStart as refused:
        print(refused, file=sys.stderr)
        return 1
    if upgrade is None:
        print("daigou.migrate is not there yet: nothing to upgrade")
        return 0
    from daigou.core.config import Config

    upgrade(Config.from_env(os.environ))
    return 0


def ours(home: Home) -> Postgres | None:
    """The embedded server, when it is the one that the settings name."""
    server = Postgres(home.postgres, home.sockets, home.logs / "postgresql.log")
    return server if os.environ.get("DATABASE_URL") == server.url("daigou_app", "daigou") else None


if __name__ == "__main__":
    raise SystemExit(main())
