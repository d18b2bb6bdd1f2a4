"""A market with one paid-for item in reach, and the real sandbox behind it."""

from types import SimpleNamespace

import pytest

from daigou.core.config import Config
from daigou.core.db import db
from daigou.payments import service
from daigou.providers.stripe.client import StripeProvider
from tests import factories
from tests.provider import Provider


@pytest.fixture(scope="session")
def running(tmp_path_factory, config: Config):
    """One sandbox for all; it has working capital, so that transfers do not wait for their own payment."""
    found = Provider(tmp_path_factory.mktemp("provider"), config.stripe_key, config.stripe_webhook_secret)
    yield found
    found.close()


@pytest.fixture
def provider(request, running: Provider, app, tmp_path):
    """The application talks to it. ``own`` as parameter: one that nobody else uses, whose clock may be moved."""
    own = getattr(request, "param", "") == "own"
    used = Provider(tmp_path, running.key, running.secret) if own else running
    app.extensions["payment_provider"] = StripeProvider(used.key, (used.secret,), address=used.url, timeouts=(2, 1))
    yield used
    app.extensions.pop("payment_provider")
    if own:
        used.close()


@pytest.fixture
def market(app):
    """A shopper in Germany, a merchant in Japan, an unpaid order of one figure."""
    factories.rates()
    shop, owner = factories.merchant()
    shopper = factories.account()
    order = factories.order(shopper, factories.listing(shop))
    return SimpleNamespace(
        shopper=shopper,
        shop=shop,
        owner=owner,
        order=order,
        bill=factories.bill_of(order),
        item=factories.items_of(order)[0],
    )


@pytest.fixture
def pay(provider, client, work):
    """Pay a bill on the hosted page and let the webhooks and jobs do their work."""

    def run(shopper, bill, outcome="succeed"):
        mark = provider.mark()
        provider.pay(service.start(factories.actor(shopper), bill.ref), outcome)
        provider.deliver(client, *provider.events_since(mark))
        work()

    return run


@pytest.fixture
def again():
    """The row as it is now: work done by jobs lets go of everything that was loaded."""
    return lambda row: db.session.get(type(row), row.id, populate_existing=True)
