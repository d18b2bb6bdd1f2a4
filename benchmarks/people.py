"""Shoppers with their cookies, so that a request costs what a signed-in person's request costs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf

from benchmarks.house import Market
from benchmarks.load import BROWSER
from daigou.accounts.models import Account
from tests import factories


@dataclass(frozen=True)
class Shopper:
    """A signed-in shopper: the cookie header, and the token that each form carries."""

    account: Account
    cookie: str
    token: str

    def form(self, **fields: object) -> str:
        return urlencode({"csrf_token": self.token, **fields})


def shoppers(market: Market, count: int) -> list[Shopper]:
    with market.app.app_context():
        accounts = [factories.account() for _ in range(count)]
        factories.trusted(*accounts)  # they order all day
    return [_signed_in(market.app, account) for account in accounts]  # each with a context of its own


def _signed_in(app: Flask, account: Account) -> Shopper:
    visit = app.test_request_context(headers={"User-Agent": BROWSER}, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    with visit:
        session.update(factories.session_of(account))
        token = generate_csrf()
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        name = app.config["SESSION_COOKIE_NAME"]
        return Shopper(account, f"{name}={signer.dumps(dict(session))}", token)
