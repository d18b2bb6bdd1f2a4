"""From a quote to an order, and from the cart to money in escrow."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from urllib.parse import urlencode

from sqlalchemy import select

from benchmarks import statements
from benchmarks.house import BARE, House, Market
from benchmarks.load import Sample, post
from benchmarks.pages import CONNECTIONS, checked, refs, spread
from benchmarks.people import Shopper, shoppers
from benchmarks.report import Row
from benchmarks.rounds import interleave, rate
from daigou.catalog.models import Listing
from daigou.core.db import db
from daigou.orders.models import Quote
from tests import factories

PEOPLE = 60  # each with a quote of another listing
PER_SECOND = 250  # quotes prepared for one second of a round


def place(house: House) -> Iterator[Row]:
    """POST of an issued quote. The quotes are made beforehand; each is ordered once."""
    count = int(PER_SECOND * house.seconds)
    runs: dict[str, Callable[[], Sample]] = {}
    counts = {}
    for market in house.markets:
        people = shoppers(market, PEOPLE)
        stock = Quotes(market, people, count * (house.rounds + 1) + 2)
        chosen = refs(market)[:PEOPLE]
        for _ in range(2):
            who, ref = stock.take(1)[0]
            counts[market.size] = statements.of_request(market, address(ref), who.cookie, form(who))
        bare = [post("/orders", urlencode({"listing": chosen[n % PEOPLE]})) for n in range(count)]
        runs[f"ours {market.size}"] = partial(ordered, house, market, stock, count)
        runs[f"bare {market.size}"] = partial(bare_orders, house, market, bare)
    samples = interleave(runs, house.rounds)
    for market in house.markets:
        found, limits = samples[f"ours {market.size}"], samples[f"bare {market.size}"]
        part, sql = rate(found) / rate(limits), counts[market.size]
        yield Row(
            "place an order", market.size, f"{rate(found):.0f}/s", f"{rate(limits):.0f}/s", part,
            ">= 0.6, <= 14 SQL", part >= 0.6 and sql <= 14, str(sql), spread(found), value=rate(found),
        )  # fmt: skip


class Quotes:
    """Issued quotes of some shoppers, many times over: each can be ordered once."""

    def __init__(self, market: Market, people: list[Shopper], count: int) -> None:
        with market.app.app_context():
            made = [
                factories.quote(who.account, listing) for who, listing in zip(people, self._some(market), strict=True)
            ]
            owners = {quote.ref: who for quote, who in zip(made, people, strict=True)}
        each = count // len(people) + 1
        names = ", ".join(c.name for c in Quote.__table__.columns if c.name not in ("id", "ref"))
        with market.superuser() as connection:
            rows = connection.execute(
                f"INSERT INTO quotes (id, ref, {names})"
                f" SELECT uuidv7(), ref || '-' || n, {names} FROM quotes, generate_series(1, %s) AS n"
                " WHERE ref = ANY(%s) RETURNING ref",
                (each, list(owners)),
            ).fetchall()
            connection.execute("ANALYZE quotes")
        self.left = [(owners[ref.rsplit("-", 1)[0]], ref) for (ref,) in rows]
        secrets.SystemRandom().shuffle(self.left)

    @staticmethod
    def _some(market: Market) -> Sequence[Listing]:
        return db.session.execute(select(Listing).where(Listing.ref.in_(refs(market)[:PEOPLE]))).scalars().all()

    def take(self, count: int) -> list[tuple[Shopper, str]]:
        taken, self.left = self.left[:count], self.left[count:]
        return taken


def ordered(house: House, market: Market, stock: Quotes, count: int) -> Sample:
    requests = [post(address(ref), form(who), who.cookie) for who, ref in stock.take(count)]
    return checked(house.load.drive(market.server().port, requests, CONNECTIONS), 303, market.server())


def bare_orders(house: House, market: Market, requests: list[bytes]) -> Sample:
    return checked(house.load.drive(market.server(BARE).port, requests, CONNECTIONS), 303, market.server(BARE))


def address(quote_ref: str) -> str:
    return f"/quotes/{quote_ref}/order"


def form(who: Shopper) -> str:
    return who.form(once=secrets.token_urlsafe(18))
