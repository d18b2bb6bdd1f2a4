"""The carrier's price list: two lines, five zones, steps of weight. Yen, invented and plausible."""

import math
from dataclasses import dataclass

CARRIER = "NipponPost"
_ZONES = {
    1: "CN KR TW",
    2: "HK MO SG TH VN MY PH ID IN LA KH MM BN LK NP BD PK MN",
    4: "US GU PR",
    5: "BR AR CL PE CO UY PY BO EC VE ZA EG KE NG GH MA DZ TN ET TZ",
}  # fmt: skip
_ELSEWHERE = 3  # Europe, Canada, Mexico, Oceania, the Middle East
_ZONE_OF = {country: zone for zone, text in _ZONES.items() for country in text.split()}


@dataclass(frozen=True)
class Line:
    """Yen for the first `first_grams` and for each step after; a divisor in cm³/kg makes volume count."""

    service: str
    indicator: str
    first_grams: int
    step_grams: int
    max_grams: int
    divisor: int | None
    first: dict[int, int]
    step: dict[int, int]
    days: dict[int, int]


LINES = (
    Line("EMS", "EJ", 500, 500, 30_000, None,
         {1: 1450, 2: 1900, 3: 3150, 4: 3900, 5: 3600}, {1: 650, 2: 850, 3: 1250, 4: 1700, 5: 2000},
         {1: 3, 2: 4, 3: 5, 4: 5, 5: 8}),
    Line("Courier", "CX", 500, 500, 30_000, 5000,
         {1: 2100, 2: 2600, 3: 3900, 4: 4300, 5: 4700}, {1: 480, 2: 560, 3: 760, 4: 900, 5: 1100},
         {1: 2, 2: 2, 3: 3, 4: 3, 5: 5}),
    Line("AirPacket", "LX", 100, 100, 2_000, 6000,
         {1: 490, 2: 530, 3: 620, 4: 760, 5: 700}, {1: 80, 2: 100, 3: 140, 4: 190, 5: 180},
         {1: 7, 2: 8, 3: 10, 4: 11, 5: 16}),
)  # fmt: skip
BY_SERVICE = {line.service: line for line in LINES}


@dataclass(frozen=True)
class Price:
    line: Line
    yen: int
    days: int
    chargeable_grams: int


def zone_of(country: str) -> int:
    return _ZONE_OF.get(country, _ELSEWHERE)


def chargeable_grams(line: Line, grams: float, volume_cm3: float) -> int:
    """The greater of weight and volume / divisor; a line without a divisor goes by weight alone."""
    bulk = volume_cm3 / line.divisor * 1000 if line.divisor else 0
    return math.ceil(round(max(grams, bulk), 3))


def quote(line: Line, country: str, grams: float, volume_cm3: float) -> Price | str:
    """A price, or the carrier's reason why there is none."""
    weight = chargeable_grams(line, grams, volume_cm3)
    if weight > line.max_grams:
        return f"The parcel weighs {weight} g; {line.service} takes up to {line.max_grams} g."
    zone = zone_of(country)
    steps = max(0, math.ceil((weight - line.first_grams) / line.step_grams))
    return Price(line, line.first[zone] + steps * line.step[zone], line.days[zone], weight)
