"""The picture in README.md: a passport beside the start page, as they look in a browser.

    python tools/picture.py http://127.0.0.1:8000 / /passport/PAS-…

Needs Chromium and a running deployment with something in it; writes docs/images/shop.webp.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

TARGET = Path(__file__).resolve().parents[1] / "docs/images/shop.webp"
SIZE = (1024, 1180)  # of one page, as seen
WIDTH, GAP, GROUND, LIMIT = 1600, 24, "#d9cfbd", 200_000
WITHOUT_BAND = "document.querySelectorAll('.sandbox').forEach(band => band.remove())"


def main(base_url: str, *addresses: str) -> None:
    pages = shots(base_url, addresses or ("/",))
    sheet = Image.new("RGB", (sum(p.width for p in pages) + GAP * (len(pages) + 1), pages[0].height + 2 * GAP), GROUND)
    at = GAP
    for page in pages:
        sheet.paste(page, (at, GAP))
        at += page.width + GAP
    sheet = sheet.resize((WIDTH, round(sheet.height * WIDTH / sheet.width)), Image.Resampling.LANCZOS)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(90, 30, -10):
        sheet.save(TARGET, "WEBP", quality=quality, method=6)
        if TARGET.stat().st_size < LIMIT:
            return


def shots(base_url: str, addresses: tuple[str, ...]) -> list[Image.Image]:
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, locale="en-GB")
        found = []
        for address in addresses:
            page.goto(base_url + address, wait_until="networkidle")
            page.evaluate(WITHOUT_BAND)
            found.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        browser.close()
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
