"""Text messages out, over a gateway that speaks Twilio's REST form (others offer the same)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from . import outside

if TYPE_CHECKING:
    import httpx

PATIENCE = 10.0  # seconds


class RefusedNumber(Exception):
    """The gateway will never deliver to this number; trying again is useless. Its code is the message."""


class Sms(Protocol):
    def send(self, to: str, body: str) -> None:
        """Hand one message on. RefusedNumber when it is never served, httpx.HTTPError when trying again is right."""


def from_url(url: str) -> Sms | None:
    """``https://SID:TOKEN@api.twilio.com?from=+4915112345678`` (SMS_URL), or none: phones can't be confirmed then."""
    return Twilio(url) if url else None


class Twilio:
    """POST /2010-04-01/Accounts/{sid}/Messages.json with To, From and Body, under Basic authorisation."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._account = unquote(parts.username or "")
        self._auth = (self._account, unquote(parts.password or ""))
        self._sender = parse_qs(parts.query.replace("+", "%2B")).get("from", [""])[0]
        host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        self._address = f"{parts.scheme}://{host}/2010-04-01/Accounts/{self._account}/Messages.json"

    def send(self, to: str, body: str) -> None:
        form = {"To": to, "From": self._sender, "Body": body}
        with outside.client(PATIENCE) as client:
            answer = client.post(self._address, data=form, auth=self._auth)
        if answer.status_code == 400:
            raise RefusedNumber(_code(answer))
        answer.raise_for_status()


def _code(answer: httpx.Response) -> str:
    try:
        return str(int(answer.json()["code"]))
    except (ValueError, KeyError, TypeError):
        return "400"
