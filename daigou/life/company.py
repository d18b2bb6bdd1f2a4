"""The demo's people as browsers, and what of the machine around them the scenes may touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

from daigou.journey.browser import Browser
from daigou.journey.people import Cast


class Company(Cast):
    """``company["officer"]`` is that person's browser, signed in when first asked for. Names are mailboxes."""

    def __init__(self, base_url: str, sandbox_url: str, logins: Sequence[Mapping[str, str]]) -> None:
        super().__init__(base_url)
        self.sandbox = httpx.Client(base_url=sandbox_url, timeout=30)
        self.browsers: dict[str, Browser] = {}
        for login in logins:
            name = login["email"].partition("@")[0]
            self.passwords[name] = login["password"]
            if "totp" in login:
                self.secrets[name] = login["totp"]

    def address(self, name: str) -> str:
        return f"{name}@demo.example"

    def __getitem__(self, name: str) -> Browser:
        if name not in self.browsers:
            self.browsers[name] = self.sign_in(name)
        return self.browsers[name]

    def steer(self, tracking_code: str, outcome: str) -> None:
        """What happens to a parcel out there is the sandbox's to say."""
        self.sandbox.post(f"/controls/trackers/{tracking_code}", data={"outcome": outcome}).raise_for_status()
