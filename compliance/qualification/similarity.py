"""Perceptual hashes that are almost alike, found by bands: pure.

A hash of 64 bits is cut into four bands of sixteen. Two hashes that differ in at most seven bits have a band that
differs in at most one: so whoever looks each band up, and its sixteen neighbours, misses none.
"""

from __future__ import annotations

BANDS, WIDTH, NEAR = 4, 16, 7


def bands(dhash: int) -> list[int]:
    """The four bands as numbers that also say which band they are: what stands in a row."""
    bits = dhash & (1 << 64) - 1
    return [number << WIDTH | bits >> WIDTH * number & (1 << WIDTH) - 1 for number in range(BANDS)]


def probes(dhash: int) -> list[int]:
    """What to look up: every band and those that differ from it in one bit."""
    return [found for band in bands(dhash) for found in (band, *(band ^ 1 << bit for bit in range(WIDTH)))]


def distance(one: int, other: int) -> int:
    """How many bits differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def near(one: int, other: int) -> bool:
    return distance(one, other) <= NEAR
