"""A figure of a character, with one of three hats."""

from __future__ import annotations

from daigou.demo.drawing import INK, Sheet, block, mix, oval, path, smooth

from .tone import Tone


def figure(s: Sheet, t: Tone) -> None:
    skin, hair, dress = "#f4dcc6", t.main, t.second
    s.shape(oval(50, 88, 23, 5.5), mix(t.accent, INK, 0.25))
    s.shape(oval(50, 86, 23, 5.5), t.accent, shade=2)
    s.shape(smooth(path("41 26, 28 30, 22 44, 19 62, 25 68, 30 56, 35 44")), hair, shade=2)
    s.shape(smooth(path("59 26, 72 30, 78 44, 81 62, 75 68, 70 56, 65 44")), hair, shade=2)
    for x in (45.0, 54.0):
        s.shape(block(x - 2.2, 66, x + 2.2, 80, 1.5), skin)
        s.shape(
            smooth([(x - 3, 75), (x + 3, 75), (x + 3.2, 83), (x + 4, 86), (x - 3.6, 86)]),
            mix(t.main, INK, 0.45),
        )
    s.shape(smooth(path("44 46, 56 46, 60 56, 69 68, 60 71, 50 72, 40 71, 31 68, 40 56")), dress, shade=3)
    for x in (41.0, 47.0, 53.0, 59.0):
        s.line([(50 + (x - 50) * 0.45, 58), (x, 70.5)], 0.3)
    s.shape(smooth(path("43 46, 37 50, 31 58, 34 60, 41 54")), dress)
    s.shape(smooth(path("57 46, 64 48, 70 40, 68 38, 60 44")), dress)
    s.shape(oval(32, 60, 2, 2), skin)
    s.shape(oval(70, 38, 2, 2), skin)
    s.shape(block(42.5, 55, 57.5, 58, 1), t.accent)
    s.shape(block(47.5, 41, 52.5, 47, 1), skin)
    s.shape(oval(50, 31, 14.5, 14), hair)
    s.shape(smooth(path("38 28, 38.5 38, 44 43.5, 50 45, 56 43.5, 61.5 38, 62 28, 50 22")), skin)
    s.shape(
        smooth(path("35.5 33, 37 20, 50 15, 63 20, 64.5 33, 61 36, 60 29, 56 33, 53 28, 48 33.5, 44 28, 41 34, 39 31")),
        hair,
        shade=1.5,
    )
    for x in (44.3, 55.7):
        s.shape(oval(x, 37, 1.7, 2.6), mix(t.accent, INK, 0.35), 0.35)
        s.fill(oval(x - 0.5, 36, 0.6, 0.8), "#ffffff", slip=False)
        s.line(oval(x, 36.8, 2.3, 2.8, start=200, end=340), 0.45)
        s.fill(oval(x + (x - 50) * 0.28, 40, 1.6, 0.7), "#e9a99a")
    s.line(oval(50, 40.4, 1.3, 1, start=20, end=160), 0.35)
    _hat(s, t)


def _hat(s: Sheet, t: Tone) -> None:
    kind = t.dice.randrange(3)
    if kind == 0:
        s.shape(smooth(path("33 22, 41 12, 50 9, 59 12, 67 22, 50 18")), t.accent, shade=1.5)
        s.shape(oval(50, 15, 2.3, 2.3), t.second)
    elif kind == 1:
        for side in (-1, 1):
            s.shape(smooth([(50 + side * 13, 25), (50 + side * 22, 18), (50 + side * 21, 30)]), t.accent)
            s.shape(oval(50 + side * 13.5, 25, 1.8, 1.8), t.accent)
    else:
        for side in (-1, 1):
            s.shape([(50 + side * 4.5, 17), (50 + side * 12, 7.5), (50 + side * 12.5, 21)], t.main, shade=0.6)
            s.fill([(50 + side * 7, 16), (50 + side * 11, 11), (50 + side * 11.3, 18)], t.accent)
