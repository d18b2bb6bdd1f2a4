"""UPU S10 identifiers: two letters, eight digits, a check digit, the country of origin."""

import re
import secrets

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_SHAPE = re.compile(r"[A-Z]{2}(\d{8})(\d)[A-Z]{2}")


def check_digit(serial: str) -> int:
    """Of eight digits: 47312482 gives 9."""
    left = 11 - sum(int(d) * w for d, w in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(left, left)


def valid(code: str) -> bool:
    found = _SHAPE.fullmatch(code)
    return found is not None and int(found[2]) == check_digit(found[1])


def new(service: str, country: str) -> str:
    """`service` is the two-letter indicator: E… for EMS, L… for packets."""
    serial = f"{secrets.randbelow(10**8):08d}"
    return f"{service}{serial}{check_digit(serial)}{country}"
