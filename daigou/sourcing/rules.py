"""Pure rules of sourcing requests."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from daigou.core.states import Machine, move

# A name with a dot and letters at its end: no addresses of machines, no names of one's own network.
_HOST = re.compile(
    r"(?=.{4,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})", re.IGNORECASE
)

SOURCING = Machine(
    "sourcing",
    "open",
    move("quote", "open", "quoted", "sourcing.quote"),
    move("order", "quoted", "ordered", "order.place"),
    move("reopen", "quoted", "open", "sourcing.withdraw"),
    move("withdraw", "open quoted", "withdrawn", "sourcing.withdraw"),
)

COUNTRIES = ("JP", "KR", "CN")  # where our merchants buy
OPEN_DAYS = 30  # after that an unanswered wish is closed
ANSWER_DAYS_MOST = 14  # how long a merchant may keep a price


def link_problem(url: str) -> str:
    """Why this link is not kept: ``scheme``, ``host`` or ``long``; empty for a plain https address of another site.

    It is only stored and shown, never fetched by our server; still, what people click must be a web page.
    """
    if len(url) > 2000:
        return "long"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "host"
    if parts.scheme != "https":
        return "scheme"
    host = parts.hostname or ""
    if parts.username or parts.password or port not in (None, 443) or not _HOST.fullmatch(host):
        return "host"
    return ""
