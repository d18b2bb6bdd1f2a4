"""What can happen to a parcel, as rows: the carrier's words, EasyPost's words, the place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """`carrier_code` is the postal event (UPU EMSEVT) that stands behind the words."""

    status: str
    detail: str
    message: str
    carrier_code: str
    place: str = ""
    abroad: bool = False


CREATED = Step("pre_transit", "label_created", "Shipping label created, waiting for the parcel", "MA", "Osaka")
STEPS = {
    "accepted": Step("in_transit", "received_at_origin_facility", "Accepted at post office", "EMA", "Osaka"),
    "departed": Step(
        "in_transit",
        "departed_origin_facility",
        "Departed from outward office of exchange",
        "EMC",
        "Osaka Kansai Airport",
    ),
    "customs": Step("in_transit", "held", "Arrived, presented to import customs", "EDB", abroad=True),
    "released": Step("in_transit", "departed_facility", "Released by import customs", "EDC", abroad=True),
    "out": Step("out_for_delivery", "out_for_delivery", "Out for delivery", "EDG", abroad=True),
    "delivered": Step("delivered", "delivered", "Delivered", "EMI", abroad=True),
    "information_required": Step(
        "in_transit",
        "awaiting_information",
        "Held by customs: information required from the addressee",
        "EME",
        abroad=True,
    ),
    "duty_due": Step("in_transit", "delivery_exception", "Held by customs: duty and taxes are due", "EME", abroad=True),
    "returning": Step("return_to_sender", "return", "Refused by customs, returning to sender", "EMF", abroad=True),
    "returned": Step("return_to_sender", "delivered", "Returned to sender", "EMI", "Osaka"),
    "lost": Step("failure", "lost", "The parcel is declared lost", "EXA"),
    "damaged": Step("failure", "damaged", "The parcel was found damaged", "EXB", abroad=True),
}
NORMAL = ("accepted", "departed", "customs", "released", "out", "delivered")
# What a person may ask for: what happens now, and what follows by itself.
BRANCHES: dict[str, tuple[str, ...]] = {
    "under_way": ("departed",),  # and nothing more until somebody says so
    "information_required": ("information_required",),
    "duty_due": ("duty_due",),
    "release": ("released", "out", "delivered"),
    "returned": ("returning", "returned"),
    "lost": ("lost",),
    "damaged": ("damaged",),
    "deliver": ("delivered",),
}
FINAL = frozenset(("delivered", "returned", "lost", "damaged"))
# Where parcels enter a country; anywhere else the capital's name would be a guess.
GATEWAYS = {
    "DE": "Frankfurt",
    "FR": "Paris Roissy",
    "GB": "London Heathrow",
    "US": "New York JFK",
    "NL": "Amsterdam",
    "AU": "Sydney",
    "CA": "Vancouver",
    "SG": "Singapore",
    "SA": "Riyadh",
    "AE": "Dubai",
    "BR": "Curitiba",
    "CH": "Zurich",
    "KR": "Incheon",
    "CN": "Beijing",
    "TW": "Taipei",
    "HK": "Hong Kong",
    "AT": "Vienna",
    "IT": "Milan",
    "ES": "Madrid",
    "PL": "Warsaw",
    "SE": "Stockholm",
}


def place(name: str, step: Step, country: str) -> tuple[str, str]:
    """City and country of a step."""
    if not step.abroad:
        return step.place, "JP" if step.place else country
    gateway = GATEWAYS.get(country, "Gateway")
    return (f"{gateway} customs" if name in ("customs", "released", *BRANCHES) else gateway), country
