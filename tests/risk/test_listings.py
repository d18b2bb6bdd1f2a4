"""Nothing suspicious is shown before an officer has seen it."""

import pytest

from compliance.audit import door
from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.documents.models import StoredFile
from daigou.pricing import board
from daigou.risk.models import RiskCase
from tests import factories


@pytest.fixture
def shop(app):
    board.forget()
    factories.rates()
    yield factories.merchant()
    board.forget()


@pytest.fixture
def publish(shop, client_of):
    def run(listing):
        return client_of(shop[1]).post(f"/merchant/listings/{listing.ref}/publish")

    return run


def state(listing):
    return db.session.query(Listing.state).filter_by(id=listing.id).scalar()


def case():
    return db.session.query(RiskCase).populate_existing().one()


def codes():
    return {reason["code"] for reason in case().reasons}


@pytest.mark.parametrize(
    "more",
    [
        {"title": "Rin, 高仿 figure"},
        {"description": "A fine replica."},
        {"translations": {"zh_Hans": {"title": "原厂"}}},
    ],
)
def test_a_word_of_forbidden_goods_keeps_a_listing_out_of_the_shop(shop, publish, client, more):
    listing = factories.listing(shop[0], published=False, **more)
    publish(listing)
    assert (state(listing), codes()) == ("in_review", {"forbidden_word"})
    assert listing.ref not in client.get("/").text
    assert "Not for sale" in client.get(f"/items/{listing.ref}").text


def test_a_price_far_below_other_shops_waits_for_an_officer(shop, publish):
    for number in range(3):
        factories.listing(factories.merchant(f"Shop {number}")[0])
    dear = factories.listing(shop[0], published=False)
    publish(dear)
    assert state(dear) == "active"
    cheap = factories.listing(shop[0], published=False, price_minor=5_000)
    publish(cheap)
    assert (state(cheap), codes()) == ("in_review", {"far_below_market"})


def test_what_an_officer_clears_is_shown_and_not_asked_again(shop, publish, client_of, work, client):
    listing = factories.listing(shop[0], published=False, description="No replica: the original.")
    publish(listing)
    officer, owner = client_of(factories.account("officer")), client_of(shop[1])
    assert case().ref in officer.get("/officer/risks").text
    assert "replica" in officer.get(f"/officer/risks/{case().ref}").text
    assert officer.post(f"/officer/risks/{case().ref}/clear", data={"reason": ""}).status_code == 422
    assert officer.post(f"/officer/risks/{case().ref}/clear", data={"reason": "It says no."}).status_code == 303
    work()
    assert state(listing) == "active"
    assert listing.ref in client.get("/").text
    owner.post(f"/merchant/listings/{listing.ref}/pause")
    owner.post(f"/merchant/listings/{listing.ref}/publish")
    assert state(listing) == "active"


def test_what_is_found_wrong_goes_back_to_its_merchant_with_the_reason(shop, publish, client_of, work):
    listing = factories.listing(shop[0], published=False, description="A replica")
    publish(listing)
    client_of(factories.account("officer")).post(
        f"/officer/risks/{case().ref}/uphold", data={"reason": "It is a copy."}
    )
    work()
    assert state(listing) == "draft"
    page = client_of(shop[1]).get(f"/merchant/listings/{listing.ref}/edit").text
    assert "It is a copy." in page
    publish(listing)
    assert state(listing) == "in_review"


def test_a_listing_under_review_can_not_be_changed_meanwhile(shop, publish, client_of):
    listing = factories.listing(shop[0], published=False, description="A replica")
    publish(listing)
    answer = client_of(shop[1]).post(f"/merchant/listings/{listing.ref}/publish", follow_redirects=True)
    assert "An officer is looking at this listing" in answer.text


def test_photos_of_another_shop_are_noticed(shop, publish):
    other, _owner = factories.merchant("Kita")
    listing = factories.listing(shop[0], published=False)
    with transaction() as session:
        for subject, ref in ((other.subject, "DOC-THEIRS"), (shop[0].subject, listing.photos[0])):
            session.add(
                StoredFile(
                    ref=ref,
                    subject=subject,
                    purpose="account",
                    kind="listing_photo",
                    about=f"listing/{subject}",
                    media_type="image/png",
                    size=1,
                    sha256="a" * 64,
                    storage_key=ref,
                )
            )
    publish(listing)
    assert (state(listing), codes()) == ("in_review", {"stolen_pictures"})


def test_a_new_shop_with_many_valuables_is_looked_at(shop, publish):
    with transaction():
        db.session.get(type(shop[0]), shop[0].id).verified_at = clock.now()
    for _ in range(5):
        factories.listing(shop[0], price_minor=90_000)
    sixth = factories.listing(shop[0], published=False, price_minor=90_000)
    publish(sixth)
    assert (state(sixth), codes()) == ("in_review", {"new_shop_valuables"})


def test_nobody_but_an_officer_sees_or_decides(shop, publish, client_of):
    publish(factories.listing(shop[0], published=False, description="A replica"))
    for who in (shop[1], factories.account(), factories.account("support"), factories.account("inspector")):
        assert client_of(who).get("/officer/risks").status_code == 403
        assert client_of(who).post(f"/officer/risks/{case().ref}/clear", data={"reason": "x"}).status_code == 403
    assert case().state == "open"


def test_the_state_is_moved_through_the_door_alone(shop, publish):
    listing = factories.listing(shop[0], published=False, description="A replica")
    publish(listing)
    with pytest.raises(Exception, match="denied"), transaction():
        door.transition(factories.actor(shop[1]), db.session.get(Listing, listing.id), "pass")
