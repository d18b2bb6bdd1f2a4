"""The guards' world needs both providers' sandbox."""

from contextlib import contextmanager

import pytest

from daigou.providers import sms
from daigou.providers.easypost import EasyPostCarrier
from daigou.providers.stripe.client import StripeProvider
from daigou.providers.stripe.identity import StripeIdentity
from tests.provider import Provider

KEY = "EZTKdaigoutests"


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory, config):
    folder = tmp_path_factory.mktemp("guards")
    more = {"easypost_key": KEY, "sms_account": "AC", "sms_token": "t"}
    found = Provider(folder, config.stripe_key, config.stripe_webhook_secret, **more)
    yield found
    found.close()


@pytest.fixture
def carrier(sandbox, app):
    with beside(sandbox, app):
        yield sandbox


@contextmanager
def beside(sandbox, app):
    app.extensions["carrier_provider"] = EasyPostCarrier(KEY, "a secret of at least thirty-two letters", sandbox.url)
    app.extensions["payment_provider"] = StripeProvider(
        sandbox.key, (sandbox.secret,), address=sandbox.url, timeouts=(2, 1)
    )
    kept = app.extensions["sms"]
    app.extensions["sms"] = sms.from_url(f"{sandbox.url}?from=+49301".replace("//", "//AC:t@"))
    app.extensions["identity_provider"] = StripeIdentity(sandbox.key, address=sandbox.url, timeouts=(2, 1))
    try:
        yield
    finally:
        app.extensions["sms"] = kept
        app.extensions.pop("carrier_provider")
        app.extensions.pop("identity_provider")
        app.extensions.pop("payment_provider")
