"""`python -m benchmarks.serving`: the same pages under other settings of the web server, round by round."""

from __future__ import annotations

import argparse
from functools import partial

from benchmarks.house import House
from benchmarks.load import get
from benchmarks.pages import CONNECTIONS, item_pages, window_pages
from benchmarks.people import shoppers
from benchmarks.rounds import interleave, latency, rate

VARIANTS = (  # processes, threads, environment
    (1, 16, {}),
    (1, 8, {}),
    (1, 4, {}),
    (1, 2, {}),
    (2, 8, {}),
    (2, 4, {}),
    (2, 2, {}),
    (1, 16, {"MALLOC_ARENA_MAX": "32"}),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    chosen = parser.parse_args()
    with House("large", chosen.rounds) as house:
        market = house.markets[0]
        cookie = shoppers(market, 1)[0].cookie
        paths = [*window_pages(market) * 4, *item_pages(market)[:60]]
        requests = [get(path, who) for path in paths for who in ("", cookie)]
        runs, servers = {}, {}
        for processes, threads, more in VARIANTS:
            name = f"{processes} x {threads} {' '.join(more)}"
            flags = ["--workers", str(processes), "--blocking-threads", str(threads)]
            servers[name] = house.start({**market.environment, **more}, flags=flags)
            runs[name] = partial(house.load.drive, servers[name].port, requests, chosen.connections, house.seconds)
        for name, samples in interleave(runs, chosen.rounds).items():
            middle, late = latency(samples, 0.5), latency(samples, 0.99)
            octets = servers[name].memory() / 2**20
            print(
                f"{name:30} {rate(samples):6.0f}/s  p50 {middle:5.1f}  p99 {late:6.1f} ms  {octets:.0f} MiB a process"
            )


if __name__ == "__main__":
    main()
