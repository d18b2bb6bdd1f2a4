"""A shop in Japan asks to sell, with its papers; the office looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from daigou.core import clock
from daigou.journey.acts.qualification import PAPERS, corporate_number
from daigou.journey.browser import Browser
from daigou.journey.papers import paper

from .buying import reference
from .company import Company


@dataclass(frozen=True, slots=True)
class Applicant:
    mailbox: str
    person: str
    trade_name: str
    city: str
    street: str

    @property
    def number(self) -> str:
        """Of the corporate register's form, with a right check digit; of nobody."""
        return corporate_number(self.mailbox)


KIKU = Applicant("kiku", "Aoi Kikuchi", "Kiku Camera Repair", "Kyoto", "12 Teramachi-dori, Nakagyo-ku")
TSURU = Applicant("tsuru", "Ren Tsuruta", "Tsuru Paper Goods", "Kanazawa", "3-8 Higashiyama")
LANTERN = Applicant("lantern", "Viktor Specimenov", "Lantern Trading", "Kobe", "5-1 Hatoba-cho, Chuo-ku")


def apply(company: Company, who: Applicant) -> None:
    """From the account to the submitted application, as its people fill it in."""
    person = company.sign_up(who.mailbox, who.person, "JP")
    person.open("/merchant/apply")
    person.send(r"/merchant/apply$", {"kind": "company", "country": "JP", "trade_name": who.trade_name})
    phone = f"+81 6 {who.number[-8:-4]} {who.number[-4:]}"
    said = {"legal_name": who.trade_name, "representative": who.person, "phone": phone}
    person.send(r"/apply/company$", {**said, "registration_number": who.number})
    person.send(r"/apply/place$", {"address": who.street, "city": who.city})
    _hand_in_papers(person, who)
    person.open("/merchant/apply").send(r"/apply/submit$")


def _hand_in_papers(person: Browser, who: Applicant) -> None:
    until = (clock.today() + timedelta(days=700)).isoformat()
    for kind, title in PAPERS.items():
        facts = {"issuer": f"City of {who.city}", "country": "JP", "number": who.number, "valid_to": until}
        page = f"/merchant/apply/papers/{kind}"
        person.open(page).send(rf"{page}$", facts, {"file": paper(title, who.number)})


def take(officer: Browser, who: Applicant) -> str:
    """An officer makes it theirs; the application's reference."""
    officer.open("/officer/applications")
    officer.open(officer.link_named(r"/officer/applications/APP-", who.trade_name))
    ref = reference("APP", officer.path)
    officer.send(rf"/applications/{ref}/take$")
    return ref


def approve(officer: Browser, ref: str) -> None:
    for _ in PAPERS:
        officer.open(f"/officer/applications/{ref}").send(r"/papers/[^/]+/accept$")
    officer.open(f"/officer/applications/{ref}").send(rf"/applications/{ref}/approve$")
