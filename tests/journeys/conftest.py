"""A whole stack with the demo market in it, and a real browser."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from daigou.embedded.stack import WholeStack

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def whole() -> Iterator[WholeStack]:
    """Everything that `make run` starts, in a temporary folder."""
    with WholeStack() as running:
        yield running


@pytest.fixture(scope="session")
def logins(whole: WholeStack) -> dict[str, dict[str, str]]:
    """One demo login per role."""
    return {login["role"]: login for login in json.loads(whole.home.logins_file.read_text())}


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


@pytest.fixture
def visit(chromium: Browser, whole: WholeStack) -> Iterator[Callable[..., Page]]:
    """A fresh browser window: ``visit(width=320, locale="zh-CN", dark=True, script=False)``."""
    opened: list[BrowserContext] = []

    def open_window(width: int = 1280, locale: str = "en-GB", dark: bool = False, script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=whole.base_url,
            viewport={"width": width, "height": 800},
            locale=locale,
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        opened.append(context)
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
    assert "/sign-in" not in page.url, page.inner_text("main")
    return page


def faults(page: Page) -> list[str]:
    """What axe finds that would keep somebody from using the page."""
    page.evaluate(AXE.read_text())  # not a script tag: the content security policy refuses those
    result = page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})")
    return [
        f"{page.url}: {v['id']}: {v['help']} at {[n['target'] for n in v['nodes'][:3]]}"
        for v in result["violations"]
        if v["impact"] in ("serious", "critical")
    ]
