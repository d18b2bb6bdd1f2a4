"""A fountain pen with its cap, and an album."""

from __future__ import annotations

from collections.abc import Sequence

from daigou.demo.drawing import INK, Point, Sheet, block, mix, oval, path, smooth, turned

from .tone import Tone


def pen(s: Sheet, t: Tone) -> None:
    gold = "#d2ab57"
    for dx, part in ((-9, _pen_body), (13, _pen_cap)):
        part(s, t, gold, dx)


def _tilt(points: Sequence[Point], dx: float) -> list[Point]:
    return turned([(x + dx, y) for x, y in points], 32, (50 + dx, 50))


def _pen_body(s: Sheet, t: Tone, gold: str, dx: float) -> None:
    s.shape(_tilt([*smooth(path("46 24, 50 18, 54 24, 54.5 26"), False), (45.5, 26)], dx), t.main)
    s.shape(_tilt(block(44.6, 25, 55.4, 62, 2), dx), t.main, shade=3)
    s.shape(_tilt(block(44.6, 59, 55.4, 61, 0), dx), gold, 0.4)
    s.shape(_tilt(path("45.4 61, 54.6 61, 53.4 73, 46.6 73"), dx), mix(t.main, INK, 0.5), shade=2)
    s.shape(_tilt(smooth(path("46.6 73, 44.8 79, 48 87, 50 92, 52 87, 55.2 79, 53.4 73")), dx), gold, shade=2)
    s.line(_tilt([(50, 92), (50, 81)], dx), 0.35)
    s.shape(_tilt(oval(50, 80, 0.9, 0.9), dx), INK, 0)
    s.line(_tilt([(47, 28), (47, 56)], dx), 0.7, mix(t.main, "#ffffff", 0.55))


def _pen_cap(s: Sheet, t: Tone, gold: str, dx: float) -> None:
    s.shape(_tilt(block(43.6, 30, 56.4, 68, 3.5), dx), t.main, shade=3.5)
    s.shape(_tilt(block(43.4, 62, 56.6, 65.5, 0.3), dx), gold, 0.4)
    s.shape(_tilt(block(43.4, 66.5, 56.6, 68, 0.3), dx), gold, 0.4)
    s.shape(_tilt(block(48.8, 33, 52, 58, 1.5), dx), gold, 0.45, shade=1)
    s.shape(_tilt(oval(50.4, 57, 2.2, 2.2), dx), gold, 0.45)
    s.line(_tilt([(46, 35), (46, 60)], dx), 0.7, mix(t.main, "#ffffff", 0.55))


def album(s: Sheet, t: Tone) -> None:
    s.shape(oval(63, 56, 26, 26), "#cfcdca", shade=3)
    for r in (22, 17, 12):
        s.line(oval(63, 56, r, r, start=-60, end=30), 0.3)
    s.shape(oval(63, 56, 8, 8), t.accent)
    s.shape(oval(63, 56, 2.4, 2.4), t.ground)
    s.shape(path("14 24, 62 24, 62 86, 14 86"), t.main, shade=2.5)
    s.shape(path("10 26, 14 24, 14 86, 10 84"), mix(t.main, INK, 0.4))
    s.fill(oval(38, 50, 13, 13), t.disc)
    for k, x in enumerate((27, 34.5, 42, 49)):
        h = 56 - (k % 2) * 4
        s.shape(
            smooth([(x - 5, 74), (x - 4.4, h + 6), (x, h + 3), (x + 4.4, h + 6), (x + 5, 74)]),
            (t.second, t.accent)[k % 2],
            0.4,
        )
        s.shape(oval(x, h - 1, 3.2, 3.8), "#f2dcc8", 0.4)
        s.shape(oval(x, h - 2.4, 3.7, 3.4, start=175, end=365), INK, 0.3)
    s.fill(block(14, 73.5, 62, 86), t.main)
    s.words((38, 31), "LUMINA", 6.4, t.second)
    s.words((38, 79.5), "the 2nd mini album", 3.1, t.second)
    s.line(path("14 24, 62 24, 62 86, 14 86, 14 24"), 0.55)
    s.shape(turned(block(66, 66, 84, 92, 1), 9, (75, 79)), t.second, shade=1)
    s.shape(turned(oval(75, 76, 4.6, 5.2), 9, (75, 79)), t.accent, 0.4)
    s.shape(turned(smooth(path("67.5 90, 70 83, 75 82, 80 83, 82.5 90")), 9, (75, 79)), t.main, 0.4)
