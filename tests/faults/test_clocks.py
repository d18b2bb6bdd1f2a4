"""A host whose clock is ten minutes off: what it does is done, in time and in the right order, as if it were right."""

import time

import httpx
import pytest
from sqlalchemy import text

from daigou.core.db import db

from .hosts import only_wrong_workers, wrong_web

OFF = [600, -600]
CLOSE = 5.0  # seconds
WRITTEN = ("refunds", "releases", "payouts", "ledger_transactions", "outbox", "audit_entries")


@pytest.mark.parametrize("seconds", OFF)
def test_a_worker_whose_clock_is_off_works_in_time(shop, seconds):
    """Leases, deadlines and retries: its work-horse dies in the middle, too, and nothing waits for its wrong clock."""
    back, on = shop.order().paid(), shop.order().paid().deliver()
    begun, before = time.time(), {table: set(shop.ask(lambda table=table: rows_of(table))) for table in WRITTEN}
    with only_wrong_workers(shop, seconds):
        shop.points.arm("refund.after_effect", "release.before_call")
        shop.provider.fault("status_429", "/v1/transfers", count=1)
        back.refunded()
        on.released()
        assert shop.points.missed("refund.after_effect", "release.before_call") == []
        shop.at_rest()
    for table in WRITTEN:
        new = set(shop.ask(lambda table=table: rows_of(table))) - before[table]
        assert new, table
        for key, created_at in new:
            assert begun - CLOSE < created_at.timestamp() < time.time() + CLOSE, table
            assert abs((key.int >> 80) / 1000 - created_at.timestamp()) < CLOSE, f"the keys of {table} sort by time"


def rows_of(table):
    return [tuple(row) for row in db.session.execute(text(f"SELECT id, created_at FROM {table}"))]


@pytest.mark.parametrize("seconds", OFF)
def test_a_web_host_whose_clock_is_off_knows_its_people_and_its_provider(shop, seconds):
    """Cookies and forms that another host has signed; webhooks of now are let in, those of then are not."""
    life = shop.order()
    browser = life.browser
    browser.open(f"/quotes/{life.quote.ref}")
    form = browser.form(r"/order$")
    with wrong_web(shop, seconds) as address:
        there = form.action.replace(shop.whole.base_url, address)
        cookies = dict(browser.client.cookies)
        placed = httpx.post(there, data=form.values, cookies=cookies, headers={"Referer": f"{address}/"}, timeout=20)
        assert placed.status_code == 303, placed.text[:800]
        life.place()
        before = {event["id"] for event in shop.provider.events()}
        shop.provider.webhook_fault("webhook_drop", count=20)
        life.pay()
        events = [event for event in shop.provider.events() if event["id"] not in before]
        shop.mend()
        for off in (3600, seconds, -seconds):
            assert shop.provider.deliver(events[0], at=time.time() + off, to=address).status_code == 400
        assert {shop.provider.deliver(event, to=address).status_code for event in events} == {200}
        shop.until("it is paid", life.is_paid)
