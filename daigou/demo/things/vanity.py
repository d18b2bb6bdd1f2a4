"""Cosmetics and a lipstick."""

from __future__ import annotations

from daigou.demo.drawing import INK, Sheet, block, mix, oval, path, smooth

from .tone import Tone


def cosmetics(s: Sheet, t: Tone) -> None:
    s.shape(block(58, 46, 82, 88, 2), t.second, shade=3)
    s.shape(block(58, 52, 82, 60, 0), t.accent, 0.4)
    s.words((70, 56), "SPF 50+", 3.2, t.second)
    s.words((70, 70), "水", 9, t.main)
    s.line([(62, 79), (78, 79)], 0.3)
    s.line([(62, 82), (74, 82)], 0.3)
    s.shape(smooth(path("22 42, 30 34, 46 34, 54 42, 55 64, 54 84, 50 88, 26 88, 22 84, 21 64")), t.main, shade=5)
    s.shape(block(30, 27, 46, 35, 1), mix(t.main, INK, 0.3))
    s.shape(block(29, 12, 47, 28, 2), t.accent, shade=2.5)
    for i in range(6):
        s.line([(32 + i * 2.5, 15), (32 + i * 2.5, 26)], 0.25)
    s.shape(block(26, 50, 50, 76, 1), t.second, 0.4)
    s.words((38, 57), "asahi no", 3.4)
    s.words((38, 61.5), "SUN MILK", 3.8)
    s.line([(29, 66), (47, 66)], 0.3)
    s.shape(oval(38, 71, 3, 3), t.accent, 0.35)
    s.line([(26, 44), (26, 48)], 0.9, "#ffffff")


def lipstick(s: Sheet, t: Tone) -> None:
    gold, tint = "#d2ab57", mix(t.main, "#a5435a", 0.55)
    s.shape(block(29, 62, 51, 88, 1.5), mix(t.main, INK, 0.5), shade=3)
    s.shape(block(31, 47, 49, 63, 0.8), gold, shade=3)
    s.shape([(33, 47), (33, 27), *smooth(path("33 27, 36 20, 43 16, 47 19"), False), (47, 47)], tint, shade=2.5)
    s.line(smooth(path("33.4 28, 38 27, 46.6 19.6"), False), 0.35)
    s.shape(block(58, 48, 80, 88, 2), mix(t.main, INK, 0.5), shade=3)
    s.shape(block(58, 80, 80, 84, 0), gold, 0.4)
    s.words((69, 63), "beni", 5, gold)
    s.line([(61, 52), (61, 76)], 0.7, mix(t.main, "#ffffff", 0.35))
    s.fill(smooth(path("60 24, 70 20, 84 22, 86 28, 76 31, 63 30")), tint)
    s.fill(smooth(path("66 33, 76 32, 82 35, 74 37")), mix(tint, "#ffffff", 0.2))
