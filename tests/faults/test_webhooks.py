"""Webhooks as they really come: many times, in any order, late, early, signed by whom it may be."""

import time

import pytest

from .shop import NEW_SECRET, OLD_SECRET

DAY = 86_400


@pytest.fixture
def unheard(shop):
    """An order that was paid for, of which the provider's own deliveries told us nothing; and its events."""
    life = shop.order().place()
    before = {event["id"] for event in shop.provider.events()}
    shop.provider.webhook_fault("webhook_drop", count=20)
    life.pay()
    found = [event for event in shop.provider.events() if event["id"] not in before]
    shop.mend()
    assert any(event["type"] == "checkout.session.completed" for event in found)
    return life, found


def statuses(answers):
    return {answer.status_code for answer in answers}


@pytest.mark.everyday
def test_fifty_at_once_are_one(shop, unheard):
    life, events = unheard
    copies = (events * 50)[:50]
    answers = shop.together([lambda event=event: shop.provider.deliver(event) for event in copies])
    assert statuses(answers) == {200}
    assert sum(not answer.json()["repeated"] for answer in answers) == len(events)
    shop.until("it is paid", life.is_paid)


def test_in_the_reverse_order_they_mean_the_same(shop, unheard):
    life, events = unheard
    assert statuses(shop.provider.deliver(event) for event in events[::-1]) == {200}
    shop.until("it is paid", life.is_paid)


def test_three_days_late_they_change_nothing_any_more(shop, unheard):
    """The payer's way back had told us; the provider's last retry comes when all is over."""
    life, events = unheard
    life.browser.open(f"/payments/{life.bill}/return")
    shop.until("it is paid", life.is_paid)
    life.refunded()
    late = [{**event, "created": event["created"] - 3 * DAY} for event in events]
    assert statuses(shop.provider.deliver(event) for event in late) == {200}
    shop.at_rest()
    assert shop.ask(life.is_refunded)


def test_what_comes_before_the_apis_own_answer_is_no_second_effect(shop):
    life = shop.order().paid()
    shop.provider.fault("slow_answer", "/v1/refunds", seconds=1)
    life.refunded()


@pytest.mark.everyday
def test_a_signature_of_another_time_or_another_secret_is_refused(shop, unheard):
    life, events = unheard
    now = time.time()
    wrong = [shop.provider.deliver(events[0], at=at) for at in (now + 3600, now - 3 * DAY)]
    wrong.append(shop.provider.deliver(events[0], secret="whsec_somebody_elses"))
    assert statuses(wrong) == {400}
    assert not shop.ask(life.is_paid)
    assert statuses(shop.provider.deliver(event) for event in events) == {200}
    shop.until("it is paid", life.is_paid)


def test_while_the_secret_is_rotated_both_are_right(shop, unheard):
    life, events = unheard
    half = len(events) // 2
    assert statuses(shop.provider.deliver(event, secret=OLD_SECRET) for event in events[:half]) <= {200}
    assert statuses(shop.provider.deliver(event, secret=NEW_SECRET) for event in events[half:]) == {200}
    shop.until("it is paid", life.is_paid)


@pytest.mark.parametrize("kind", ["webhook_duplicate", "webhook_delay", "webhook_reverse"])
def test_the_provider_may_send_them_as_it_likes(shop, kind):
    shop.provider.webhook_fault(kind, count=5)
    life = shop.order().paid()
    shop.provider.webhook_fault(kind, count=5)
    life.refunded()
