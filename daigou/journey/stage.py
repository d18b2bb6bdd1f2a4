"""What the acts of the journey hand on to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .browser import Astray, Browser
from .people import Cast
from .story import Story


@dataclass
class Stage:
    """``browsers`` by person, ``refs`` by what they name."""

    cast: Cast
    story: Story
    admin_invitation: str
    browsers: dict[str, Browser] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Browser:
        return self.browsers[who]

    def keep(self, name: str, prefix: str, text: str) -> str:
        """Remember the first reference of this kind in a text, such as ORD-7K3M9Q2XW4."""
        match = re.search(rf"{prefix}-[0-9A-Z]{{10}}", text)
        if match is None:
            raise Astray(f"no {prefix} reference in: {text[:300]}")
        self.refs[name] = match.group()
        return match.group()


def refused(browser: Browser, address: str, *statuses: int) -> None:
    """Astray unless this person is kept out."""
    answer = browser.client.get(browser.base_url + address)
    if answer.status_code not in statuses:
        raise Astray(f"{browser.who} may open {address}: {answer.status_code}")
