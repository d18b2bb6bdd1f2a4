"""kill -9 of every process at every named point of order, pay, webhook, escrow, refund and release."""

import pytest

from .points import FAMILIES


@pytest.mark.everyday
def test_an_order_is_paid_for_once_though_a_process_is_killed_at_each_point(shop):
    """One life; each point kills whoever comes by first, and the life goes on to the next."""
    points = [*FAMILIES["ordering"], *FAMILIES["paying"]]
    shop.points.arm(*points)
    shop.order().paid()
    assert shop.points.missed(*points) == []


@pytest.mark.everyday
def test_a_refund_goes_back_once_though_a_process_is_killed_at_each_point(shop):
    life = shop.order().paid()
    shop.points.arm(*FAMILIES["refunding"])
    life.refunded()
    assert shop.points.missed(*FAMILIES["refunding"]) == []


@pytest.mark.everyday
def test_a_merchant_is_paid_once_though_a_process_is_killed_at_each_point(shop):
    life = shop.order().paid().deliver()
    shop.points.arm(*FAMILIES["releasing"])
    life.released()
    assert shop.points.missed(*FAMILIES["releasing"]) == []


@pytest.mark.parametrize("family", ["ordering", "paying", "refunding", "releasing"])
def test_each_point_alone_is_survived(shop, family):
    """A life for each, so that nobody's death hides another's."""
    for point in FAMILIES[family]:
        life = before(shop, family)
        shop.points.arm(point)
        live(life, family)
        assert shop.points.missed(point) == []


@pytest.mark.parametrize("family", ["paying", "refunding", "releasing"])
def test_the_worker_may_die_with_its_work_horse(shop, family):
    """Or the web's parent with its child: at each point of a life, who looks after the process dies with it."""
    life = before(shop, family)
    shop.points.arm(*FAMILIES[family], what="kill parent")
    live(life, family)
    assert shop.points.missed(*FAMILIES[family]) == []


def before(shop, family):
    """An order as it stands before the points of this family."""
    life = shop.order()
    if family in ("refunding", "releasing"):
        life.paid()
    return life.deliver() if family == "releasing" else life


def live(life, family):
    {"refunding": life.refunded, "releasing": life.released}.get(family, life.paid)()


def test_a_defect_in_the_middle_undoes_its_half_and_is_tried_again(shop):
    paying = ["order.before_commit", "webhook.apply.before_commit"]
    shop.points.arm(*paying, "refund.after_effect", what="raise")
    shop.order().paid().refunded()
    assert shop.points.missed(*paying, "refund.after_effect") == []
