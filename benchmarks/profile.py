"""`python -m benchmarks.profile [PATH | --order] [--signed-in]`: where the time of a request goes, without a server."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from itertools import repeat
from types import FrameType
from typing import Any

from werkzeug.test import EnvironBuilder

from benchmarks.house import House, Market
from benchmarks.load import BROWSER, LANGUAGES
from benchmarks.orders import PEOPLE, Quotes, address, form
from benchmarks.pages import refs
from benchmarks.people import shoppers

CALLS = 1000
WARM = 50

Environ = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", help="without one: what each page costs, beside the bare ones")
    parser.add_argument("--order", action="store_true", help="place orders instead")
    parser.add_argument("--signed-in", action="store_true")
    parser.add_argument("--lines", type=int, default=45)
    chosen = parser.parse_args()
    with House("large", 1) as house:
        market = house.markets[0]
        cookie = shoppers(market, 1)[0].cookie
        if chosen.order:
            profile(market.app, orders(market), chosen)
        elif chosen.path is None:
            overview(market, cookie)
        else:
            profile(market.app, repeat(request(chosen.path, cookie if chosen.signed_in else "")), chosen)


def orders(market: Market) -> Iterator[Environ]:
    """Each of another quote."""
    people = shoppers(market, PEOPLE)
    for who, ref in Quotes(market, people, WARM + CALLS).left:
        yield request(address(ref), who.cookie, form(who))


def overview(market: Market, cookie: str) -> None:
    """Milliseconds of this process a request, the best of some rounds: for a busy machine."""
    item = f"/items/{refs(market)[0]}"
    pages = {"bare listing": (bare_app(market), "/listing", ""), "bare item": (bare_app(market), item, "")}
    for path in ("/healthz", "/", item):
        pages |= {path: (market.app, path, ""), f"{path}, signed in": (market.app, path, cookie)}
    best: dict[str, float] = {}
    for name, (app, path, cookies) in list(pages.items()) * 60:
        environ = request(path, cookies)
        call(app, environ)
        best[name] = min(best.get(name, 99.0), processor(app, repeat(environ), 12))
    for name, seconds in best.items():
        print(f"{name:40} {seconds * 1000:6.2f} ms")


def profile(app: Any, environs: Iterator[Environ], chosen: argparse.Namespace) -> None:
    processor(app, environs, WARM)
    own, whole = Counter[str](), Counter[str]()

    def sample(_: int, frame: FrameType | None) -> None:
        own[name_of(frame)] += 1
        seen = set()
        while frame is not None:
            seen.add(name_of(frame))
            frame = frame.f_back
        whole.update(seen)

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    took = processor(app, environs, CALLS)
    signal.setitimer(signal.ITIMER_PROF, 0)
    total = sum(own.values())
    for title, found in (("itself", own), ("with what it calls", whole)):
        print(f"-- {title}")
        for name, count in found.most_common(chosen.lines):
            print(f"{count / total * took * 1000:7.3f} ms  {count / total:6.1%}  {name}")
    print(f"{took * 1000:.2f} ms of this process a request")


def name_of(frame: FrameType | None) -> str:
    code = frame.f_code if frame else None
    return f"{'/'.join(code.co_filename.split('/')[-3:])}:{code.co_firstlineno} {code.co_name}" if code else "?"


def bare_app(market: Market) -> Any:
    os.environ["DATABASE_URL"] = market.url  # it is a program of its own, and reads its settings when it starts
    return importlib.import_module("benchmarks.bare").app


def request(path: str, cookie: str = "", form: str | None = None) -> Environ:
    """What a server would hand over; with a form, a POST, whose body stands at ``body`` to be read many times."""
    headers = {"Cookie": cookie, "Accept-Language": LANGUAGES, "User-Agent": BROWSER}
    made = EnvironBuilder(path=path, headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"}).get_environ()
    if form is not None:
        made |= {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/x-www-form-urlencoded", "body": form.encode()}
        made["CONTENT_LENGTH"] = str(len(form))
    return made


def processor(app: Any, environs: Iterator[Environ], calls: int) -> float:
    """Seconds of this process a call."""
    chosen = [next(environs) for _ in range(calls)]
    start = time.process_time()
    for environ in chosen:
        call(app, environ)
    return (time.process_time() - start) / calls


def call(app: Any, environ: Environ) -> bytes:
    answer: list[str] = []
    fresh = {**environ, "wsgi.input": BytesIO(environ.get("body", b""))}
    parts = app(fresh, lambda status, headers, *_: answer.append(status))
    body = b"".join(parts)
    parts.close()
    if not answer[0].startswith(("200", "303")):
        raise SystemExit(f"answered {answer[0]}")
    return body


if __name__ == "__main__":
    main()
