"""`python -m benchmarks [--quick] [row …]`: runs the rows, prints a table, writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping

from benchmarks import (
    books,
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
from benchmarks.house import House, NotMeasured
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
    "search": searching.rows,
    "screening": screening.screening,
    "review-queue": review.queue,
    "sealing": sealing.seal_and_open,
    "upload": uploads.take_in,
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"one of {', '.join(ROWS)}; all without")
    parser.add_argument("--quick", action="store_true", help="shorter rounds and a smaller market: only for a look")
    parser.add_argument("--rounds", type=int, help="how many rounds count")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md even after a part of the rows")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    sizes = (2_000, 20_000) if chosen.quick else (2_000, 200_000)
    rounds = chosen.rounds or (2 if chosen.quick else 5)
    begun = time.monotonic()
    busy = f"Load of the machine before it began: {os.getloadavg()[0]:.1f} (it should be near 0)"
    with House(sizes, rounds, 0.5 if chosen.quick else 2.0) as house:
        print(
            f"market of {' and '.join(f'{size:,}' for size in sizes)} listings: {time.monotonic() - begun:.0f} s",
            file=sys.stderr,
        )
        rows = [row for name in chosen.rows or ROWS for row in measured(name, house)]
    took = time.monotonic() - begun
    print(report.table(rows), *report.growth(rows), *(row.note for row in rows if row.note), sep="\n")
    if chosen.write or not (chosen.quick or chosen.rows):
        report.write(rows, [f"{rounds} rounds after one to warm up, {pages.CONNECTIONS} connections", busy], took)
    return 0


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
