"""`python -m daigou.embedded.schema`: databases, roles and migrations, in one short-lived process.

A process of its own keeps the supervisor small, and what the migrations import loads while PostgreSQL starts.
"""

import os
import sys

from daigou.embedded.home import CannotStart, Home
from daigou.embedded.postgres import Postgres


def main() -> int:
    from daigou.core.config import Config
    from daigou.migrate import upgrade

    try:
        make_databases()
    except CannotStart as refused:
        print(refused, file=sys.stderr)
        return 1
    upgrade(Config.from_env(os.environ))
    return 0


def make_databases() -> None:
    """On the embedded server, when it is the one that the settings name; somebody else's is left alone."""
    home = Home.at()
    server = Postgres(home.postgres, home.sockets, home.logs / "postgresql.log")
    if os.environ.get("DATABASE_URL") == server.url("daigou_app", "daigou"):
        server.wait_ready()
        server.make_databases()


if __name__ == "__main__":
    raise SystemExit(main())
