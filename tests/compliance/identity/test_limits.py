"""What a tier allows, where it bites."""

from datetime import timedelta

import pytest

from compliance.audit import door
from compliance.identity import tiers
from compliance.identity.models import Identity
from daigou.aftersales import standing
from daigou.catalog import publishing
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.errors import Impossible
from daigou.orders import service as orders
from daigou.payments.escrow.models import Release
from daigou.payments.payouts import batching
from tests import factories
from tests.warehouse import bench


@pytest.fixture
def shop(app):
    factories.rates()
    return factories.merchant()[0]


def order(shopper, shop, yen):
    quote = factories.quote(shopper, factories.listing(shop, price_minor=yen, domestic_freight_minor=0))
    return orders.place(factories.actor(shopper), quote.ref)


def test_an_order_beyond_the_tier_is_refused_with_the_way_to_rise(shop, client_of):
    shopper = factories.account()
    with pytest.raises(Impossible) as refused:
        order(shopper, shop, 400_000)  # 2,500 euros
    assert refused.value.code == "tier.order"
    assert "€2,000.00" in str(refused.value.message)
    assert "Confirm your name" in str(refused.value.message)
    assert orders_of(shopper) == 0


def test_the_same_order_is_taken_from_who_is_verified(shop):
    shopper = factories.account()
    factories.trusted(shopper)
    assert order(shopper, shop, 400_000).total_minor > 250_000


def test_the_sum_of_thirty_days_is_limited_and_forgets_what_is_older(shop):
    shopper = factories.account()
    for _ in range(2):
        order(shopper, shop, 280_000)
    with pytest.raises(Impossible, match=r"tier\.month"):
        order(shopper, shop, 280_000)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=31))):
        factories.rates()
        quote = orders.quote_cart(factories.actor(shopper), "EUR")  # what was refused is in the cart still
        assert orders.place(factories.actor(shopper), quote.ref)


def test_a_bad_history_tightens_the_limits_and_a_good_one_widens_them(shop):
    from compliance.identity.models import Standing

    shopper = factories.account()
    row = Standing(account_id=shopper.id, score=10, version=1, reasons=[], rated_at=clock.now())
    db.session.add(row)
    db.session.commit()
    assert tiers.limits_of(shopper.id).order.minor == 50_000
    assert tiers.limits_of(shopper.id).open_orders == 3
    row.score = 90
    db.session.commit()
    assert tiers.limits_of(shopper.id).order.minor == 300_000


def test_a_rating_comes_from_what_happened_here(shop):
    shopper = factories.account()
    for _ in range(4):
        factories.paid_order(shopper, factories.listing(shop))
    assert shopper.id in standing.due()
    assert standing.rate(shopper.id) == 62
    assert shopper.id not in standing.due()


def test_a_payment_that_was_charged_back_costs_points_once(app):
    shopper = factories.account()
    before = standing.rate(shopper.id)
    with transaction():
        for kind in ("dispute:ask", "dispute:lose", "dispute:settled"):
            door.note(system("test"), "dispute/1", kind, subject=shopper.subject)
    assert standing.rate(shopper.id) == before - 25


def test_a_payout_of_a_basic_merchant_waits_its_days(shop):
    item = bench.item("delivered", factories.account(), shop)
    shop.kind = "individual"
    release = Release(
        ref=ids.new_ref("REL"), item_id=item.id, merchant_id=item.merchant_id, merchant_ref=item.merchant_ref,
        order_ref=item.order_ref, rule="test", currency="JPY", amount_minor=100, commission_minor=0, held_minor=100,
    )  # fmt: skip
    with transaction():
        door.created(system("test"), release)
    assert due(release) == []
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=7, seconds=1))):
        assert due(release) == [release.id]


def due(release):
    with transaction():
        return [row.id for row in batching._due(release.merchant_id, "JPY")]


def test_a_merchant_lists_as_many_as_its_tier_shows(shop, monkeypatch):
    limits = tiers.merchant_limits(shop.id)
    assert limits.tier == "verified"
    tiers.require_listing_room(limits, limits.listings - 1)
    with pytest.raises(Impossible, match=r"tier\.listings"):
        tiers.require_listing_room(limits, limits.listings)


def test_publishing_counts_what_is_shown(app, shop):
    from compliance.identity.models import TierRule

    db.session.add(
        TierRule(audience="merchant", tier="verified", currency="EUR", listings=2, valid_from=clock.today(), source="t")
    )
    db.session.commit()
    tiers.forget()
    owner = db.session.query(factories.Member).filter_by(merchant_id=shop.id).one()
    who = factories.actor(db.session.get(factories.Account, owner.account_id))
    factories.listing(shop)
    draft = factories.listing(shop, published=False)
    publishing.publish(who, draft.ref)
    third = factories.listing(shop, published=False)
    with pytest.raises(Impossible, match=r"tier\.listings"):
        publishing.publish(who, third.ref)
    tiers.forget()


def test_a_person_on_their_own_account_begins_below_a_company(app):
    shop, _ = factories.merchant()
    shop.kind = "individual"
    db.session.commit()
    assert tiers.merchant_tier(shop) == "basic"
    assert tiers.merchant_limits(shop.id).payout_hold_days == 7
    assert db.session.query(Identity).count() == 0


def orders_of(shopper):
    from daigou.orders.models import Order

    return db.session.query(Order).filter_by(account_id=shopper.id).count()
