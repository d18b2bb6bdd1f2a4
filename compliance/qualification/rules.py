"""Pure rules of qualification: what a merchant must show, and what is wrong with what was shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from compliance.identity.rules import mixed_scripts
from daigou.core.i18n import lazy
from daigou.core.states import Machine, move

from .registers import IBAN, REGISTERS, NumberForm, number_forms

APPLICATION = Machine(
    "application",
    "draft",
    move("submit", "draft more_information", "submitted", "application.edit"),
    move("take", "submitted", "in_review", "application.review"),
    move("release", "in_review", "submitted", "application.review"),
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
PAPERS = (
    "business_licence", "representative_id", "supply_proof", "trademark", "authorisation", "tax_registration",
    "bank_proof", "warehouse_proof",
)  # fmt: skip
NUMBERS = ("tax_number", "eori", "iban", "lei")  # checked where they are given
NEEDED_CLAIMS = ("legal_name", "representative", "registration_number", "phone", "address", "city")
CLAIMS = (*NEEDED_CLAIMS, "about", *NUMBERS)
# Papers that always end: without an end date they are not complete.
ENDING = frozenset({"representative_id", "trademark", "authorisation"})
TWO_ALPHABETS = lazy("A word of this name mixes letters of two alphabets. Type it in the letters of your licence.")
SIMILAR = 0.6  # names below this ratio are shown to the officer as different


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What a person says of a paper they send."""

    kind: str
    issuer: str
    country: str
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
    """pass or fail by form and check digit; unknown where there is no rule, or only the form is known and right."""
    form = register_of(kind, country)
    return "unknown" if form is None else form.verdict(number)


def claim_faults(kind: str, country: str, claims: Mapping[str, str]) -> dict[str, object]:
    """What is wrong with or missing in the claims, by field."""
    faults: dict[str, object] = {
        name: lazy("This is needed before you can send the application.")
        for name in NEEDED_CLAIMS
        if not claims.get(name)
    }
    forms = {"registration_number": register_of(kind, country), **number_forms(country)}
    for name, form in forms.items():
        number = claims.get(name, "")
        if number and form is not None and form.verdict(number) == "fail":
            faults[name] = form.fault()
    faults |= {name: TWO_ALPHABETS for name in ("legal_name", "representative") if mixed_scripts(claims.get(name, ""))}
    if claims.get("phone") and not is_phone(claims["phone"], country):
        faults["phone"] = lazy("This is no phone number. Write it with + and country code, such as +81 6 6341 1234.")
    return faults


def is_phone(text: str, country: str) -> bool:
    """Whether it can be somebody's number, by the plan of its country."""
    import phonenumbers

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        return False


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
    form = paper_number_form(paper)
    if paper.number and form is not None and form.verdict(paper.number) == "fail":
        faults["number"] = form.fault()
    return faults


def paper_number_form(paper: PaperFacts) -> NumberForm | None:
    """Numbers of papers that can be checked: the tax number, and the account number where its country has IBANs."""
    if paper.kind == "tax_registration":
        return number_forms(paper.country).get("tax_number")
    if paper.kind == "bank_proof" and paper.number[:2].isalpha():
        return IBAN
    return None


def lacking(required: Iterable[str], papers: Iterable[tuple[str, str, date | None]], today: date) -> list[str]:
    """Which of the required kinds have no standing paper. Papers come as (kind, state, valid_to)."""
    standing = {name for name, state, ends in papers if state in COUNTING and (ends is None or ends >= today)}
    return [name for name in required if name not in standing]


def all_accepted(required: Iterable[str], papers: Iterable[tuple[str, str, date | None]], today: date) -> bool:
    """Whether every required paper has been accepted and is still valid: what approving needs."""
    accepted = {name for name, state, ends in papers if state == "accepted" and (ends is None or ends >= today)}
    return set(required) <= accepted


def names_agree(trade_name: str, legal_name: str) -> bool:
    """Whether two names look like one business. Different ones are allowed, but the officer should ask why."""
    one, other = _plain(trade_name), _plain(legal_name)
    if not one or not other:
        return False
    return one in other or other in one or SequenceMatcher(None, one, other).ratio() >= SIMILAR


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
