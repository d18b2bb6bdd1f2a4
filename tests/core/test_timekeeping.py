"""One time for all hosts: whose clock is off goes by the database's."""

import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text

from daigou.core import clock, ids, timekeeping
from daigou.core.db import db
from daigou.payments.provider import provider
from daigou.providers.payment import Rejected

FAR = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def a_right_clock():
    yield
    clock.system.off = timedelta(0)


@pytest.mark.parametrize("off", [FAR, -FAR])
def test_what_is_off_is_put_right_in_times_and_in_keys(off):
    before = clock.now()
    timekeeping.put_right(off)
    assert abs(clock.now() - before - off) < timedelta(seconds=5)
    assert abs((ids.new_id().int >> 80) / 1000 - clock.now().timestamp()) < 5
    timekeeping.put_right(timedelta(0))
    assert abs(clock.now() - before) < timedelta(seconds=5)


@pytest.mark.parametrize(("off", "waited"), [(1, 0), (-1, 0), (9, 8), (-9, 8)])
def test_a_host_that_keeps_time_is_left_alone_and_so_is_a_slow_answer(off, waited):
    timekeeping.put_right(timedelta(seconds=off), waited=timedelta(seconds=waited))
    assert clock.system.off == timedelta(0)


def test_a_clock_is_compared_with_the_databases_when_a_connection_is_taken(shared_app):
    with shared_app.app_context():
        engine = db.engine
        timekeeping.Timekeeper(engine)
        clock.system.off = FAR  # what an earlier look had found, before the clock was put right by its own host
        with engine.connect() as connection:
            theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        assert abs(clock.now() - theirs) < timedelta(seconds=5)


def test_a_cookie_of_another_host_is_not_from_the_future(app):
    signer = URLSafeTimedSerializer("a key of at least some length")
    timekeeping.put_right(FAR)
    signed = signer.dumps("somebody")
    assert signer.loads(signed, max_age=60) == "somebody"
    assert signer.loads(signed, max_age=60, return_timestamp=True)[1] > clock.now() - timedelta(seconds=5)


def signed(secret, *moments, over):
    body = json.dumps({"id": "evt_1", "type": "refund.updated", "data": {"object": {"id": "re_1"}}}).encode()
    mark = hmac.new(secret.encode(), f"{over}.".encode() + body, hashlib.sha256).hexdigest()
    return body, ",".join([*moments, f"v1={mark}"])


def test_a_webhooks_age_is_that_of_the_timestamp_which_was_signed(app):
    """An old event does not become young by a second timestamp before the one that the signature is over."""
    secret, now = app.extensions["config"].stripe_webhook_secret.split()[0], int(time.time())
    body, header = signed(secret, f"t={now}", over=now)
    assert provider().read_event(body, header).id == "evt_1"
    old = now - 86_400
    for moments in ([f"t={old}"], [f" t={now}", f"t={old}"], [f"x=1,  t={now}", f"t={old}"], [f"t={now}", f"t={old}"]):
        with pytest.raises(Rejected):
            provider().read_event(*signed(secret, *moments, over=old))


@pytest.mark.parametrize("header", ["t=", "t=x,v1=0", "t=1=2,v1=0", "v1=0", "", "t=9999999999999,v1=0", None])
def test_a_header_without_a_time_is_refused(app, header):
    with pytest.raises(Rejected, match="signature_missing"):
        provider().read_event(b"{}", header)
