"""The safety centre, and how its news reach people."""

import secrets
from datetime import timedelta

import pytest

from daigou.announcing import jobs
from daigou.announcing.models import Announcement
from daigou.core import clock
from daigou.core.db import db
from daigou.notices.models import Notice
from tests import factories

TEXT = {"title": "A false shop", "body": "It asked for gift cards.", "title_zh": "假店", "body_zh": "它索要礼品卡。"}


def post(browser, kind, **changed):
    data = {"kind": kind, **TEXT, "once": secrets.token_urlsafe(18), **changed}
    return browser.post("/officer/announcements", data=data)


def told(account, kind):
    return [row.content for row in db.session.query(Notice).filter_by(account_id=account.id, kind=kind)]


@pytest.fixture
def officer(client_of):
    return client_of(factories.account("officer"))


def test_a_security_announcement_is_shown_and_told_to_everybody_once_in_their_language(officer, client, work):
    one, other = factories.account(), factories.account(locale="zh_Hans")
    assert post(officer, "security").status_code == 303
    work()
    jobs.tell_everybody(str(db.session.query(Announcement.id).scalar()))
    assert [said["title"] for said in told(one, "announcement.security")] == ["A false shop"]
    assert [said["title"] for said in told(other, "announcement.security")] == ["假店"]
    assert "It asked for gift cards." in client.get("/safety").text
    client.set_cookie("locale", "zh_Hans")
    assert "它索要礼品卡" in client.get("/safety").text


def test_cases_and_tips_come_once_a_month(officer, work):
    shopper = factories.account()
    post(officer, "case")
    work()
    assert told(shopper, "announcement.security") == []
    jobs.send_letter()
    assert told(shopper, "announcement.letter") == []
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=31))):
        jobs.send_letter()
        jobs.send_letter()
    assert [said["body"] for said in told(shopper, "announcement.letter")] == ["A false shop"]


def test_what_is_taken_down_is_gone(officer, client):
    post(officer, "tip")
    ref = db.session.query(Announcement.ref).scalar()
    assert officer.post(f"/officer/announcements/{ref}/take-down").status_code == 303
    assert "gift cards" not in client.get("/safety").text


@pytest.mark.parametrize("changed", [{"title": ""}, {"body": " "}, {"kind": "advert"}, {"title": "x" * 161}])
def test_what_is_wrong_is_named_and_what_was_typed_stays(officer, changed):
    answer = post(officer, **{"kind": "tip", **changed})
    assert answer.status_code == 422
    assert "假店" in answer.text
    assert db.session.query(Announcement).first() is None


def test_nobody_but_an_officer_announces(client_of):
    for role in ("shopper", "support", "inspector"):
        assert post(client_of(factories.account(role)), "tip").status_code == 403


@pytest.mark.parametrize("page", ["/help", "/help/spot-fakes", "/help/decisions", "/safety"])
def test_help_is_there_for_everybody(client, page):
    assert client.get(page).status_code == 200


def test_the_published_rules_are_those_that_decide(client):
    page = client.get("/help/decisions").text
    assert "within 3 days" in page
    assert "Directive 2011/83/EU art. 9" in page
    assert "within 24 hours" in page


def test_an_article_that_is_none_is_not_found(client):
    assert client.get("/help/how-to-smuggle").status_code == 404
