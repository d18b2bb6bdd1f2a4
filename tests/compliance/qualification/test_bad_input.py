"""Bad input at the application's forms: refused or taken for a stated reason, nothing half stored, the rest kept."""

import io
import zlib
from contextlib import suppress
from datetime import timedelta

import pikepdf
import pytest

from compliance.qualification import requirements
from daigou.core import clock
from daigou.core.db import db
from daigou.documents.models import StoredFile
from tests import factories
from tests.documents import samples

from .people import COMPANY, PLACE, application_of, begin, papers_of, send_paper


@pytest.fixture
def applicant(app):
    return factories.account(country="JP")


@pytest.fixture
def browser(applicant, client_of):
    found = client_of(applicant)
    begin(found)
    return found


def bomb():
    """A small PDF whose page unpacks to a thousand times its size."""
    document = pikepdf.new()
    document.add_blank_page()
    squeezed = zlib.compressobj(9)
    body = b"".join([*(squeezed.compress(b"0" * 2**20) for _ in range(64)), squeezed.flush()])
    page = pikepdf.Stream(document, body)
    page.Filter = pikepdf.Name("/FlateDecode")
    document.pages[0].obj.Contents = document.make_indirect(page)
    out = io.BytesIO()
    document.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (samples.image() + samples.archive(), "licence.jpg"), (samples.image("GIF"), "licence.jpg.gif"),
        (b"<?php echo 1;", "licence.pdf.php"), (samples.SVG, "licence.svg"), (samples.HTML, "licence.html"),
        (samples.image(size=(500, 500))[:-400], "licence.jpg"), (samples.png_of(20_000, 10_000), "licence.png"),
        (samples.locked_pdf(), "licence.pdf"), (samples.archive(), "licence.zip"),
        (samples.pdf(samples.with_attachment), "licence.pdf"), (b"%PDF-1.7\n" + b"\0" * 900, "licence.pdf"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_seems_is_refused_and_the_rest_of_the_form_is_kept(browser, applicant, data, name):
    answer = send_paper(browser, "business_licence", file=(io.BytesIO(data), name))
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert "Osaka Legal Affairs Bureau" in answer.text
    assert "2099-12-31" in answer.text
    assert papers_of(applicant) == {}
    assert db.session.query(StoredFile).count() == 0


def test_the_name_of_a_file_decides_nothing(browser, applicant):
    sent = (io.BytesIO(samples.pdf()), "../../\u202egnp.exe")
    assert send_paper(browser, "business_licence", file=sent).status_code == 303
    assert db.session.query(StoredFile).one().media_type == "application/pdf"


def test_a_page_that_unpacks_a_thousandfold_harms_only_its_own_preview(app, applicant, browser, client_of):
    from daigou.core.errors import Unavailable
    from daigou.documents import service

    answer = send_paper(browser, "business_licence", bomb())
    if answer.status_code == 303:
        with suppress(Unavailable):  # its process had not enough to spend, and said so
            assert service.preview(db.session.query(StoredFile).one()).startswith(b"\x89PNG")


def test_every_page_of_a_paper_can_be_looked_at(app, browser, applicant):
    from daigou.core.errors import NotFound
    from daigou.documents import service

    send_paper(browser, "business_licence", samples.pdf(lambda d: [d.add_blank_page() for _ in range(2)]))
    file = db.session.query(StoredFile).one()
    assert file.pages == 3
    large, small = service.preview(file, 3), service.preview(file, 3, 240)
    assert large.startswith(b"\x89PNG")
    assert int.from_bytes(small[16:20]) == 240
    for page in (0, 4):
        with pytest.raises(NotFound):
            service.preview(file, page)


NAMES = [
    "Hoshino Hobby K.K.", "株式会社星野ホビー", "Общество Звезда", "شركة النجم", "주식회사 별", "Ελληνικά Παιχνίδια",
    "बालाजी ट्रेडर्स",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_in_every_script_are_taken(browser, applicant, name):
    assert browser.post("/merchant/apply/company", data={**COMPANY, "legal_name": name}).status_code == 303
    assert application_of(applicant).claims["legal_name"] == name


@pytest.mark.parametrize("field", ["legal_name", "representative"])
def test_letters_that_only_look_alike_are_named_and_what_was_typed_is_kept(browser, applicant, field):
    answer = browser.post("/merchant/apply/company", data={**COMPANY, field: "Hоshino"})  # a Cyrillic о
    assert answer.status_code == 422
    assert "two alphabets" in answer.text
    assert application_of(applicant).claims[field] == "Hоshino"


def test_a_shop_can_not_be_named_in_letters_that_deceive(app, client_of):
    someone = factories.account()
    answer = begin(client_of(someone), trade_name="Сhanel")  # a Cyrillic С
    assert answer.status_code == 422
    assert "two alphabets" in answer.text
    assert application_of(someone) is None


@pytest.mark.parametrize(
    ("country", "number", "words"),
    [
        ("JP", "5-8356-7825-6247", "check digit"), ("CN", "911100006000373410", "check digit"),
        ("KR", "116-82-00277", "check digit"), ("TW", "00501504", "check digit"), ("SG", "00192200N", "check digit"),
        ("HK", "1234", "eight digits"), ("AE", "X-1", "five to ten digits"), ("GB", "1955839662", "check digit"),
        ("IN", "27AAPFU0939F1ZX", "check digit"), ("VN", "0100233489", "check digit"),
        ("US", "00-0000000", "check digit"),
    ],
)  # fmt: skip
def test_a_wrong_registration_number_is_explained_in_its_country(browser, applicant, country, number, words):
    form = {"kind": "company", "country": country, "trade_name": "Hoshino"}
    assert browser.post("/merchant/apply/business", data=form).status_code == 303
    answer = browser.post("/merchant/apply/company", data={**COMPANY, "registration_number": number})
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [("tax_number", "BE697449993", "BE697449992"),
     ("iban", "GR1601101050000010547023796", "GR1601101050000010547023795"),
     ("lei", "213800KUD8LAJWSQ9D16", "213800KUD8LAJWSQ9D15"), ("eori", "D1", "DE123456789012345"),
     ("eori", "GB12", "GB123456789000")],
)  # fmt: skip
def test_further_numbers_are_checked_where_they_are_given(browser, applicant, field, wrong, right):
    browser.post("/merchant/apply/business", data={"kind": "company", "country": "BE", "trade_name": "Hoshino"})
    answer = browser.post("/merchant/apply/numbers", data={field: wrong})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert browser.post("/merchant/apply/numbers", data={field: right}).status_code == 303
    assert application_of(applicant).claims[field] == right


@pytest.mark.parametrize("phone", ["twelve", "+999 1", "🦊", "1"])
def test_what_is_no_phone_number_is_said_to_be_none(browser, phone):
    assert 'id="phone-error"' in browser.post("/merchant/apply/company", data={**COMPANY, "phone": phone}).text


def test_a_step_saves_itself_with_all_that_is_wrong_in_it(browser, applicant):
    browser.post("/merchant/apply/place", data=PLACE)
    assert browser.post("/merchant/apply/numbers/draft", data={"iban": "GR16"}).status_code == 204
    assert application_of(applicant).claims["iban"] == "GR16"
    assert application_of(applicant).claims["city"] == "Osaka"


def test_kind_and_country_decide_what_is_asked_for(app):
    assert requirements.needed("company", "JP") == ("business_licence", "representative_id", "supply_proof")
    assert "tax_registration" in requirements.needed("company", "DE")
    assert "trademark" in requirements.needed("brand", "JP")
    assert "business_licence" not in requirements.needed("individual", "JP")
    assert "business_licence" in requirements.needed("individual", "CN")
    assert "authorisation" in requirements.wanted("company", "JP")


def test_a_paper_that_nobody_asks_this_kind_for_is_not_taken(browser, applicant):
    assert send_paper(browser, "trademark").status_code == 404
    assert papers_of(applicant) == {}
    assert db.session.query(StoredFile).count() == 0


def test_the_account_number_on_a_bank_letter_is_checked(browser):
    answer = send_paper(browser, "bank_proof", number="DE00 0000 0000 0000 0000 00")
    assert answer.status_code == 422
    assert 'id="number-error"' in answer.text


@pytest.mark.parametrize("kind", ["representative_id", "authorisation"])
def test_papers_that_end_need_their_last_day(browser, kind):
    assert 'id="valid_to-error"' in send_paper(browser, kind, valid_to="").text
    past = (clock.today() - timedelta(days=1)).isoformat()
    assert "expired" in send_paper(browser, kind, valid_to=past).text
