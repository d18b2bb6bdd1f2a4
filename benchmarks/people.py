"""Shoppers with their cookies, so that a request costs what a signed-in person's request costs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf

from benchmarks.house import Market
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
        return [_signed_in(market.app, factories.account()) for _ in range(count)]


def _signed_in(app: Flask, account: Account) -> Shopper:
    with app.test_request_context():
        session.update({"_user_id": str(account.id), "_fresh": True, "epoch": account.session_epoch})
        token = generate_csrf()
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        name = app.config["SESSION_COOKIE_NAME"]
        return Shopper(account, f"{name}={signer.dumps(dict(session))}", token)
