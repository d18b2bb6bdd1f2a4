"""A hit holds an order, a parcel or an application for a person; what the person decides is remembered."""

import re
import secrets

import pytest
from sqlalchemy import select, update

from compliance.audit import proposals
from compliance.audit.models import Entry, Proposal
from compliance.qualification import screening as applications
from compliance.screening import jobs, service
from compliance.screening.finding import Facts
from compliance.screening.models import Embargo, ListEntry, ListVersion, Match, Party
from daigou.core import clock, outbox
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.errors import Impossible
from daigou.notices.models import Notice
from daigou.orders import ending
from daigou.orders import screening as orders
from tests import factories

LISTED = "Iwan Zimorodkin"
REASON = "Another day of birth and another face on the passport."


def once():
    return secrets.token_urlsafe(18)


@pytest.fixture
def officers(client_of, called):
    return [client_of(called(name, "officer")) for name in ("Ada Stern", "Bo Winter")]


@pytest.fixture
def held(lists, market, called, work):
    """An order of somebody who is called like a listed person, after the job."""
    order = factories.order(called(LISTED), factories.listing(market))
    work()
    return order


def case_of(order):
    return db.session.execute(select(Party).where(Party.subject == order.subject, Party.role == "shopper")).scalar_one()


def match_of(party):
    return db.session.execute(select(Match).where(Match.party_id == party.id)).scalar_one()


def decide(browser, party, what, reason=REASON):
    form = {"reason": reason, "once": once()}
    return browser.post(f"/officer/screening/{party.ref}/{match_of(party).ref}/{what}", data=form)


def shopper_of(order, client_of):
    from daigou.accounts.models import Account

    return client_of(db.session.get_one(Account, order.account_id))


def test_an_order_of_nobody_listed_goes_on(lists, market, called, work):
    order = factories.order(called("Mara Vogel"), factories.listing(market))
    work()
    assert service.standing(order.ref) == "clear"
    orders.require_clear(order.ref)


def test_a_held_order_can_not_be_paid_and_its_shopper_reads_neutral_words(held, client_of):
    browser = shopper_of(held, client_of)
    bill = factories.bill_of(held)
    answer = browser.post(f"/bills/{bill.ref}/pay", data={})
    assert answer.status_code == 409
    pages = [answer.text, browser.get(f"/bills/{bill.ref}").text, browser.get(f"/orders/{held.ref}").text]
    for page in pages:
        assert "We are checking the details" in page
        assert "up to 2 days" in page
        assert not re.search(r"sanction|ofac|watch.?list|screening|embargo", page, re.IGNORECASE)
    assert "Go on to pay" not in pages[1]


def test_who_is_faster_than_the_job_is_looked_at_when_paying(lists, market, called, client_of):
    order = factories.order(called(LISTED), factories.listing(market))
    assert service.standing(order.ref) == "unknown"
    answer = shopper_of(order, client_of).post(f"/bills/{factories.bill_of(order).ref}/pay", data={})
    assert answer.status_code == 409
    assert service.standing(order.ref) == "held"


def test_an_order_that_was_paid_before_the_hit_is_not_bought(lists, market, called):
    order = factories.paid_order(called(LISTED), factories.listing(market))
    with pytest.raises(Impossible):
        orders.require_clear(order.ref)


def test_the_officer_reads_claims_entry_and_why(held, officers):
    party = case_of(held)
    assert party.ref in officers[0].get("/officer/screening").text
    page = officers[0].get(f"/officer/screening/{party.ref}").text
    for words in (LISTED, "ZIMORODKIN, Ivan Petrovich", "90001", "1961", "Russia", held.ref, "is the same"):
        assert words in page, words
    assert db.session.execute(select(Entry).where(Entry.kind == "screening:viewed")).scalars().first()


def test_clearing_lets_the_order_go_on_by_itself(held, officers, client_of, work):
    bill = factories.bill_of(held)
    with transaction() as session:
        session.execute(update(type(bill)).where(type(bill).id == bill.id).values(due_until=clock.now()))
    assert not ending.expire_bill(system("orders"), bill.id)  # nobody could pay it meanwhile
    assert decide(officers[0], case_of(held), "clear").status_code == 303
    work()
    assert service.standing(held.ref) == "clear"
    db.session.expire_all()
    assert factories.bill_of(held).due_until > clock.now()
    assert "Go on to pay" in shopper_of(held, client_of).get(f"/bills/{bill.ref}").text
    told = db.session.execute(select(Notice).where(Notice.kind == "bill.checked")).scalars().all()
    assert len(told) == 1


def test_a_reason_is_needed_and_what_was_typed_stays(held, officers):
    answer = decide(officers[0], case_of(held), "clear", "no")
    assert answer.status_code == 422
    assert ">no</textarea>" in answer.text.replace("\r\n", "")
    assert service.standing(held.ref) == "held"


def test_a_cleared_match_is_remembered_for_the_next_order(held, officers, market, work):
    decide(officers[0], case_of(held), "clear")
    from daigou.accounts.models import Account

    again = factories.order(db.session.get_one(Account, held.account_id), factories.listing(market))
    work()
    assert service.standing(again.ref) == "clear"


def changed_entry():
    """As a new version of the list would: the entry has another digest, the list another key."""
    with transaction() as session:
        session.execute(update(ListEntry).where(ListEntry.entry_id == "90001").values(digest="0" * 64))
        old = session.execute(select(ListVersion).filter_by(current=True)).scalar_one()
        old.current = False
        session.flush()
        new = ListVersion(code=old.code, version="1" * 64, entries=old.entries, current=True)
        session.add(new)
        session.flush()
        session.execute(update(ListEntry).where(ListEntry.list_id == old.id).values(list_id=new.id))
        outbox.put("screening.rescreen")


def test_a_changed_entry_is_asked_about_again(held, officers, work):
    decide(officers[0], case_of(held), "clear")
    work()
    changed_entry()
    work()
    assert service.standing(held.ref) == "held"


def test_changed_claims_are_asked_about_again(held, officers, called, work):
    decide(officers[0], case_of(held), "clear")
    assert service.screen("ORD-X", [Facts("shopper", held.subject, (LISTED,), "RU")]) == "held"


def test_everybody_is_screened_again_when_a_list_changes_and_twice_does_no_harm(lists, app, work):
    for number in range(3):
        name = "Grigori Sokolvinski" if number == 1 else f"Nobody Known{number}"
        assert service.screen(f"ORD-{number}", [Facts("shopper", f"sub_{number}", (name,))]) == "clear"
    from tests.compliance.screening.conftest import LISTS, importing

    importing.load(system("screening"), "eu", importing.Source(LISTS / "eu.csv"))
    work()
    assert [service.standing(f"ORD-{number}") for number in range(3)] == ["clear", "held", "clear"]
    before = db.session.execute(select(Party.stream_no).order_by(Party.id)).scalars().all()
    jobs.rescreen()
    assert db.session.execute(select(Party.stream_no).order_by(Party.id)).scalars().all() == before


def test_confirming_takes_two_persons(held, officers, client_of):
    party = case_of(held)
    assert decide(officers[0], party, "confirm").status_code == 303
    proposal = db.session.execute(select(Proposal)).scalar_one()
    assert service.standing(held.ref) == "held"
    assert officers[0].post(f"/officer/proposals/{proposal.ref}/approve", data={"note": ""}).status_code != 303
    assert service.standing(held.ref) == "held"
    assert officers[1].post(f"/officer/proposals/{proposal.ref}/approve", data={"note": ""}).status_code == 303
    assert service.standing(held.ref) == "confirmed"
    page = shopper_of(held, client_of).get(f"/orders/{held.ref}").text
    assert "Our team will write to you" in page
    assert "sanction" not in page.casefold()


def test_a_confirmed_case_is_reopened_by_two_persons_only(held, officers):
    party = case_of(held)
    decide(officers[0], party, "confirm")
    approve = lambda who: officers[who].post(  # noqa: E731
        f"/officer/proposals/{db.session.execute(select(Proposal).filter_by(state='proposed')).scalar_one().ref}/approve",
        data={"note": ""},
    )
    approve(1)
    assert decide(officers[0], party, "clear").status_code == 422
    decide(officers[1], party, "reopen")
    assert service.standing(held.ref) == "confirmed"
    approve(0)
    assert service.standing(held.ref) == "held"


def test_nobody_decides_about_themselves(lists, called, client_of):
    officer = called(LISTED, "officer")
    service.screen("ORD-1", [Facts("shopper", officer.subject, (LISTED,))])
    party = db.session.execute(select(Party)).scalar_one()
    answer = decide(client_of(officer), party, "clear")
    assert answer.status_code in (403, 422)
    assert service.standing("ORD-1") == "held"


def test_only_officers_open_cases(held, called, client_of):
    for role in ("shopper", "support", "inspector", "admin"):
        assert client_of(called("Other", role)).get("/officer/screening").status_code in (403, 404)


def test_a_note_stays_with_the_case(held, officers):
    party = case_of(held)
    assert (
        officers[0].post(f"/officer/screening/{party.ref}/note", data={"note": "Asked for a passport."}).status_code
        == 303
    )
    assert "Asked for a passport." in officers[0].get(f"/officer/screening/{party.ref}").text


def test_the_log_holds_no_names(held, officers):
    decide(officers[0], case_of(held), "clear")
    bodies = db.session.execute(select(Entry.body).where(Entry.kind.like("screening:%"))).scalars()
    assert all(b"orodkin" not in bytes(body) and REASON.encode() not in bytes(body) for body in bodies)


def test_an_embargo_holds_the_destination_by_its_goods(app):
    def goes(country, *goods):
        return service.screen(f"P{secrets.token_hex(6)}", [Facts("destination", "sub_1", country=country, goods=goods)])

    with transaction() as session:
        session.add(Embargo(country="ZZ", hs_prefix="9503", valid_from=clock.today(), source="an invented decree"))
        session.add(Embargo(country="YY", hs_prefix="", valid_from=clock.today(), source="an invented decree"))
    assert goes("DE", "950300") == "clear"
    assert goes("ZZ", "610910") == "clear"
    assert goes("ZZ", "610910", "950300") == "held"
    assert goes("YY", "610910") == "held"


def test_an_embargo_that_has_ended_holds_nobody(app, work):
    with transaction() as session:
        session.add(Embargo(country="ZZ", hs_prefix="", valid_from=clock.today(), source="an invented decree"))
    assert service.screen("PCL-1", [Facts("destination", "sub_1", country="ZZ", goods=("950300",))]) == "held"
    with transaction() as session:
        session.execute(update(Embargo).where(Embargo.country == "ZZ").values(valid_to=clock.today()))
    jobs.rescreen()
    work()
    assert service.standing("PCL-1") == "clear"


def test_a_threshold_of_a_role_is_a_row(lists, app):
    from compliance.screening.models import Threshold

    facts = Facts("consignee", "sub_1", ("Iwan Simorodkyn",))
    assert service.screen("PCL-1", [facts]) == "held"
    with transaction() as session:
        session.add(Threshold(role="consignee", score=100, valid_from=clock.today(), source="test"))
    jobs.rescreen()
    assert service.standing("PCL-1") == "clear"


def test_kinds_of_proposals_are_known(app):
    assert {"screening.confirm", "screening.reopen"} <= set(proposals.kinds())


def test_an_application_says_how_it_stands(lists, app):
    from types import SimpleNamespace

    claims = {"legal_name": "Zvezdolin Shipping", "representative": "Mara Vogel"}
    application = SimpleNamespace(ref="APP-1", subject="sub_9", claims=claims, trade_name="Z Market", country="PA")
    assert applications.screen(application) == "held"
    with pytest.raises(Impossible):
        applications.require_clear(application)
