"""Members talk in public under a name of their choice, and nobody finds the person behind it."""

import io
import secrets
from datetime import timedelta
from types import SimpleNamespace

import pytest
from PIL import Image
from sqlalchemy import select

from compliance.audit import door
from compliance.audit.models import Entry
from compliance.privacy import erasing, exporting, requests, subject
from daigou.circles import jobs, rules, service
from daigou.circles.models import Circle, Membership, Post
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import db, load_locked, transaction
from daigou.documents.models import StoredFile
from daigou.notices.models import Notice
from daigou.orders.models import OrderItem
from daigou.risk.models import RiskCase
from tests import factories
from tests.warehouse import bench

WORDS = "Is the seam at the neck right? \U0001f9f8"


@pytest.fixture
def circle(app):
    officer = factories.actor(factories.account("officer"))
    texts = {"en": {"name": "Hoshino figures", "about": "For those who collect them."}}
    texts["zh_Hans"] = {"name": "星野手办", "about": "收藏者的圈子。"}
    return SimpleNamespace(ref=service.make(officer, service.Plan("figures", "Hoshino", texts)).ref)


@pytest.fixture
def member(circle, client_of):
    """Joins an account under a name; answers with its browser."""

    def join(alias, account=None):
        browser = client_of(account or factories.account())
        assert browser.post(f"/circles/{circle.ref}/join", data={"alias": alias}).status_code == 303
        return browser

    return join


def picture(colour="#c33"):
    content = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(content, "PNG")
    content.seek(0)
    return content, "photo.png"


def send(browser, path, **more):
    return browser.post(path, data={"words": WORDS, "once": secrets.token_urlsafe(18), **more})


def started(browser, circle, **more):
    answer = send(browser, f"/circles/{circle.ref}/new", **{"title": "A question of seams", **more})
    assert answer.status_code == 303
    return answer.location


def newest():
    return db.session.query(Post).populate_existing().order_by(Post.id.desc()).first()


def post_page(row=None):
    return f"/circles/posts/{(row or newest()).ref}"


def told(account, kind):
    return db.session.query(Notice).filter_by(account_id=account.id, kind=kind).all()


def decide(client_of, verb, work, reason="It leads away."):
    case = db.session.query(RiskCase).populate_existing().filter_by(state="open").one()
    answer = client_of(factories.account("officer")).post(f"/officer/risks/{case.ref}/{verb}", data={"reason": reason})
    assert answer.status_code == 303
    work()
    return case


def report(browser, row, reason="abuse"):
    return browser.post(f"{post_page(row)}/report", data={"reason": reason, "explanation": "It calls me names."})


def test_everybody_reads_what_a_member_wrote_and_nobody_reads_who_they_are(circle, member, client):
    who = factories.account()
    thread = started(member("Moon rabbit", who), circle, photos=[picture()])
    for address in ("/circles", f"/circles/{circle.ref}", thread, post_page()):
        page = client.get(address).text
        assert "Mara Vogel" not in page
        assert who.subject not in page
        assert str(who.id) not in page
    page = client.get(thread).text
    assert WORDS in page
    assert "Moon rabbit" in page
    shown = client.get(f"/circles/photos/{newest().photos[0]}")
    assert shown.status_code == 200
    assert shown.mimetype == "image/png"


def test_our_words_of_a_circle_are_in_the_readers_language(circle, client):
    client.set_cookie("locale", "zh_Hans")
    assert "星野手办" in client.get("/circles").text


def test_who_has_not_joined_reads_and_does_not_write(circle, member, client, client_of):
    thread = started(member("Moon rabbit"), circle)
    stranger = client_of(factories.account())
    assert send(stranger, f"/circles/{circle.ref}/new", title="Hello").status_code == 409
    assert send(stranger, f"{thread}/answer").status_code == 409
    assert send(client, f"{thread}/answer").headers["Location"].startswith("/sign-in")
    assert send(client_of(factories.account("officer")), f"{thread}/answer").status_code == 403
    assert db.session.query(Post).count() == 1


@pytest.mark.parametrize("alias", ["Mara Vogel", "daigou support", "x", "me@example.test", "MOON-RABBIT", ""])
def test_a_name_that_is_ones_own_or_anothers_or_a_way_out_is_refused(circle, member, client_of, alias):
    member("Moon rabbit")
    answer = client_of(factories.account()).post(f"/circles/{circle.ref}/join", data={"alias": alias})
    assert answer.status_code == 422
    assert db.session.query(Membership).count() == 1


def test_who_leaves_is_no_longer_named_and_may_come_back(circle, member, client):
    browser = member("Moon rabbit")
    thread = started(browser, circle)
    assert browser.post(f"/circles/{circle.ref}/leave").status_code == 303
    page = client.get(thread).text
    assert "Moon rabbit" not in page
    assert "A former member" in page
    assert send(browser, f"{thread}/answer").status_code == 409
    assert browser.post(f"/circles/{circle.ref}/join", data={"alias": "Moon rabbit"}).status_code == 303
    assert "Moon rabbit" in client.get(thread).text


def test_an_answer_is_counted_and_told_once_a_day_unless_they_want_to_hear_nothing(circle, member):
    who = factories.account()
    asking, answering = member("Moon rabbit", who), member("Tea bowl")
    thread = started(asking, circle)
    for _ in range(2):
        assert send(answering, f"{thread}/answer", words="It is right.").status_code == 303
    assert db.session.query(Post).populate_existing().filter_by(kind="talk").one().answers == 2
    assert len(told(who, "circle.answered")) == 1
    other = started(asking, circle)
    asking.post(f"/circles/{circle.ref}/notices", data={})
    send(answering, f"{other}/answer")
    assert len(told(who, "circle.answered")) == 1


def test_a_double_click_posts_once(circle, member):
    browser, number = member("Moon rabbit"), secrets.token_urlsafe(18)
    first, second = (started(browser, circle, once=number) for _ in range(2))
    assert first == second
    assert db.session.query(Post).count() == 1


def test_what_leads_away_is_read_by_an_officer_first(circle, member, client, client_of, work):
    who = factories.account()
    browser = member("Moon rabbit", who)
    started(browser, circle, words="Cheaper on my WeChat", photos=[picture()])
    row = newest()
    assert row.state == "held"
    assert client.get(post_page(row)).status_code == 404
    assert client.get(f"/circles/photos/{row.photos[0]}").status_code == 404
    assert "Waits for an officer" in browser.get(post_page(row)).text
    assert "Cheaper on my WeChat" in client_of(factories.account("officer")).get(post_page(row)).text
    decide(client_of, "uphold", work, "It leads to a chat of your own.")
    assert newest().state == "withheld"
    page = browser.get(post_page(row)).text
    assert "It leads to a chat of your own." in page
    assert "Contest the decision" in page
    assert len(told(who, "circle.decided")) == 1


def test_a_decision_is_contested_once_and_another_look_may_bring_it_back(circle, member, client, client_of, work):
    browser = member("Moon rabbit")
    thread = started(browser, circle, words="Cheaper on my WeChat")
    row = newest()
    decide(client_of, "uphold", work)
    assert browser.post(f"{post_page(row)}/contest").status_code == 303
    assert browser.post(f"{post_page(row)}/contest").status_code == 409
    decide(client_of, "clear", work, "It was a joke.")
    assert newest().state == "shown"
    assert client.get(thread.replace("posts", "threads")).status_code == 200


def test_a_report_reaches_an_officer_and_its_author_hears_what_was_decided(circle, member, client_of, work):
    browser, who = member("Moon rabbit"), factories.account()
    started(browser, circle)
    row = newest()
    assert report(client_of(who), row).status_code == 303
    assert report(client_of(who), row).status_code == 409
    assert newest().state == "shown", "one voice hides nothing"
    officer = client_of(factories.account("officer"))
    assert "It calls me names." in officer.get(post_page(row)).text
    assert "It calls me names." not in browser.get(post_page(row)).text
    decide(client_of, "uphold", work)
    assert newest().state == "withheld"
    assert len(told(who, "circle.report_decided")) == 1
    jobs.follow_decision(str(db.session.query(RiskCase).one().id))
    assert len(told(who, "circle.report_decided")) == 1


def test_three_reports_hide_a_post_until_it_is_decided(circle, member, client, client_of, work):
    answering = member("Tea bowl")
    thread = started(member("Moon rabbit"), circle)
    send(answering, f"{thread}/answer", words="Nonsense.")
    row = newest()
    for reason in ("abuse", "abuse", "advertising"):
        assert "Nonsense." in client.get(thread).text
        assert report(client_of(factories.account()), row, reason).status_code == 303
    assert "Nonsense." not in client.get(thread).text
    assert db.session.query(Post).populate_existing().filter_by(kind="talk").one().answers == 0
    decide(client_of, "clear", work)
    assert "Nonsense." in client.get(thread).text
    answer = report(client_of(factories.account()), row)
    assert "found nothing wrong" in answer.text


def test_nobody_reports_their_own_post_or_without_a_word(circle, member, client, client_of):
    browser = member("Moon rabbit")
    started(browser, circle)
    row = newest()
    assert report(browser, row).status_code == 409
    stranger = client_of(factories.account())
    assert stranger.post(f"{post_page(row)}/report", data={"reason": "abuse", "explanation": ""}).status_code == 422
    assert report(client, row).headers["Location"].startswith("/sign-in")


def test_what_is_withdrawn_is_gone_with_its_photos_and_others_answers_stay(circle, member, client, work):
    browser, answering = member("Moon rabbit"), member("Tea bowl")
    thread = started(browser, circle, photos=[picture()])
    row, photo = newest(), newest().photos[0]
    send(answering, f"{thread}/answer", words="It is right.")
    assert answering.post(f"{post_page(row)}/withdraw").status_code == 404
    assert browser.post(f"{post_page(row)}/withdraw").status_code == 303
    page = client.get(thread).text
    assert WORDS not in page
    assert "It is right." in page
    assert db.session.query(StoredFile).filter_by(kind="circle_photo", deleted_at=None).count() == 0
    assert client.get(f"/circles/photos/{photo}").status_code == 404


def test_who_is_excluded_writes_no_more_reads_why_and_cannot_come_in_by_another_name(circle, member, client_of, work):
    who = factories.account()
    browser = member("Moon rabbit", who)
    started(browser, circle, words="Cheaper on my WeChat")
    row = newest()
    officer = client_of(factories.account("officer"))
    assert officer.post(f"/officer/circles/posts/{row.ref}/exclude", data={"reason": "Twice."}).status_code == 409
    decide(client_of, "uphold", work)
    assert officer.post(f"/officer/circles/posts/{row.ref}/exclude", data={"reason": "Twice."}).status_code == 303
    assert "Twice." in told(who, "circle.excluded")[0].content["body"]
    assert send(browser, f"/circles/{circle.ref}/new", title="Again").status_code == 409
    assert browser.post(f"/circles/{circle.ref}/join", data={"alias": "Other"}).status_code == 409
    assert officer.post(f"/officer/circles/posts/{row.ref}/readmit").status_code == 303
    assert browser.post(f"/circles/{circle.ref}/join", data={"alias": "Other"}).status_code == 303


def test_enough_for_a_day_is_enough(circle, member):
    browser = member("Moon rabbit")
    for _ in range(rules.figure("talk", clock.today())):
        started(browser, circle)
    assert send(browser, f"/circles/{circle.ref}/new", title="One more").status_code == 409


def test_a_closed_circle_is_read_and_not_written(circle, member, client, client_of):
    browser = member("Moon rabbit")
    thread = started(browser, circle)
    assert client_of(factories.account("support")).post(f"/officer/circles/{circle.ref}/close").status_code == 303
    assert client.get(thread).status_code == 200
    assert send(browser, f"{thread}/answer").status_code == 409
    assert circle.ref not in client.get("/circles").text


def test_an_officer_makes_a_circle_and_a_shopper_does_not(client, client_of):
    form = {"category": "stationery", "brand": "", "name": "Pens", "about": "Nibs.", "name_zh": "", "about_zh": ""}
    officer = client_of(factories.account("officer"))
    assert officer.post("/officer/circles", data=form | {"once": secrets.token_urlsafe(18)}).status_code == 303
    assert "Pens" in client.get("/circles").text
    assert client_of(factories.account()).get("/officer/circles").status_code == 403
    ref = db.session.query(Circle).one().ref
    assert officer.post(f"/officer/circles/{ref}", data=form | {"name": "Fountain pens"}).status_code == 303
    assert "Fountain pens" in client.get("/circles").text


# ---- peers


@pytest.fixture
def shop(app):
    return factories.merchant()


def owner_of(count, shop, brand="Hoshino"):
    """Somebody who has bought and kept so many things of a brand."""
    who = factories.account()
    listing = factories.listing(shop[0], brand=brand, published=False)
    for _ in range(count):
        item = bench.item("delivered", who, shop[0])
        with transaction():
            row = load_locked(OrderItem, id=item.id)
            row.listing_id = listing.id
            door.transition(bench.anybody(who, shop[0]), row, "complete")
            row.state_since = clock.now().replace(year=clock.now().year - 1)
    return who


def judge(browser, thread, verdict="doubtful"):
    return send(browser, f"{thread}/verdict", verdict=verdict, words="The print on the box is blurred.")


def asked(browser, circle, **more):
    answer = send(browser, f"/circles/{circle.ref}/check", title="Is it?", **more)
    assert answer.status_code == 303
    return answer.location


def test_who_has_kept_enough_judges_once_and_the_outcome_says_what_it_is_not(circle, member, client, shop):
    asking = member("Moon rabbit", factories.account())
    thread = asked(asking, circle, photos=[picture(c) for c in ("#111", "#222", "#333")])
    assert judge(member("One only", owner_of(1, shop)), thread).status_code == 409
    assert judge(member("Other brand", owner_of(3, shop, "Kisaragi")), thread).status_code == 409
    peer = member("Tea bowl", owner_of(2, shop))
    assert judge(peer, thread, "").status_code == 422
    assert judge(peer, thread, "genuine").status_code == 303
    assert judge(peer, thread, "genuine").status_code == 409
    assert judge(asking, thread, "genuine").status_code == 409
    page = client.get(thread).text
    assert "no inspection of ours" in page
    assert "Has bought and kept 2 such things here" in page
    assert newest().kept == 2


def test_a_thing_of_ones_own_is_shown_in_photos(circle, member):
    answer = send(member("Moon rabbit"), f"/circles/{circle.ref}/check", title="Is it?", photos=[picture()])
    assert answer.status_code == 422
    assert "at least 3 photos" in answer.text


def test_strong_doubts_bring_a_listing_to_an_officer_once_and_it_stays_until_then(
    circle, member, client, client_of, shop, work
):
    listing = factories.listing(shop[0])
    thread = asked(member("Moon rabbit"), circle, listing_ref=listing.ref)
    peers = [member(f"Peer {n}", owner_of(2, shop)) for n in "abcd"]
    for n, peer in enumerate(peers):
        assert (db.session.query(RiskCase).count() == 1) is (n >= 3)
        assert judge(peer, thread).status_code == 303
    assert client.get(f"/items/{listing.ref}").text.count("Not for sale") == 0
    case = decide(client_of, "uphold", work, "The print is not the maker’s.")
    assert (case.kind, case.about_ref) == ("listing", listing.ref)
    assert "Not for sale" in client.get(f"/items/{listing.ref}").text or client.get(
        f"/items/{listing.ref}"
    ).status_code == 404
    assert "Most doubt it" in client.get(thread).text


def test_who_works_for_a_shop_judges_no_listing_and_is_marked(circle, member, client, shop):
    listing = factories.listing(shop[0])
    thread = asked(member("Moon rabbit"), circle, listing_ref=listing.ref)
    rival = member("Kita", factories.merchant("Kita")[1])
    assert judge(rival, thread).status_code == 409
    assert send(rival, f"{thread}/answer").status_code == 303
    assert "Works for a shop" in client.get(thread).text


def test_a_listing_that_is_not_there_is_not_asked_about(circle, member):
    answer = send(member("Moon rabbit"), f"/circles/{circle.ref}/check", title="Is it?", listing_ref="LST-0")
    assert answer.status_code == 422


def test_from_an_item_one_comes_to_its_circle(circle, member, client, client_of, shop):
    listing = factories.listing(shop[0])
    assert client.get(f"/circles/for/{listing.ref}").location == f"/circles/{circle.ref}"
    assert listing.ref in client_of(factories.account()).get(f"/circles/for/{listing.ref}").location
    assert f"/circles/for/{listing.ref}" in client.get(f"/items/{listing.ref}").text


def test_a_thread_costs_the_same_however_many_have_answered(circle, member, client, statements):
    browser = member("Moon rabbit")
    thread = started(browser, circle)
    counts = []
    for _ in range(2):
        db.session.expunge_all()  # what this test has in hand would save a statement
        with statements() as seen:
            client.get(thread)
        counts.append(len(seen))
        for n in range(6):
            send(browser, f"{thread}/answer", words=f"{n}")
    assert counts[0] == counts[1]
    assert counts[0] <= 4, seen


def test_an_author_alone_withdraws(circle, member, client_of):
    started(member("Moon rabbit"), circle)
    row = newest()
    for who in (factories.account(), factories.merchant("Kita")[1]):
        assert client_of(who).post(f"{post_page(row)}/withdraw").status_code == 404
    assert Actor("x").owns(row, "shopper") is False


# ---- what becomes of it


def test_words_name_and_photos_go_with_the_account_and_answers_of_others_stay(circle, member, client):
    who = factories.account()
    thread = started(member("Moon rabbit", who), circle, photos=[picture()])
    photo = newest().photos[0]
    send(member("Tea bowl"), f"{thread}/answer", words="It is right.")
    asked = requests.ask_erasure(factories.actor(who), subject.person_with(who.id), at_once=True)
    erasing.run(asked.id)
    db.session.expire_all()
    page = client.get(thread).text
    assert "It is right." in page
    for gone in (WORDS, "Moon rabbit", "A question of seams"):
        assert gone not in page
    assert client.get(f"/circles/photos/{photo}").status_code == 404
    assert client.get(f"/circles/{circle.ref}").status_code == 200


def test_the_copy_of_ones_data_has_all_that_one_wrote_in_circles(circle, member, app):
    who = factories.account()
    browser = member("Moon rabbit", who)
    started(browser, circle)
    mine = newest()
    started(member("Tea bowl"), circle)
    assert report(browser, newest()).status_code == 303
    copy = exporting.gathered(subject.person_with(who.id), "PRQ-1")["records"]
    assert [row["words"] for row in copy["circle_posts"]] == [WORDS]
    assert copy["circle_posts"][0]["ref"] == mine.ref
    assert copy["circle_members"][0]["alias"] == "Moon rabbit"
    assert copy["circle_reports"][0]["words"] == "It calls me names."


def test_what_was_found_wrong_is_forgotten_when_it_cannot_be_contested_any_more(circle, member, client_of, work):
    browser = member("Moon rabbit")
    started(browser, circle, words="Cheaper on my WeChat", photos=[picture()])
    decide(client_of, "uphold", work)
    jobs.forget_old()
    assert newest().words
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=211))):
        for _ in range(2):
            jobs.forget_old()
    assert (newest().words, newest().photos) == ("", [])


def test_no_entry_of_the_log_holds_a_word_or_a_name_of_a_member(circle, member, client_of):
    thread = started(member("Moon rabbit"), circle, title="Zirbelholz")
    send(member("Tea bowl"), f"{thread}/answer", words="Karfunkel.")
    report(client_of(factories.account()), newest())
    bodies = b"".join(bytes(body) for body in db.session.scalars(select(Entry.body)))
    for word in ("Moon rabbit", "Tea bowl", "Zirbelholz", "Karfunkel", "calls me names"):
        assert word.encode() not in bodies
