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
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
from redis import Redis
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import SQLAlchemyError

from compliance.audit import door
from daigou.app import create_app
from daigou.core import clock, ids, outbox
from daigou.core.access import system
from daigou.core.config import Config
from daigou.core.db import db, load_locked, transaction
from daigou.embedded.stack import WholeStack
from daigou.embedded.sweep import Trace
from daigou.journey.browser import Astray, Browser
from daigou.orders.models import Bill, Order, OrderItem
from daigou.shipping.models import Parcel, ParcelItem
from daigou.warehouse.receiving import home
from tests import factories
from tests.conftest import signed_in
from tests.warehouse import bench

HEALED_WITHIN = 120.0
GIVE_UP_CLICKING = 60.0
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
            "GRANIAN_RESPAWN_INTERVAL": "0.1",
        }
        self.whole.home.prepare()
        self.faults.mkdir(mode=0o700)
        self.whole.home.logins_file.write_text("[]")  # no demo market
        self.whole.start()
        self.settings = json.loads(self.whole.home.env_file.read_text())
        self.app = create_app(Config.from_env(self.settings))
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.sandbox = self.settings["STRIPE_API_URL"]
        self.api = httpx.Client(
            base_url=self.sandbox, headers={"Authorization": f"Bearer {self.settings['STRIPE_SECRET_KEY']}"}
        )
        self.trace = Trace(self.whole.home.digest, self.whole.home.folder / "children.json")

    def close(self) -> None:
        self.api.close()
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

    def order(self, account=None, listing=None) -> Life:
        return Life(self, account or self.shopper(), listing or self.listing(stock=50))

    # ---- harm

    def arm(self, point: str, what: str = "kill") -> None:
        (self.faults / point).write_text(what)
        self.tried[f"{what} at a point"] += 1

    def struck(self, point: str) -> bool:
        return any(self.faults.glob(f"{point}.taken-*"))

    def disarm(self) -> None:
        for left in self.faults.iterdir():
            left.unlink()
        httpx.delete(f"{self.sandbox}/faults")

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
        server = int((self.whole.home.postgres / "postmaster.pid").read_text().split()[0])
        os.kill(server, number)
        self.until("PostgreSQL answers again", self.database_answers)
        db.engine.dispose()
        self.app.extensions["keystore_engine"].dispose()

    def redis(self) -> Redis:
        return Redis.from_url(self.settings["REDIS_URL"], socket_timeout=2)

    def provider_fault(self, kind: str, path: str, **more) -> None:
        self.tried[f"provider: {kind}"] += 1
        match = {"method": "POST", "path": path}
        httpx.post(f"{self.sandbox}/faults", json={"kind": kind, "match": match, **more}).raise_for_status()

    def webhook_fault(self, kind: str, **more) -> None:
        self.tried[f"webhooks: {kind}"] += 1
        httpx.post(f"{self.sandbox}/faults", json={"kind": kind, **more}).raise_for_status()

    # ---- webhooks by hand

    def events(self) -> list[dict]:
        """Everything the provider has to tell, oldest first."""
        found, last = [], None
        while True:
            query = {"limit": 100, **({"starting_after": last} if last else {})}
            page = self.api.get("/v1/events", params=query).raise_for_status().json()
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
        self.until("the outbox and the inbox are empty", nothing_undone)


def nothing_undone() -> bool:
    """Work that was put off on purpose and never begun (a mail for next week) may wait."""
    due = text(
        "SELECT (SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL"
        "   AND (attempts > 0 OR due_at < now() + interval '2 minutes'))"
        " + (SELECT count(*) FROM inbox_events WHERE done_at IS NULL)"
    )
    return db.session.execute(due).scalar_one() == 0


def csrf(browser: Browser, page: str) -> str:
    browser.open(page)
    node = browser.page.css_first("input[name=csrf_token]")
    return node.attributes["value"]


class Life:
    """One shopper's one order: each step is clicked until it is answered, and then waited for."""

    def __init__(self, shop: Shop, account, listing) -> None:
        self.shop, self.account = shop, account
        self.quote = factories.quote(account, listing)
        self.browser = shop.browser(account)
        self.ref = self.bill = self.item = ""

    def place(self) -> Life:
        """From the quote's page to the order's."""
        address = f"{self.shop.whole.base_url}/quotes/{self.quote.ref}"

        def click():
            page = self.browser.client.get(address)
            if page.status_code >= 500 or f"{self.quote.ref}/order" not in page.text:
                return page if page.status_code >= 500 else self.found()
            self.browser._show(page, page.status_code)
            self.browser.submit(self.browser.form(r"/order$"), status=200)
            return self.browser.response

        answer = self.shop.clicks("order", click)
        self.ref = urlsplit(str(answer.url)).path.rsplit("/", 1)[-1]
        self.shop.answered.append(("orders", self.ref))
        self.bill, self.item = self.shop.until(f"{self.ref} is there", self.rows)
        return self

    def found(self):
        """The quote was accepted before: the answer got lost, the order did not."""
        key = self.quote.id
        order = self.shop.ask(lambda: db.session.execute(select(Order).filter_by(quote_id=key)).scalar_one())
        return self.browser.client.get(f"{self.shop.whole.base_url}/orders/{order.ref}")

    def rows(self):
        order = db.session.execute(select(Order).filter_by(ref=self.ref)).scalar_one()
        bill = db.session.execute(select(Bill).filter_by(order_id=order.id, kind="goods")).scalar_one()
        item = db.session.execute(select(OrderItem).filter_by(order_id=order.id)).scalar_one()
        return bill.ref, item.ref

    def to_the_page(self) -> str:
        """The address of the hosted page."""
        bill = f"{self.shop.whole.base_url}/bills/{self.bill}"

        def click():
            page = self.browser.client.get(bill)
            if page.status_code != 200:
                return page
            self.browser._show(page, 200)
            form = self.browser.form(r"/pay$")
            return self.browser.client.post(
                form.action, data=form.values, headers={"Referer": bill}, follow_redirects=False
            )

        answer = self.shop.clicks("pay", click)
        assert answer.status_code == 303, answer.text[:500]
        self.page = answer.headers["location"]
        self.shop.answered.append(("payment_attempts", self.page))
        return self.page

    def pay(self, outcome: str = "succeed") -> Life:
        """At the provider; that we hear of it is its webhooks' work."""
        assert httpx.post(self.to_the_page(), data={"outcome": outcome}).status_code == 303
        return self

    def is_paid(self) -> bool:
        return self.state() == "paid"

    def state(self) -> str:
        return db.session.execute(select(OrderItem.state).filter_by(ref=self.item)).scalar_one()

    def paid(self) -> Life:
        self.place().pay()
        self.shop.until(f"{self.item} is paid", self.is_paid)
        return self

    def row(self) -> OrderItem:
        return db.session.execute(select(OrderItem).filter_by(ref=self.item)).scalar_one()

    # ---- back

    def not_bought(self) -> Life:
        """The merchant could not get it: everything goes back."""
        seller, page = self.shop.seller, f"{self.shop.whole.base_url}/merchant/orders/{self.item}"

        def click():
            shown = seller.client.get(page)
            if shown.status_code != 200 or f"{self.item}/fail" not in shown.text:
                return shown
            token = csrf(seller, page)
            return seller.client.post(f"{page}/fail", data={"csrf_token": token, "reason": "sold_out"})

        self.shop.clicks("not bought", click)
        return self

    def is_refunded(self) -> bool:
        return self._state_in("refunds") == "succeeded"

    def refunded(self) -> Life:
        self.not_bought()
        self.shop.until(f"{self.item} is refunded", self.is_refunded)
        return self

    # ---- onwards

    def deliver(self) -> Life:
        """Everything between the purchase and the door, as the rooms would write it."""
        anybody = bench.anybody(self.account, self.shop.merchant)
        with transaction() as session:
            item = load_locked(OrderItem, ref=self.item)
            for move in ("purchase", "receive", "inspect", "accept"):
                door.transition(anybody, item, move)
                session.flush()
            session.add(bench.unit(item, self.account))
            parcel = Parcel(
                ref=ids.new_ref("PCL"), account_id=self.account.id, subject=self.account.subject,
                warehouse_id=home().id, country="DE", address_id=bench.address(self.account).id, currency=item.currency,
            )  # fmt: skip
            door.created(anybody, parcel)
            session.flush()
            door.transition(anybody, item, "pack")
            session.add(ParcelItem(parcel_id=parcel.id, item_id=item.id))
            for move in ("submit", "pay", "pack", "ship", "deliver"):
                door.transition(system("test") if move not in ("submit", "pack") else anybody, parcel, move)
                session.flush()
            for move in ("ship", "deliver"):
                door.transition(system("test"), item, move)
                session.flush()
            parcel.shipped_at = parcel.delivered_at = item.delivered_at = clock.now()
        self.parcel = parcel.ref
        return self

    def confirm(self) -> Life:
        page = f"{self.shop.whole.base_url}/parcels/{self.parcel}"

        def click():
            shown = self.browser.client.get(page)
            if shown.status_code != 200 or f"{self.parcel}/confirm" not in shown.text:
                return shown
            self.browser._show(shown, 200)
            self.browser.submit(self.browser.form(r"/confirm$"), status=200)
            return self.browser.response

        self.shop.clicks("confirm", click)
        return self

    def is_released(self) -> bool:
        return self._state_in("releases") == "paid"

    def released(self) -> Life:
        self.confirm()
        self.shop.until(f"{self.item} is released", self.is_released)
        return self

    def _state_in(self, table: str):
        query = text(f"SELECT r.state FROM {table} r JOIN order_items i ON i.id = r.item_id WHERE i.ref = :ref")
        return db.session.execute(query, {"ref": self.item}).scalar()
