"""Whether a password is in a known breach: a range look-up by the first five digits of its SHA-1.

The service learns five digits, which half a million passwords share, and never the password (k-anonymity; the form is
Have I Been Pwned's). Optional: without an address nobody is asked.
"""

from __future__ import annotations

import hashlib
import logging

from . import outside

log = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds
LIMIT_BYTES = 512 * 1024  # a range has about forty kilobytes


class Breaches:
    def __init__(self, url: str) -> None:
        self._url = url

    def has(self, password: str) -> bool:
        """True when the password was seen in a breach. A service that does not answer stops nobody: False."""
        import httpx

        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            return _has(self._range(digest[:5]), digest[5:])
        except (httpx.HTTPError, UnicodeDecodeError) as error:
            log.warning("no breach look-up: %s", type(error).__name__)
            return False

    def _range(self, prefix: str) -> str:
        body = bytearray()
        with (
            outside.client(PATIENCE) as client,
            client.stream("GET", f"{self._url}/range/{prefix}", headers={"Add-Padding": "true"}) as answer,
        ):
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LIMIT_BYTES:
                    break
        return body.decode("ascii")


def from_url(url: str) -> Breaches | None:
    """BREACH_URL, or none."""
    return Breaches(url) if url else None


def _has(lines: str, suffix: str) -> bool:
    """Padding has the count nought: it is nobody's."""
    rows = (line.partition(":") for line in lines.splitlines())
    return any(found.strip().upper() == suffix and count.strip() != "0" for found, _, count in rows)
