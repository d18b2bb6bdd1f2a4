"""Memory of the process that answers, at rest and after many pages."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.house import House, Server
from benchmarks.load import get
from benchmarks.pages import CONNECTIONS, deep_pages, item_pages, window_pages
from benchmarks.people import shoppers
from benchmarks.report import Row

STEPS = 5
MIB = 2**20


def web_process(house: House) -> Iterator[Row]:
    """A fresh server; pages of all kinds, signed in and out, cards and items that come and go."""
    market = house.markets[-1]
    each = 600 if house.scale == "quick" else 3_000
    server = house.start(market.environment)
    cookie = shoppers(market, 1)[0].cookie
    paths = [*window_pages(market), *item_pages(market), *deep_pages(market), "/cart", "/orders"]
    requests = [get(path, who) for path in paths for who in ("", cookie) if who or path not in ("/cart", "/orders")]
    seen = [server.memory()]
    for _ in range(STEPS):
        visit(house, server, requests, each)
        seen.append(server.memory())
    last, growth = seen[-1] / MIB, (seen[-1] - seen[1]) / MIB
    told, after = ", ".join(f"{octets / MIB:.0f}" for octets in seen), range(0, each * STEPS + 1, each)
    yield Row(
        "memory per web process", market.size, f"{last:.0f} MiB", goal="<= 150 MiB, flat",
        met=last <= 150 and growth < 10,
        note=f"memory: {told} MiB after {', '.join(f'{n:,}' for n in after)} pages (PSS); cards and item "
        "pages that are kept fill their shelves at first",
    )  # fmt: skip


def visit(house: House, server: Server, requests: list[bytes], count: int) -> None:
    house.load.drive(server.port, (requests * (count // len(requests) + 1))[:count], CONNECTIONS)
