"""The embedded parts for one test session: `with Stack() as stack: stack.environment["DATABASE_URL"]`."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from daigou.embedded import postgres, redis
from daigou.embedded.children import Child, Spawn, end_group, start
from daigou.embedded.home import CHECKOUT, CannotStart, Home
from daigou.embedded.parts import GENTLY
from daigou.embedded.plan import any_free_port, make_plan, sandbox_settings
from daigou.embedded.postgres import CARELESS, TUNING, Postgres
from daigou.embedded.redis import Redis
from daigou.embedded.sweep import Trace

PATIENCE = 180.0  # a busy machine draws the demo market slowly


class Stack:
    """PostgreSQL and Redis in a folder, on sockets, without durability unless asked; `stop()` leaves nothing.

    `environment` holds the settings for `Config.from_env`. Its sandbox settings name `sandbox_port`, where a
    test may start the provider sandbox. With no folder given, a temporary one is made and removed again.
    """

    def __init__(self, folder: Path | None = None, sandbox_port: int = 0, durable: bool = False) -> None:
        self.temporary = folder is None
        self.home = Home(folder or Path(tempfile.mkdtemp(prefix="daigou-test-")))
        self.trace = Trace(self.home.digest, self.home.folder / "children.json")
        self.sandbox_port = sandbox_port or any_free_port()
        self.children: list[Child] = []
        self.environment: dict[str, str] = {}
        logs, sockets = self.home.logs, self.home.sockets
        settings = TUNING if durable else {**TUNING, **CARELESS}
        self.postgres = Postgres(self.home.postgres, sockets, logs / "postgresql.log", settings)
        self.redis = Redis(self.home.redis, sockets, logs / "redis.log", durable=durable)

    def start(self) -> "Stack":
        self.home.prepare()
        self.trace.sweep(GENTLY)
        plan = make_plan(self.home, {})
        self.environment = plan.environ | sandbox_settings({}, self.home.secrets(), self.sandbox_port)
        try:
            for name, server in ((redis.NAME, self.redis), (postgres.NAME, self.postgres)):
                self.run(name, server.prepare())
            self._wait()
            self.postgres.make_databases()
        except BaseException:
            self.stop()
            raise
        return self

    def run(self, name: str, spawn: Spawn) -> Child:
        """One more process, which ends with the others."""
        child = start(name, self.trace.mark, spawn)
        self.children.append(child)
        self.trace.note(child)
        return child

    def url(self, database: str, user: str = "postgres") -> str:
        """Any role may sign in here; `postgres` is the superuser (templates, clones)."""
        return self.postgres.url(user, database)

    def stop(self) -> None:
        for child in self.children:
            child.signal(child.spawn.death)
        for child in self.children:
            try:
                child.process.wait(15)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            end_group(child)
        self.children.clear()
        self.trace.sweep({}, patience=0.2)
        shutil.rmtree(self.home.sockets, ignore_errors=True)
        if self.temporary:
            shutil.rmtree(self.home.folder, ignore_errors=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not (self.redis.is_ready() and self.postgres.is_ready()):
            dead = [child for child in self.children if not child.alive()]
            if dead or time.monotonic() > deadline:
                said = "\n".join(f"{child.name}: {child.said()}" for child in dead or self.children)
                raise CannotStart(f"The test stack did not start.\n{said}")
            time.sleep(0.01)

    def __enter__(self) -> "Stack":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class WholeStack:
    """The real supervisor with every part, in a process of its own: for journeys, screenshots, benchmarks."""

    def __init__(self, folder: Path | None = None, port: int = 0, given: Mapping[str, str] | None = None) -> None:
        self.temporary = folder is None
        self.home = Home(folder or Path(tempfile.mkdtemp(prefix="daigou-whole-")))
        self.port = port or any_free_port()
        self.given = dict(given or {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.home.logs / "supervisor.log"

    def start(self, *argv: str) -> "WholeStack":
        """Returns when every part is up; raises CannotStart with what was said otherwise."""
        self.home.prepare()
        ours = {"DAIGOU_HOME": str(self.home.folder), "PORT": str(self.port), "PYTHONPATH": str(CHECKOUT)}
        environ = {"DAIGOU_DEMO": "still", **os.environ, **self.given, **ours}  # no demo people at work in between
        begun = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, *(argv or ("-m", "daigou.embedded"))],
                env=environ, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while "Ready in" not in (said := self.log.read_bytes()[begun:].decode(errors="replace")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"The stack did not start.\n{said}")
            time.sleep(0.03)
        return self

    def stop(self) -> int:
        """Ends it as SIGTERM does; answers the exit code."""
        code = 0
        if self.process:
            self.process.terminate()
            code = self.process.wait(PATIENCE)
            self.process = None
        if self.temporary:
            shutil.rmtree(self.home.folder, ignore_errors=True)
        return code

    def __enter__(self) -> "WholeStack":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
