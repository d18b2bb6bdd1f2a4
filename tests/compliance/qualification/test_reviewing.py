import pytest
from sqlalchemy import select

from compliance.audit.models import Entry
from compliance.qualification import noting, reviewing
from compliance.qualification.words import POINTS
from daigou.accounts.models import Account, Member, Merchant
from daigou.core.db import db
from daigou.core.errors import Denied
from daigou.notices.models import Notice
from tests import factories
from tests.documents import samples

from .people import accept_all, application_of, applied, fill_in, new_once, papers_of, send_paper


@pytest.fixture
def officer(app, client_of):
    return client_of(factories.account("officer"))


def told(account):
    rows = db.session.execute(select(Notice).filter_by(account_id=account.id).order_by(Notice.id)).scalars()
    return [row.kind for row in rows]


def merchant_of(account):
    statement = select(Merchant).join(Member, Member.merchant_id == Merchant.id).where(Member.account_id == account.id)
    return db.session.execute(statement).scalar_one_or_none()


def test_an_officer_reviews_and_approves_and_the_applicant_becomes_a_merchant(officer, client_of, client):
    account, browser = applied(client_of)
    ref = application_of(account).ref
    assert "Hoshino Hobby" in officer.get("/officer/applications").text
    page = officer.get(f"/officer/applications/{ref}").text
    for words in (
        "星野 さくら",
        "Form and check digit are right",
        "Nobody else has sent this file",
        "Take this application",
    ):
        assert words in page
    base = accept_all(officer, account)
    assert officer.post(f"{base}/approve", data={"once": new_once()}).status_code == 303
    merchant = merchant_of(account)
    assert (merchant.state, merchant.name, merchant.currency, merchant.city) == (
        "active",
        "Hoshino Hobby",
        "JPY",
        "Osaka",
    )
    assert db.session.get_one(Account, account.id).roles == ["merchant", "shopper"]
    assert told(account) == ["application.submitted", "application.approved"]
    assert "Hoshino Hobby" in browser.get("/merchant").text
    public = client.get(f"/merchants/{merchant.ref}").text
    assert "Verified since" in public
    assert "We photograph every box." in public
    assert "星野" not in public, "who represents it is no public fact"


def test_every_step_of_it_stands_in_the_log_without_personal_data(officer, client_of):
    account, _ = applied(client_of)
    base = accept_all(officer, account)
    officer.post(f"{base}/approve", data={"once": new_once()})
    application, merchant = application_of(account), merchant_of(account)
    streams = [application.stream, merchant.stream, account.stream, *(p.stream for p in papers_of(account).values())]
    entries = db.session.execute(select(Entry).where(Entry.stream.in_(streams))).scalars().all()
    kinds = {entry.kind for entry in entries}
    assert {
        "application:submit",
        "application:take",
        "application:approve",
        "paper:accept",
        "merchant:activate",
    } <= kinds
    assert "account:role_given" in kinds
    written = b"".join(bytes(entry.body) for entry in entries)
    for secret in ("星野", "6341", "5-8356", account.email, "梅田"):
        assert secret.encode() not in written


def test_nothing_is_approved_while_a_paper_is_not_accepted(officer, client_of):
    account, _ = applied(client_of)
    base = f"/officer/applications/{application_of(account).ref}"
    assert officer.post(f"{base}/approve", data={"once": new_once()}).status_code == 409, "not even taken yet"
    officer.post(f"{base}/take")
    assert officer.post(f"{base}/approve", data={"once": new_once()}).status_code == 409
    assert merchant_of(account) is None


def test_papers_are_judged_only_in_review(officer, client_of):
    account, _ = applied(client_of)
    paper = papers_of(account)["supply_proof"]
    base = f"/officer/applications/{application_of(account).ref}/papers/{paper.ref}"
    assert officer.post(f"{base}/accept").status_code == 409
    assert officer.post(f"{base}/refuse", data={"reason": "Not sharp"}).status_code == 409


def test_a_refused_paper_is_asked_for_again_and_the_rest_stays_accepted(officer, client_of):
    account, browser = applied(client_of)
    base = accept_all(officer, account)
    paper = papers_of(account)["supply_proof"]
    assert officer.post(f"{base}/papers/{paper.ref}/refuse", data={"reason": ""}).status_code == 422
    officer.post(f"{base}/papers/{paper.ref}/refuse", data={"reason": "The photo is not sharp."})
    officer.post(f"{base}/ask", data={"reason": "Please send a sharper photo of the invoice."})
    assert told(account)[-1] == "application.asked"
    page = browser.get("/merchant/apply").text
    assert "The photo is not sharp." in page
    assert "sharper photo of the invoice" in page
    assert send_paper(browser, "business_licence").status_code == 409, "an accepted paper is not sent again"
    assert send_paper(browser, "supply_proof", samples.image()).status_code == 303
    browser.post("/merchant/apply/submit", data={"once": new_once()})
    accept_all(officer, account)
    assert officer.post(f"{base}/approve", data={"once": new_once()}).status_code == 303
    assert merchant_of(account) is not None


def test_rejecting_needs_a_reason_and_tells_it(officer, client_of):
    account, browser = applied(client_of)
    base = f"/officer/applications/{application_of(account).ref}"
    officer.post(f"{base}/take")
    assert officer.post(f"{base}/reject", data={"reason": " \u200f "}).status_code == 422
    assert officer.post(f"{base}/reject", data={"reason": "x" * 10_000}).status_code == 422
    assert officer.post(f"{base}/reject", data={"reason": "The licence belongs to another company."}).status_code == 303
    assert application_of(account).state == "rejected"
    assert "belongs to another company" in browser.get("/merchant/apply").text
    assert told(account)[-1] == "application.rejected"


def test_a_double_click_on_approve_makes_one_merchant(officer, client_of):
    account, _ = applied(client_of)
    base, once = accept_all(officer, account), new_once()
    assert [officer.post(f"{base}/approve", data={"once": once}).status_code for _ in range(2)] == [303, 303]
    assert officer.post(f"{base}/approve", data={"once": new_once()}).status_code == 409
    assert len(db.session.execute(select(Member).filter_by(account_id=account.id)).all()) == 1


def test_nobody_decides_on_their_own_application(app, client_of):
    both = factories.account("shopper", "officer")
    browser = client_of(both)
    fill_in(browser)
    browser.post("/merchant/apply/submit", data={"once": new_once()})
    ref = application_of(both).ref
    assert browser.post(f"/officer/applications/{ref}/take").status_code == 403
    with pytest.raises(Denied):
        reviewing.approve(factories.actor(both), ref)
    assert "another officer must decide" in browser.get(f"/officer/applications/{ref}").text.lower()


def test_only_officers_review(app, client_of):
    account, browser = applied(client_of)
    ref = application_of(account).ref
    for who in (browser, client_of(factories.account("support")), client_of(factories.account("admin"))):
        assert who.get("/officer/applications").status_code == 403
        assert who.get(f"/officer/applications/{ref}").status_code == 403
        assert who.post(f"/officer/applications/{ref}/take").status_code == 403


def test_a_paper_of_another_application_is_not_judged_here(officer, client_of):
    first, _ = applied(client_of)
    second, _ = applied(client_of)
    base = f"/officer/applications/{application_of(first).ref}"
    officer.post(f"{base}/take")
    foreign = papers_of(second)["supply_proof"].ref
    assert officer.post(f"{base}/papers/{foreign}/accept").status_code == 404
    assert officer.get(f"{base}/papers/{foreign}/preview.png").status_code == 404


def test_a_draft_is_the_applicants_own(officer, client_of):
    account = factories.account()
    fill_in(client_of(account))
    assert officer.get(f"/officer/applications/{application_of(account).ref}").status_code == 404


def test_the_same_file_from_two_people_is_seen(officer, client_of):
    shared = samples.pdf()
    for _ in range(2):
        account = factories.account()
        browser = client_of(account)
        fill_in(browser)
        send_paper(browser, "supply_proof", shared)
        browser.post("/merchant/apply/submit", data={"once": new_once()})
    assert "very same file" in officer.get(f"/officer/applications/{application_of(account).ref}").text


@pytest.mark.parametrize("content", [samples.pdf(), samples.image()], ids=["pdf", "picture"])
def test_a_preview_is_a_picture_drawn_anew_and_its_viewing_is_logged(officer, client_of, content):
    account = factories.account()
    browser = client_of(account)
    fill_in(browser)
    send_paper(browser, "supply_proof", content)
    browser.post("/merchant/apply/submit", data={"once": new_once()})
    paper = papers_of(account)["supply_proof"]
    answer = officer.get(f"/officer/applications/{application_of(account).ref}/papers/{paper.ref}/preview.png")
    assert answer.data.startswith(b"\x89PNG")
    assert answer.headers["Cache-Control"] == "no-store"
    seen = select(Entry.kind).filter_by(stream=f"document/{paper.file_id}", kind="document:viewed")
    assert len(db.session.execute(seen).all()) == 1


def test_the_longest_waiting_stands_first(officer, client_of):
    applied(client_of, trade_name="Aaa waits longest")
    other = {"registration_number": "9234567890123", "address": "大阪市天王寺区1-1", "phone": "+81 6-6341-9999"}
    applied(client_of, trade_name="Bbb came later", legal_name="Bbb K.K.", representative="山田 太郎", **other)
    page = officer.get("/officer/applications").text
    assert page.index("Aaa waits longest") < page.index("Bbb came later")
    assert "Aaa waits" not in officer.get("/officer/applications?state=in_review").text
    assert officer.get("/officer/applications?state=nonsense").status_code == 200
    assert officer.get("/officer/applications?cursor=nonsense").status_code < 500


def test_the_dashboard_counts_what_waits(app, client_of):
    owner = factories.merchant()[1]
    page = client_of(owner).get("/merchant").text
    assert "Nothing waits for you" in page
    assert client_of(factories.account()).get("/merchant").status_code == 403


def test_a_merchant_that_was_never_verified_has_no_page(app, client):
    merchant, _ = factories.merchant()
    assert client.get(f"/merchants/{merchant.ref}").status_code == 404
    assert client.get("/merchants/MER-0000000000").status_code == 404


def test_nothing_is_approved_while_a_point_of_the_checklist_is_not_ticked_and_the_point_is_named(officer, client_of):
    account, _ = applied(client_of)
    base = accept_all(officer, account)
    left = "register_seen"
    points = [point.name for point in noting.points(application_of(account)) if point.name != left]
    officer.post(f"{base}/points", data={"point": points})
    answer = officer.post(f"{base}/approve", data={"once": new_once()})
    assert answer.status_code == 409
    assert str(POINTS[left]) in answer.text
    assert str(POINTS[points[0]]) not in answer.text
    assert str(POINTS[left]) in officer.get(base).text
    assert merchant_of(account) is None


def test_the_second_officer_sees_who_ticked_what(officer, client_of):
    account, _ = applied(client_of)
    base = accept_all(officer, account)
    second = client_of(factories.account("officer"))
    page = second.get(base).text
    assert page.count("Ticked by") == len(noting.points(application_of(account))) > 1


def test_what_is_sent_anew_is_ticked_anew(officer, client_of):
    account, browser = applied(client_of)
    base = accept_all(officer, account)
    officer.post(f"{base}/ask", data={"reason": "Which of the two addresses is right?"})
    browser.post("/merchant/apply/submit", data={"once": new_once()})
    assert not any(point.done for point in noting.points(application_of(account)))
