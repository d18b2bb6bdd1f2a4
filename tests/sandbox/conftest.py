"""A sandbox in a process of its own, and a receiver for its webhooks."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import easypost
import pytest
import stripe

from tests.sandbox.client import http

STRIPE_KEY = "sk_test_sandboxtests"
EASYPOST_KEY = "EZTKsandboxtests"
STRIPE_SECRET = "whsec_tests"
EASYPOST_SECRET = "sécret"


class Receiver:
    """Keeps each webhook; `answers` may hold statuses to give first."""

    def __init__(self):
        self.got = []
        self.answers = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.path, dict(self.headers), body))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def events(self, path="/stripe"):
        return [json.loads(body) for where, _, body in list(self.got) if where == path]

    def types(self):
        return [event["type"] for event in self.events()]

    def wait(self, check, seconds=5):
        until = time.time() + seconds
        while time.time() < until:
            found = check(self)
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError(f"not seen in time; got {self.types()}")

    def wait_type(self, kind):
        return self.wait(lambda r: [e for e in r.events() if e["type"] == kind])[-1]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Sandbox:
    """Starts, stops and kills the process; hands out the real libraries pointed at it."""

    def __init__(self, folder, receiver, **settings):
        self.folder, self.receiver = folder, receiver
        self.config = folder / "config.json"
        hooks = [
            {"provider": "stripe", "url": f"{receiver.url}/stripe", "secret": STRIPE_SECRET},
            {"provider": "easypost", "url": f"{receiver.url}/easypost", "secret": EASYPOST_SECRET},
        ]
        base = {
            "stripe_secret_key": STRIPE_KEY, "easypost_key": EASYPOST_KEY, "webhooks": hooks,
            "tracker_step_seconds": 0.02, "async_payment_seconds": 0.05, "async_refund_seconds": 0.05,
            "automatic_payout_seconds": 0.1, "dispute_seconds": 0.05, "webhook_backoff_seconds": 0.05,
        }  # fmt: skip
        self.config.write_text(json.dumps({**base, **settings}))
        self.port = 0
        self.start()
        bases = {"api": self.url, "files": self.url}
        self._wire = stripe.RequestsClient()
        self._stripe = stripe.StripeClient(
            STRIPE_KEY, base_addresses=bases, max_network_retries=0, http_client=self._wire
        )
        self._easypost = easypost.EasyPostClient(EASYPOST_KEY, api_base=f"{self.url}/v2")

    def start(self):
        command = [sys.executable, "-m", "daigou.sandbox", "--port", str(self.port)]
        command += ["--data", str(self.folder / "data"), "--config", str(self.config)]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE", "EASYPOST"))}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean)
        line = self.process.stdout.readline()
        self.url = line.split(" on ")[1].split()[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self._easypost._requests_session.close()
        self._wire.close()
        code = self.process.wait(5)
        self.process.stdout.close()
        return code

    def stripe(self):
        return self._stripe.v1

    def easypost(self):
        return self._easypost

    def get(self, path):
        return http.get(self.url + path)

    def post(self, path, **form):
        return http.post(self.url + path, data=form)

    def fault(self, kind, **more):
        return http.post(self.url + "/faults", json={"kind": kind, **more}).raise_for_status()

    def advance(self, seconds):
        return self.post("/clock", advance_seconds=seconds).raise_for_status()

    def books(self):
        return self.get("/books.json").json()

    def session(self, amount=10000, currency="eur", **more):
        line = {"price_data": {"currency": currency, "unit_amount": amount, "product_data": {"name": "Robot"}}}
        params = {
            "mode": "payment",
            "line_items": [{**line, "quantity": 1}],
            "success_url": "http://shop.test/done?s={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.test/cart",
        }
        return self.stripe().checkout.sessions.create({**params, **more})

    def pay(self, session_id, outcome="succeed"):
        return self.post(f"/pay/{session_id}", outcome=outcome)

    def paid(self, amount=10000, currency="eur", outcome="succeed", **more):
        """A payment intent that is paid (or on its way), with its charge and balance line expanded."""
        session = self.session(amount, currency, **more)
        answer = self.pay(session.id, outcome)
        assert answer.status_code == 303
        if answer.headers["location"].startswith("/authorize/"):
            self.post(answer.headers["location"], outcome="approve")
        key = self.stripe().checkout.sessions.retrieve(session.id).payment_intent
        return self.stripe().payment_intents.retrieve(key, {"expand": ["latest_charge.balance_transaction"]})

    def merchant(self, country="JP", **more):
        """An account that went through the hosted onboarding."""
        params = {"type": "express", "country": country, "capabilities": {"transfers": {"requested": True}}}
        account = self.stripe().accounts.create({**params, **more})
        link = self.stripe().account_links.create({
            "account": account.id, "type": "account_onboarding",
            "return_url": "http://shop.test/back", "refresh_url": "http://shop.test/again",
        })  # fmt: skip
        answer = http.post(link.url, data={"outcome": "complete"})
        assert answer.headers["location"] == "http://shop.test/back"
        return account.id


@pytest.fixture(scope="session", autouse=True)
def _client_closed():
    yield
    http.close()


@pytest.fixture(scope="module")
def receiver():
    found = Receiver()
    yield found
    found.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory, receiver):
    found = Sandbox(tmp_path_factory.mktemp("sandbox"), receiver)
    yield found
    assert found.stop() == 0


@pytest.fixture
def own(tmp_path):
    """Makes sandboxes with settings of their own."""
    made = []

    def make(**settings):
        receiver = Receiver()
        found = Sandbox(tmp_path, receiver, **settings)
        made.append(found)
        return found

    yield make
    for found in made:
        found.stop()
        found.receiver.close()
