"""Uploads before a virus scanner: through the front door, with a real clamd where the machine has one."""

import io

import pytest

from daigou.core.db import db
from daigou.documents.models import StoredFile
from daigou.providers import antivirus
from tests import factories
from tests.compliance.identity.conftest import send_photos
from tests.compliance.qualification.people import begin, send_paper

from . import samples
from .clamd import EICAR, PROGRAM, RealClamd, StandIn


@pytest.fixture(scope="module")
def stand_in():
    found = StandIn()
    yield found
    found.close()


@pytest.fixture(scope="module", params=["stand-in", "real"])
def clamd(request, tmp_path_factory, stand_in):
    if request.param == "stand-in":
        stand_in.says = ""
        yield stand_in
        return
    if PROGRAM is None:
        pytest.skip("this machine has no clamd")
    found = RealClamd(tmp_path_factory.mktemp("clamd"))
    yield found
    found.close()


@pytest.fixture
def scanned(app):
    def by(url):
        app.extensions["scanner"] = antivirus.from_url(url)

    yield by
    app.extensions["scanner"] = None


@pytest.fixture
def browser(app, client_of):
    found = client_of(factories.account(country="JP"))
    begin(found)
    return found


def stored():
    return db.session.query(StoredFile).count()


def infected_pdf():
    return samples.pdf() + b"\n" + EICAR


def test_what_the_scanner_knows_is_refused_in_words_and_not_kept(clamd, scanned, browser):
    scanned(clamd.url)
    answer = send_paper(browser, "business_licence", infected_pdf())
    assert answer.status_code == 422
    assert "virus scanner" in answer.text
    assert "Osaka Legal Affairs Bureau" in answer.text
    assert stored() == 0


def test_a_clean_paper_passes(clamd, scanned, browser):
    scanned(clamd.url)
    assert send_paper(browser, "business_licence").status_code == 303
    assert stored() == 1


def test_a_file_of_many_pieces_is_scanned_to_its_end(clamd):
    scanner = antivirus.from_url(clamd.url)
    assert scanner.scan(io.BytesIO(b"0" * 300_000)) is None
    assert "EICAR" in scanner.scan(io.BytesIO(b"0" * 300_000 + EICAR))


@pytest.mark.parametrize("url", ["clamd:///nowhere/clamd.sock", "clamd://127.0.0.1:9"])
def test_a_scanner_that_is_not_there_takes_nothing(scanned, browser, url):
    scanned(url)
    answer = send_paper(browser, "business_licence")
    assert answer.status_code == 503
    assert "none is taken" in answer.text
    assert "Osaka Legal Affairs Bureau" in answer.text
    assert send_photos(browser).status_code == 503
    assert stored() == 0


@pytest.mark.parametrize("says", [None, "INSTREAM size limit exceeded. ERROR", "stream: what", "OK"])
def test_an_answer_that_is_no_clean_bill_is_none(stand_in, scanned, browser, says):
    scanned(stand_in.url)
    stand_in.says = says
    try:
        assert send_paper(browser, "business_licence").status_code == 503
    finally:
        stand_in.says = ""
    assert stored() == 0


def test_a_real_clamd_refuses_what_is_larger_than_it_takes(clamd):
    if isinstance(clamd, StandIn):
        pytest.skip("the stand-in has no limit")
    with pytest.raises(antivirus.NotScanned):
        antivirus.from_url(clamd.url).scan(io.BytesIO(b"0" * (21 * 2**20)))
