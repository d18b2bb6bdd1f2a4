"""Screening in the officers' words: roles, states, decisions, and why a score is what it is."""

from __future__ import annotations

from collections.abc import Iterable

from daigou.core.i18n import _, lazy, ngettext

ROLES = {
    "shopper": lazy("Shopper"),
    "consignee": lazy("Consignee"),
    "merchant": lazy("Merchant"),
    "destination": lazy("Destination"),
}
STATES = {
    "held": (lazy("Waits for a decision"), "warning"),
    "confirmed": (lazy("Confirmed"), "error"),
    "clear": (lazy("Cleared"), "success"),
}
DECISIONS = {
    "open": (lazy("Undecided"), "warning"),
    "cleared": (lazy("Somebody else"), "success"),
    "confirmed": (lazy("Confirmed"), "error"),
    "gone": (lazy("Not found any more"), ""),
}
LISTS = {
    "ofac-sdn": lazy("OFAC, specially designated nationals"),
    "un": lazy("UN Security Council, consolidated list"),
    "eu": lazy("European Union, financial sanctions"),
    "embargo": lazy("Embargo"),
}
KINDS = {
    "person": lazy("Person"),
    "entity": lazy("Organisation"),
    "vessel": lazy("Ship"),
    "aircraft": lazy("Aircraft"),
    "destination": lazy("Destination"),
}
PLAIN = {
    "exact:name": lazy("The whole name is the same"),
    "exact:alias": lazy("The whole name is the same as an alias"),
    "name": lazy("Against its name"),
    "alias": lazy("Against an alias"),
    "country:agrees": lazy("The country agrees: +4"),
    "country:differs": lazy("The country differs: −6"),
    "birth_year:agrees": lazy("The year of birth agrees: +6"),
    "birth_year:differs": lazy("The year of birth differs: −15"),
    "destination": lazy("No goods may go there"),
}


def why(codes: Iterable[str]) -> list[str]:
    """The codes of a hit, a line each."""
    return [_line(code) for code in codes]


def _line(code: str) -> str:
    if code in PLAIN:
        return str(PLAIN[code])
    what, *rest = code.split(":", 2)
    if what == "part":
        return _part(*rest)
    if what == "missing":
        missing = int(rest[0])
        return ngettext(
            "%(num)d part of the listed name is missing", "%(num)d parts of the listed name are missing", missing
        )
    return _("Goods under HS %(code)s may not go there", code=rest[0]) if what == "goods" else code


def _part(way: str, part: str) -> str:
    if way == "exact":
        return _("“%(part)s” is the same", part=part)
    if way == "spelling":
        return _("“%(part)s” is the same in another spelling", part=part)
    if way == "sound":
        return _("“%(part)s” has the same consonants", part=part)
    return _("“%(part)s” differs by a letter or two", part=part)
