"""Harm to what stands behind the shop, and to its own processes."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import psycopg
from redis import Redis

from daigou.embedded.postgres import Postgres
from daigou.embedded.sweep import Trace


class Servers:
    def __init__(self, shop) -> None:
        self.shop, self.home, self.tried = shop, shop.whole.home, shop.tried
        self.trace = Trace(self.home.digest, self.home.folder / "children.json")

    def processes(self, part: str) -> list[int]:
        return [pid for pid, _ in self.trace.find(part)]

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> None:
        self.tried.note(f"kill -{number.name[3:]} of {part}")
        for pid in self.processes(part):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    # ---- PostgreSQL

    def kill_postgres(self, number: signal.Signals) -> None:
        """The server itself: -9 is a crash with recovery, -INT a quick restart."""
        self.tried.note(f"PostgreSQL: {number.name}")
        os.kill(self.postmaster(), number)
        self.shop.until("PostgreSQL answers again", self.shop.database_answers)
        self.shop.forget_connections()

    @contextlib.contextmanager
    def postgres_away(self):
        """Nobody gets in any more, and who was in is thrown out; the server itself lives on."""
        self.tried.note("PostgreSQL: away")
        (door,) = self.home.sockets.glob(".s.PGSQL.*[0-9]")
        closed = door.with_name("closed")
        with self.superuser("postgres") as connection:
            door.rename(closed)
            try:
                others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                connection.execute(others)
                yield
            finally:
                closed.rename(door)
                self.shop.forget_connections()

    @contextlib.contextmanager
    def postgres_silent(self):
        """The server is stopped and its children are dead: who wants in is neither let in nor sent away."""
        self.tried.note("PostgreSQL: silent")
        server = self.postmaster()
        os.kill(server, signal.SIGSTOP)
        try:
            for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
            self.shop.forget_connections()
            yield
        finally:
            os.kill(server, signal.SIGCONT)
            self.shop.until("PostgreSQL answers again", self.shop.database_answers)

    def superuser(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.superuser_url(database), autocommit=True)

    def superuser_url(self, database: str) -> str:
        server = Postgres(self.home.postgres, self.home.sockets, self.home.logs / "unused.log")
        return server.url("postgres", database)

    def postmaster(self) -> int:
        return int((self.home.postgres / "postmaster.pid").read_text().split()[0])

    # ---- Redis

    @contextlib.contextmanager
    def redis_away(self, silent: bool):
        """Silent, it neither answers nor refuses; else nobody finds it any more."""
        self.tried.note("Redis: silent" if silent else "Redis: away")
        door = Path(self.shop.settings["REDIS_URL"].removeprefix("unix://").partition("?")[0])
        closed = door.with_name("closed-redis")
        with contextlib.ExitStack() as back:
            if silent:
                back.callback(self.kill, "redis", signal.SIGCONT)
                self.kill("redis", signal.SIGSTOP)
            else:
                back.callback(closed.rename, door)
                with self.redis() as redis:
                    redis.ping()  # while it can be found
                    door.rename(closed)
                    redis.client_kill_filter(_type="normal", skipme=True)
            yield

    def redis(self) -> Redis:
        return Redis.from_url(self.shop.settings["REDIS_URL"], socket_timeout=2)
