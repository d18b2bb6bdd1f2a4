"""Pure rules of sessions: how long they live, what a browser is called, what is unusual, how long a lock lasts."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daigou.accounts.identity import Holder, Life
    from daigou.accounts.models import Account

    from .models import Session

# Since it began: for staff a working day (NIST SP 800-63B, AAL2: at most 12 hours), for others two weeks unused.
STAFF_LIFE: Final = timedelta(hours=12)
IDLE_LIFE: Final = timedelta(days=14)
COARSE: Final = timedelta(minutes=15)  # how exactly "last seen" is kept, so that reading costs no writing
FRESH: Final = timedelta(minutes=10)  # how long a proof of who one is lasts

FREE_TRIES: Final = 5
FIRST_LOCK: Final = timedelta(minutes=1)
LONGEST_LOCK: Final = timedelta(hours=12)
FORGOTTEN: Final = timedelta(days=1)  # a lock's count, after this long without a wrong try

FAMILIES: Final = (
    (r"Edg(?:e|A|iOS)?/", "Edge"), (r"OPR/|Opera", "Opera"), (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"), (r"CriOS/|Chrome/|Chromium/", "Chrome"), (r"Safari/", "Safari"),
)  # fmt: skip
SYSTEMS: Final = (
    (r"iPhone|iPod", "iPhone"), (r"iPad", "iPad"), (r"Android", "Android"), (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "Mac"), (r"CrOS", "ChromeOS"), (r"Linux|X11", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of a browser that wants in. ``country`` is empty where no trusted proxy tells it."""

    ip: str = ""
    agent: str = ""
    country: str = ""
    device: str = ""  # the token of its device cookie
    certificate: str = ""  # the fingerprint of the client certificate that the proxy has checked


def is_alive(session: Session | Life, account: Account | Holder, now: datetime) -> bool:
    """Not ended, of the account's present epoch, not too old."""
    if session.ended_at is not None or session.epoch != account.session_epoch:
        return False
    if account.is_staff and session.created_at + STAFF_LIFE <= now:
        return False
    return session.last_seen_at + IDLE_LIFE > now


def family(agent: str) -> str:
    """``Firefox, Linux`` of a User-Agent header: enough to know one's own device again, too little to track by."""
    browser = next((name for pattern, name in FAMILIES if re.search(pattern, agent)), "")
    system = next((name for pattern, name in SYSTEMS if re.search(pattern, agent)), "")
    return ", ".join(filter(None, (browser, system)))


def network(ip: str) -> str:
    """The /24 or /48 that an address is in: people change addresses within it, guessers rarely own many."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


def lock_key(whose: bytes, ip: str) -> bytes:
    return hashlib.sha256(b"sign-in|" + whose + b"|" + network(ip).encode()).digest()


def locked_for(failures: int) -> timedelta:
    """Nothing for the first tries, then a minute that doubles with each."""
    over = failures - FREE_TRIES
    return timedelta(0) if over < 0 else min(FIRST_LOCK * 2 ** min(over, 20), LONGEST_LOCK)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of a sign-in whose password was right. ``wrong_tries`` are the last day's, from anywhere."""

    first: bool
    known_device: bool
    same_country: bool
    wrong_tries: int
    factored: bool


def unusual(seen: Circumstances) -> str:
    """``""``, ``new`` (tell the owner) or ``abnormal`` (close the account until its owner has a new password)."""
    if seen.first or (seen.known_device and seen.same_country):
        return ""
    guessed = seen.wrong_tries >= 10 or (not seen.same_country and seen.wrong_tries >= FREE_TRIES)
    return "abnormal" if guessed and not seen.known_device and not seen.factored else "new"
