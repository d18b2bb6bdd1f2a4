"""Mail out: over SMTP, or nowhere beside the sandbox, where the mailbox page shows what would have been sent."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from typing import Protocol
from urllib.parse import unquote, urlsplit

SECONDS = 20


class Mail(Protocol):
    def send(self, to: str, title: str, body: str, message_id: str) -> None:
        """Hand one plain-text mail on. Raises OSError or smtplib.SMTPException when it was not taken.

        ``message_id`` is the same for the same mail, so that one sent twice is seen as one.
        """


def from_url(url: str, sender: str) -> Mail:
    """``smtps://user:password@host:465``, ``smtp://host:587`` or ``mailbox:`` (MAIL_URL); ``sender`` is MAIL_FROM."""
    return Mailbox() if url.startswith("mailbox:") else Smtp(url, sender)


class Mailbox:
    """The notices table keeps every mail already: there is nothing to do."""

    def send(self, to: str, title: str, body: str, message_id: str) -> None:
        return None


class Smtp:
    """smtps is TLS from the first byte; smtp turns to TLS when it is offered, and must before a password is sent."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._implicit = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._implicit else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def send(self, to: str, title: str, body: str, message_id: str) -> None:
        message = compose(self._sender, to, title, body, message_id)
        with self._connect() as server:
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._implicit:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=SECONDS)
            self._turn_to_tls(server, context)
        if self._user:
            server.login(self._user, self._password)
        return server

    def _turn_to_tls(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif self._user:
            server.close()
            raise smtplib.SMTPNotSupportedError("the server offers no TLS: a password is not sent in the open")


def compose(sender: str, to: str, title: str, body: str, message_id: str) -> EmailMessage:
    """A plain-text mail. Line breaks in a title would start a header of somebody's own: they become spaces."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = " ".join(to.split())
    message["Subject"] = " ".join(title.split())
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
