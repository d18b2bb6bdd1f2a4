import io
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from compliance.audit import door, proposals
from compliance.identity import expiring as identities
from compliance.identity.models import Identity
from compliance.qualification import authenticity, changing, conflicts, expiring, holds, life_rules, suspending
from compliance.qualification.life_models import AuthenticityTest, Suspension
from compliance.qualification.models import Application
from daigou.accounts.models import Member, Merchant
from daigou.catalog import service as catalog
from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Denied, Impossible
from daigou.notices.models import Notice
from daigou.orders.models import OrderItem
from daigou.payments.payouts import leaving
from tests import factories
from tests.documents import samples

from .people import accept_all, application_of, applied, new_once, papers_of, send_paper, tick_all

WORDS = "The samples of May were not genuine."


def make(client_of):
    """A merchant that was approved through its application, with a listing: (merchant, owner, browser, officer)."""
    owner, browser = applied(client_of)
    who = factories.account("officer")
    officer = client_of(who)
    base = accept_all(officer, owner)
    assert officer.post(f"{base}/approve", data={"once": new_once()}).status_code == 303
    merchant = db.session.execute(
        select(Merchant).join(Member, Member.merchant_id == Merchant.id).where(Member.account_id == owner.id)
    ).scalar_one()
    return merchant, owner, browser, (who, officer)


def listing_of(merchant):
    return db.session.execute(select(Listing).filter_by(merchant_id=merchant.id)).scalar_one()


def told(account):
    return [row.kind for row in db.session.execute(select(Notice).filter_by(account_id=account.id)).scalars()]


def end_paper(owner, kind, days):
    paper = papers_of(owner)[kind]
    with transaction():
        paper.valid_to = clock.today() + timedelta(days=days)
    return paper


def test_a_paper_that_ends_is_announced_three_times_and_then_the_listings_rest(app, client_of, client, work):
    merchant, owner, browser, (_, officer) = make(client_of)
    factories.listing(merchant)
    for days, reminders in ((61, 0), (60, 1), (45, 1), (30, 2), (7, 3), (0, 3)):
        end_paper(owner, "business_licence", days)
        for _ in range(2):
            expiring.watch()
        assert told(owner).count("merchant.paper_ends") == reminders, days
    work()
    assert listing_of(merchant).state == "active", "it is good through its last day"
    end_paper(owner, "business_licence", -1)
    for _ in range(2):
        expiring.watch()
    work()
    assert listing_of(merchant).state == "paused"
    assert told(owner).count("merchant.paper_ended") == 1
    with pytest.raises(Impossible):
        catalog.publish(factories.actor(owner), listing_of(merchant).ref)
    page = client.get(f"/merchants/{merchant.ref}").text
    assert "Business licence" not in page, "what has ended is not said to be verified"
    assert "Proof of supply" in page
    # renewed: the owner sends the new paper, an officer accepts it, the listings come back by themselves
    assert "ended" in browser.get("/merchant/qualification").text
    answer = browser.post("/merchant/qualification/change", data={"changes": "papers", "once": new_once()})
    assert answer.status_code == 303
    assert send_paper(browser, "business_licence").status_code == 303
    assert browser.post("/merchant/apply/submit", data={"once": new_once()}).status_code == 303
    base = accept_all(officer, owner)
    assert officer.post(f"{base}/approve", data={"once": new_once()}).status_code == 303
    assert not holds.is_held(merchant.id)
    work()
    assert listing_of(merchant).state == "active"
    assert "Business licence" in client.get(f"/merchants/{merchant.ref}").text


def test_what_the_merchant_paused_itself_does_not_come_back_by_itself(app, client_of, work):
    merchant, owner, _, (who, _) = make(client_of)
    own, other = factories.listing(merchant), factories.listing(merchant)
    catalog.pause(factories.actor(owner), own.ref)
    row = suspending.suspend(factories.actor(who), merchant.ref, "other", WORDS)
    work()
    assert [db.session.get(Listing, each.id).state for each in (own, other)] == ["paused", "paused"]
    suspending.lift(factories.actor(factories.account("officer")), row.ref, "All is well again.")
    work()
    assert [db.session.get(Listing, each.id).state for each in (own, other)] == ["paused", "active"]


def test_a_change_of_name_is_in_force_only_after_an_officer_has_seen_its_proof(app, client_of, client):
    merchant, owner, browser, (_, officer) = make(client_of)
    assert browser.post("/merchant/qualification/change", data={"once": new_once()}).status_code == 422
    browser.post("/merchant/qualification/change", data={"changes": ["name", "address"], "once": new_once()})
    form = {"kind": "company", "country": "JP", "trade_name": "Hoshino Toys"}
    assert browser.post("/merchant/apply/business", data=form).status_code == 303
    assert browser.post("/merchant/apply/submit", data={"once": new_once()}).status_code == 409, "no proof yet"
    for kind in ("business_licence", "warehouse_proof"):
        assert send_paper(browser, kind).status_code == 303
    assert browser.post("/merchant/apply/submit", data={"once": new_once()}).status_code == 303
    assert "Hoshino Hobby" in client.get(f"/merchants/{merchant.ref}").text
    base = accept_all(officer, owner)
    officer.post(f"{base}/approve", data={"once": new_once()})
    assert db.session.get(Merchant, merchant.id).name == "Hoshino Toys"
    assert db.session.query(Merchant).count() == 1


def test_new_bank_details_open_a_review_once_and_its_owner_cannot_withdraw_it(app, client_of):
    merchant, _, browser, _ = make(client_of)
    for _ in range(2):
        changing.bank_changed(merchant.id)
    rows = db.session.execute(select(Application).filter_by(merchant_id=merchant.id, purpose="review")).scalars().all()
    assert [row.state for row in rows] == ["submitted"]
    assert browser.post("/merchant/apply/withdraw").status_code == 409


def test_a_suspension_is_appealed_once_at_a_time_and_decided_by_another_officer(app, client_of, work):
    merchant, owner, browser, (_, officer) = make(client_of)
    factories.listing(merchant)
    answer = officer.post(f"/officer/merchants/{merchant.ref}/suspend", data={"code": "counterfeit", "words": WORDS})
    assert answer.status_code == 303
    work()
    assert listing_of(merchant).state == "paused"
    assert WORDS in browser.get("/merchant/qualification").text
    appeal = {"words": "Our supplier has sent the certificates."}
    assert browser.post("/merchant/qualification/appeal", data=appeal).status_code == 303
    assert browser.post("/merchant/qualification/appeal", data=appeal).status_code == 409
    row = db.session.execute(select(Suspension)).scalar_one()
    decide = f"/officer/merchants/{merchant.ref}/suspensions/{row.ref}/lift"
    reason = {"words": "The certificates are genuine."}
    assert officer.post(decide, data=reason).status_code == 403, "who imposed it does not decide"
    other = client_of(factories.account("officer"))
    assert "certificates" in other.get(f"/officer/merchants/{merchant.ref}").text
    assert other.post(decide, data=reason).status_code == 303
    assert db.session.get(Merchant, merchant.id).state == "active"
    work()
    assert listing_of(merchant).state == "active"
    assert {"merchant.suspended", "merchant.appeal_decided"} <= set(told(owner))


def test_tests_of_goods_are_planned_by_risk_and_one_that_fails_holds_the_merchant_and_opens_a_review(
    app, client_of, work
):
    merchant, owner, _, (_, officer) = make(client_of)
    factories.listing(merchant)
    assert authenticity.plan_due() == 0, "not on its first day"
    db.session.execute(text("UPDATE merchants SET verified_at = now() - interval '370 days'"))
    db.session.expire_all()
    assert [authenticity.plan_due(), authenticity.plan_due()] == [1, 0]
    test = db.session.execute(select(AuthenticityTest)).scalar_one()
    base = f"/officer/merchants/{merchant.ref}/tests/{test.ref}"
    sample = {"item": "ITM-1", "laboratory": "Kansai Test Centre"}
    assert officer.post(f"{base}/sample", data=sample).status_code == 303
    outcome = {"outcome": "fail", "finding": "The paint is another one."}
    assert officer.post(f"{base}/conclude", data=outcome).status_code == 422, "no report, no outcome"
    report = {**outcome, "file": (io.BytesIO(samples.pdf()), "report.pdf")}
    assert officer.post(f"{base}/conclude", data=report, content_type="multipart/form-data").status_code == 303
    work()
    assert listing_of(merchant).state == "paused"
    review = application_of(owner)
    assert (review.purpose, review.state) == ("review", "submitted")
    officer.post(f"/officer/applications/{review.ref}/take")
    tick_all(officer, review)
    assert officer.post(f"/officer/applications/{review.ref}/approve", data={"once": new_once()}).status_code == 303
    work()
    assert listing_of(merchant).state == "active", "the review is what lets it go on"


def test_a_higher_risk_never_waits_longer_for_its_test():
    rows = [(0, 365), (20, 180), (40, 60), (70, 30)]
    days = [life_rules.interval(risk, rows).days for risk in range(101)]
    assert days == sorted(days, reverse=True)
    facts = {"holds": 0, "age_days": 400, "kind": "company"}
    risks = [life_rules.merchant_risk(failed_tests=number, **facts) for number in range(4)]
    assert risks == sorted(risks)


def test_a_merchant_closes_only_when_everything_is_settled(app, client_of, work):
    merchant, _, _, (who, officer) = make(client_of)
    factories.rates()
    row = factories.listing(merchant)
    placed = factories.paid_order(factories.account(), row)
    page = officer.get(f"/officer/merchants/{merchant.ref}").text
    assert "open orders" in page
    with pytest.raises(Impossible) as refused:
        leaving.close(factories.actor(who), merchant.ref, "The owner retires.")
    assert "open orders" in str(refused.value.message)
    for item in factories.items_of(placed):
        with transaction():
            door.transition(system("test"), load_locked(OrderItem, id=item.id), "withdraw")
    answer = officer.post(f"/officer/merchants/{merchant.ref}/close", data={"words": "The owner retires."})
    assert answer.status_code == 303
    work()
    assert db.session.get(Merchant, merchant.id).state == "closed"
    assert listing_of(merchant).state == "paused"


def test_the_public_page_shows_the_trader_and_never_its_representative(app, client_of, client):
    merchant, owner, _, _ = make(client_of)
    page = client.get(f"/merchants/{merchant.ref}").text
    for words in ("Hoshino Hobby K.K.", "+81 6-6341-1234", "5-8356-7825-6246", str(owner.email), "certified to offer"):
        assert words in page
    assert "星野" not in page


def test_an_officer_with_a_declared_interest_decides_nothing_about_it(app, client_of):
    merchant, owner, _, (who, officer) = make(client_of)
    claims = application_of(owner).claims
    officer.post(
        "/officer/interests",
        data={"kind": "address", "value": f"  {claims['address']}, {claims['city']} ", "once": new_once()},
    )
    with pytest.raises(Denied):
        suspending.suspend(factories.actor(who), merchant.ref, "other", WORDS)
    (row,) = conflicts.declared(factories.actor(who))
    officer.post(f"/officer/interests/{row.ref}/end")
    suspending.suspend(factories.actor(who), merchant.ref, "other", WORDS)


@pytest.mark.parametrize("days", [60, 30, 7, 0, -1])
def test_a_tier_falls_by_itself_when_its_document_has_ended_and_not_a_day_before(app, days):
    account = factories.account()
    factories.trusted(account)
    identity = db.session.execute(select(Identity).filter_by(account_id=account.id)).scalar_one()
    with transaction():
        load_locked(Identity, id=identity.id).document_expires = clock.today() + timedelta(days=days)
    for _ in range(2):
        identities.lower_expired()
    assert db.session.get(Identity, identity.id).state == ("advanced" if days >= 0 else "basic")
    assert len(told(account)) == 1


def test_the_years_figures_need_two_people_and_a_fresh_proof(app, client_of):
    asker, other = factories.account("officer"), factories.account("officer")
    browser = client_of(asker)
    form = {"year": str(clock.today().year), "reason": "The yearly report is due.", "once": new_once()}
    assert browser.post("/officer/dac7", data=form).status_code == 303
    (row,) = proposals.waiting(factories.actor(other)).rows
    assert browser.get(f"/officer/dac7/{row.ref}.csv").status_code == 403, "nobody has agreed yet"
    proposals.approve(factories.actor(other), row.ref)
    answer = browser.get(f"/officer/dac7/{row.ref}.csv")
    assert answer.status_code == 200
    assert answer.text.startswith("\ufeffyear,merchant")
    assert browser.get(f"/officer/dac7/{row.ref}.xml").status_code == 200
    assert client_of(other).get(f"/officer/dac7/{row.ref}.csv").status_code == 403, "only who asked fetches it"


def test_holds_belong_into_a_transaction(app):
    merchant, _ = factories.merchant()
    with pytest.raises(RuntimeError):
        holds.put(system("test"), merchant, "paper", "x")
