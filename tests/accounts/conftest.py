"""The sandbox's OpenID provider, text-message gateway and breach list, beside an application that knows them."""

import pytest

from daigou.core.readers import OpenIdProvider
from daigou.providers import breaches, openid, sms
from tests.provider import Provider

SID, TOKEN = "ACtests", "token+of/tests"


@pytest.fixture(scope="session")
def outside(tmp_path_factory, config):
    """The sandbox as a process, with one client registered."""
    client = {
        "client_id": "daigou", "client_secret": "s:cret+of/the client",
        "redirect_uris": [f"{config.base_url}/sign-in/with/house/return"],
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("people")
    settings = {"openid_clients": [client], "sms_account": SID, "sms_token": TOKEN}
    found = Provider(folder, config.stripe_key, config.stripe_webhook_secret, **settings)
    yield found
    found.close()


@pytest.fixture
def sandbox(outside, app):
    """Named so that tests with it count as slow ones."""
    kept = {name: app.extensions[name] for name in ("openid", "sms", "breaches")}
    row = OpenIdProvider("house", "House", f"{outside.url}/openid", "daigou", "s:cret+of/the client")
    app.extensions["openid"] = {"house": openid.OpenId(row)}
    host = outside.url.removeprefix("http://")
    app.extensions["sms"] = sms.from_url(f"http://{SID}:{TOKEN.replace('/', '%2F')}@{host}?from=+4930123456")
    app.extensions["breaches"] = breaches.from_url(outside.url)
    yield outside
    app.extensions.update(kept)
