"""kill -9 at every step of order, pay, webhook, escrow, refund and release."""

import pytest

AROUND = ("before_commit", "after_commit")
CALL = ("before_call", "after_effect")


def points(step, where=AROUND):
    return [f"{step}.{part}" for part in where]


PAYING = [
    *points("order"),
    *points("pay.intend"), *points("pay", CALL), *points("pay.open"),
    *points("webhook.receive"), *points("webhook", CALL), *points("webhook.apply"),
    *points("escrow"),
]  # fmt: skip
REFUNDING = [
    *points("refund.promise"), *points("refund.begin"), *points("refund", CALL), *points("refund.apply"),
]  # fmt: skip
RELEASING = [
    *points("release.decide"), *points("release.bundle"), *points("release.begin"), *points("release", CALL),
    *points("release.apply"),
]  # fmt: skip
EVERYDAY = {
    "order.after_commit", "pay.after_effect", "webhook.receive.after_commit", "escrow.before_commit",
    "refund.after_effect", "release.after_effect",
}  # fmt: skip


def each(names):
    return [pytest.param(name, marks=[pytest.mark.everyday] if name in EVERYDAY else []) for name in names]


@pytest.mark.parametrize("point", each(PAYING))
def test_an_order_is_paid_for_once_though_a_process_is_killed(shop, point):
    shop.arm(point)
    shop.order().paid()
    assert shop.struck(point)


@pytest.mark.parametrize("point", each(REFUNDING))
def test_a_refund_goes_back_once_though_a_process_is_killed(shop, point):
    life = shop.order().paid()
    shop.arm(point)
    life.refunded()
    assert shop.struck(point)


@pytest.mark.parametrize("point", each(RELEASING))
def test_a_merchant_is_paid_once_though_a_process_is_killed(shop, point):
    life = shop.order().paid().deliver()
    shop.arm(point)
    life.released()
    assert shop.struck(point)


@pytest.mark.parametrize("point", ["escrow.before_commit", "refund.after_effect", "webhook.apply.after_commit"])
def test_the_worker_may_die_with_its_work_horse(shop, point):
    life = shop.order().paid() if point.startswith("refund") else shop.order()
    shop.arm(point, what="kill parent")
    life.refunded() if point.startswith("refund") else life.paid()
    assert shop.struck(point)


@pytest.mark.parametrize("point", ["order.before_commit", "webhook.apply.before_commit", "refund.after_effect"])
def test_a_defect_in_the_middle_undoes_its_half_and_is_tried_again(shop, point):
    life = shop.order().paid() if point.startswith("refund") else shop.order()
    shop.arm(point, what="raise")
    life.refunded() if point.startswith("refund") else life.paid()
    assert shop.struck(point)
