"""The demo market's listings, written through the same service that merchants use."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from daigou.accounts.models import Merchant
from daigou.catalog import service as catalog
from daigou.core.access import Actor
from daigou.core.money import Money, exponent
from daigou.documents.inspection import Checked

from .goods import COLOURS, FIGURES, PENS, SHOPS, Good, Shop
from .pictures import KINDS, VIEWS, draw

PALETTES = len(COLOURS)
# These look alike for one shop's things of one colour, and are drawn once.
SHARED = {"figure": ("accessories", "serial", "flaw"), "fountain-pen": ("accessories", "serial", "flaw")}

SHOWS = {"serial": "label"}  # what the catalogue calls a view

Picture = tuple[str, int, str]


def pictures() -> dict[Picture, bytes]:
    """Every picture of the market, drawn by all processors at once."""
    wanted = sorted({_picture(good, n, view) for n, good in _numbered() for view in VIEWS})
    # "spawn": a process with open connections must not be forked. The drawing module needs nothing of the application.
    with ProcessPoolExecutor(os.cpu_count() or 2, mp_context=get_context("spawn")) as pool:
        return dict(zip(wanted, pool.map(draw, *zip(*wanted, strict=True), chunksize=4), strict=True))


def offer(
    shops: Sequence[tuple[Merchant, Actor]], drawn: dict[Picture, bytes], pause: Callable[[], None] = lambda: None
) -> int:
    """Write, photograph and publish every listing, with a ``pause`` before each; how many there are now."""
    for n, good in _numbered():
        pause()
        _merchant, actor = shops[good.shop]
        listing = catalog.draft(actor, terms(good, n))
        photos = [checked(drawn[_picture(good, n, view)]) for view in VIEWS]
        catalog.add_photos(actor, listing.ref, photos, [SHOWS.get(view, view) for view in VIEWS])
        catalog.publish(actor, listing.ref)
    return len(FIGURES) + len(PENS)


def _numbered() -> list[tuple[int, Good]]:
    """Each thing with its picture's number; the two categories take turns in the window."""
    return [(n, good) for n, pair in enumerate(zip(PENS, FIGURES, strict=True)) for good in pair][::-1]


def _picture(good: Good, n: int, view: str) -> Picture:
    """No two shops share one: a photo that another shop has sent in is held back for an officer."""
    return (good.kind, good.shop * PALETTES + n % PALETTES if view in SHARED[good.kind] else n, view)


def checked(picture: bytes) -> Checked:
    """Our own drawing needs no decoder to be let in."""
    return Checked(io.BytesIO(picture), "image/webp", len(picture), hashlib.sha256(picture).hexdigest())


def terms(good: Good, n: int) -> catalog.Terms:
    shop, figure = SHOPS[good.shop], good.kind == "figure"
    colour, chinese = COLOURS[(KINDS.index(good.kind) * 3 + n * 5) % PALETTES]
    return catalog.Terms(
        category="figures" if figure else "stationery",
        title=f"{good.title}, {colour}",
        brand=good.brand,
        model=f"{'FG' if figure else 'FP'}-{1000 + 37 * n}",
        origin=shop.country,
        hs_code="950300" if figure else "960830",
        condition=good.condition,
        description=_story(good, shop, colour),
        price=price(shop, good.yen),
        domestic_freight=price(shop, 800 if figure else 450),
        stock=good.stock,
        weight_g=640 + 35 * n if figure else 90 + 5 * n,
        length_mm=280 if figure else 180,
        width_mm=200 if figure else 80,
        height_mm=180 if figure else 40,
        usage="" if good.condition == "new" else "Kept behind glass, never in the sun.",
        function="" if figure else "Writes evenly; filled and emptied once for a test.",
        accessories="Box, stand, leaflet" if figure else "Case, leaflet",
        flaws=good.flaws,
        translations={"zh_Hans": {"title": f"{good.chinese}，{chinese}"}},
    )


def _story(good: Good, shop: Shop, colour: str) -> str:
    what = "figure" if good.kind == "figure" else "fountain pen"
    return (
        f"A {what} by {good.brand} in {colour}, bought for you in {shop.city}.\n"
        "The photos show the very piece: the whole, a detail, what comes with it, its label, and any flaw."
    )


def price(shop: Shop, yen: int) -> Money:
    """A round price in the shop's currency that is worth about as many yen."""
    minor = round(yen * shop.rate / 100) * 100
    return Money(max(minor, 10 ** exponent(shop.currency)), shop.currency)
