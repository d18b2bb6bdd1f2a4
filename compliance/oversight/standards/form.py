"""What a check-list is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """``evidence`` names answers of the system; a point without any is answered by people and papers alone."""

    code: str
    words: object
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standard:
    code: str
    title: object
    version: str
    every_months: int
    points: tuple[Point, ...]

    def point(self, code: str) -> Point | None:
        """None for a point of an older version of the list."""
        return next((point for point in self.points if point.code == code), None)


def point(code: str, words: object, *evidence: str) -> Point:
    return Point(code, words, evidence)
