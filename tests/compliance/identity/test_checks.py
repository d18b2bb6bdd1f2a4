"""Finding out who somebody is, through the pages, the provider's own protocol and its webhooks."""

from datetime import timedelta

import httpx
import pytest
import stripe
from sqlalchemy import select

from compliance.audit.models import Entry
from compliance.identity import jobs
from compliance.identity.models import IdentityCheck
from daigou.core import clock
from daigou.core.db import db
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from tests import factories

from .conftest import identity_of, send_photos


def newest_check():
    db.session.expire_all()
    return db.session.execute(select(IdentityCheck).order_by(IdentityCheck.id.desc()).limit(1)).scalar_one()


def test_a_name_that_agrees_makes_a_verified_identity(check, browser, shopper):
    check()
    identity = identity_of(shopper)
    assert identity.state == "verified"
    assert (identity.document_country, identity.document_expires.year) == ("DE", 2035)
    page = browser.get("/account/identity").text
    assert "€10,000.00" in page
    assert "Verify a bank card" in page


def test_only_the_outcome_is_kept(check):
    check()
    found = newest_check()
    assert found.state == "verified"
    assert found.name_sealed is None
    assert found.name_matches is True
    facts = [bytes(body) for body in db.session.execute(select(Entry.body)).scalars()]
    assert not any(b"Mara" in body or b"Vogel" in body for body in facts)


def test_another_name_on_the_document_is_no_verification(check, browser, shopper):
    check(first_name="Otto", last_name="Krause")
    assert identity_of(shopper) is None
    assert newest_check().state == "refused"
    assert "another name" in browser.get("/account/identity").text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("selfie_mismatch", "face did not match"), ("document_expired", "has expired"), ("document_fake", "genuine"),
     ("document_type", "could not be read"), ("country", "can’t be checked there"), ("decline", "declined"),
     ("abandon", "not finished")],
)  # fmt: skip
def test_a_refusal_is_said_in_words_and_the_same_check_goes_on(check, browser, shopper, outcome, words):
    first = check(outcome)
    assert newest_check().state == "requires_input"
    assert words in browser.get("/account/identity").text
    assert check() == first
    assert identity_of(shopper).state == "verified"


def test_events_that_come_twice_and_late_change_nothing(check, provider, client, work, shopper):
    mark = provider.mark()
    check(deliver=False)
    events = [e for e in provider.events_since(mark) if e["type"].startswith("identity.")]
    provider.deliver(client, *reversed(events), *events)
    work()
    assert identity_of(shopper).state == "verified"
    entries = db.session.execute(select(Entry.kind).where(Entry.kind == "identity:verify")).all()
    assert len(entries) == 1


def test_coming_back_from_the_page_asks_without_a_webhook(check, browser, shopper, work):
    check(deliver=False)
    assert browser.get("/account/identity/return").status_code == 303
    work()
    assert identity_of(shopper).state == "verified"


def test_a_provider_that_does_not_answer_leaves_one_check_to_go_on_with(provider, browser, check, shopper):
    provider.fault("status_500", "/v1/identity/verification_sessions", count=2)
    answer = browser.post("/account/identity/check", data={"name": "Mara Vogel"})
    assert answer.status_code == 503
    assert "Mara Vogel" in answer.text
    check()
    assert db.session.query(IdentityCheck).filter_by(account_id=shopper.id).count() == 1


def test_a_check_can_be_given_up_and_the_provider_is_told(check, provider, browser, work):
    check("abandon")
    found = newest_check()
    assert browser.post(f"/account/identity/checks/{found.ref}/cancel").status_code == 303
    work()
    seen = provider.get(f"/v1/identity/verification_sessions/{found.provider_id}")
    assert seen["status"] == "canceled"
    assert newest_check().name_sealed is None


def test_nobody_gives_up_the_check_of_somebody_else(check, client_of):
    check("abandon")
    stranger = client_of(factories.account())
    assert stranger.post(f"/account/identity/checks/{newest_check().ref}/cancel").status_code == 404


@pytest.mark.parametrize(
    "name", ["", "x", "🦊🦊", "x" * 10_000, "Mаra Vogel", "\u202e\u200f", "12345"]
)  # fmt: skip
def test_what_is_nobodys_name_is_refused_and_begins_nothing(provider, browser, name):
    answer = browser.post("/account/identity/check", data={"name": name})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert db.session.query(IdentityCheck).count() == 0


# ---- the card


def test_a_card_is_verified_with_nothing_charged_and_nothing_kept(check, card, provider, shopper):
    check()
    before = provider.total()
    card(funding="debit")
    identity = identity_of(shopper)
    assert (identity.card_country, identity.card_funding) == ("DE", "debit")
    assert identity.card_verified_at is not None
    assert provider.total() == before
    row = db.session.execute(select(IdentityCheck).filter_by(method="card")).scalar_one()
    kept = str({c.key: getattr(row, c.key) for c in row.__table__.columns})
    assert "4242" not in kept
    assert "visa" not in kept


def test_a_declined_card_can_be_tried_again_on_the_same_page(card, shopper):
    assert card("decline").status_code == 400
    assert identity_of(shopper) is None
    assert card().status_code < 400
    assert identity_of(shopper).card_verified_at is not None


def test_a_card_page_is_no_payment_and_a_payment_page_no_card(provider, browser):
    client = stripe.StripeClient(provider.key, base_addresses={"api": provider.url})
    page = client.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "jpy", "success_url": "http://x.test/", "payment_method_types": ["card"]}
    )
    assert page.amount_total is None
    assert page.setup_intent.startswith("seti_")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create({"mode": "setup", "success_url": "http://x.test/"})


# ---- photos and officers


def judge(officer, **changes):
    form = {"country": "DE", "expires": "2035-01-01", "name_matches": "1", **changes}
    return officer.post(f"/officer/identities/checks/{newest_check().ref}/accept", data=form)


def test_an_officer_judges_photos_and_each_look_is_logged(browser, officer, shopper):
    assert send_photos(browser).status_code == 303
    found = newest_check()
    assert found.state == "in_review"
    page = officer.get(f"/officer/identities/checks/{found.ref}").text
    assert "Mara Vogel" in page
    file = db.session.query(StoredFile).filter_by(kind="identity_face").one()
    picture = officer.get(f"/officer/identities/checks/{found.ref}/images/{file.ref}.png")
    assert picture.data.startswith(b"\x89PNG")
    assert db.session.query(Entry).filter_by(kind="document:viewed").count() == 1
    assert judge(officer).status_code == 303
    assert identity_of(shopper).state == "verified"


def test_photos_are_for_their_person_and_officers_only(browser, client_of):
    send_photos(browser)
    file = db.session.query(StoredFile).filter_by(kind="identity_document").one()
    assert client_of(factories.account()).get(f"/documents/{file.ref}").status_code == 404
    assert browser.get(f"/documents/{file.ref}").status_code == 200


@pytest.mark.parametrize("changes", [{"expires": "2020-01-01"}, {"name_matches": ""}, {"country": "XX"}])
def test_an_expired_or_foreign_document_is_not_accepted(browser, officer, shopper, changes):
    send_photos(browser)
    assert judge(officer, **changes).status_code == 422
    assert identity_of(shopper) is None


def test_photos_are_refused_with_words_and_can_be_sent_again(browser, officer, shopper):
    send_photos(browser)
    base = f"/officer/identities/checks/{newest_check().ref}"
    assert officer.post(f"{base}/refuse", data={"reason": "The corner is cut off."}).status_code == 303
    assert "The corner is cut off." in browser.get("/account/identity").text
    assert send_photos(browser).status_code == 303


@pytest.mark.parametrize("field", ["document", "face"])
def test_a_bad_photo_is_refused_at_its_field_and_nothing_is_stored(browser, field):
    answer = send_photos(browser, **{field: b"<svg/>"})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "Mara Vogel" in answer.text
    assert db.session.query(StoredFile).count() == db.session.query(IdentityCheck).count() == 0


def test_nobody_judges_their_own_photos(app, client_of):
    both = factories.account("shopper", "officer")
    browser = client_of(both)
    send_photos(browser)
    assert judge(browser).status_code == 403


def test_images_are_destroyed_on_the_last_day_of_their_country(app, browser, officer, shopper, work):
    send_photos(browser)
    judge(officer)
    check = newest_check()
    today = clock.today()
    assert check.document_until == today + timedelta(days=14)  # Germany's row
    assert check.face_until == today + timedelta(days=7)
    later(8, jobs.destroy_due, work)
    kinds = {f.kind: f for f in db.session.query(StoredFile).all()}
    db.session.expire_all()
    assert kinds["identity_face"].deleted_at is not None
    assert kinds["identity_document"].deleted_at is None
    assert not documents.storage().exists(kinds["identity_face"].storage_key)
    assert officer.get(f"/documents/{kinds['identity_face'].ref}").status_code == 404
    later(15, jobs.destroy_due, work)
    later(16, jobs.destroy_due, work)
    assert not documents.storage().exists(kinds["identity_document"].storage_key)
    assert db.session.query(Entry).filter_by(kind="document:destroyed").count() == 2


def test_the_provider_is_told_to_redact(check, provider):
    check()
    later(31, jobs.destroy_due)
    found = newest_check()
    assert found.document_until is None
    seen = provider.get(f"/v1/identity/verification_sessions/{found.provider_id}")
    assert seen["redaction"] == {"status": "redacted"}


def later(days, *works):
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=days))):
        for work in works:
            work()


# ---- the advanced tier


def test_the_advanced_tier_needs_two_officers(app, check, card, browser, shopper, client_of, work):
    check()
    assert browser.post("/account/identity/advanced").status_code == 409
    card()
    assert browser.post("/account/identity/advanced").status_code == 303
    one, other = client_of(factories.account("officer")), client_of(factories.account("officer"))
    assert shopper.subject in one.get("/officer/identities").text
    base = f"/officer/identities/{shopper.subject}"
    noted = {"source": "Schufa", "looked_on": clock.today().isoformat(), "result": "clear"}
    noted["expires_on"] = (clock.today() + timedelta(days=90)).isoformat()
    assert one.post(f"{base}/credit", data=noted).status_code == 303
    assert one.post(f"{base}/advance", data={"reason": "Orders cameras for a shop."}).status_code == 303
    from compliance.audit.models import Proposal

    ref = db.session.query(Proposal).one().ref
    assert "credit look-up clear" in other.get(f"/officer/proposals/{ref}").text
    assert one.post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 403
    assert other.post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 303
    assert identity_of(shopper).state == "advanced"
    assert one.post(f"{base}/lower", data={"reason": "The document was false."}).status_code == 303
    assert identity_of(shopper).state == "basic"


@pytest.mark.parametrize(
    "changes", [{"looked_on": "2099-01-01"}, {"expires_on": "2099-01-01"}, {"result": "fine"}, {"source": ""}]
)
def test_a_credit_look_up_that_cannot_be_is_refused(app, check, officer, shopper, changes):
    check()
    day = clock.today()
    form = {"source": "Schufa", "looked_on": day.isoformat(), "result": "caution"}
    form["expires_on"] = (day + timedelta(days=30)).isoformat()
    assert officer.post(f"/officer/identities/{shopper.subject}/credit", data=form | changes).status_code == 422


def test_the_hosted_page_knows_no_other_outcome(check, provider):
    address = check("abandon")
    assert httpx.post(address, data={"outcome": "bribe"}).status_code == 400
