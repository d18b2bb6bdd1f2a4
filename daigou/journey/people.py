"""The people of the journey: made anew for each run, through the pages that people use."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from .browser import Astray, Browser
from .story import wait_until


class Cast:
    """Makes people and opens their mail. ``mailbox`` is a browser that reads the sandbox's mailbox page."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.run = secrets.token_hex(4)
        self.mailbox = Browser(base_url, "the mailbox")
        self.passwords: dict[str, str] = {}

    def address(self, name: str) -> str:
        return f"{name}.{self.run}@journey.example"

    def password(self, name: str) -> str:
        return self.passwords.setdefault(name, secrets.token_urlsafe(15))

    def mailed_link(self, name: str, pattern: str) -> str:
        """The newest link of this form in the person's mail; mails take their moment."""
        found: list[str] = []

        def arrived() -> bool:
            self.mailbox.open(f"/sandbox/mailbox?to={self.address(name)}")
            for mail in self.mailbox.links(r"/sandbox/mailbox/[0-9a-f-]{36}"):
                found.extend(Browser(self.base_url, "the mailbox").open(mail).links(pattern))
                if found:
                    return True
            return False

        wait_until(f"a mail to {name} with a link like {pattern}", arrived)
        parts = urlsplit(found[0])
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def sign_up(self, name: str, full_name: str, country: str, language: str = "en") -> Browser:
        """A new person with an account of their own, signed in and confirmed."""
        browser = Browser(self.base_url, name, language)
        browser.open("/sign-up").send(
            r"/sign-up$",
            {
                "name": full_name,
                "email": self.address(name),
                "password": self.password(name),
                "country": country,
            },
        )
        browser.open(self.mailed_link(name, r"/account/confirm/")).send(r"/account/confirm/")
        return self.sign_in(name, browser)

    def sign_in(self, name: str, browser: Browser | None = None) -> Browser:
        browser = browser or Browser(self.base_url, name)
        browser.open("/sign-in")
        if browser.has_form(r"/sign-in"):
            browser.send(r"/sign-in", {"email": self.address(name), "password": self.password(name)})
        if browser.has_form(r"/sign-in"):
            raise Astray(f"{name} can't sign in: {browser.text[:300]}")
        return browser

    def invited(self, name: str, full_name: str, invitation: str) -> Browser:
        """Somebody of our own staff, from the link in their mail to being signed in."""
        browser = Browser(self.base_url, name)
        browser.open(invitation).send(r"/account/invite/", {"name": full_name, "password": self.password(name)})
        return self.sign_in(name, browser)
