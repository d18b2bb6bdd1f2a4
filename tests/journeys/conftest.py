"""A whole stack with the demo market in it, and a real browser."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from daigou.embedded.stack import WholeStack

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium on PATH: tools/browser.sh installs it")
        pytest.skip("no Chromium on PATH: the browser tests are left out")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def whole(chromium: Browser) -> Iterator[WholeStack]:
    """Everything that `make run` starts, in a temporary folder; not started for nothing when there is no browser.

    DAIGOU_JOURNEY_HOME names the folder of one that runs already: a second look costs no second start.
    """
    if running := os.environ.get("DAIGOU_JOURNEY_HOME"):
        home = Path(running)
        yield WholeStack(home, port=int(json.loads((home / "env.json").read_text())["BASE_URL"].rsplit(":", 1)[1]))
        return
    with WholeStack() as running_stack:
        yield running_stack


@pytest.fixture(scope="session")
def logins(whole: WholeStack) -> dict[str, dict[str, str]]:
    """One demo login per role; of the merchants, the first."""
    known = json.loads(whole.home.logins_file.read_text())
    return {login["role"].split()[0]: login for login in reversed(known)}


@pytest.fixture
def visit(chromium: Browser, whole: WholeStack) -> Iterator[Callable[..., Page]]:
    """A fresh browser window: ``visit(width=320, locale="zh-CN", script=False)``."""
    opened: list[BrowserContext] = []

    def open_window(width: int = 1280, locale: str = "en-GB", script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=whole.base_url,
            viewport={"width": width, "height": 800},
            locale=locale,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        opened.append(context)
        context.set_default_timeout(15_000)
        return context.new_page()

    yield open_window
    for context in opened:
        context.close()


def sign_in(page: Page, login: dict[str, str]) -> Page:
    """Through the sign-in page, as a person does."""
    page.goto("/sign-in")
    page.fill("input[name=email]", login["email"])
    page.fill("input[name=password]", login["password"])
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    if "/sign-in/second-step" in page.url:
        page.fill("input[name=code]", app_code(login["totp"]))
        page.click("main button[type=submit]")
        page.wait_for_load_state()
    assert "/sign-in" not in page.url, page.inner_text("main")
    return page


_last: dict[str, int] = {}


def app_code(secret: str) -> str:
    """What the authenticator app shows, or the next code where this one was used."""
    step = max(int(time.time()) // 30 - 1, _last.get(secret, 0) + 1)
    time.sleep(max(0.0, (step - 1) * 30 - time.time()))
    _last[secret] = step
    return pyotp.TOTP(secret).generate_otp(step)
