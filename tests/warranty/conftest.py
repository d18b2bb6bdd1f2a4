import secrets
from datetime import timedelta

import pytest

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import db, load_locked, transaction
from daigou.orders.models import OrderItem
from daigou.warranty import partners
from tests import factories
from tests.payments.conftest import again, market, pay, provider, running  # noqa: F401

TO_SHOPPER = ("purchase", "receive", "inspect", "accept", "pack", "ship", "deliver")
PLACE = partners.Entered("Feinwerkstatt", "DE", "Werkstraße 12\n04229 Leipzig", ("figures",), "EUR")


def walk(item, *moves, ago=0):
    everybody = Actor(
        "test", item.account_id, item.merchant_id, frozenset({"merchant", "owner", "inspector", "shopper", "system"})
    )
    with transaction():
        row = load_locked(OrderItem, id=item.id)
        for move in moves:
            door.transition(everybody, row, move)
            db.session.flush()
        if "deliver" in moves:
            row.delivered_at = clock.now() - timedelta(days=ago)
    return row


@pytest.fixture
def staff(app):
    return {role: factories.account(role) for role in ("support", "officer")}


@pytest.fixture
def workshop(staff):
    return partners.enter(factories.actor(staff["officer"]), PLACE)


@pytest.fixture
def send(client_of):
    """A form of the page, sent by somebody."""

    def run(who, url, **data):
        data = {"once": secrets.token_urlsafe(18), **data}
        return client_of(who).post(url, data=data, content_type="multipart/form-data")

    return run
