"""How a page is looked at: every width, language and theme on one load each, and what was wrong with it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RAW = re.compile(r"built-in method|<function|object at 0x|\bNone\b|\bUndefined\b|%\(\w+\)s")
LEVELS = ["wcag2a", "wcag2aa", "wcag21aa"]
# language -> the looks that are taken of one load: width, dark?
LOOKS = {
    "en": ((320, False), (768, False), (1280, True), (1280, False)),
    "zh_Hans": ((320, False), (1280, True)),
    "ar": ((320, False), (1280, True)),
}
WAIT_FOR_PICTURES = """async () => {
    const all = [...document.images];
    all.forEach(image => { image.loading = "eager"; });
    await Promise.race([
        Promise.all(all.map(image => image.complete || new Promise(done => { image.onload = image.onerror = done; }))),
        new Promise(done => setTimeout(done, 4000)),
    ]);
    await document.fonts.ready;
    return all.filter(image => image.complete && !image.naturalWidth).map(image => image.src);
}"""
# The first things that stick out of the page, for the message.
STICKS_OUT = """() => {
    const page = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= page) return null;
    return [...document.querySelectorAll("main *, header *, footer *")]
        .filter(e => { const r = e.getBoundingClientRect();
            return r.width && e.checkVisibility() && (r.right > page + 1 || r.left < -1); })
        .slice(0, 3).map(e => e.tagName.toLowerCase() + "." + [...e.classList].join("."));
}"""
# Controls smaller than a finger. Links within words are not controls.
TOO_SMALL = """() => [...document.querySelectorAll(
        "main :is(button, .btn, summary, select, input:not([type=hidden], [type=checkbox], [type=radio])), .tool")]
    .filter(e => { const r = e.getBoundingClientRect();
        return r.height > 1 && e.checkVisibility() && r.height < 43.5; })
    .slice(0, 4).map(e => e.tagName.toLowerCase() + "." + [...e.classList].join(".") + " " +
        Math.round(e.getBoundingClientRect().height) + " " + e.textContent.trim().slice(0, 20))"""


@dataclass
class Lens:
    """Collects what is wrong. ``folder`` takes the screenshots; none are made without it (they cost half the time)."""

    base_url: str
    folder: Path | None = None
    wrong: list[str] = field(default_factory=list)
    heard: set[Page] = field(default_factory=set)
    only: frozenset[str] = frozenset(LOOKS)

    @classmethod
    def at(cls, base_url: str) -> Lens:
        """Screenshots go where DAIGOU_SCREENSHOTS says."""
        chosen = os.environ.get("DAIGOU_SCREENSHOTS")
        if chosen:
            Path(chosen).mkdir(parents=True, exist_ok=True)
        return cls(base_url, Path(chosen) if chosen else None)

    def look(self, page: Page, name: str, address: str, status: int = 200) -> None:
        """Load the page once for each language and note every fault."""
        self.listen(page)
        found = resolve(page, address)
        if found is None:
            self.wrong.append(f"{name}: no link for {address}")
            return
        for language, looks in LOOKS.items():
            if language not in self.only:
                continue
            self.speak(page, language)
            answer = page.goto(found)
            if answer is None or answer.status != status:
                self.wrong.append(f"{name}: {found} answers {answer and answer.status}, not {status}")
                return
            self.view(page, f"{name}-{language}", looks)
            if language == "en":
                self.examine(page, name)
        self.speak(page, "en")

    def view(self, page: Page, name: str, looks: tuple[tuple[int, bool], ...]) -> None:
        """The page as it stands, at each width."""
        if broken := page.evaluate(WAIT_FOR_PICTURES):
            self.wrong.append(f"{name}: pictures that don't load: {broken[:3]}")
        for width, dark in looks:
            if dark and not self.folder:
                continue  # colours are measured elsewhere; the width is the light one's
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
            if outside := page.evaluate(STICKS_OUT):
                self.wrong.append(f"{name}: sideways scroll at {width} px: {outside}")
            if self.folder:
                shot = self.folder / f"{name}-{width}{'-dark' if dark else ''}.png"
                page.screenshot(path=shot, full_page=True)

    def examine(self, page: Page, name: str) -> None:
        """What keeps somebody out: found by axe in both themes, small targets, more than one primary action."""
        touch = page.context.new_cdp_session(page)
        touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})  # fingers, not a mouse
        for dark in (False, True):
            page.set_viewport_size({"width": 390, "height": 800})
            page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
            self.wrong += [f"{name} ({'dark' if dark else 'light'}): {fault}" for fault in faults(page, dark)]
        if small := page.evaluate(TOO_SMALL):
            self.wrong.append(f"{name}: smaller than a finger: {small}")
        touch.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
        touch.detach()
        if raw := RAW.findall(page.inner_text("main")):
            self.wrong.append(f"{name}: a program's words on the page: {raw[:3]}")
        primary = page.locator("main .btn-primary:visible").all_inner_texts()
        if len(primary) > 1 and name != "design":  # which shows every kind of button
            self.wrong.append(f"{name}: more than one primary action: {primary}")

    def speak(self, page: Page, language: str) -> None:
        """What the language switch does: a cookie."""
        page.context.add_cookies([{"name": "locale", "value": language, "url": self.base_url}])

    def listen(self, page: Page) -> None:
        """Errors on the console count, once for each window."""
        if page in self.heard:
            return
        self.heard.add(page)

        def said(message) -> None:
            refused = "Failed to load resource" in message.text and page.url == message.location.get("url")
            if message.type == "error" and not refused:  # an error page's own status is no defect of the page
                self.wrong.append(f"{page.url}: console: {message.text}")

        page.on("console", said)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: script: {error}"))


def resolve(page: Page, address: str) -> str | None:
    """``first:/bills/@/orders/ORD-…``: the first link that begins so on the page after the @; None: no such link."""
    if not address.startswith("first:"):
        return address
    start, _, where = address[6:].partition("@")
    page.goto(resolve(page, where) or "/")
    found = page.locator(f"main :is(a[href^='{start}'], form[action^='{start}'])")
    if not found.count():
        return None
    href: str = found.first.evaluate("e => e.getAttribute('href') || e.getAttribute('action')")
    return href.removesuffix("/pay")


def faults(page: Page, dark: bool = False) -> list[str]:
    """What axe finds that would keep somebody from using the page; in the dark only colours are another matter."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())  # not a script tag: the content security policy refuses those
    rules = ["color-contrast"] if dark else LEVELS
    result = page.evaluate("only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", rules)
    return [
        f"{v['id']}: {v['help']} at {[n['target'] for n in v['nodes'][:3]]}"
        for v in result["violations"]
        if v["impact"] in ("serious", "critical")
    ]
