"""A whole stack under its supervisor, and people who go on clicking whatever happens to it."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import signal
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from daigou.app import create_app
from daigou.core import faults, outbox
from daigou.core.config import Config
from daigou.core.db import db
from daigou.embedded.postgres import Postgres
from daigou.embedded.stack import WholeStack
from daigou.embedded.sweep import Trace
from daigou.journey.browser import Astray, Browser
from tests import factories
from tests.conftest import signed_in

from .life import Life, csrf

HEALED_WITHIN = 120.0
GIVE_UP_CLICKING = 120.0
OLD_SECRET, NEW_SECRET = (f"whsec_{secrets.token_hex(16)}" for _ in range(2))


class NotHealed(AssertionError):
    """What should have happened by now."""


class Shop:
    """``tried`` counts what was done to it and by whom; ``answered`` is what a 2xx or 3xx promised somebody."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.answered: list[tuple[str, str]] = []
        self.slowest = 0.0
        self.whole = WholeStack()
        self.faults = self.whole.home.folder / "faults"
        self.whole.given = {
            "DAIGOU_FAULTS": str(self.faults),
            "STRIPE_WEBHOOK_SECRET": f"{NEW_SECRET} {OLD_SECRET}",
            "PROVIDER_SECONDS": "1.5",
            "SHOPPER_BALANCE": "1",
            "GRANIAN_RESPAWN_INTERVAL": "0.1",
        }
        self.whole.home.prepare()
        self.faults.mkdir(mode=0o700)
        self.whole.home.logins_file.write_text("[]")  # no demo market
        self.whole.start()
        self.settings = json.loads(self.whole.home.env_file.read_text())
        self.app = create_app(Config.from_env({**self.settings, "SHOPPER_BALANCE": "1"}))
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.sandbox = self.settings["STRIPE_API_URL"]
        self.provider = httpx.Client(  # who may be on its way back just then: a refused connection is tried again
            base_url=self.sandbox,
            headers={"Authorization": f"Bearer {self.settings['STRIPE_SECRET_KEY']}"},
            transport=httpx.HTTPTransport(retries=5),
        )
        self.trace = Trace(self.whole.home.digest, self.whole.home.folder / "children.json")

    def close(self) -> None:
        self.provider.close()
        with self.app.app_context():
            db.engine.dispose()
        self.app.extensions["keystore_engine"].dispose()
        self.app.extensions["redis"].close()
        self.whole.stop()

    # ---- people

    def open_market(self) -> None:
        """One merchant who can be paid out, and some money of ours at the provider."""
        factories.rates()
        self.merchant, self.owner = factories.merchant()
        seller = self.browser(self.owner)
        page = seller.client.post(
            f"{self.whole.base_url}/merchant/payouts/onboard",
            data={"csrf_token": csrf(seller, "/merchant/payouts")},
            follow_redirects=False,
        )
        httpx.post(page.headers["location"], data={"outcome": "complete"})
        self.seller = seller

    def shopper(self):
        return factories.account()

    def browser(self, account) -> Browser:
        test_client = signed_in(self.app, account)
        browser = Browser(self.whole.base_url, account.subject)
        browser.client.cookies.set("session", test_client.get_cookie("session").value, domain="127.0.0.1")
        browser.client.timeout = httpx.Timeout(20)
        return browser

    def listing(self, **more):
        return factories.listing(self.merchant, **more)

    def clicks(self, what: str, click):
        """Somebody who does it again until it is answered: a broken connection and a 5xx are no answers."""
        until, last = time.monotonic() + GIVE_UP_CLICKING, "nothing"
        while time.monotonic() < until:
            self.tried[f"clicks: {what}"] += 1
            try:
                answer = click()
            except (httpx.HTTPError, SQLAlchemyError, AssertionError, Astray) as broken:
                last = repr(broken)
            else:
                if answer.status_code < 500:
                    return answer
                last = f"{answer.status_code}"
            time.sleep(0.2)
        raise NotHealed(f"{what} was never answered: {last}")

    def insist(self, what: str, work) -> None:
        """Somebody who does it until it is done, each time in a process of its own that may be killed at a point."""
        until = time.monotonic() + GIVE_UP_CLICKING
        while time.monotonic() < until:
            self.tried[f"tries: {what}"] += 1
            if self._in_a_process(work) == 0:
                return
            time.sleep(0.1)
        raise NotHealed(f"{what} was never done")

    def _in_a_process(self, work) -> int:
        db.session.remove()
        self.forget_connections()
        child = os.fork()
        if child:
            return os.waitpid(child, 0)[1]
        code = 1
        try:
            faults.FOLDER = str(self.faults)
            work()
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)

    def together(self, works) -> list:
        """All of it at the same moment, each in a thread; what each came to, or the exception."""
        gate = threading.Barrier(len(works))

        def one(work):
            with self.app.app_context():
                gate.wait()
                try:
                    return work()
                except Exception as error:
                    return error
                finally:
                    with contextlib.suppress(SQLAlchemyError):  # its connection may be one of the dead
                        db.session.remove()

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(one, works))

    # ---- one order's life

    def order(self, account=None, listing=None, merchant=None) -> Life:
        return Life(self, account or self.shopper(), listing or self.listing(stock=50), merchant)

    # ---- harm

    def arm(self, *points: str, what: str = "kill") -> None:
        for point in points:
            (self.faults / point).write_text(what)
            self.tried[f"{what} at a point"] += 1

    def struck(self, *points: str) -> bool:
        """Whether somebody died at each of these."""
        return all(any(self.faults.glob(f"{point}.taken-*")) for point in points)

    def disarm(self) -> None:
        for left in self.faults.iterdir():
            left.unlink()
        self.provider.delete("/faults")

    def processes(self, part: str) -> list[int]:
        return [pid for pid, _ in self.trace.find(part)]

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> None:
        self.tried[f"kill -{number.name[3:]} of {part}"] += 1
        for pid in self.processes(part):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill_postgres(self, number: signal.Signals) -> None:
        """The server itself: -9 is a crash with recovery, -INT a quick restart."""
        self.tried[f"PostgreSQL: {number.name}"] += 1
        os.kill(self.postmaster(), number)
        self.until("PostgreSQL answers again", self.database_answers)
        self.forget_connections()

    @contextlib.contextmanager
    def postgres_away(self):
        """Nobody gets in any more, and who was in is thrown out; the server itself lives on."""
        self.tried["PostgreSQL: away"] += 1
        server = Postgres(self.whole.home.postgres, self.whole.home.sockets, self.whole.home.logs / "unused.log")
        (door,) = self.whole.home.sockets.glob(".s.PGSQL.*[0-9]")
        closed = door.with_name("closed")
        with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
            door.rename(closed)
            try:
                others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                connection.execute(others)
                yield
            finally:
                closed.rename(door)
                self.forget_connections()

    @contextlib.contextmanager
    def postgres_silent(self):
        """The server is stopped and its children are dead: who wants in is neither let in nor sent away."""
        self.tried["PostgreSQL: silent"] += 1
        server = self.postmaster()
        os.kill(server, signal.SIGSTOP)
        try:
            for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
            self.forget_connections()
            yield
        finally:
            os.kill(server, signal.SIGCONT)
            self.until("PostgreSQL answers again", self.database_answers)

    @contextlib.contextmanager
    def redis_away(self, silent: bool):
        """Silent, it neither answers nor refuses; else nobody finds it any more."""
        self.tried["Redis: silent" if silent else "Redis: away"] += 1
        door = Path(self.settings["REDIS_URL"].removeprefix("unix://").partition("?")[0])
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

    def postmaster(self) -> int:
        return int((self.whole.home.postgres / "postmaster.pid").read_text().split()[0])

    def forget_connections(self) -> None:
        db.engine.dispose()
        self.app.extensions["keystore_engine"].dispose()

    def redis(self) -> Redis:
        return Redis.from_url(self.settings["REDIS_URL"], socket_timeout=2)

    def provider_fault(self, kind: str, path: str, **more) -> None:
        self.tried[f"provider: {kind}"] += 1
        match = {"method": "POST", "path": path}
        self.provider.post("/faults", json={"kind": kind, "match": match, **more}).raise_for_status()

    def webhook_fault(self, kind: str, **more) -> None:
        self.tried[f"webhooks: {kind}"] += 1
        self.provider.post("/faults", json={"kind": kind, **more}).raise_for_status()

    # ---- webhooks by hand

    def events(self) -> list[dict]:
        """Everything the provider has to tell, oldest first."""
        found, last = [], None
        while True:
            query = {"limit": 100, **({"starting_after": last} if last else {})}
            page = self.provider.get("/v1/events", params=query).raise_for_status().json()
            found += page["data"]
            if not page["has_more"]:
                return found[::-1]
            last = found[-1]["id"]

    def deliver(self, event: dict, at: float | None = None, secret: str = NEW_SECRET) -> httpx.Response:
        body = json.dumps(event).encode()
        moment = int(at or time.time())
        mark = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={moment},v1={mark}", "Content-Type": "application/json"}
        self.tried["webhooks by hand"] += 1
        return httpx.post(f"{self.whole.base_url}/webhooks/stripe", content=body, headers=headers, timeout=20)

    # ---- healing

    def database_answers(self) -> bool:
        engine = create_engine(self.settings["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"))
        try:
            with engine.connect() as connection:
                return connection.execute(text("SELECT 1")).scalar_one() == 1
        except Exception:
            return False
        finally:
            engine.dispose()

    def web_answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.whole.base_url}/readyz", timeout=3).status_code == 200
        return False

    def until(self, what: str, check, within: float = HEALED_WITHIN):
        """What ``check`` found. Cron sweeps every 15 seconds; here a second's wait stands for that."""
        begun, swept = time.monotonic(), time.monotonic()
        while time.monotonic() - begun < within:
            with contextlib.suppress(Exception):
                found = self.ask(check)
                if found:
                    self.slowest = max(self.slowest, time.monotonic() - begun)
                    return found
            if time.monotonic() - swept > 1:
                swept = time.monotonic()
                with contextlib.suppress(Exception):
                    self.ask(outbox.sweep)
            time.sleep(0.05)
        raise NotHealed(f"{what}: not within {within:.0f} s; {self.ask(self.state)}")

    def ask(self, question):
        """In a transaction of its own, with nothing remembered from before."""
        with contextlib.suppress(SQLAlchemyError):
            db.session.rollback()
        db.session.expunge_all()
        return question()

    def state(self) -> str:
        rows = db.session.execute(
            text("SELECT topic, attempts, leased, due_at - now(), last_error FROM outbox WHERE done_at IS NULL")
        ).all()
        return f"undone: {[tuple(map(str, row)) for row in rows][:8]}"

    def at_rest(self) -> None:
        """Every process answers, and nothing that is due is undone."""
        self.until("the web answers", self.web_answers)
        self.until("the provider answers", lambda: self.provider.get("/healthz").is_success)
        self.until("the outbox and the inbox are empty", nothing_undone)


def nothing_undone() -> bool:
    """Work that was put off on purpose and never begun (a mail for next week) may wait."""
    due = text(
        "SELECT (SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL"
        "   AND (attempts > 0 OR due_at < now() + interval '2 minutes'))"
        " + (SELECT count(*) FROM inbox_events WHERE done_at IS NULL)"
    )
    return db.session.execute(due).scalar_one() == 0
