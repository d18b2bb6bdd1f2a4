"""Applications against sanctions lists: the business, its legal name and its representative."""

from __future__ import annotations

from compliance.screening import rules
from compliance.screening import service as screening
from compliance.screening.finding import Facts
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy

from .models import Application


def screen(application: Application) -> str:
    """Look at every name of the application; answers how it stands."""
    claims = application.claims if isinstance(application.claims, dict) else {}
    said = (claims.get("legal_name"), claims.get("representative"), application.trade_name)
    names = tuple(dict.fromkeys(name for name in said if name))
    return screening.screen(
        application.ref, (Facts("merchant", application.subject, names, application.country),)
    )


def standing(application: Application) -> str:
    found = screening.standing(application.ref)
    return screen(application) if found == rules.UNKNOWN else found


def require_clear(application: Application) -> None:
    """Impossible to approve while a hit is undecided, or after one was confirmed."""
    if standing(application) != rules.CLEAR:
        words = lazy("A screening hit on this application is not cleared. Decide on it first.")
        raise Impossible("application.screening", words)
