"""A camera, headphones, a watch and a game console."""

from __future__ import annotations

from daigou.demo.drawing import INK, Sheet, block, mix, oval, path, smooth

from .tone import Tone


def camera(s: Sheet, t: Tone) -> None:
    metal = "#d9d6cd"
    s.shape(block(22, 27, 36, 33, 1), metal)
    s.shape(block(62, 25, 72, 33, 1), metal, shade=1)
    s.shape(block(74, 28, 81, 33, 1), metal)
    s.line([(64, 25.5), (64, 32)], 0.3)
    s.line([(67, 25.5), (67, 32)], 0.3)
    s.shape(block(12, 32, 88, 76, 4), metal, shade=2)
    s.shape(block(12, 43, 88, 70, 0), mix(t.main, INK, 0.3), shade=2.5)
    for i in range(26):
        for j in range(9):
            s.fill(oval(14 + i * 2.88, 45 + j * 2.9, 0.28, 0.28), mix(t.main, INK, 0.55), slip=False)
    s.shape(block(40, 35, 53, 41, 1), INK)
    s.fill(block(42, 36.2, 48, 39.8, 0.5), t.disc, slip=False)
    s.shape(block(70, 35.5, 79, 40.5, 1), INK)
    s.fill(block(71.5, 36.5, 76, 39.5, 0.4), t.second, slip=False)
    s.words((23, 37.6), "KAGEMI", 3.4)
    for r, c in ((20, metal), (17.5, INK), (13.5, metal), (12, "#2b2725"), (8.4, mix(t.accent, INK, 0.55))):
        s.shape(oval(50, 57, r, r), c, shade=1 if r > 12 else 0)
    s.fill(oval(50, 57, 5.2, 5.2), INK)
    s.fill(oval(46.4, 53, 2.6, 1.7, -35), "#f2eee2", slip=False)
    for k in range(12):
        p = oval(50, 57, 15.6, 15.6, start=k * 30, end=k * 30 + 7)
        s.line(p, 0.4, "#e9e3d4")
    for x in (12, 88):
        s.shape(oval(x, 36, 1.6, 1.6), metal)
    s.line(smooth(path("11 36, 3 50, 6 80, 22 90"), False), 1.3, mix(t.accent, INK, 0.3))


def headphones(s: Sheet, t: Tone) -> None:
    s.line(oval(50, 54, 30, 36, start=186, end=354), 7)
    s.line(oval(50, 54, 30, 36, start=186, end=354), 5.8, t.main)
    s.line(oval(50, 54, 28.4, 33.5, start=196, end=344), 1.6, t.second)
    for side in (-1, 1):
        x = 50 + side * 29
        s.line([(50 + side * 30.3, 46), (50 + side * 30.6, 58)], 2.4)
        s.line([(50 + side * 30.3, 46), (50 + side * 30.6, 58)], 1.4, "#d8d4ca")
        s.shape(oval(x - side * 6.5, 66, 7, 15.5), mix(t.main, INK, 0.55))
        s.shape(oval(x + side * 1, 66, 9, 17), t.main, shade=2.5)
        s.shape(oval(x + side * 3, 66, 6, 12), t.second, shade=1.5)
        s.shape(oval(x + side * 3.6, 66, 2, 4), t.accent, 0.4)
    s.line(smooth(path("22 82, 24 90, 40 92, 52 88, 70 91, 84 95"), False), 0.9)


def watch(s: Sheet, t: Tone) -> None:
    strap = mix(t.main, INK, 0.15)
    s.shape(path("40 34, 42 4, 58 4, 60 34"), strap, shade=2)
    s.shape(path("40 68, 42 96, 58 96, 60 68"), strap, shade=2)
    for y in (9, 15, 84, 90):
        s.shape(oval(50, y, 0.8, 1.2), INK, 0)
    s.shape(block(75, 48, 80, 55, 1), "#cfcabd")
    s.shape(oval(50, 51, 26, 26), "#d8d3c6", shade=2)
    s.shape(oval(50, 51, 22.5, 22.5), t.second, shade=1.6)
    for k in range(60):
        far = 20.6
        near = 18 if k % 5 == 0 else 19.8
        a, b = (
            oval(50, 51, far, far, start=k * 6, end=k * 6 + 1)[0],
            oval(50, 51, near, near, start=k * 6, end=k * 6 + 1)[0],
        )
        s.line([a, b], 0.6 if k % 5 == 0 else 0.2)
    s.words((50, 41.5), "TOKIWA", 3.2)
    s.shape(oval(50, 61, 5.4, 5.4), mix(t.second, "#ffffff", 0.3), 0.3)
    hour = t.dice.uniform(196, 214)
    for angle, length, w in ((hour, 12, 1.5), (t.dice.uniform(318, 336), 17.5, 1.0)):
        s.line([(50, 51), oval(50, 51, length, length, start=angle, end=angle + 1)[0]], w, mix(t.main, INK, 0.4))
    s.line([oval(50, 51, 5, 5, start=55, end=56)[0], oval(50, 51, 19, 19, start=235, end=236)[0]], 0.35, t.accent)
    s.shape(oval(50, 51, 1.5, 1.5), t.accent, 0.3)


def console(s: Sheet, t: Tone) -> None:
    s.shape(block(6, 30, 94, 74, 12), t.main, shade=3)
    s.shape(block(24, 33, 76, 71, 2.5), "#2a2624")
    s.fill(block(27.5, 37, 72.5, 67, 1), mix(t.disc, "#ffffff", 0.2), slip=False)
    s.fill(oval(61, 46, 4.4, 4.4), t.accent, slip=False)
    s.fill(
        smooth(path("27.5 62, 36 53, 42 57, 52 47, 62 58, 72.5 54, 72.5 67, 27.5 67")),
        mix(t.main, "#ffffff", 0.2),
        slip=False,
    )
    s.fill(block(27.5, 62.6, 72.5, 67), mix(t.main, INK, 0.25), slip=False)
    for x, y in ((34.0, 59.0), (38.0, 59.0), (38.0, 55.0)):
        s.shape(block(x, y, x + 3.6, y + 3.6), t.second, 0.3)
    s.shape(block(12.6, 41, 17, 54, 0.8), t.second, 0.45)
    s.shape(block(8.4, 45.3, 21.2, 49.7, 0.8), t.second, 0.45)
    s.fill(block(13, 45.6, 16.6, 49.4), t.second)
    for x, y in ((85, 41.5), (85, 52.5), (79.9, 47), (90.1, 47)):
        s.shape(oval(x, y, 2.3, 2.3), t.accent, 0.45, shade=0.5)
    s.shape(oval(14.8, 62, 4, 4), mix(t.main, INK, 0.4), shade=0.8)
    for k in range(4):
        s.line([(80 + k * 2.6, 65), (82 + k * 2.6, 61)], 0.6)
    s.shape(block(12, 27.4, 27, 31, 1), mix(t.main, INK, 0.35), 0.4)
    s.shape(block(73, 27.4, 88, 31, 1), mix(t.main, INK, 0.35), 0.4)
    s.line([(12, 30.9), (88, 30.9)], 0.55)
