"""Applicants and officers, as tests play them."""

import io
import secrets

from compliance.qualification import applying, noting, papers
from compliance.qualification.rules import PAPERS
from tests import factories
from tests.documents import samples

COMPANY = {
    "legal_name": "Hoshino Hobby K.K.", "representative": "星野 さくら",
    "registration_number": "5-8356-7825-6246", "phone": "+81 6-6341-1234",
}  # fmt: skip
PLACE = {"address": "大阪市北区梅田1-2-3", "city": "Osaka", "about": "Figures since 1998.\nWe photograph every box."}


def new_once():
    return secrets.token_urlsafe(18)


def begin(browser, **changes):
    form = {"kind": "company", "country": "JP", "trade_name": "Hoshino Hobby", "once": new_once(), **changes}
    return browser.post("/merchant/apply", data=form)


def send_paper(browser, kind, data=None, once=None, **changes):
    content = samples.pdf(lambda d: d.docinfo.update({"/Title": secrets.token_hex(8)})) if data is None else data
    form = {
        "issuer": "Osaka Legal Affairs Bureau", "country": "JP", "number": "123",
        "valid_from": "2020-01-01", "valid_to": "2099-12-31", "once": new_once() if once is None else once,
        "file": (io.BytesIO(content), "licence.pdf"), **changes,
    }  # fmt: skip
    return browser.post(f"/merchant/apply/papers/{kind}", data=form, content_type="multipart/form-data")


def fill_in(browser, **changes):
    begin(browser, **changes)
    place = {**PLACE, "address": f"{PLACE['address']}-{secrets.randbelow(10**9)}"}
    browser.post("/merchant/apply/company", data={name: changes.get(name, told) for name, told in COMPANY.items()})
    browser.post("/merchant/apply/place", data={name: changes.get(name, told) for name, told in place.items()})
    for kind in PAPERS[:3]:
        assert send_paper(browser, kind).status_code == 303


def applied(client_of, **changes):
    """An applicant whose application waits for an officer: (account, browser)."""
    own = secrets.token_hex(6)
    account = factories.account(email=f"shop@{own}.test")  # two shops of one domain are noticed
    browser = client_of(account)
    fill_in(browser, **changes)
    answer = browser.post("/merchant/apply/submit", data={"once": new_once()})
    assert answer.status_code == 303
    return account, browser


def application_of(account):
    return applying.mine(factories.actor(account))


def papers_of(account):
    return papers.current(papers.of(application_of(account)))


def accept_all(officer, account):
    """An officer's browser takes the application and accepts every paper."""
    application = application_of(account)
    base = f"/officer/applications/{application.ref}"
    officer.post(f"{base}/take")
    for paper in papers_of(account).values():
        if paper.state == "uploaded":
            assert officer.post(f"{base}/papers/{paper.ref}/accept").status_code == 303
    tick_all(officer, application)
    return base


def tick_all(officer, application):
    """Every point of the check-list, as somebody ticks who has looked at each."""
    done = {"point": [point.name for point in noting.points(application)]}
    assert officer.post(f"/officer/applications/{application.ref}/points", data=done).status_code == 303
