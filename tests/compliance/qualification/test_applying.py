import threading

import pytest
from sqlalchemy import func, select

from compliance.qualification import applying
from compliance.qualification.models import Application, Paper
from daigou.core.db import db
from daigou.documents.models import StoredFile
from tests import factories
from tests.documents import samples

from .people import COMPANY, PLACE, application_of, applied, begin, fill_in, new_once, papers_of, send_paper


@pytest.fixture
def applicant(app):
    return factories.account(country="JP")


@pytest.fixture
def browser(applicant, client_of):
    return client_of(applicant)


def count(model, **by):
    return db.session.execute(select(func.count()).select_from(model).filter_by(**by)).scalar_one()


def test_a_whole_application_is_filled_in_and_sent(applicant, browser):
    assert "Sell with us" in browser.get("/merchant/apply").text
    assert begin(browser).headers["Location"] == "/merchant/apply/company"
    for step in ("business", "company", "place", "papers/business_licence"):
        assert browser.get(f"/merchant/apply/{step}").status_code == 200
    assert browser.post("/merchant/apply/company", data=COMPANY).headers["Location"] == "/merchant/apply/place"
    assert browser.post("/merchant/apply/place", data=PLACE).headers["Location"] == "/merchant/apply/numbers"
    assert browser.get("/merchant/apply/numbers").status_code == 200
    assert browser.post("/merchant/apply/numbers", data={}).headers["Location"] == "/merchant/apply"
    assert "3 things are missing" in browser.get("/merchant/apply").text
    for kind in ("business_licence", "representative_id", "supply_proof"):
        assert send_paper(browser, kind).status_code == 303
    assert "Send the application" in browser.get("/merchant/apply").text
    assert browser.post("/merchant/apply/submit", data={"once": new_once()}).status_code == 303
    application = application_of(applicant)
    assert application.state == "submitted"
    assert application.submitted_at is not None
    assert b"Hoshino" not in application.claims_sealed


def test_what_was_typed_is_kept_also_where_it_is_wrong(applicant, browser):
    begin(browser)
    answer = browser.post("/merchant/apply/company", data={**COMPANY, "registration_number": "5-8356-7825-6247"})
    assert answer.status_code == 422
    assert 'id="registration_number-error"' in answer.text
    assert "check digit" in answer.text
    assert application_of(applicant).claims["registration_number"] == "5-8356-7825-6247"
    assert "5-8356-7825-6247" in browser.get("/merchant/apply/company").text


def test_a_form_saves_itself_half_filled_in(applicant, browser):
    begin(browser)
    assert browser.post("/merchant/apply/company/draft", data={"legal_name": "Hosh"}).status_code == 204
    assert application_of(applicant).claims["legal_name"] == "Hosh"


def test_an_incomplete_application_is_not_sent(applicant, browser):
    begin(browser)
    assert browser.post("/merchant/apply/submit", data={"once": new_once()}).status_code == 409
    assert application_of(applicant).state == "draft"


def test_who_has_not_confirmed_the_address_can_fill_in_but_not_send(app, client_of):
    from compliance.audit import door
    from daigou.accounts import directory, joining
    from daigou.core.db import transaction

    with transaction():
        account = joining.open_account("new@example.test", ["shopper"], "JP", "JPY", "en")
        account.name = "New"
        door.created(directory.itself(account), account)
    browser = client_of(account)
    fill_in(browser)
    answer = browser.post("/merchant/apply/submit", data={"once": new_once()})
    assert answer.status_code == 409
    assert "Confirm your e-mail address" in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "king"}, {"country": "XX"}, {"trade_name": ""}, {"trade_name": "x" * 10_000},
        {"trade_name": "\u202e\u200f"}, {"once": ""},
    ],
)  # fmt: skip
def test_a_bad_beginning_is_refused(applicant, browser, changes):
    assert begin(browser, **changes).status_code == 422
    assert application_of(applicant) is None


@pytest.mark.parametrize("name", ["Fox 🦊 Figures", "\u202eHoshino", "شركة النجم", "O'Neil & Söhne <b>"])
def test_every_script_may_name_a_shop_and_none_deceives(applicant, browser, name):
    begin(browser, trade_name=name)
    assert application_of(applicant).trade_name == name.replace("\u202e", "")
    assert "<b>" not in browser.get("/merchant/apply").text.split("<main")[1].replace("<b><bdi>", "")


def test_ten_thousand_characters_are_too_many_in_every_field(applicant, browser):
    begin(browser)
    for step, field in (("company", "legal_name"), ("company", "phone"), ("place", "address"), ("place", "about")):
        assert browser.post(f"/merchant/apply/{step}", data={field: "x" * 10_000}).status_code == 422
    assert not any(application_of(applicant).claims.values())


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": ""}, {"issuer": "x" * 10_000}, {"valid_to": "2020-06-01"}, {"valid_to": "soon"},
        {"valid_from": "2098-01-01"}, {"valid_from": "2099-12-31", "valid_to": "2098-01-01"}, {"once": ""},
        {"number": "9" * 200},
    ],
)  # fmt: skip
def test_a_paper_with_wrong_words_or_dates_is_refused_and_not_stored(app, applicant, browser, changes):
    begin(browser)
    answer = send_paper(browser, "business_licence", **changes)
    assert answer.status_code == 422
    assert papers_of(applicant) == {}
    assert count(StoredFile, subject=applicant.subject) == 0


BAD_FILES = {
    "a web page": samples.HTML,
    "an svg": samples.SVG,
    "too big": b"%PDF-" + b"0" * (10 * 2**20),
    "locked": samples.locked_pdf(),
    "with a script": samples.pdf(samples.with_script),
    "too many pixels": samples.png_of(60_000, 60_000),
    "two kinds at once": samples.image() + samples.archive(),
    "cut off": samples.image(size=(400, 400))[:-500],
    "empty": b"",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_at_its_field(applicant, browser, name):
    begin(browser)
    answer = send_paper(browser, "business_licence", BAD_FILES[name])
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert "Osaka Legal Affairs Bureau" in answer.text
    assert papers_of(applicant) == {}


def test_a_newer_paper_replaces_the_older(applicant, browser):
    begin(browser)
    send_paper(browser, "supply_proof")
    first = papers_of(applicant)["supply_proof"]
    send_paper(browser, "supply_proof", samples.image())
    assert papers_of(applicant)["supply_proof"].ref != first.ref
    assert db.session.get_one(Paper, first.id).state == "replaced"


def test_a_paper_sent_twice_by_a_double_click_is_one(applicant, browser):
    begin(browser)
    once = new_once()
    for _ in range(2):
        assert send_paper(browser, "supply_proof", once=once).status_code == 303
    assert count(Paper, account_id=applicant.id) == 1


def test_an_unknown_kind_of_paper_is_not_there(applicant, browser):
    begin(browser)
    assert browser.get("/merchant/apply/papers/passport_of_the_cat").status_code == 404
    assert send_paper(browser, "passport_of_the_cat").status_code == 404


def test_what_is_with_the_officers_can_not_be_changed(app, client_of):
    account, browser = applied(client_of)
    assert browser.post("/merchant/apply/company", data=COMPANY).status_code == 409
    assert send_paper(browser, "supply_proof").status_code == 409
    assert browser.post("/merchant/apply/submit", data={"once": new_once()}).status_code == 409
    assert application_of(account).state == "submitted"


def test_beginning_twice_is_one_application(applicant, browser):
    begin(browser)
    begin(browser, trade_name="Another name")
    assert count(Application, account_id=applicant.id) == 1


def test_after_withdrawing_one_may_begin_again(applicant, browser):
    begin(browser)
    assert browser.post("/merchant/apply/withdraw").status_code == 303
    assert browser.post("/merchant/apply/withdraw").status_code == 409
    assert begin(browser).status_code == 303
    assert count(Application, account_id=applicant.id) == 2


def test_a_paper_is_read_by_its_applicant_and_officers_only(app, client_of):
    account, browser = applied(client_of)
    file = db.session.get_one(StoredFile, papers_of(account)["supply_proof"].file_id)
    path = f"/documents/{file.ref}"
    assert browser.get(path).status_code == 200
    assert client_of(factories.account("officer")).get(path).status_code == 200
    assert client_of(factories.account()).get(path).status_code == 404
    assert client_of(factories.account("inspector")).get(path).status_code == 403


def test_two_sendings_at_the_same_moment_submit_once(committed_app):
    app = committed_app
    account = factories.account()
    browser, held = app.test_client(), factories.session_of(account)
    with browser.session_transaction() as session:
        session.update(held)
    with app.app_context():
        fill_in(browser)
    results = []

    def submit():
        with app.app_context():
            try:
                applying.submit(factories.actor(account))
                results.append("sent")
            except Exception as error:
                results.append(getattr(error, "code", repr(error)))

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["application.sent"] * 3 + ["sent"]
