"""The people of the journey: made anew for each run, through the pages that people use."""

from __future__ import annotations

import secrets
import time
from urllib.parse import urlsplit

import pyotp

from .browser import Astray, Browser
from .story import wait_until


class Cast:
    """Makes people and opens their mail. ``mailbox`` is a browser that reads the sandbox's mailbox page."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.run = secrets.token_hex(4)
        self.hand = int(self.run, 16)  # draws this run's pictures: those of another shop would be held back
        self.mailbox = Browser(base_url, "the mailbox")
        self.passwords: dict[str, str] = {}
        self.secrets: dict[str, str] = {}  # of authenticator apps
        self._steps: dict[str, int] = {}

    def address(self, name: str) -> str:
        return f"{name}@{self.run}.journey.example"

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
        if browser.has_form(r"/sign-in/second-step"):
            browser.send(r"/sign-in/second-step", {"code": self.code(name)})
        if browser.has_form(r"/sign-in"):
            raise Astray(f"{name} can't sign in: {browser.text[:300]}")
        return browser

    def invited(self, name: str, full_name: str, invitation: str) -> Browser:
        """Somebody of our own staff, from the link in their mail to being signed in."""
        browser = Browser(self.base_url, name)
        browser.open(invitation).send(r"/account/invite/", {"name": full_name, "password": self.password(name)})
        return self._enrol(name, self.sign_in(name, browser))

    def code(self, name: str) -> str:
        """What the person's authenticator app shows. Each code counts once, so a second one is the next one's."""
        step = max(int(time.time()) // 30 - 1, self._steps.get(name, 0) + 1)
        wait_until(f"the next code of {name}’s app", lambda: step <= int(time.time()) // 30 + 1)
        self._steps[name] = step
        return pyotp.TOTP(self.secrets[name]).generate_otp(step)

    def _enrol(self, name: str, browser: Browser) -> Browser:
        """Staff are led to set up a second factor before anything else opens."""
        browser.open(browser.link(r"/account/authenticator"))
        secret = browser.page.css_first("[data-copy]")
        if secret is None:
            raise Astray(f"{name} sees no key for an authenticator app: {browser.text[:300]}")
        self.secrets[name] = str(secret.attributes["data-copy"])
        return browser.send(r"/account/authenticator", {"code": self.code(name)}).sees("recovery codes")
