"""Pure rules of qualification: what a merchant must show, and what is wrong with what was shown."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from daigou.core.i18n import lazy
from daigou.core.states import Machine, move

APPLICATION = Machine(
    "application",
    "draft",
    move("submit", "draft more_information", "submitted", "application.edit"),
    move("take", "submitted", "in_review", "application.review"),
    move("ask", "in_review", "more_information", "application.review"),
    move("approve", "in_review", "approved", "application.review"),
    move("reject", "in_review", "rejected", "application.review"),
    move("withdraw", "draft submitted in_review more_information", "withdrawn", "application.edit"),
)

PAPER = Machine(
    "paper",
    "uploaded",
    move("accept", "uploaded", "accepted", "application.review"),
    move("refuse", "uploaded accepted", "refused", "application.review"),
    move("replace", "uploaded refused", "replaced", "application.edit"),
)

OPEN = ("draft", "submitted", "in_review", "more_information")
EDITABLE = ("draft", "more_information")
COUNTING = ("uploaded", "accepted")  # papers that stand; refused and replaced ones count for nothing

KINDS = ("individual", "company", "brand")
PAPERS = ("business_licence", "representative_id", "supply_proof", "trademark")
CLAIMS = ("legal_name", "representative", "registration_number", "phone", "address", "city", "about")
NEEDED_CLAIMS = CLAIMS[:-1]
# Papers that always end: without an end date they are not complete.
ENDING = frozenset({"representative_id", "trademark"})
SIMILAR = 0.6  # names below this ratio are shown to the officer as different


@dataclass(frozen=True, slots=True)
class NumberForm:
    """A country's register of businesses: python-stdnum's module and what a number looks like."""

    module: str
    name: str
    example: str


# What python-stdnum can check. Where a country is missing, the officer compares the number with the paper by hand.
REGISTERS = {
    "AU": NumberForm("au.abn", "ABN", "51 824 753 556"),
    "CA": NumberForm("ca.bn", "BN", "12302 6635"),
    "CN": NumberForm("cn.uscc", "统一社会信用代码", "9111 0000 6000 3734 1L"),
    "DE": NumberForm("de.handelsregisternummer", "Handelsregisternummer", "Aachen HRA 11223"),
    "ES": NumberForm("es.nif", "NIF", "54362315-K"),
    "FR": NumberForm("fr.siren", "SIREN", "552 008 443"),
    "GB": NumberForm("gb.utr", "UTR", "1955839661"),
    "IN": NumberForm("in_.gstin", "GSTIN", "27AAPFU0939F1ZV"),
    "IT": NumberForm("it.iva", "Partita IVA", "00743110157"),
    "JP": NumberForm("jp.cn", "法人番号", "5-8356-7825-6246"),
    "KR": NumberForm("kr.brn", "사업자등록번호", "116-82-00276"),
    "SG": NumberForm("sg.uen", "UEN", "00192200M"),
    "TH": NumberForm("th.tin", "TIN", "1-2345-45678-78-1"),
    "TW": NumberForm("tw.ubn", "統一編號", "00501503"),
    "US": NumberForm("us.ein", "EIN", "04-2103594"),
    "VN": NumberForm("vn.mst", "MST", "0100233488"),
}


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What a person says of a paper they send."""

    kind: str
    issuer: str
    number: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at by machine. ``verdict`` is pass, warn, fail or unknown."""

    name: str
    verdict: str
    words: object


def register_of(kind: str, country: str) -> NumberForm | None:
    """The register whose numbers can be checked; people without a company have none of their own here."""
    return None if kind == "individual" else REGISTERS.get(country)


def number_verdict(kind: str, country: str, number: str) -> str:
    """pass or fail by form and check digit; unknown where there is no rule."""
    form = register_of(kind, country)
    if form is None:
        return "unknown"
    module = importlib.import_module(f"stdnum.{form.module}")
    return "pass" if module.is_valid(number) else "fail"


def claim_faults(kind: str, country: str, claims: Mapping[str, str]) -> dict[str, object]:
    """What is wrong with or missing in the claims, by field."""
    faults: dict[str, object] = {
        name: lazy("This is needed before you can send the application.")
        for name in NEEDED_CLAIMS
        if not claims.get(name)
    }
    number = claims.get("registration_number", "")
    form = register_of(kind, country)
    if number and form and number_verdict(kind, country, number) == "fail":
        faults["registration_number"] = lazy(
            "This is no valid %(name)s: its length or check digit is wrong. One looks like %(example)s.",
            name=form.name,
            example=form.example,
        )
    return faults


def required_papers(kind: str) -> tuple[str, ...]:
    """Which papers an application needs (DSA art. 30 and INFORM Act: who sells; the rest: that goods are real)."""
    return PAPERS if kind == "brand" else PAPERS[:3]


def paper_faults(paper: PaperFacts, today: date) -> dict[str, object]:
    """What is wrong with a paper's dates and words, by field."""
    faults: dict[str, object] = {}
    if paper.valid_from and paper.valid_from > today:
        faults["valid_from"] = lazy("This day has not come yet. Send the paper when it is valid.")
    if paper.valid_to is None and paper.kind in ENDING:
        faults["valid_to"] = lazy("Papers of this kind end one day. Give the day that stands on it.")
    if paper.valid_to and paper.valid_to < today:
        faults["valid_to"] = lazy("This paper has expired. Send the one that is valid now.")
    elif paper.valid_to and paper.valid_from and paper.valid_to <= paper.valid_from:
        faults["valid_to"] = lazy("The last day must come after the first.")
    return faults


def lacking(kind: str, papers: Iterable[tuple[str, str, date | None]], today: date) -> list[str]:
    """Which required kinds have no standing paper. Papers come as (kind, state, valid_to)."""
    standing = {name for name, state, ends in papers if state in COUNTING and (ends is None or ends >= today)}
    return [name for name in required_papers(kind) if name not in standing]


def all_accepted(kind: str, papers: Iterable[tuple[str, str, date | None]], today: date) -> bool:
    """Whether every required paper has been accepted and is still valid: what approving needs."""
    accepted = {name for name, state, ends in papers if state == "accepted" and (ends is None or ends >= today)}
    return set(required_papers(kind)) <= accepted


def names_agree(trade_name: str, legal_name: str) -> bool:
    """Whether two names look like one business. Different ones are allowed, but the officer should ask why."""
    one, other = _plain(trade_name), _plain(legal_name)
    if not one or not other:
        return False
    return one in other or other in one or SequenceMatcher(None, one, other).ratio() >= SIMILAR


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
