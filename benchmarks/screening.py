"""Names against sanctions lists of 1,000, 20,000 and 100,000 invented entries, beside bare rapidfuzz over all of them.

The bare limit is ``rapidfuzz.process.extract`` with ``token_sort_ratio`` over every listed name: one call of C, no
scripts, no reasons, no missing parts. Recall is measured against a full scan with our own score, on names spoiled as
people spoil them: another spelling, parts swapped, one left out, short ones.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator, Sequence
from statistics import median

from rapidfuzz import fuzz, process

from benchmarks.house import House
from benchmarks.report import Row
from benchmarks.rounds import interleave
from compliance.screening import scoring
from compliance.screening.index import Index, Listed
from compliance.screening.names import forms
from compliance.screening.scoring import Claim

SIZES = (1_000, 20_000, 100_000)
GOAL_SIZE, GOAL_MS, THRESHOLD = 20_000, 2.0, 82.0
SOUNDS = "ba ko ri sha mu ze li dan vor kim an jo pe ta ru el ge no fi schu tik mir ovi sel kha dze bek ul os ya"
SYLLABLES = SOUNDS.split()


def screening(house: House) -> Iterator[Row]:
    for size in SIZES:
        yield from measured(size, house)


def measured(size: int, house: House) -> Iterator[Row]:
    chance = random.Random(size)
    name = names(chance)
    entries = [
        Listed(
            ("x", str(n)), "entity" if n % 4 == 0 else "person", tuple(name() for _ in range(chance.choice((1, 2, 4))))
        )
        for n in range(size)
    ]
    begun = time.perf_counter()
    index = Index(entries)
    built = time.perf_counter() - begun
    gc.freeze()  # what a list is made of lives as long as the process: no collection has to look at it
    strangers = [name() for _ in range(700)]
    asked = [*strangers, *(spoiled(chance, entry.names[0]) for entry in chance.sample(entries, 300))]
    every = [each for entry in entries for each in entry.names]
    took = interleave({"ours": lambda: times(index, asked)}, house.rounds)["ours"]
    p50, p99 = (median(sorted(one)[int(len(one) * part)] for one in took) * 1000 for part in (0.5, 0.99))
    yield Row(
        "screen a name", size, f"{p99:.2f} ms p99", "-", None, f"<= {GOAL_MS:.0f} ms at 20,000",
        p99 <= GOAL_MS if size == GOAL_SIZE else None, latency=f"{p50:.2f} / {p99:.2f} ms", value=1000 / p50,
        note=f"screen a name, {size:,} entries: {len(every):,} names, index built in {built:.1f} s",
    )  # fmt: skip
    some = asked[:: max(1, size // 1_000)]  # the bare scan of 100,000 entries takes its time
    rates = interleave({"ours": lambda: rate(index, some), "bare": lambda: bare(every, some)}, min(house.rounds, 2))
    ours, limit = median(rates["ours"]), median(rates["bare"])
    work = "screen 1,000 names in one job"
    yield Row(work, size, f"{ours:,.0f}/s", f"{limit:,.0f}/s", ours / limit, ">= 1.0", ours >= limit, value=ours)
    yield recall(size, index, entries, asked[-40:])
    gc.unfreeze()


def recall(size: int, index: Index, entries: Sequence[Listed], asked: Sequence[str]) -> Row:
    """Of what a full scan finds, how much the index finds."""
    some = asked if size <= 1_000 else asked[:8] if size <= 20_000 else asked[:2]
    full = [(name, key) for name in some for key in scan(name, entries)]
    found = {name: {hit.entry.key for hit in index.search(Claim(name), THRESHOLD)} for name in some}
    kept = sum(key in found[name] for name, key in full)
    part = kept / max(len(full), 1)
    work = "recall against a full scan"
    return Row(work, size, f"{kept} of {len(full)}", f"{len(full)}", part, ">= 1.0", part >= 1)


def scan(name: str, entries: Sequence[Listed]) -> set[tuple[str, str]]:
    return {entry.key for entry in entries if any(_reaches(name, listed, entry.kind) for listed in entry.names)}


def _reaches(name: str, listed: str, kind: str) -> bool:
    for asked in forms(name):
        for form in forms(listed):
            weights = [[part.weight for part in side] for side in (asked, form)]
            if scoring.score(*weights, scoring.found(asked, form), kind != "person") >= THRESHOLD:
                return True
    return False


def times(index: Index, asked: Sequence[str]) -> list[float]:
    """Seconds of the processor for each name: nothing is waited for, and a neighbour's load is not ours."""
    found = []
    for name in asked:
        begun = time.thread_time()
        index.search(Claim(name), THRESHOLD)
        found.append(time.thread_time() - begun)
    return found


def rate(index: Index, asked: Sequence[str]) -> float:
    return len(asked) / sum(times(index, asked))


def bare(every: Sequence[str], asked: Sequence[str]) -> float:
    begun = time.thread_time()
    for name in asked:
        process.extract(name, every, scorer=fuzz.token_sort_ratio, score_cutoff=THRESHOLD, limit=None)
    return len(asked) / (time.thread_time() - begun)


def names(chance: random.Random):  # type: ignore[no-untyped-def]
    """Names as lists have them: some given names are very common, surnames hardly ever are."""

    def word() -> str:
        return "".join(chance.choice(SYLLABLES) for _ in range(chance.choice((1, 2, 2, 3, 3, 4))))

    given = [word() for _ in range(3_000)]
    common = [1 / (n + 20) for n in range(3_000)]
    surnames = [word() for _ in range(40_000)]
    return lambda: " ".join([*chance.choices(given, common, k=chance.choice((1, 1, 2))), chance.choice(surnames)])


def spoiled(chance: random.Random, name: str) -> str:
    words = name.split()
    chance.shuffle(words)
    if len(words) > 2 and chance.random() < 0.4:
        words.pop()
    letters = list(" ".join(words))
    if chance.random() < 0.6:
        letters[chance.randrange(len(letters))] = chance.choice("aeioustr")
    return "".join(letters).replace("kh", "h").replace("y", "i")
