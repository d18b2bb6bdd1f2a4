"""Shoppers, shops and support write to each other, and nobody else reads it."""

import io
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from daigou.conversations import figures, jobs, rules, service
from daigou.conversations.models import Conversation, Message
from daigou.core import clock
from daigou.core.db import db
from daigou.notices.models import Notice
from daigou.pricing import board
from daigou.risk.models import RiskCase
from tests import factories

WORDS = "Is the box sealed, and \U0001f9f8 complete?"


@pytest.fixture
def shop(app):
    board.forget()
    factories.rates()
    yield factories.merchant()
    board.forget()


@pytest.fixture
def shopper(shop):
    return factories.account()


@pytest.fixture
def listing(shop):
    return factories.listing(shop[0])


def say(browser, path, body=WORDS, **more):
    return browser.post(path, data={"body": body, "once": secrets.token_urlsafe(18), **more})


@pytest.fixture
def asked(client_of, shopper, listing):
    """A question about a listing: its address."""
    answer = say(client_of(shopper), f"/items/{listing.ref}/question")
    assert answer.status_code == 303
    return answer.location


@pytest.fixture
def bought(shopper, listing):
    return factories.items_of(factories.paid_order(shopper, listing))[0]


def talk():
    return db.session.query(Conversation).populate_existing().one()


def told(account, kind="conversation.written"):
    return list(db.session.query(Notice).filter_by(account_id=account.id, kind=kind))


def test_a_question_reaches_the_shop_and_its_answer_the_shopper(client_of, shopper, shop, listing, asked):
    owner = client_of(shop[1])
    page = owner.get(asked).text
    assert WORDS in page
    assert "Mara Vogel" not in page
    assert listing.title in owner.get("/messages").text
    assert len(told(shop[1])) == 1
    assert say(owner, asked, "Yes, sealed.").status_code == 303
    page = client_of(shopper).get(asked).text
    assert "Yes, sealed." in page
    assert shop[0].name in page
    assert len(told(shopper)) == 1
    assert talk().answers == 1
    assert talk().awaited == "shopper"


def test_what_was_written_is_sealed_and_not_in_the_mail(asked, shop):
    row = db.session.query(Message).one()
    assert WORDS.encode() not in row.body_sealed
    assert row.body == WORDS
    assert "sealed" not in told(shop[1])[0].content["body"]


def test_a_second_question_goes_on_in_the_same_conversation(client_of, shopper, listing, asked):
    assert say(client_of(shopper), f"/items/{listing.ref}/question", "And the stand?").location == asked
    assert db.session.query(Message).count() == 2
    talk()


def test_a_double_click_writes_once(client_of, shopper, asked):
    number = secrets.token_urlsafe(18)
    for _ in range(2):
        assert say(client_of(shopper), asked, "Hello?", once=number).status_code == 303
    assert db.session.query(Message).count() == 2


def test_nobody_else_reads_or_writes(client_of, asked):
    rival = factories.merchant("Kita")[1]
    for who in (factories.account(), rival, factories.account("support")):
        assert client_of(who).get(asked).status_code == 404
        assert say(client_of(who), asked).status_code == 404
        assert client_of(who).post(f"{asked}/step-in").status_code == 404
    assert client_of(factories.account("inspector")).get(asked).status_code == 403
    assert db.session.query(Message).count() == 1


def test_an_officer_may_read_and_that_stands_in_the_log(client_of, asked):
    officer = client_of(factories.account("officer"))
    assert WORDS in officer.get(asked).text
    assert "conversation:viewed" in officer.get(f"/officer/audit?kind=conversation:viewed&stream={talk().stream}").text
    assert say(officer, asked).status_code == 404


def test_both_sides_may_ask_us_to_step_in_and_then_support_answers_within_a_day(client_of, shopper, shop, asked):
    assert client_of(shop[1]).post(f"{asked}/step-in").status_code == 303
    assert talk().awaited == "staff"
    assert talk().answer_until - clock.now() < timedelta(hours=24, seconds=1)
    support = client_of(factories.account("support"))
    assert talk().ref in support.get("/messages").text
    assert "Mara Vogel" in support.get(asked).text
    assert say(support, asked, "We look at it.").status_code == 303
    assert "We look at it." in client_of(shopper).get(asked).text
    assert client_of(shop[1]).post(f"{asked}/step-in").status_code == 409


@pytest.mark.parametrize("lure", ["Write to me on WeChat", "rin@example.jp", "转微信", "https://pay.example.test/x"])
def test_a_shop_that_leads_away_is_warned_of_and_an_officer_hears(client_of, shopper, shop, asked, lure):
    say(client_of(shop[1]), asked, lure)
    assert "your money is not protected" in client_of(shopper).get(asked).text
    case = db.session.query(RiskCase).one()
    assert (case.kind, case.about_ref) == ("message", talk().ref)
    assert lure not in str(case.reasons)
    assert case.ref in client_of(factories.account("officer")).get("/officer/risks").text


def test_ordinary_words_warn_of_nothing(client_of, shopper, shop, asked):
    say(client_of(shop[1]), asked, "Sealed, and the stand is in the box.")
    assert "not protected" not in client_of(shopper).get(asked).text
    assert db.session.query(RiskCase).first() is None


def test_about_a_bought_item_either_side_begins(client_of, shopper, shop, bought):
    answer = say(client_of(shop[1]), f"/orders/items/{bought.ref}/message", "It ships on Monday.")
    assert answer.status_code == 303
    assert "It ships on Monday." in client_of(shopper).get(answer.location).text
    again = say(client_of(shopper), f"/orders/items/{bought.ref}/message", "Thank you.")
    assert again.location == answer.location
    assert talk().order_ref == bought.order_ref
    assert client_of(factories.account()).get(f"/orders/items/{bought.ref}/message").status_code == 404
    assert [message.body for _talk, message in service.transcript([bought.order_ref])] == [
        "It ships on Monday.", "Thank you.",
    ]  # fmt: skip


def test_photos_are_for_those_who_take_part(client_of, shopper, shop, bought):
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "#c33").save(picture, "PNG")
    picture.seek(0)
    sent = client_of(shopper).post(
        f"/orders/items/{bought.ref}/message",
        data={"body": "See", "once": secrets.token_urlsafe(18), "photos": (picture, "a.png")},
    )
    page = client_of(shop[1]).get(sent.location).text
    address = page.partition('href="/documents/')[2].partition('"')[0]
    assert client_of(shop[1]).get(f"/documents/{address}").status_code == 200
    assert client_of(factories.account()).get(f"/documents/{address}").status_code == 404


def test_help_is_answered_within_a_day_and_support_hears_when_it_is_not(client_of, shopper):
    support = factories.account("support")
    browser = client_of(shopper)
    assert "Perhaps this answers it at once" in browser.get("/help/ask?topic=payment").text
    answer = say(browser, "/help/ask", "Where is my money?", topic="complaint", order_ref="")
    assert "While you wait" in browser.get(answer.location).text
    assert talk().ref in client_of(support).get("/messages").text
    jobs.remind_of_late()
    assert told(support, "conversation.late") == []
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=25))):
        jobs.remind_of_late()
        jobs.remind_of_late()
        assert len(told(support, "conversation.late")) == 1
        assert "Late" in client_of(support).get("/messages").text
    say(client_of(support), answer.location, "It is on its way.")
    assert client_of(shopper).post(f"{answer.location}/close").status_code == 303
    assert talk().state == "closed"
    say(client_of(shopper), answer.location, "It is not.")
    assert (talk().state, talk().awaited) == ("open", "staff")


@pytest.mark.parametrize(
    "data", [{"body": ""}, {"body": " \u202e "}, {"body": "x" * 4001}, {"topic": "bribe"}, {"order_ref": "ORD-OTHERS"}]
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(client_of, shopper, data):
    sent = {"topic": "order", "order_ref": "", "body": "Two arms are missing", **data}
    answer = client_of(shopper).post("/help/ask", data={**sent, "once": secrets.token_urlsafe(18)})
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    if "body" not in data:
        assert "Two arms are missing" in answer.text
    assert db.session.execute(select(Conversation)).first() is None


def test_nobody_is_flooded(client_of, shopper, asked):
    for _ in range(rules.IN_A_ROW - 1):
        say(client_of(shopper), asked, "?")
    answer = say(client_of(shopper), asked, "??")
    assert answer.status_code == 409
    assert "Wait for an answer" in answer.text


def test_ones_own_shop_is_not_asked(client_of, shop, listing):
    assert say(client_of(shop[1]), f"/items/{listing.ref}/question").status_code == 409


def test_what_people_say_is_counted_by_topic_and_month_for_those_who_answer(client_of, shopper):
    for topic in ("idea", "idea", "praise"):
        assert say(client_of(shopper), "/help/ask", topic=topic, order_ref="").status_code == 303
    officer = factories.account("officer")
    months = figures.by_month(factories.actor(officer))
    assert len(months) == 12
    assert (months[0].counts["idea"], months[0].counts["praise"], months[0].total, months[1].total) == (2, 1, 3, 0)
    page = client_of(officer).get("/officer/feedback?topic=praise").text
    praised = db.session.query(Conversation).filter_by(topic="praise").one()
    assert praised.ref in page
    assert client_of(factories.account("support")).get("/officer/feedback").status_code == 200
    assert client_of(shopper).get("/officer/feedback").status_code == 403
