"""Applications against sanctions lists: the business, its legal name and its representative."""

from __future__ import annotations

from compliance.screening import rules
from compliance.screening import service as screening
from compliance.screening.finding import Facts
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy

from .models import Application
from .rules import Check


def screen(application: Application) -> str:
    """Look at every name of the application; answers how it stands."""
    claims = application.claims if isinstance(application.claims, dict) else {}
    said = (claims.get("legal_name"), claims.get("representative"), application.trade_name)
    names = tuple(dict.fromkeys(name for name in said if name))
    return screening.screen(application.ref, (Facts("merchant", application.subject, names, application.country),))


_FOUND = {
    rules.UNKNOWN: ("unknown", lazy("Not looked at yet: it is when somebody wants to approve it.")),
    rules.CLEAR: ("pass", lazy("Nothing found, or what was found is somebody else.")),
    rules.HELD: (
        "warn",
        lazy("Something was found. Decide on it under Cases, Screening; until then it can’t be approved."),
    ),
    rules.CONFIRMED: ("fail", lazy("Somebody in this application stands on a list. It can’t be approved.")),
}


def check(application: Application) -> Check:
    """How it stands, for the officer who decides."""
    return Check("screening", *_FOUND[screening.standing(application.ref)])


def standing(application: Application) -> str:
    found = screening.standing(application.ref)
    return screen(application) if found == rules.UNKNOWN else found


def require_clear(application: Application) -> None:
    """Impossible to approve while a hit is undecided, or after one was confirmed."""
    if standing(application) != rules.CLEAR:
        words = lazy("A screening hit on this application is not cleared. Decide on it first.")
        raise Impossible("application.screening", words)
