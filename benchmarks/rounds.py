"""Contestants take turns, round by round, so that a slow moment of the machine strikes all of them; medians count."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeVar

from benchmarks.load import Sample

T = TypeVar("T")


def interleave(contestants: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """The results of each, of ``rounds`` rounds after one that is thrown away."""
    results: dict[str, list[T]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, run in contestants.items():
            outcome = run()
            if number:
                results[name].append(outcome)
    return results


def rate(samples: list[Sample]) -> float:
    return median(sample.rate for sample in samples)


def latency(samples: list[Sample], part: float) -> float:
    """Milliseconds: the median over the rounds of this quantile of one round."""
    return median(sample.quantile(part) for sample in samples) * 1000


def per_second(work: Callable[[int], object], seconds: float) -> Callable[[], float]:
    """A contestant that calls ``work(number)`` again and again; its outcome is calls per second."""
    calls = 0

    def run() -> float:
        nonlocal calls
        begun, start = calls, time.perf_counter()
        while (now := time.perf_counter()) - start < seconds:
            work(calls)
            calls += 1
        return (calls - begun) / (now - start)

    return run


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and what the work answered."""
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done
