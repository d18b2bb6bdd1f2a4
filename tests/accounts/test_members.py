"""Who works for a merchant, and how narrow their rights are."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit.models import Entry
from daigou.accounts import directory
from daigou.accounts.models import Invitation, Member
from daigou.core import clock
from daigou.core.db import db
from tests import factories

from .people import PASSWORD, fresh_email, link, mails, sign_in


def invite(browser, email, *rights, **more):
    form = {"email": email, "rights": list(rights or ("lister",)), "once": secrets.token_urlsafe(18), **more}
    return browser.post("/merchant/members", data=form)


def waiting(account):
    statement = select(Invitation).filter_by(account_id=account.id, closed_at=None)
    return db.session.execute(statement.order_by(Invitation.id)).scalars().all()


@pytest.fixture
def shop(app):
    return factories.merchant()


@pytest.fixture
def owner(shop, client_of):
    return client_of(shop[1])


def hired(owner, client_of, *rights):
    """Somebody with an account who has said yes."""
    person = factories.account()
    invite(owner, person.email, *rights)
    assert client_of(person).post(f"/account/invitations/{waiting(person)[0].ref}/accept").status_code == 303
    return person


def test_somebody_with_an_account_is_asked_and_says_yes(owner, shop, client_of):
    person = factories.account()
    assert invite(owner, person.email, "lister", "seller").status_code == 303
    assert db.session.query(Member).filter_by(account_id=person.id).count() == 0, "nobody is made to work"
    browser = client_of(person)
    assert "Hoshino Hobby" in browser.get("/account/invitations").text
    assert mails(person.email)[-1]["url"] == "/account/invitations"
    browser.post(f"/account/invitations/{waiting(person)[0].ref}/accept")
    assert browser.get("/merchant").status_code == 200
    assert person.email in owner.get("/merchant/members").text
    assert [mail["kind"] for mail in mails(shop[1].email)][-1] == "account.joined"
    kinds = db.session.execute(select(Entry.kind).filter_by(stream=shop[0].stream)).scalars().all()
    assert {"merchant:member_invited", "merchant:member_joined"} <= set(kinds)


def test_somebody_without_an_account_gets_one_with_the_invitation(owner, client):
    email = fresh_email()
    invite(owner, email, "seller")
    assert sign_in(client, email).status_code == 422
    client.post(link(email, "account.invite"), data={"name": "Ken Ito", "password": PASSWORD})
    assert directory.by_email(email).roles == ["merchant", "shopper"]
    sign_in(client, email)
    assert client.get("/merchant/orders").status_code == 200


def test_the_answer_does_not_tell_who_has_an_account(owner):
    known, unknown = factories.account().email, fresh_email()
    first, second = invite(owner, known), invite(owner, unknown)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    page = owner.get("/merchant/members").text
    assert known in page
    assert unknown in page


PAGES = {
    "/merchant": ("owner", "lister", "seller"),
    "/merchant/listings": ("owner", "lister"),
    "/merchant/orders": ("owner", "lister", "seller"),
    "/merchant/payouts": ("owner",),
    "/merchant/members": ("owner",),
}


def test_rights_are_as_narrow_as_the_table_says(owner, client_of):
    browsers = {"owner": owner} | {right: client_of(hired(owner, client_of, right)) for right in ("lister", "seller")}
    for page, allowed in PAGES.items():
        for who, browser in browsers.items():
            assert (page, who, browser.get(page).status_code) == (page, who, 200 if who in allowed else 403)
    for path in ("/merchant/payouts/onboard", "/merchant/members", "/merchant/members/sub_x/remove"):
        assert browsers["lister"].post(path).status_code == 403


def test_a_seller_may_not_list_and_a_lister_may_not_buy(owner, shop, client_of):
    listing = factories.listing(shop[0])
    seller, lister = (client_of(hired(owner, client_of, right)) for right in ("seller", "lister"))
    assert seller.post(f"/merchant/listings/{listing.ref}/pause").status_code == 403
    assert lister.post(f"/merchant/listings/{listing.ref}/pause").status_code == 303
    assert lister.post("/merchant/orders/ITM-X/purchase").status_code == 403


def test_changed_rights_count_from_the_next_page_on(owner, client_of):
    person = hired(owner, client_of, "lister")
    browser = client_of(person)
    assert browser.get("/merchant/listings").status_code == 200
    assert owner.post(f"/merchant/members/{person.subject}/rights", data={"rights": ["seller"]}).status_code == 303
    assert browser.get("/merchant/listings").status_code == 403
    assert mails(person.email)[-1]["kind"] == "account.rights"


def test_who_is_removed_is_signed_out_and_keeps_their_own_account(owner, client_of):
    person = hired(owner, client_of, "lister")
    browser = client_of(person)
    assert owner.post(f"/merchant/members/{person.subject}/remove").status_code == 303
    assert browser.get("/merchant").status_code == 303
    assert client_of(person).get("/merchant").status_code == 403
    assert client_of(person).get("/account").status_code == 200
    assert person.roles == ["shopper"]


def test_another_merchants_people_are_not_there(owner, client_of):
    _shop, rival = factories.merchant("Han River", "KR", "KRW")
    person = hired(client_of(rival), client_of, "lister")
    for path in (f"/merchant/members/{person.subject}/remove", f"/merchant/members/{person.subject}/rights"):
        assert owner.post(path, data={"rights": ["lister"]}).status_code == 404
    invite(client_of(rival), email := fresh_email())
    ref = waiting(directory.by_email(email))[0].ref
    assert owner.post(f"/merchant/invitations/{ref}/withdraw").status_code == 404
    assert client_of(rival).post(f"/merchant/members/{rival.subject}/remove").status_code == 409, "the owner stays"


def test_only_the_invited_answers(owner, client_of):
    person, other = factories.account(), factories.account()
    invite(owner, person.email)
    ref = waiting(person)[0].ref
    for verb in ("accept", "decline"):
        assert client_of(other).post(f"/account/invitations/{ref}/{verb}").status_code == 404
    assert client_of(person).post(f"/account/invitations/{ref}/decline").status_code == 303
    assert client_of(person).post(f"/account/invitations/{ref}/accept").status_code == 409


def test_an_old_or_withdrawn_invitation_is_closed(owner, client_of, client):
    person, email = factories.account(), fresh_email()
    invite(owner, person.email)
    ref = waiting(person)[0].ref
    browser = client_of(person)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=7, seconds=1))):
        assert browser.post(f"/account/invitations/{ref}/accept").status_code == 409
    invite(owner, email)
    path = link(email, "account.invite")
    owner.post(f"/merchant/invitations/{waiting(directory.by_email(email))[0].ref}/withdraw")
    assert client.post(path, data={"name": "X", "password": PASSWORD}).status_code == 409


def test_one_account_works_for_one_merchant(owner, client_of):
    _shop, rival = factories.merchant("Han River", "KR", "KRW")
    person = hired(owner, client_of, "lister")
    invite(client_of(rival), person.email)
    assert client_of(person).post(f"/account/invitations/{waiting(person)[0].ref}/accept").status_code == 409


def test_our_own_staff_are_not_asked(owner):
    officer = factories.account("officer")
    assert invite(owner, officer.email).status_code == 303
    assert mails(officer.email) == []


def test_an_invitation_without_rights_is_refused(owner):
    answer = owner.post("/merchant/members", data={"email": fresh_email(), "once": secrets.token_urlsafe(18)})
    assert answer.status_code == 422
