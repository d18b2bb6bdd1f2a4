"""Every page that matters, in a real browser.

Drawn, usable at 320 px, in three languages and two themes, without faults that keep people out.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from daigou.accounts import staff
from daigou.app import create_app
from daigou.core.access import Actor
from daigou.core.config import Config
from daigou.core.db import db
from daigou.embedded import home
from daigou.journey.people import Cast
from daigou.journey.run import ACTS
from daigou.journey.stage import Stage
from daigou.journey.story import Story

from .conftest import sign_in
from .lens import Lens
from .scenes import REFUSED, SCENES, STANDING

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def lens(whole):
    return Lens.at(whole.base_url)


class Windows(dict):
    """One window a person, opened when it is first needed."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def __missing__(self, who):
        self[who] = self.make(who)
        return self[who]


def resolve(page, address):
    """``first:/bills/@/orders/ORD-…``: the first link that begins so on the page after the @."""
    if not address.startswith("first:"):
        return address
    start, _, where = address[6:].partition("@")
    page.goto(resolve(page, where))
    found = page.locator(f"main :is(a[href^='{start}'], form[action^='{start}'])")
    assert found.count(), f"no link to {start} on {page.url}"
    found = found.first.evaluate("e => e.getAttribute('href') || e.getAttribute('action')")
    return found.removesuffix("/pay")


def test_the_standing_pages_keep_nobody_out(visit, logins, lens):
    windows = Windows(lambda who: sign_in(visit(), logins[who]) if who else visit())
    for name, who, address in STANDING:
        lens.look(windows[who], name, resolve(windows[who], address))
    for name, who, address, status in REFUSED:
        lens.look(windows[who], name, address, status)
    assert lens.wrong == []


def test_every_state_of_an_order_keeps_nobody_out(whole, visit, lens):
    """The journey runs, and after its steps the pages of that moment are looked at by the people of it."""
    app = create_app(Config.from_env(home.environment({"DAIGOU_HOME": str(whole.home.folder)})))
    said, stage = [], None

    def window_of(who):
        page = visit()
        cookies = stage[who].client.cookies.jar if who else ()
        page.context.add_cookies([{"name": c.name, "value": c.value, "url": whole.base_url} for c in cookies])
        return page

    windows = Windows(window_of)
    seen = set()

    class Watched(Story):
        @contextmanager
        def step(self, text):
            with super().step(text):
                yield
            for words in SCENES:
                if words in text and words not in seen:
                    seen.add(words)
                    for name, who, address in SCENES[words]:
                        lens.look(windows[who], name, resolve(windows[who], address.format_map(stage.refs)))

    with app.app_context():
        operator = Actor("system:journey", roles=frozenset({"system", "admin"}), name="journey")
        cast = Cast(whole.base_url)
        invitation = staff.invite(operator, cast.address("admin"), "admin", "en", "JP")
        stage = Stage(cast, Watched(said.append), invitation)
        for act in ACTS:
            act(stage)
        db.engine.dispose()
    assert seen == set(SCENES)
    assert lens.wrong == []
