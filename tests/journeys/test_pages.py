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


def test_the_standing_pages_keep_nobody_out(visit, logins, lens):
    windows = Windows(lambda who: sign_in(visit(), logins[who]) if who else visit())
    for name, who, address in STANDING:
        lens.look(windows[who], name, address)
    for name, who, address, status in REFUSED:
        lens.look(windows[who], name, address, status)
    assert not lens.wrong, "\n".join(lens.wrong)


def test_every_state_of_an_order_keeps_nobody_out(whole, visit, lens):
    """The journey runs, and after its steps the pages of that moment are looked at by the people of it."""
    app = create_app(Config.from_env(home.environment({"DAIGOU_HOME": str(whole.home.folder)})))
    said, stage = [], None

    windows = Windows(lambda who: visit())

    def window_of(who):
        """This person's window, with the cookies of this moment."""
        cookies = stage[who].client.cookies.jar if who else ()
        windows[who].context.add_cookies([{"name": c.name, "value": c.value, "url": whole.base_url} for c in cookies])
        return windows[who]

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
                        lens.look(window_of(who), name, address.format_map(stage.refs))

    with app.app_context():
        operator = Actor("system:journey", roles=frozenset({"system", "admin"}), name="journey")
        cast = Cast(whole.base_url)
        invitation = staff.invite(operator, cast.address("admin"), "admin", "en", "JP")
        stage = Stage(cast, Watched(said.append), invitation)
        for act in ACTS:
            act(stage)
        db.engine.dispose()
    assert seen == set(SCENES)
    assert not lens.wrong, "\n".join(lens.wrong)
