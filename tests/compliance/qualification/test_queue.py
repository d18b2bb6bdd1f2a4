import io
import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from sqlalchemy import select

from compliance.audit import door, proposals
from compliance.qualification import assessing, deadlines, reviewing, risk, similarity
from compliance.qualification.models import Application
from daigou.accounts.models import Member
from daigou.cli import main
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.documents import fingerprint
from daigou.notices.models import Notice
from tests import factories
from tests.documents import samples

from .people import accept_all, application_of, applied, fill_in, new_once, papers_of, send_paper

BASE = "/officer/applications"
counts = st.integers(0, 5)


@given(counts, counts, counts, counts, counts, st.integers(0, 40), st.sampled_from(["individual", "company"]), counts)
def test_more_of_anything_never_lowers_the_risk_and_its_lines_add_up(hits, failed, warn, dup, shared, land, kind, more):
    facts = {"hits": hits, "failed": failed, "warnings": warn, "duplicates": dup, "similar": dup, "shared": shared}
    fixed = {"country_points": land, "kind": kind, "age_days": 10}
    found = risk.assess(risk.Facts(**facts, **fixed))
    assert found.score == min(100, sum(reason.points for reason in found.reasons))
    for name in facts:
        assert risk.assess(risk.Facts(**{**facts, name: facts[name] + more}, **fixed)).score >= found.score


@given(st.integers(-(2**63), 2**63 - 1), st.sets(st.integers(0, 63), max_size=similarity.NEAR))
def test_hashes_within_seven_bits_are_always_found_by_their_bands(one, flipped):
    other = one
    for bit in flipped:
        other ^= 1 << bit
    assert similarity.near(one, other)
    assert set(similarity.probes(one)) & set(similarity.bands(other))


def picture(shade=0, **save):
    image = Image.new("RGB", (400, 300), (240, 240, 240))
    draw = ImageDraw.Draw(image)
    for number in range(12):
        draw.rectangle([number * 33, number * 15, number * 33 + 25, 300 - number * 9], fill=(number * 20, shade, 90))
    out = io.BytesIO()
    image.save(out, save.pop("kind", "JPEG"), **save)
    return out.getvalue()


def test_a_picture_saved_again_looks_the_same_and_an_empty_one_like_nothing():
    first, again = (fingerprint.read(content, "image/jpeg")["dhash"] for content in (picture(), picture(9, quality=40)))
    assert similarity.near(first, again)
    assert fingerprint.read(samples.image(), "image/jpeg")["dhash"] is None


def test_a_similar_picture_from_another_applicant_is_seen_and_raises_the_risk(app, client_of, work):
    officer = client_of(factories.account("officer"))
    accounts = [applied(client_of)[0]]
    for content in (picture(), picture(12, quality=35)):
        account = factories.account()
        browser = client_of(account)
        fill_in(browser)
        send_paper(browser, "supply_proof", content)
        browser.post("/merchant/apply/submit", data={"once": new_once()})
        work()
        accounts.append(account)
    found = [application_of(each) for each in accounts]
    assert papers_of(account)["supply_proof"].checks["similar"] == "warn"
    assert "almost like a paper of somebody else" in officer.get(f"{BASE}/{found[2].ref}").text
    assert found[2].risk == found[1].risk > found[0].risk, "the earlier of the two is weighed anew"
    page = officer.get(BASE).text
    assert page.index(found[1].ref) < page.index(found[0].ref), "by risk, then by age"


def test_a_pdf_without_text_says_so(app, client_of, work):
    account, _ = applied(client_of)
    work()
    assert {paper.checks["text"] for paper in papers_of(account).values()} == {"unknown"}
    page = client_of(factories.account("officer")).get(f"{BASE}/{application_of(account).ref}").text
    assert "It has no text" in page


def test_what_is_late_goes_to_the_head_of_the_queue_and_its_officer_hears_of_it_once(app, client_of):
    who = factories.account("officer")
    account, _ = applied(client_of)
    ref = application_of(account).ref
    client_of(who).post(f"{BASE}/{ref}/take")
    with transaction():
        db.session.execute(select(Application)).scalar_one().due_at = clock.now()
    assert [deadlines.remind(), deadlines.remind()] == [1, 0]
    assert application_of(account).rank == 0
    assessing.reassess(ref)
    assert application_of(account).rank == 0, "late stays late"
    assert db.session.query(Notice).filter_by(account_id=who.id, kind="application.late").count() == 1


def test_a_high_risk_takes_two_officers(app, client_of):
    who, second = factories.account("officer"), factories.account("officer")
    officer = client_of(who)
    account, _ = applied(client_of)
    base = accept_all(officer, account)
    with transaction():
        application_of(account).risk = risk.HIGH
    assert officer.post(f"{base}/approve", data={"once": new_once()}).status_code == 409
    form = {"why": "The register shows the company.", "once": new_once()}
    assert officer.post(f"{base}/propose", data=form).status_code == 303
    ref = reviewing.proposed(application_of(account)).ref
    assert officer.post(f"/officer/proposals/{ref}/approve", data={"note": "", "once": new_once()}).status_code == 403
    proposals.approve(factories.actor(second), ref)
    assert application_of(account).state == "approved"
    assert db.session.query(Member).filter_by(account_id=account.id).count() == 1


def test_an_application_is_taken_handed_over_noted_and_put_back(app, client_of):
    who, second = factories.account("officer"), factories.account("officer")
    officer = client_of(who)
    account, browser = applied(client_of)
    base = f"{BASE}/{application_of(account).ref}"
    officer.post(f"{base}/take")
    assert officer.post(f"{base}/notes", data={"words": "The seal is unusual."}).status_code == 303
    assert officer.post(f"{base}/points", data={"point": ["names_match", "nonsense"]}).status_code == 303
    assert officer.post(f"{base}/hand-over", data={"officer": account.subject}).status_code == 422, "no officer"
    assert officer.post(f"{base}/hand-over", data={"officer": second.subject}).status_code == 303
    assert application_of(account).reviewer_id == second.id
    page = client_of(second).get(base).text
    assert "The seal is unusual." in page
    assert "The seal is unusual." not in browser.get("/merchant/apply").text
    assert officer.post(f"{base}/release").status_code == 303
    assert application_of(account).state == "submitted"


def test_a_paper_is_asked_again_with_a_reason_in_the_applicants_language(app, client_of):
    officer = client_of(factories.account("officer"))
    account, browser = applied(client_of)
    base = f"{BASE}/{application_of(account).ref}"
    officer.post(f"{base}/take")
    paper = papers_of(account)["supply_proof"]
    url = f"{base}/papers/{paper.ref}/refuse"
    assert officer.post(url, data={"code": "other", "reason": ""}).status_code == 422, "free words, but none"
    assert officer.post(url, data={"code": "unreadable", "reason": "Page 2.", "again": "1"}).status_code == 303
    assert application_of(account).state == "more_information"
    page = browser.get("/merchant/apply").text
    assert "Send a sharper one" in page
    assert "Page 2." in page


def test_a_declared_interest_keeps_an_officer_away(app, client_of):
    who = factories.account("officer")
    officer = client_of(who)
    account, _ = applied(client_of)
    domain = account.email.partition("@")[2].capitalize()
    form = {"kind": "domain", "value": domain, "once": new_once()}
    assert officer.post("/officer/interests", data=form).status_code == 303
    base = f"{BASE}/{application_of(account).ref}"
    assert officer.post(f"{base}/take").status_code == 403
    assert client_of(factories.account("officer")).post(f"{base}/take").status_code == 303


@pytest.mark.parametrize("number", [1, 12])
def test_the_queue_costs_the_same_whatever_waits(app, client_of, statements, number):
    officer = client_of(factories.account("officer"))
    account = factories.account()
    with transaction():
        for _ in range(number):
            _row(account)
    officer.get(BASE)
    with statements() as seen:
        page = officer.get(BASE).text
    assert page.count('href="/officer/applications/APP-') == number
    assert len([line for line in seen if "applications" in line]) == 1


def _row(account):
    row = Application(
        ref=ids.new_ref("APP"), account_id=account.id, subject=account.subject, kind="company", country="JP"
    )
    row.trade_name, row.submitted_at = "Many", clock.now()
    door.created(system("test"), row)
    db.session.flush()
    door.transition(system("test"), row, "submit")


def test_the_command_shows_the_queue_without_names(app, client_of):
    account, _ = applied(client_of)
    answer = CliRunner().invoke(main, ["qualification", "queue", "--json"])
    (row,) = json.loads(answer.output)["queue"]
    assert row["ref"] == application_of(account).ref
    assert "Hoshino" not in answer.output
