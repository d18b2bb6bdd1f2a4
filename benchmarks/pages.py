"""The pages that people look at: listing, item, and the cart's button."""

from __future__ import annotations

import random
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from benchmarks import statements
from benchmarks.house import BARE, House, Market, NotMeasured, Server
from benchmarks.load import Sample, get, post
from benchmarks.people import shoppers
from benchmarks.report import Row
from benchmarks.rounds import interleave, latency, rate

CONNECTIONS = 8
ITEMS = 400  # different items that are looked at
CARDS = 48


def listing(house: House) -> Iterator[Row]:
    """The start page and the pages behind it, as somebody who has not signed in."""
    yield from _versus_bare(house, "listing page, signed out", window_pages, bare_windows, "", 0.5, 3)


def listing_signed_in(house: House) -> Iterator[Row]:
    cookies = {market.size: shoppers(market, 1)[0].cookie for market in house.markets}
    yield from _versus_bare(house, "listing page, signed in", window_pages, bare_windows, cookies, 0.5, 5)


def listing_cold(house: House) -> Iterator[Row]:
    """Pages all over the market: at the larger size their cards are never there yet."""
    yield from _versus_bare(house, "listing page, anywhere in the market", deep_pages, bare_deep, "", None, 3)


def item(house: House) -> Iterator[Row]:
    """Items that many people look at: their parts are drawn already."""
    yield from _versus_bare(house, "item page", item_pages, item_pages, "", 0.3, 6)


def item_cold(house: House) -> Iterator[Row]:
    """More items than are kept, one after the other: each page is drawn anew."""
    yield from _versus_bare(house, "item page, anywhere in the market", any_item, any_item, "", 0.3, 6)


def add_to_cart(house: House) -> Iterator[Row]:
    """One shopper at a time, pressing the button on one item after another."""
    goal = "median <= 7 ms, <= 6 SQL"
    runs: dict[str, Callable[[], Sample]] = {}
    counts = {}
    for market in house.markets:
        people = shoppers(market, 60)
        count = 40 if house.scale == "quick" else 150

        def once(market: Market = market, people: Sequence = people, count: int = count) -> Sample:
            chosen = random.sample(refs(market), count)
            requests = [
                post("/cart/add", who.form(once=secrets.token_urlsafe(18), listing=ref, quantity=1), who.cookie)
                for who, ref in zip(people * count, chosen, strict=False)
            ]
            return checked(house.load.drive(market.server().port, requests, 1), 303, market.server())

        who = people[0]
        for ref in refs(market)[:2]:
            form = who.form(once=secrets.token_urlsafe(18), listing=ref, quantity=1)
            counts[market.size] = statements.of_request(market, "/cart/add", who.cookie, form)
        runs[str(market.size)] = once
    samples = interleave(runs, house.rounds)
    for market in house.markets:
        found = samples[str(market.size)]
        middle, sql = latency(found, 0.5), counts[market.size]
        yield Row(
            "add to cart", market.size, f"{middle:.1f} ms", goal=goal, met=middle <= 7 and sql <= 6, sql=str(sql),
            latency=spread(found), value=1000 / middle,
        )  # fmt: skip


def window_pages(market: Market) -> list[str]:
    """What most people see: the newest, the two categories, and some pages further on."""
    older = [f"/?older={market.size - CARDS * page + 1}" for page in range(1, 11)]
    return ["/", "/", "/categories/figures", "/categories/stationery", *older]


def bare_windows(market: Market) -> list[str]:
    return ["/listing", *(f"/listing?older={market.size - CARDS * page + 1}" for page in range(1, 11))]


def deep_pages(market: Market) -> list[str]:
    return [f"/?older={number}" for number in _anywhere(market)]


def bare_deep(market: Market) -> list[str]:
    return [f"/listing?older={number}" for number in _anywhere(market)]


def item_pages(market: Market) -> list[str]:
    return [f"/items/{ref}" for ref in refs(market)[:ITEMS]]


def any_item(market: Market) -> list[str]:
    return [f"/items/{ref}" for ref in refs(market)]


def refs(market: Market) -> list[str]:
    """Public references of its listings, in no order; always the same."""
    numbers = random.Random(7).sample(range(1, market.size + 1), min(market.size, 2000))
    return [f"LST-B{number:09d}" for number in numbers]


def _anywhere(market: Market) -> list[int]:
    return [random.Random(n).randint(CARDS + 1, market.size) for n in range(500)]


def _versus_bare(
    house: House,
    work: str,
    ours: Callable[[Market], list[str]],
    bare: Callable[[Market], list[str]],
    cookies: str | dict[int, str],
    goal: float | None,
    budget: int,
) -> Iterator[Row]:
    runs: dict[str, Callable[[], Sample]] = {}
    counts = {}
    for market in house.markets:
        cookie = cookies if isinstance(cookies, str) else cookies[market.size]
        paths = ours(market)
        expect(market.server(), paths[0], cookie)
        statements.of_request(market, paths[0], cookie)
        counts[market.size] = statements.of_request(market, paths[0], cookie)
        mine, limit = [get(path, cookie) for path in paths], [get(path) for path in bare(market)]
        runs[f"ours {market.size}"] = partial(timed, house, market.server(), mine)
        runs[f"bare {market.size}"] = partial(timed, house, market.server(BARE), limit)
    samples = interleave(runs, house.rounds)
    for market in house.markets:
        found, limits = samples[f"ours {market.size}"], samples[f"bare {market.size}"]
        part, sql = rate(found) / rate(limits), counts[market.size]
        yield Row(
            work, market.size, f"{rate(found):.0f}/s", f"{rate(limits):.0f}/s", part,
            f">= {goal}, <= {budget} SQL" if goal else f"<= {budget} SQL",
            part >= (goal or 0) and sql <= budget, str(sql), spread(found), value=rate(found),
        )  # fmt: skip


def timed(house: House, server: Server, requests: list[bytes]) -> Sample:
    return checked(house.load.drive(server.port, requests, CONNECTIONS, house.seconds), 200, server)


def checked(sample: Sample, status: int, server: Server) -> Sample:
    """A fast refusal is no result."""
    if set(sample.statuses) != {status}:
        print(server.child.said()[-2000:], file=sys.stderr)
        raise NotMeasured(f"answered {sample.statuses}, not {status}")
    return sample


def expect(server: Server, path: str, cookie: str = "") -> bytes:
    status, body = server.fetch(path, cookie)
    if status != 200:
        raise NotMeasured(f"{path} answers {status}")
    return body


def spread(samples: list[Sample]) -> str:
    return f"{latency(samples, 0.5):.1f} / {latency(samples, 0.99):.1f} ms"
