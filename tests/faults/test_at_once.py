"""Several people, or one person several times, at the same moment: through the front door, on real processes."""

import httpx
import pytest
from sqlalchemy import text

from daigou.core.access import system
from daigou.core.db import db
from daigou.core.errors import Impossible
from daigou.core.money import Money
from daigou.payments import service as payments

TWENTY = 20


def sent(browser, form):
    return lambda: httpx.post(
        form.action, data=form.values, cookies=dict(browser.client.cookies), headers={"Referer": browser.address},
        timeout=60,
    )  # fmt: skip


def places(answers):
    return {answer.headers.get("location") for answer in answers if answer.status_code == 303}


@pytest.mark.everyday
def test_twenty_submits_of_one_form_are_one_order_and_one_page(shop):
    life = shop.order()
    life.browser.open(f"/quotes/{life.quote.ref}")
    answers = shop.together([sent(life.browser, life.browser.form(r"/order$"))] * TWENTY)
    shop.tried.note("double submits", 2 * TWENTY)
    assert len(places(answers)) == 1, answers
    life.place()
    life.browser.open(f"/bills/{life.bill}")
    pages = places(shop.together([sent(life.browser, life.browser.form(r"/pay$"))] * TWENTY))
    assert pages == {life.to_the_page()}
    life.pay()
    shop.until("it is paid", life.is_paid)


@pytest.mark.everyday
def test_the_last_one_is_bought_by_one_of_twenty(shop):
    listing = shop.listing(stock=1)
    lives = [shop.order(listing=listing) for _ in range(TWENTY)]
    for life in lives:
        life.browser.open(f"/quotes/{life.quote.ref}")
    answers = shop.together([sent(life.browser, life.browser.form(r"/order$")) for life in lives])
    shop.tried.note("buyers of the last one", TWENTY)
    assert sum(answer.status_code == 303 for answer in answers) == 1, answers
    assert {answer.status_code for answer in answers} <= {303, 409}
    left = db.session.execute(text("SELECT stock FROM listings WHERE id = :id"), {"id": listing.id}).scalar_one()
    assert left == 0


@pytest.mark.everyday
def test_sixty_and_sixty_of_a_hundred_are_not_both_refunded(shop):
    life = shop.order().paid()
    item = shop.ask(life.row)
    part = Money(item.total.minor * 6 // 10, item.currency)

    def refund():
        return payments.refund(system("test"), life.row(), part, "goodwill")

    found = shop.together([refund] * 4)
    shop.tried.note("refunds at once", 4)
    assert [type(one) for one in found if isinstance(one, Exception)] == [Impossible] * 3
    shop.until("it is refunded", life.is_refunded)


@pytest.mark.parametrize("times", range(3))
def test_refund_release_and_dispute_at_once_leave_the_money_in_one_place(shop, times):
    life = shop.order().paid().deliver()
    item = shop.ask(life.row)
    half = Money(item.total.minor // 2, item.currency)
    charge = db.session.execute(
        text("SELECT charge_id FROM payment_attempts WHERE order_ref = :ref AND state = 'succeeded'"), {"ref": life.ref}
    ).scalar_one()
    shop.together(
        [
            life.confirm,
            lambda: payments.refund(system("test"), life.row(), half, "goodwill"),
            lambda: httpx.post(f"{shop.provider.address}/controls/disputes", data={"charge": charge}),
        ]
    )
    shop.tried.note("refund, release and dispute at once", 1)
    shop.at_rest()
