"""At the front door: a copy of everything, a correction, and the way to be forgotten."""

import io
import json
import secrets
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from compliance.audit.models import Entry
from compliance.privacy import expiring, exporting, holds, requests, subject
from compliance.privacy.models_requests import LegalHold, PrivacyRequest
from daigou import schema
from daigou.accounts.models import Account, Address
from daigou.accounts.sessions.models import Session
from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.documents import service as documents
from daigou.documents.inspection import Checked
from daigou.notices.models import Notice
from tests import factories

PAPER = b"%PDF a paper of hers"


@pytest.fixture
def mara(app):
    """With an address, a paper and a cancelled order: something in every purpose."""
    account = factories.account(email="mara@example.test")
    row = Address(ref="ADR-1", account_id=account.id, subject=account.subject, country="DE")
    row.content = {"name": "Mara Vogel", "street": "Brühl 17", "city": "Leipzig"}
    with transaction():
        db.session.add(row)
    checked = Checked(io.BytesIO(PAPER), "application/pdf", len(PAPER), sha256(PAPER).hexdigest())
    documents.store(
        factories.actor(account), f"account/{account.id}", account.subject, "identity", "paper", checked,
        allowed=documents.PAPERS, limit=1000,
    )  # fmt: skip
    shop, _owner = factories.merchant()
    factories.rates()
    from daigou.orders import service as orders

    orders.cancel(factories.actor(account), factories.order(account, factories.listing(shop)).ref)
    return account


def form(**more):
    return {"once": secrets.token_urlsafe(18), **more}


def the(kind):
    db.session.expire_all()
    return db.session.query(PrivacyRequest).filter_by(kind=kind).order_by(PrivacyRequest.id.desc()).first()


@pytest.fixture
def browser(mara, client_of):
    return client_of(mara)


def test_a_copy_holds_everything_and_says_what_for(mara, browser, work):
    assert browser.post("/account/privacy/copies", data=form()).status_code == 303
    work()
    row = the("access")
    assert row.state == "answered"
    assert f"/account/privacy/copies/{row.ref}.zip" in browser.get("/account/privacy").text
    assert "ready" in db.session.query(Notice).filter_by(kind="privacy.ready").one().content["title"]
    sent = browser.get(f"/account/privacy/copies/{row.ref}.zip")
    assert sent.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(sent.data))
    body = json.loads(archive.read("data.json"))
    values = {(p["table"], p["field"]): (p["value"], p["purpose"]) for p in body["personal"]}
    assert values["accounts", "email"] == ("mara@example.test", "account")
    assert values["addresses", "content"][0]["street"] == "Brühl 17"
    assert body["records"]["orders"][0]["state"] == "cancelled"
    assert {"order_items", "bills", "account_sessions", "stored_files"} <= set(body["records"])
    assert {"order:cancel", "account:created"} <= {entry["kind"] for entry in body["audit"]}
    [paper] = body["files"]
    assert archive.read(paper["name"]) == PAPER
    assert archive.read("data.pdf").startswith(b"%PDF")
    assert set(body["purposes"]) == {"account", "transaction", "identity", "conversation"}


def test_a_copy_tells_no_secret_and_nothing_of_anybody_else(mara, browser, work):
    other = factories.account(email="other@example.test")
    with transaction():
        mara.password_hash = "argon-hash-of-hers"
        db.session.add(mara)
    browser.post("/account/privacy/copies", data=form())
    work()
    archive = zipfile.ZipFile(io.BytesIO(browser.get(f"/account/privacy/copies/{the('access').ref}.zip").data))
    said = archive.read("data.json").decode()
    for word in ("other@example.test", other.subject, "argon-hash-of-hers", "token_hash"):
        assert word not in said


def test_every_table_that_holds_somebodys_rows_is_in_the_copy_or_named_as_withheld():
    exported = (set(subject.FATE) - set(exporting.WITHHELD)) | {name for name, _c, _p in exporting.FOLLOWED}
    assert set(exporting.WITHHELD) <= set(subject.FATE)
    assert exported <= set(schema.metadata.tables)


def test_the_copy_is_asked_for_again_only_who_one_is(mara, browser, work):
    browser.post("/account/privacy/copies", data=form())
    work()
    with transaction() as session:
        session.query(Session).update({"stepped_up_at": clock.now() - timedelta(hours=1)})
    answer = browser.get(f"/account/privacy/copies/{the('access').ref}.zip")
    assert answer.status_code == 303
    assert "/account/step-up" in answer.headers["Location"]


@pytest.mark.parametrize("role", ["shopper", "officer", "admin", "support"])
def test_a_copy_is_its_owners_alone(mara, browser, work, client_of, role):
    browser.post("/account/privacy/copies", data=form())
    work()
    row = the("access")
    file = documents.load(documents.StoredFile, id=row.file_id).ref
    other = client_of(factories.account(role))
    assert other.get(f"/account/privacy/copies/{row.ref}.zip").status_code == 404
    assert other.get(f"/documents/{file}").status_code == 404


def test_it_waits_seven_days_and_goes(mara, browser, work):
    browser.post("/account/privacy/copies", data=form())
    work()
    row = the("access")
    key = documents.load(documents.StoredFile, id=row.file_id).storage_key
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=8))):
        expiring.expire()
        work()
    assert not documents.storage().exists(key)
    assert browser.get(f"/account/privacy/copies/{row.ref}.zip").status_code == 404


def test_asking_twice_makes_one_copy(mara, browser, work):
    browser.post("/account/privacy/copies", data=form())
    assert browser.post("/account/privacy/copies", data=form()).status_code == 409
    work()
    exporting.build(the("access").id)
    assert db.session.query(PrivacyRequest).count() == 1


def test_the_page_says_what_goes_and_what_stays_until_when_and_why(mara, browser):
    page = browser.get("/account/privacy/erasure").text
    assert "What goes at once" in page
    assert "Your orders and payments" in page.split("What stays for now")[1]
    assert "§ 147 AO" in page
    assert "Erase my account" in page


def test_open_business_is_named_instead_of_the_button(mara, browser):
    shop, _owner = factories.merchant()
    item = factories.items_of(factories.paid_order(db.session.get(Account, mara.id), factories.listing(shop)))[0]
    page = browser.get("/account/privacy/erasure").text
    assert item.ref in page
    assert 'action="/account/privacy/erasure"' not in page
    answer = browser.post("/account/privacy/erasure", data=form())
    assert answer.status_code == 422
    assert item.ref in answer.text


def test_it_is_asked_for_shown_and_called_off(mara, browser):
    assert browser.post("/account/privacy/erasure", data=form()).status_code == 303
    row = the("erasure")
    assert "Call it off" in browser.get("/account/privacy").text
    assert "will be erased on" in browser.get("/account/privacy/erasure").text
    assert browser.post(f"/account/privacy/requests/{row.ref}/withdraw").status_code == 303
    assert the("erasure").state == "withdrawn"


def test_a_correction_is_answered_by_an_officer_in_words(mara, browser, client_of, work):
    assert browser.post("/account/privacy/correction", data=form(words=" ")).status_code == 422
    assert browser.post("/account/privacy/correction", data=form(words="My name is Mára")).status_code == 303
    row = the("rectification")
    desk = client_of(factories.account("officer"))
    assert row.ref in desk.get("/officer/privacy-requests").text
    assert "My name is Mára" in desk.get(f"/officer/privacy-requests/{row.ref}").text
    assert desk.post(f"/officer/privacy-requests/{row.ref}/take").status_code == 303
    assert desk.post(f"/officer/privacy-requests/{row.ref}/answer", data={"answer": ""}).status_code == 422
    assert desk.post(f"/officer/privacy-requests/{row.ref}/answer", data={"answer": "It is."}).status_code == 303
    work()
    assert db.session.query(Notice).filter_by(kind="privacy.decided").one().content["body"] == "It is."


def test_an_officer_holds_and_releases(mara, browser, client_of):
    browser.post("/account/privacy/erasure", data=form())
    address = f"/officer/privacy-requests/{the('erasure').ref}"
    desk = client_of(factories.account("officer"))
    assert desk.post(f"{address}/hold", data=form(purpose="account", reason="")).status_code == 422
    assert desk.post(f"{address}/hold", data=form(purpose="account", reason="Court order")).status_code == 303
    hold = db.session.query(LegalHold).one()
    assert "Court order" in desk.get(address).text
    assert "Court order" in browser.get("/account/privacy/erasure").text
    assert desk.post(f"{address}/holds/{hold.ref}/release").status_code == 303
    assert not holds.holds_on(mara.subject)


@pytest.mark.parametrize("role", ["shopper", "merchant", "inspector", "support"])
def test_the_queue_is_for_officers(client_of, role):
    assert client_of(factories.account(role)).get("/officer/privacy-requests").status_code == 403


def test_who_asked_and_what_was_decided_stands_in_the_log(mara, browser, work):
    browser.post("/account/privacy/copies", data=form())
    work()
    browser.get(f"/account/privacy/copies/{the('access').ref}.zip")
    kinds = db.session.scalars(select(Entry.kind).where(Entry.subject == mara.subject)).all()
    assert {"privacy_request:created", "privacy_request:answer", "document:viewed"} <= set(kinds)


def test_the_answer_is_due_in_a_month(mara):
    row = requests.ask_copy(factories.actor(mara), subject.person_with(mara.id))
    assert 28 <= requests.days_left(row, clock.today()) <= 31
