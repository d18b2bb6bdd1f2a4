"""What every reader gives, and what it raises when a file is not whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import SEEK_END
from typing import IO, Final

from babel import Locale

_SPECIAL: Final = {
    "korea, north": "KP", "north korea": "KP", "democratic people's republic of korea": "KP", "korea, south": "KR",
    "syria": "SY", "syrian arab republic": "SY", "iran, islamic republic of": "IR", "iran (islamic republic of)": "IR",
    "russian federation": "RU", "burma": "MM", "congo, democratic republic of the": "CD",
    "democratic republic of the congo": "CD", "congo, republic of the": "CG", "cote d ivoire": "CI", "viet nam": "VN",
    "palestinian": "PS", "hong kong": "HK", "macau": "MO", "turkey": "TR", "czech republic": "CZ",
    "venezuela (bolivarian republic of)": "VE", "united kingdom of great britain and northern ireland": "GB",
    "united states of america": "US", "libyan arab jamahiriya": "LY", "united republic of tanzania": "TZ",
}  # fmt: skip
_YEAR: Final = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


class Damaged(ValueError):
    """The file is cut off, of another format, or contradicts itself; the message says where."""


@dataclass(frozen=True, slots=True)
class Read:
    """One entry as a list has it. ``kind`` is person, entity, vessel or aircraft; the first name is the primary one."""

    entry_id: str
    kind: str
    names: tuple[str, ...]
    countries: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    programme: str = ""
    remarks: str = ""

    @property
    def digest(self) -> str:
        """Of all that a decision could rest on; programme and remarks change too often and tell nobody apart."""
        years = map(str, sorted(self.years))
        facts = (self.entry_id, self.kind, *self.names, "|", *sorted(self.countries), "|", *years)
        return sha256("\0".join(facts).encode()).hexdigest()


def refuse_cut(file: IO[bytes], called: str) -> None:
    """Damaged when the last line has no end: the publishers end every line, so the rest was lost on the way."""
    if file.seek(0, SEEK_END) == 0:
        raise Damaged(f"{called}: it is empty")
    file.seek(-1, SEEK_END)
    if file.read(1) not in (b"\n", b"\x1a"):
        raise Damaged(f"{called}: its last line is cut off")
    file.seek(0)


def unique(names: list[str]) -> tuple[str, ...]:
    """Names in their order, each once, without empty ones."""
    return tuple(dict.fromkeys(name for name in (" ".join(raw.split()) for raw in names) if name))


def years_in(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(year) for year in _YEAR.findall(text)}))


def country_code(name: str) -> str | None:
    """ISO 3166 alpha-2 of an English country name, or None."""
    known = name.strip().casefold()
    if len(known) == 2 and known.upper() in Locale("en").territories:
        return known.upper()
    return _SPECIAL.get(known) or _territories().get(known)


@cache
def _territories() -> dict[str, str]:
    names = Locale("en").territories
    return {str(name).casefold(): code for code, name in names.items() if len(code) == 2 and code.isalpha()}


def codes(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in map(country_code, names) if code))
