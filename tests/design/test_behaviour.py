"""What app.js adds, in a real browser, and what holds at every width and in both directions."""

import shutil
import threading
from itertools import product

import pytest
from flask import render_template_string
from werkzeug.serving import make_server

from .harness import create

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += ["--disable-component-update", "--disable-sync"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium here"),
]

PAGE = """{% extends "layout.html" %}{% block main %}
<form method="post" action="/pay"><input name="method" value="card">
<button class="btn" name="way" value="now">Pay</button></form>
<div id="live" data-poll="/live" data-poll-seconds="0.1"><p>waiting</p></div>{% endblock %}"""


@pytest.fixture(scope="module")
def site():
    app = create()
    app.posts, app.looks = [], []

    @app.get("/form")
    def form():
        return render_template_string(PAGE)

    @app.post("/pay")
    def pay():
        from flask import request

        app.posts.append(request.form.to_dict())
        threading.Event().wait(0.4)
        return "paid"

    @app.get("/live")
    def live():
        app.looks.append(1)
        return ("", 204) if len(app.looks) > 2 else '<div id="live" data-poll="/live"><p>arrived</p></div>'

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    app.base = f"http://127.0.0.1:{server.server_port}"
    yield app
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_a_double_click_sends_a_form_once(site, page):
    page.goto(site.base + "/form")
    page.get_by_role("button", name="Pay").dblclick(no_wait_after=True)
    page.wait_for_url("**/pay")
    assert site.posts == [{"method": "card", "way": "now"}]


def test_a_live_part_refreshes_itself_and_stops_when_told(site, page):
    site.looks.clear()
    page.goto(site.base + "/form")
    page.get_by_text("arrived").wait_for()
    page.wait_for_timeout(1200)
    assert len(site.looks) == 3


def test_the_theme_changes_at_once_and_is_remembered(site, page):
    page.goto(site.base + "/design")
    page.locator("summary.tool").first.click()
    page.locator("[data-preferences] label", has_text="Dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert "theme=dark" in page.evaluate("document.cookie")
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0


@pytest.mark.parametrize(("width", "direction"), list(product((320, 768, 1280), ("ltr", "rtl"))))
def test_nothing_sticks_out_sideways(site, page, width, direction):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.base}/design?dir={direction}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('.btn:not(.btn-small), .input, .tool')]"
        ".filter(e => e.offsetParent && !e.closest('.is-console') && e.getBoundingClientRect().height < 44)"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert small == []
