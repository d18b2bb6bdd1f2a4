import secrets

import pytest
from sqlalchemy import select

from compliance.qualification import twins
from compliance.qualification.models import Application
from daigou.core.db import db
from tests import factories
from tests.documents import samples

from .people import accept_all, application_of, applied, fill_in, new_once, send_paper, tick_all


@pytest.fixture
def officer(app, client_of):
    return client_of(factories.account("officer"))


def reasons(account):
    db.session.expire_all()
    return {row["code"] for row in application_of(account).risk_reasons}


def reviews(merchant_id):
    return db.session.execute(select(Application).filter_by(merchant_id=merchant_id, purpose="review")).scalars().all()


def approved(client_of, officer, work, **changes):
    account, browser = applied(client_of, **changes)
    work()
    base = accept_all(officer, account)
    officer.post(f"{base}/approve", data={"once": new_once()})
    found = application_of(account)
    assert found.is_("approved")
    return found, browser


def test_a_later_applicant_at_the_same_address_raises_the_earlier_ones_risk(officer, client_of, work):
    first, _ = applied(client_of, address="大阪市北区梅田9-9-9")
    work()
    assert "shared" not in reasons(first)
    before = application_of(first).risk
    applied(client_of, address="大阪市北区梅田 9-9-9")
    work()
    assert "shared" in reasons(first)
    assert application_of(first).risk > before


def test_a_later_copy_of_a_paper_raises_the_earlier_ones_risk(officer, client_of, work):
    same = samples.pdf(lambda d: d.docinfo.update({"/Title": secrets.token_hex(8)}))
    accounts = [factories.account(email=f"a@{name}{secrets.token_hex(4)}.test") for name in ("one", "two")]
    for account in accounts:
        browser = client_of(account)
        fill_in(browser)
        send_paper(browser, "business_licence", same)
        browser.post("/merchant/apply/submit", data={"once": new_once()})
        work()
    assert "duplicates" in reasons(accounts[0])


def test_a_merchant_that_was_approved_on_it_is_looked_at_again_once(officer, client_of, work):
    found, _ = approved(client_of, officer, work, address="東京都千代田区1-1-1")
    later, _ = applied(client_of, address="東京都千代田区1-1-1")
    work()
    (review,) = reviews(found.merchant_id)
    assert review.is_("submitted")
    assert "shared" in {row["code"] for row in review.risk_reasons}
    officer.post(f"/officer/applications/{review.ref}/take")
    tick_all(officer, review)
    twins.weigh(found.id, application_of(later).id)
    assert officer.post(f"/officer/applications/{review.ref}/approve", data={"once": new_once()}).status_code == 303
    twins.weigh(found.id, application_of(later).id)
    assert len(reviews(found.merchant_id)) == 1


def test_nobody_is_weighed_anew_for_a_mail_domain_or_for_what_they_share_with_themselves(officer, client_of, work):
    found, _ = approved(client_of, officer, work)
    for _ in range(2):
        applied(client_of)
        work()
    assert reviews(found.merchant_id) == []
