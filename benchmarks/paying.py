"""A whole order: from the cart's button to money in escrow, through the provider sandbox and its webhook."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import median
from urllib.parse import urlencode, urlsplit

from benchmarks.house import House, Market, NotMeasured, Server
from benchmarks.load import BROWSER, LANGUAGES
from benchmarks.pages import refs
from benchmarks.people import Shopper, shoppers
from benchmarks.report import Row
from benchmarks.rounds import interleave
from daigou.embedded.plan import any_free_port

CLIENTS = 4
PEERS = 8.1  # whole orders a second of the faster peer
WAIT = 60.0  # seconds in which the webhook must have made the last order paid
QUEUES = ("money", "default", "mail", "audit")


@dataclass(frozen=True)
class Till:
    """A market's web server with a sandbox and workers of its own."""

    market: Market
    server: Server
    sandbox: int
    people: Sequence[Shopper]


def whole_order(house: House) -> Iterator[Row]:
    """Clicked through by some shoppers at once; it counts when the bill is paid, which the webhook and a job do."""
    orders = 16 if house.scale == "quick" else 40
    with ProcessPoolExecutor(CLIENTS) as pool:
        tills = [open_till(house, market) for market in house.markets]
        runs = {str(till.market.size): partial(buy, pool, till, orders) for till in tills}
        runs |= {f"sandbox {till.market.size}": partial(sandbox_alone, pool, till, orders) for till in tills}
        results = interleave(runs, house.rounds)
    for market in house.markets:
        rate, limit = median(results[str(market.size)]), median(results[f"sandbox {market.size}"])
        yield Row(
            "a whole order, cart to paid", market.size, f"{rate:.1f}/s", f"{limit:.0f}/s", rate / limit,
            f">= 8 x {PEERS}/s", rate >= 8 * PEERS, value=rate,
            note="a whole order: its limit is the sandbox alone, opening a hosted page and paying it; the sandbox, the "
            "web server, the workers, PostgreSQL and the shoppers share the machine",
        )  # fmt: skip


def open_till(house: House, market: Market) -> Till:
    web, sandbox = any_free_port(), any_free_port()
    number = house.sizes.index(market.size) + 1
    url = f"http://127.0.0.1:{sandbox}"
    environ = {
        **market.environment,
        "BASE_URL": f"http://127.0.0.1:{web}",
        "STRIPE_API_URL": url,
        "EASYPOST_API_URL": url,
        "REDIS_URL": market.environment["REDIS_URL"].replace("db=0", f"db={number}"),
    }
    config = {
        "stripe_secret_key": environ["STRIPE_SECRET_KEY"],
        "easypost_key": environ["EASYPOST_API_KEY"],
        "platform_country": "JP",
        "webhooks": [
            {
                "provider": "stripe",
                "url": f"http://127.0.0.1:{web}/webhooks/stripe",
                "secret": environ["STRIPE_WEBHOOK_SECRET"],
            }
        ],
        "settle_seconds": 0,
    }
    folder = house.stack.home.folder / f"till-{market.size}"
    folder.mkdir()
    (folder / "sandbox.json").write_text(json.dumps(config))
    where = ["--port", str(sandbox), "--data", str(folder), "--config", str(folder / "sandbox.json")]
    house.run(f"sandbox-{market.size}", environ, "-m", "daigou.sandbox", *where)
    environ["RQ_REDIS_URL"] = environ["REDIS_URL"]
    house.run(f"workers-{market.size}", environ, "-m", "daigou.embedded.workers", "2", *QUEUES)
    return Till(market, house.start(environ, port=web), sandbox, shoppers(market, CLIENTS))


def buy(pool: ProcessPoolExecutor, till: Till, orders: int) -> float:
    """Orders paid a second."""
    before, start = paid(till), time.perf_counter()
    chosen = secrets.SystemRandom().sample(refs(till.market), orders)
    shares = [chosen[n::CLIENTS] for n in range(CLIENTS)]
    for each in [
        pool.submit(shop, till.server.port, till.sandbox, who.cookie, who.token, share)
        for who, share in zip(till.people, shares, strict=True)
    ]:
        each.result()
    while paid(till) < before + orders:
        if time.perf_counter() - start > WAIT:
            raise NotMeasured(f"{paid(till) - before} of {orders} orders were paid within {WAIT:.0f} s")
        time.sleep(0.02)
    return orders / (time.perf_counter() - start)


def paid(till: Till) -> int:
    with till.market.superuser() as connection:
        row = connection.execute("SELECT count(*) FROM bills WHERE state = 'paid'").fetchone()
    return int(row[0]) if row else 0


def shop(web: int, sandbox: int, cookie: str, token: str, listings: Sequence[str]) -> None:
    """One shopper, one order after the other, as the forms of the pages have it."""
    shop_link, till_link = (http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port in (web, sandbox))

    def send(path: str, **fields: object) -> str:
        return ask(shop_link, path, {"csrf_token": token, "once": secrets.token_urlsafe(18), **fields}, cookie)

    for ref in listings:
        send("/cart/add", listing=ref, quantity=1)
        order = send(send("/cart/quote") + "/order")
        found = re.search(r'action="(/bills/[^"/]+/pay)"', ask(shop_link, order, cookie=cookie))
        if found is None:
            raise NotMeasured(f"no bill to pay on {order}")
        page = send(found[1])
        ask(shop_link, urlsplit(ask(till_link, urlsplit(page).path, {"outcome": "succeed"})).path, cookie=cookie)


def sandbox_alone(pool: ProcessPoolExecutor, till: Till, orders: int) -> float:
    """The least that a payment asks of the provider: a session and its page, sent."""
    key, start = till.market.environment["STRIPE_SECRET_KEY"], time.perf_counter()
    share = orders // CLIENTS
    for each in [pool.submit(sessions, till.sandbox, key, share) for _ in range(CLIENTS)]:
        each.result()
    return share * CLIENTS / (time.perf_counter() - start)


def sessions(sandbox: int, key: str, count: int) -> None:
    link = http.client.HTTPConnection("127.0.0.1", sandbox, timeout=30)
    fields = {
        "mode": "payment",
        "success_url": "http://127.0.0.1:1/paid",
        "cancel_url": "http://127.0.0.1:1/not-paid",
        "line_items[0][quantity]": 1,
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": 12880,
        "line_items[0][price_data][product_data][name]": "Goods",
    }
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(count):
        answer = ask(link, "/v1/checkout/sessions", fields, headers=headers)
        ask(link, f"/pay/{json.loads(answer)['id']}", {"outcome": "succeed"})


def ask(
    link: http.client.HTTPConnection,
    path: str,
    form: dict[str, object] | None = None,
    cookie: str = "",
    headers: dict[str, str] | None = None,
) -> str:
    """The answer's body, or where it leads."""
    sent = {"User-Agent": BROWSER, "Accept-Language": LANGUAGES, "Cookie": cookie, **(headers or {})}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    body = None if form is None else urlencode(form)
    link.request("GET" if form is None else "POST", path, body=body, headers=sent)
    answer = link.getresponse()
    text = answer.read().decode()
    if answer.status >= 400:
        raise NotMeasured(f"{path} answers {answer.status}")
    return answer.headers["Location"] or text
