"""The application beside the real sandbox of identity checks."""

import io
import secrets

import httpx
import pytest

from compliance.identity import judging
from daigou.core.config import Config
from daigou.core.db import db
from daigou.providers.stripe.client import StripeProvider
from daigou.providers.stripe.identity import StripeIdentity
from tests import factories
from tests.documents import samples
from tests.provider import Provider


@pytest.fixture(scope="module")
def running(tmp_path_factory, config: Config):
    found = Provider(tmp_path_factory.mktemp("identity"), config.stripe_key, config.stripe_webhook_secret)
    yield found
    found.close()


@pytest.fixture
def provider(running: Provider, app):
    app.extensions["payment_provider"] = StripeProvider(running.key, (running.secret,), address=running.url)
    app.extensions["identity_provider"] = StripeIdentity(running.key, address=running.url, timeouts=(2, 1))
    yield running
    app.extensions.pop("payment_provider")
    app.extensions.pop("identity_provider")


@pytest.fixture
def shopper(app):
    return factories.account()


@pytest.fixture
def browser(shopper, client_of):
    return client_of(shopper)


@pytest.fixture
def officer(app, client_of):
    return client_of(factories.account("officer"))


@pytest.fixture
def check(provider, browser, client, work):
    """Go through the hosted page with an outcome; webhooks and jobs have done their work afterwards."""

    def run(outcome="verify", name="Mara Vogel", deliver=True, **form):
        mark = provider.mark()
        answer = browser.post("/account/identity/check", data={"name": name})
        assert answer.status_code == 303, answer.text
        shown = {"outcome": outcome, "first_name": "Mara", "last_name": "Vogel", **form}
        assert httpx.post(answer.headers["Location"], data=shown).status_code < 400
        if deliver:
            assert set(provider.deliver(client, *provider.events_since(mark))) == {200}
            work()
        return answer.headers["Location"]

    return run


@pytest.fixture
def card(provider, browser, client, work):
    def run(outcome="succeed", **form):
        mark = provider.mark()
        answer = browser.post("/account/identity/card")
        assert answer.status_code == 303, answer.text
        seen = httpx.post(answer.headers["Location"], data={"outcome": outcome, **form})
        provider.deliver(client, *provider.events_since(mark))
        work()
        return seen

    return run


def identity_of(account):
    db.session.expire_all()
    return judging.of_account(account.id)


def send_photos(browser, name="Mara Vogel", document=None, face=None, **more):
    form = {
        "name": name, "once": secrets.token_urlsafe(18),
        "document": (io.BytesIO(samples.image() if document is None else document), "id.jpg"),
        "face": (io.BytesIO(samples.image("PNG") if face is None else face), "me.png"), **more,
    }  # fmt: skip
    return browser.post("/account/identity/photos", data=form, content_type="multipart/form-data")
