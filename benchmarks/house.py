"""What is measured: durable PostgreSQL and Redis, a market of each size in a database of its own, real servers."""

from __future__ import annotations

import http.client
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal

import psycopg
from flask import Flask

from benchmarks import market
from benchmarks.load import Load
from daigou import migrate
from daigou.app import create_app
from daigou.core import clock
from daigou.core.config import Config
from daigou.embedded.children import Child, Spawn
from daigou.embedded.parts import WEB_ENVIRON, serving
from daigou.embedded.plan import any_free_port
from daigou.embedded.stack import Stack
from daigou.pricing import service as pricing

ROOT = Path(__file__).resolve().parent.parent
BARE_TABLES = Path(__file__).with_name("bare.sql").read_text()
OURS, BARE = "wsgi:app", "benchmarks.bare:app"
PATIENCE = 30.0


Scale = Literal["quick", "usual", "large"]
SECONDS = {"quick": 0.5, "usual": 1.0, "large": 1.0}  # of one contestant in one round
MARKETS = {"quick": (2_000, 20_000), "usual": (2_000, 200_000), "large": (2_000,)}  # listings


class NotMeasured(Exception):
    """Why a row has no figures, in words for the table."""


@dataclass
class Market:
    """One database with ``size`` active listings, and its application in this process."""

    house: House
    size: int
    environment: dict[str, str]

    @cached_property
    def config(self) -> Config:
        return Config.from_env(self.environment)

    @cached_property
    def app(self) -> Flask:
        return create_app(self.config)

    @property
    def url(self) -> str:
        return self.environment["DATABASE_URL"]

    @property
    def owner_url(self) -> str:
        return self.environment["DATABASE_OWNER_URL"]

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.house.stack.url(f"market_{self.size}"), autocommit=True) as connection:
            yield connection

    def server(self, app: str = OURS) -> Server:
        """Started once, then kept until the end."""
        return self.house.server(self, app)


@dataclass
class Server:
    port: int
    child: Child

    @property
    def worker(self) -> int:
        """The number of the process that answers requests."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        return max(map(int, children), key=memory)

    def memory(self) -> int:
        """Bytes of the process that answers requests, its share of what is shared included (PSS)."""
        return memory(self.worker)

    def fetch(self, path: str, cookie: str = "") -> tuple[int, bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        link.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
        answer = link.getresponse()
        body = answer.read()
        link.close()
        return answer.status, body


@dataclass
class House:
    """``scale``: a look, the everyday run, or the one of a million entries and more."""

    scale: Scale
    rounds: int
    stack: Stack = field(default_factory=lambda: Stack(durable=True))
    load: Load = field(default_factory=Load)

    @property
    def seconds(self) -> float:
        return SECONDS[self.scale]

    @property
    def sizes(self) -> tuple[int, ...]:
        return MARKETS[self.scale]

    def pair(self, large: int) -> tuple[int, int]:
        """Two sizes a hundredfold apart: ``large`` and a hundredth, a tenth of both every day, and again for a look."""
        most = large // {"large": 1, "usual": 10, "quick": 100}[self.scale]
        return max(most // 100, 100), most

    def __enter__(self) -> House:
        self.stack.start()
        self.load.__enter__()
        self.servers: dict[tuple[int, str], Server] = {}
        migrate.upgrade(Config.from_env(self.stack.environment))
        self.markets = [self._market(size) for size in self.sizes]
        return self

    def __exit__(self, *_: object) -> None:
        self.load.__exit__()
        self.stack.stop()

    def server(self, market: Market, app: str) -> Server:
        key = (market.size, app)
        if key not in self.servers:
            self.servers[key] = self.start(market.environment, app)
        return self.servers[key]

    def run(self, name: str, environment: dict[str, str], *argv: str) -> Child:
        """One more Python process of the house; it ends with it."""
        environ = {**os.environ, **WEB_ENVIRON, **environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        spawn = Spawn([sys.executable, *argv], environ, ROOT, self.stack.home.logs / f"{name}.log")
        return self.stack.run(name, spawn)

    def start(self, environment: dict[str, str], app: str = OURS, port: int = 0, flags: Sequence[str] = ()) -> Server:
        port = port or any_free_port()
        made = Server(port, self.run(f"web-{port}", environment, *serving(port, app), *flags))
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if made.fetch("/healthz")[0] == 200:
                    return made
            except OSError:
                if time.monotonic() > deadline or not made.child.alive():
                    raise RuntimeError(f"{app} did not start:\n{made.child.said()}") from None
                time.sleep(0.05)

    def database(self, name: str) -> None:
        """A fresh one with all tables, empty."""
        with psycopg.connect(self.stack.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE daigou OWNER daigou_owner STRATEGY file_copy")

    def _market(self, size: int) -> Market:
        name = f"market_{size}"
        self.database(name)
        urls = {
            key: self.stack.environment[key].replace("/daigou?", f"/{name}?")
            for key in ("DATABASE_URL", "DATABASE_OWNER_URL")
        }
        made = Market(self, size, {**self.stack.environment, **urls})
        market.fill(made.owner_url, size)
        with made.superuser() as connection:
            connection.execute(BARE_TABLES)
        with made.app.app_context():
            rates = {"JPY": "160", "KRW": "1600", "CNY": "8", "USD": "1.25", "GBP": "0.8"}
            pricing.record_rates(clock.today(), {c: Decimal(r) for c, r in rates.items()}, "benchmark")
        return made


def memory(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
