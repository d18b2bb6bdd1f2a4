import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import select

from compliance.audit import door, glance, searching, service
from compliance.audit.models import Entry
from compliance.audit.searching import Facets
from daigou.casework import life
from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.core.errors import Denied
from tests import factories


def the_entry(kind="order:paid"):
    return db.session.execute(select(Entry).where(Entry.kind == kind).order_by(Entry.stream_no)).scalars().first()


@pytest.fixture
def superuser(house, stack):
    with psycopg.connect(stack.url(db.engine.url.database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection.execute


def test_the_trail_shows_the_newest_first_and_an_entry_beside_it(desk, happen):
    happen(3)
    page = desk.get("/officer/audit")
    assert page.status_code == 200
    assert "Order: paid" in page.text
    entry = the_entry()
    beside = desk.get(f"/officer/audit?entry={entry.id}").text
    assert "Proved against the signed tree" in beside
    assert entry.leaf_hash.hex() in beside
    assert "The one before" not in beside.split("Beside it in its stream")[1].split("Hashes")[0]
    assert "The one after" in beside


def test_an_entry_waits_for_its_place_then_for_a_signature(desk, happen):
    happen(1, sign=False)
    assert "It gets its place in the log" in desk.get(f"/officer/audit?entry={the_entry().id}").text
    service.sequence()
    assert "Proved against" in desk.get(f"/officer/audit?entry={the_entry().id}").text


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entries SET body = replace(convert_from(body, 'UTF8'), 'paid', 'lost')::bytea WHERE id = %s",
        "UPDATE audit_entries SET actor = 'sub_ffffffffffffffffffffffff' WHERE id = %s",
        "UPDATE audit_entries SET order_ref = 'ORD-0000000000' WHERE id = %s",
        "UPDATE audit_leaves SET leaf_hash = sha256('x') WHERE entry_id = %s",
        "UPDATE audit_entries SET body = '\\x00' WHERE id = %s",
    ],
)
def test_what_was_changed_in_the_database_is_said(desk, happen, superuser, change):
    happen(3)
    entry = the_entry()
    superuser(change, (entry.id,))
    db.session.rollback()
    db.session.expire_all()
    assert "Does not hold" in desk.get(f"/officer/audit?entry={entry.id}").text


@pytest.mark.parametrize(
    ("facet", "value", "other"),
    [
        ("kind", "order:paid", "order:shipped"),
        ("order_ref", "ORD-7K3M9Q2XW4", "ORD-0000000000"),
        ("outcome", "done", "denied"),
        ("since", "2026-01-01", "2999-01-01"),
        ("until", "2999-01-01", "2020-01-01"),
    ],
)
def test_each_facet_narrows(desk, happen, facet, value, other):
    happen(2)
    assert "Order: paid" in desk.get(f"/officer/audit?{facet}={value}").text
    none = desk.get(f"/officer/audit?{facet}={other}")
    assert "Order: paid" not in none.text
    assert "No entry of this choice" in none.text


def test_pages_follow_each_other_without_a_gap_or_a_double(desk, happen):
    happen(120)
    seen, address = [], "/officer/audit?kind=order:paid"
    while address:
        page = desk.get(address).text
        seen += re.findall(r"entry=([0-9a-f-]{36})", page.split('class="queue"')[1].split("</ol>")[0])
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else None
    assert len(seen) == 120
    assert len(set(seen)) == 120


def test_a_page_that_is_asked_for_with_nonsense_is_refused_kindly(desk, happen):
    happen(1)
    for query in ("cursor=%01", "cursor=AAAA", "cursor=WzFd"):
        assert desk.get(f"/officer/audit?{query}").status_code == 422
    for query in ("since=x", "since=2026-02-30", f"kind={'k' * 500}", "outcome=perhaps", "q=%F0%9F%90%99", "q=../.."):
        assert desk.get(f"/officer/audit?{query}").status_code == 422
    assert desk.get("/officer/audit?kind=%00&order_ref=%E2%80%AE").status_code == 200
    assert desk.get("/officer/audit?entry=nonsense").status_code == 200
    assert desk.get("/officer/audit?entry=00000000-0000-0000-0000-000000000000").status_code == 404
    assert desk.get("/officer/audit?q=999999").status_code == 404


@pytest.mark.parametrize("typed", ["ORD-7K3M9Q2XW4", " ord-7k3m9q2xw4 ", "%E2%80%AEORD-7K3M9Q2XW4%E2%80%AC"])
def test_one_look_from_the_box_opens_a_whole_life(desk, happen, typed):
    happen(2)
    page = desk.get(f"/officer/audit?q={typed}", follow_redirects=True)
    assert page.request.path == "/officer/audit/things/ORD-7K3M9Q2XW4"
    assert page.text.count("Order: paid") == 2


def test_the_box_takes_an_entrys_number_and_its_id(desk, happen):
    happen(1)
    entry = the_entry()
    index = service.log.entry_of(searching.reading(), entry.id).index
    for typed in (str(index), str(entry.id)):
        assert desk.get(f"/officer/audit?q={typed}").headers["Location"].endswith(f"entry={entry.id}")


def test_every_kind_of_reference_has_a_life(house, desk, officer, happen):
    merchant, owner = factories.merchant()
    happen(1)
    for ref, words in (
        (merchant.ref, "Merchant: created"),
        (owner.subject, "Account: created"),
        (officer.subject, "Account: confirm"),
    ):
        assert words in desk.get(f"/officer/audit/things/{ref}").text
    for ref in ("MER-0000000000", "sub_000000000000000000000000", "LST-0000000000", "x", "%00"):
        assert desk.get(f"/officer/audit/things/{ref}").status_code == 404


def test_a_refused_attempt_is_part_of_the_life_of_what_it_aimed_at(desk, happen, house):
    mine, other = factories.account(), factories.account()
    with pytest.raises(Exception, match=r"access\.foreign"), transaction():
        searching.require(factories.actor(mine), "account.confirm", other)
    page = desk.get(f"/officer/audit/things/{other.subject}").text
    assert "Access: denied" in page
    assert mine.subject in page


def test_a_long_life_is_paged(desk, happen):
    happen(210)
    first = desk.get("/officer/audit/things/ORD-7K3M9Q2XW4").text
    address = re.search(r'rel="prev" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert first.count("Order: paid") == 200
    assert desk.get(address).text.count("Order: paid") == 10


def test_who_looks_is_written_down_once_and_a_bare_list_is_not(desk, happen, officer):
    happen(1)
    desk.get("/officer/audit")
    desk.get("/officer/audit?kind=order:paid")
    desk.get(f"/officer/audit?kind=order:paid&entry={the_entry().id}")
    desk.get("/officer/audit/things/ORD-7K3M9Q2XW4")
    looks = select(Entry).where(Entry.actor == officer.subject, Entry.kind.like("audit:%")).order_by(Entry.stream_no)
    found = list(db.session.execute(looks).scalars())
    assert [e.kind for e in found] == ["audit:searched", "audit:viewed"]
    assert b'"by_kind":"order:paid"' in found[0].body
    assert all(e.order_ref is None for e in found)


def test_days_are_counted_by_places_in_the_log(house, officer):
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    actor = factories.actor(officer)
    for back, count in ((3, 4), (1, 2), (0, 5)):
        with clock.use(clock.FixedClock(noon - timedelta(days=back))):
            for number in range(count):
                with transaction():
                    door.note(actor, "order/x", "order:paid", outcome="denied" if number == 0 else "done")
    with clock.use(clock.FixedClock(noon)):
        service.sequence()
        days = glance.by_day(5)
    counted = {d.day.day: (d.entries, d.denied) for d in days}
    assert counted[18] == (4, 1)
    assert counted[19] == (0, 0)
    assert counted[20] == (2, 1)
    assert counted[21][1] == 1


def test_the_form_offers_the_kinds_that_there_are(desk, happen):
    happen(1)
    happen(1, kind="parcel:shipped")
    assert {"order:paid", "parcel:shipped", "account:created"} <= set(glance.kinds())


def test_the_service_asks_for_permission_itself(happen):
    actor = happen(1)
    for use in (lambda: searching.search(actor, Facets()), lambda: life.whole(actor, "ORD-7K3M9Q2XW4")):
        with pytest.raises(Denied):
            use()


def test_a_page_costs_the_same_number_of_statements_whatever_it_shows(desk, happen, count_statements):
    happen(2)
    few = count_statements(lambda: desk.get("/officer/audit"))
    happen(60)
    assert count_statements(lambda: desk.get("/officer/audit")) == few
    assert few <= 8


def test_several_kinds_are_searched_at_once_in_one_order(desk, happen):
    happen(2)
    happen(1, kind="order:shipped")
    happen(1, kind="order:lost")
    found = searching.matching(Facets(kind="order:paid order:shipped")).rows
    assert [e.kind for e in found] == ["order:shipped", "order:paid", "order:paid"]
    page = desk.get("/officer/audit?kind=order:paid+order:shipped").text
    assert "Order: shipped" in page
    assert "Order: lost" not in page.split('class="queue"')[1].split("</ol>")[0]


def test_a_stream_is_a_facet_and_is_read_by_its_own_numbers(desk, happen):
    happen(60)
    happen(1, order_ref="ORD-0000000001")
    first = searching.matching(Facets(stream="order/ORD-7K3M9Q2XW4"))
    rest = searching.matching(Facets(stream="order/ORD-7K3M9Q2XW4"), first.next)
    assert [e.stream_no for e in (*first.rows, *rest.rows)] == list(range(60, 0, -1))
    assert "Order: paid" in desk.get("/officer/audit?stream=order/ORD-7K3M9Q2XW4").text


def test_conditions_that_rarely_meet_are_looked_for_a_piece_at_a_time_and_all_found(house, happen):
    happen(1, kind="order:lost")
    happen(30)
    facets, cursor, found, pages = Facets(kind="order:lost", order_ref="ORD-7K3M9Q2XW4"), None, [], 0
    while pages == 0 or cursor:
        page = searching.matching(facets, cursor, look=10)
        found, cursor, pages = [*found, *page.rows], page.next, pages + 1
        assert bool(page.looked_to) == bool(cursor)
    assert len(found) == 1
    assert pages == 4


def test_what_was_found_is_counted_by_kind_and_outcome(desk, happen):
    happen(3)
    happen(2, outcome="denied")
    counted = {(t.kind, t.outcome): t.count for t in searching.tally(Facets(order_ref="ORD-7K3M9Q2XW4"))}
    assert counted == {("order:paid", "done"): 3, ("order:paid", "denied"): 2}
    assert "5 entries." in desk.get("/officer/audit?order_ref=ORD-7K3M9Q2XW4").text

