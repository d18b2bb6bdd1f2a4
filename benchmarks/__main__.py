"""`python -m benchmarks [--quick | --large] [--write] [row …]`: runs rows, prints a table, writes docs/benchmarks.md.

All rows are written; of a part of them only with --write, and then the others stay as they were. --large runs those
that take a million entries and more, into a section of their own.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from benchmarks import (
    books,
    bundles,
    hooks,
    memory,
    orders,
    pages,
    paying,
    reckoning,
    report,
    review,
    screening,
    sealing,
    searching,
    trail,
    uploads,
)
from benchmarks.house import House, NotMeasured, Scale
from benchmarks.record import Record, Run
from benchmarks.report import Row

ROWS: Mapping[str, Callable[[House], Iterable[Row]]] = {
    "listing": pages.listing,
    "listing-signed-in": pages.listing_signed_in,
    "listing-anywhere": pages.listing_cold,
    "item": pages.item,
    "item-anywhere": pages.item_cold,
    "cart": pages.add_to_cart,
    "place": orders.place,
    "whole": paying.whole_order,
    "memory": memory.web_process,
    "ledger": books.transfer,
    "ledger-batch": books.batches,
    "ledger-check": reckoning.checking,
    "reconcile": reckoning.reconciling,
    "webhook": hooks.intake,
    "append": trail.append,
    "sequencing": trail.sequencing,
    "bundle": bundles.bundle,
    "search": searching.rows,
    "screening": screening.screening,
    "review-queue": review.queue,
    "sealing": sealing.seal_and_open,
    "upload": uploads.take_in,
}


LARGE = ("ledger-check", "reconcile", "sequencing", "bundle", "search")


def main(arguments: list[str]) -> int:
    chosen = read(arguments)
    scale: Scale = "quick" if chosen.quick else "large" if chosen.large else "usual"
    begun, load, kept = time.monotonic(), os.getloadavg()[0], Record.read()
    at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    about = [
        report.machine(), f"{chosen.rounds} rounds after one to warm up, {pages.CONNECTIONS} connections",
        f"load of the machine before it began {load:.1f} (it should be near 0)",
    ]  # fmt: skip
    found: dict[str, list[Row]] = {}
    with House(scale, chosen.rounds) as house:
        print(f"set up: {time.monotonic() - begun:.0f} s", file=sys.stderr)
        for name in chosen.rows:
            found[name] = measured(name, house)
            if chosen.write:  # after each: a run that is cut short has measured what it has measured
                run = Run(at, round(time.monotonic() - begun), about)
                kept.merge("large" if chosen.large else "everyday", run, found, chosen.known)
                kept.write()
    rows = [row for some in found.values() for row in some]
    print(report.table(rows), *report.growth(rows), *report.notes(rows), sep="\n")
    return 0


def read(arguments: list[str]) -> argparse.Namespace:
    """What is asked for: ``rows`` in our order, ``known`` all that could be, ``write`` whether to keep them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"one of {', '.join(ROWS)}; all without")
    parser.add_argument("--quick", action="store_true", help="shorter rounds and a smaller market: only for a look")
    parser.add_argument("--large", action="store_true", help=f"a million entries and more: {', '.join(LARGE)}")
    parser.add_argument("--rounds", type=int, help="how many rounds count")
    parser.add_argument("--write", action="store_true", help="write these rows into docs/benchmarks.md")
    chosen = parser.parse_args(arguments)
    chosen.known = LARGE if chosen.large else tuple(ROWS)
    if unknown := set(chosen.rows) - set(chosen.known):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    chosen.write |= not (chosen.quick or chosen.rows)
    chosen.rows = [name for name in chosen.known if name in chosen.rows or not chosen.rows]
    chosen.rounds = chosen.rounds or (2 if chosen.quick else 5)
    return chosen


def measured(name: str, house: House) -> list[Row]:
    """A row that can't be measured is said to be so; the others go on."""
    begun = time.monotonic()
    try:
        rows = list(ROWS[name](house))
    except NotMeasured as why:
        rows = [report.missing(name, str(why))]
    except Exception as error:
        traceback.print_exc()
        rows = [report.missing(name, f"{type(error).__name__}: {error}")]
    print(
        f"{name}: {time.monotonic() - begun:.0f} s",
        *("  " + " | ".join(row.cells()) for row in rows),
        sep="\n",
        file=sys.stderr,
    )
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
