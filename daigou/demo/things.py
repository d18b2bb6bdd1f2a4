"""The things of the demo market, each drawn on a page of 100 by 100."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .drawing import INK, Point, Sheet, block, mix, oval, path, smooth, turned


@dataclass(frozen=True)
class Tone:
    ground: str
    disc: str
    main: str
    second: str
    accent: str
    dice: random.Random


def _figure(s: Sheet, t: Tone) -> None:
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


def _camera(s: Sheet, t: Tone) -> None:
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


def _ceramic(s: Sheet, t: Tone) -> None:
    clay = mix(t.second, "#b98f64", 0.45)
    if t.dice.random() < 0.5:
        s.shape(block(38, 78, 62, 86, 1.5), clay, shade=2)
        s.shape(
            smooth(path("17 40, 20 58, 30 74, 42 80, 58 80, 70 74, 80 58, 83 40, 66 44, 50 45, 34 44")),
            clay,
            shade=5,
        )
        s.fill(
            smooth(path("17 40, 18.5 52, 24 60, 31 57, 38 66, 45 60, 53 69, 61 59, 69 63, 76 57, 81 52, 83 40, 50 45")),
            t.main,
            shade=4,
        )
        s.shape(oval(50, 40, 33, 8), mix(t.main, "#ffffff", 0.25))
        s.fill(oval(50, 42.5, 27, 5.2), mix(t.main, INK, 0.3))
    else:
        s.line(oval(50, 33, 23, 25, start=184, end=356), 2.6)
        s.line(oval(50, 33, 23, 25, start=184, end=356), 1.6, t.accent)
        s.shape(smooth(path("72 52, 84 50, 88 40, 92 41, 89 56, 78 66, 70 68")), t.main, shade=1.5)
        s.shape(smooth(path("30 42, 22 56, 24 72, 36 82, 64 82, 76 72, 78 56, 70 42, 50 39")), t.main, shade=6)
        s.fill(smooth(path("25 70, 40 66, 50 71, 62 66, 75 71, 64 80, 36 80")), clay, shade=2)
        s.shape(oval(50, 41.5, 20, 4.6), mix(t.main, "#ffffff", 0.2))
        s.shape(smooth(path("34 40, 42 34, 58 34, 66 40, 50 43")), t.main, shade=1.5)
        s.shape(oval(50, 32.6, 3.2, 2.6), t.accent)
    for _ in range(40):
        x, y = t.dice.uniform(28, 72), t.dice.uniform(54, 76)
        s.fill(oval(x, y, 0.35, 0.3), mix(clay, INK, 0.5), slip=False)


def _pen(s: Sheet, t: Tone) -> None:
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


def _sneaker(s: Sheet, t: Tone) -> None:
    sole = "#f6f0e2"
    s.shape(
        smooth(path("20 34, 33 31, 42 37, 52 47, 66 55, 82 60, 91 67, 91 74, 50 76, 12 75, 11 62, 15 48")),
        t.second,
        shade=4,
    )
    s.shape(smooth(path("66 55, 82 60, 91 67, 91 74, 74 75, 68 65")), t.main, shade=2)
    s.shape(smooth(path("19 35, 24 33.5, 27 50, 27 75, 12 75, 11 62, 15 48")), t.main, shade=2)
    s.shape(smooth(path("30 74, 40 64, 54 58, 62 56, 58 62, 46 68, 41 75")), t.accent)
    s.shape(smooth(path("20 34, 30 29.5, 41 34.5, 36 39, 27 37")), mix(t.main, INK, 0.35))
    for i in range(5):
        x, y = 40 + i * 5.2, 40 + i * 4.0
        s.line([(x, y), (x - 4, y + 7)], 1.7)
        s.line([(x, y), (x - 4, y + 7)], 1.1, sole)
    s.shape(smooth(path("9 74, 30 75, 60 75.5, 92 73, 94 79, 90 84, 50 85, 12 84, 8 80")), sole, shade=2)
    s.line(smooth(path("9 79.5, 50 80.5, 93 78.5"), False), 0.4)
    for i in range(16):
        s.line([(14 + i * 4.8, 82.3), (15.2 + i * 4.8, 84.2)], 0.35)
    s.line(smooth(path("30 50, 36 60, 33 73"), False), 0.3)


def _jacket(s: Sheet, t: Tone) -> None:
    denim = mix(t.main, "#3f5f86", 0.6)
    dark, thread = mix(denim, INK, 0.35), "#d9a85b"
    for side in (-1, 1):
        s.shape(
            smooth(
                [
                    (50 + side * 20, 23),
                    (50 + side * 29, 28),
                    (50 + side * 36, 52),
                    (50 + side * 38, 74),
                    (50 + side * 30, 76),
                    (50 + side * 26, 56),
                    (50 + side * 20, 42),
                ]
            ),
            denim,
            shade=2.5,
        )
        s.shape(
            turned(
                block(50 + side * 34 - 4.6, 72, 50 + side * 34 + 4.6, 78, 0.6),
                -side * 8,
                (50 + side * 34, 75),
            ),
            dark,
        )
    s.shape(
        smooth(path("36 17, 28 23, 25 30, 27 55, 27 78, 50 80, 73 78, 73 55, 75 30, 72 23, 64 17, 50 22")),
        denim,
        shade=3,
    )
    s.shape(block(27, 77, 73, 83, 0.8), dark)
    s.fill(smooth(path("40 17, 50 14, 60 17, 56 24, 50 28, 44 24")), t.second)
    for side in (-1, 1):
        s.shape(
            [(50 + side * 1, 28), (50 + side * 11, 15), (50 + side * 16, 19), (50 + side * 11, 31)],
            denim,
            shade=1,
        )
        s.line([(50 + side * 3.4, 30), (50 + side * 3.4, 77)], 0.25, thread)
        s.shape(block(50 + side * 13.5 - 6, 38, 50 + side * 13.5 + 6, 51, 0.6), mix(denim, "#ffffff", 0.06))
        s.shape(
            [
                (50 + side * 13.5 - 6.4, 37),
                (50 + side * 13.5 + 6.4, 37),
                (50 + side * 13.5 + 6.4, 40.5),
                (50 + side * 13.5, 43.5),
                (50 + side * 13.5 - 6.4, 40.5),
            ],
            denim,
        )
        s.fill(oval(50 + side * 13.5, 41.3, 0.8, 0.8), thread)
        s.line([(50 + side * 9, 51), (50 + side * 6, 77)], 0.25, thread)
        s.line([(50 + side * 18, 51), (50 + side * 20, 77)], 0.25, thread)
    s.line([(26, 34), (74, 34)], 0.3, thread)
    s.line([(50, 28), (50, 83)], 0.5)
    for i in range(6):
        s.shape(oval(50, 34 + i * 8.6, 1.1, 1.1), thread, 0.3)
    if t.dice.random() < 0.6:
        s.shape(oval(36, 60, 4.2, 4.2), t.accent, 0.4)
        s.words((36, 60), "花", 4.4, t.second)


def _headphones(s: Sheet, t: Tone) -> None:
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


def _cosmetics(s: Sheet, t: Tone) -> None:
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


def _tin(s: Sheet, t: Tone) -> None:
    s.shape(
        [*oval(50, 84, 24, 6, start=0, end=180), (26, 34), *oval(50, 34, 24, 6, start=180, end=360)],
        t.main,
        shade=6,
    )
    s.fill([*oval(50, 74, 24, 6, start=0, end=180), *oval(50, 46, 24, 6, start=180, end=0)], t.second, shade=5)
    s.line(oval(50, 74, 24, 6, start=0, end=180), 0.35)
    s.line(oval(50, 46, 24, 6, start=0, end=180), 0.35)
    s.shape(
        [*oval(50, 36, 25, 6.4, start=0, end=180), (25, 26), *oval(50, 26, 25, 6.4, start=180, end=360)],
        t.main,
        shade=6,
    )
    s.shape(oval(50, 26, 25, 6.4), mix(t.main, "#ffffff", 0.18))
    s.line(oval(50, 26, 20, 4.8), 0.3)
    for k in range(5):
        s.shape(
            oval(50 + (k - 2) * 3.4, 60 - abs(k - 2) * 0.6, 2.2, 6.4, (k - 2) * 26),
            t.accent if k % 2 else mix(t.main, t.second, 0.35),
            0.35,
        )
    s.words((50, 72), "煎茶", 5)


def _snacks(s: Sheet, t: Tone) -> None:
    s.shape(path("16 44, 62 40, 62 86, 16 86"), t.main, shade=3)
    s.shape(path("62 40, 84 48, 84 84, 62 86"), mix(t.main, INK, 0.3))
    s.shape(path("16 44, 40 36, 84 48, 62 40"), mix(t.main, "#ffffff", 0.25))
    s.shape(path("16 44, 62 40, 58 28, 20 33"), t.second)
    s.shape(path("62 40, 84 48, 92 40, 72 32"), mix(t.second, INK, 0.12))
    s.shape(oval(39, 64, 17, 15), t.second, 0.5)
    s.words((39, 58), "おやつ", 7.4, mix(t.main, INK, 0.25))
    s.words((39, 68), "MATCHA BISCUIT", 2.8)
    for k, (x, y) in enumerate(((30, 31), (42, 29), (53, 30))):
        s.shape(turned(oval(x, y + 4, 6.2, 6.2), k * 20, (x, y)), "#d9b47c" if k % 2 else t.accent, shade=1.4)
        for i in range(5):
            s.fill(oval(x - 2.6 + i * 1.3, y + 3 + (i % 2) * 2, 0.4, 0.4), INK, slip=False)
    s.shape(path("16 44, 62 40, 62 47, 16 50.5"), t.accent, 0.4)
    for i in range(12):
        s.line([(66 + i * 1.1, 70 + i * 0.1), (66 + i * 1.1, 79 - i * 0.1)], 0.5 if i % 3 else 0.25)


def _album(s: Sheet, t: Tone) -> None:
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


def _knife(s: Sheet, t: Tone) -> None:
    def lay(points: Sequence[Point]) -> list[Point]:
        return turned(points, -24, (50, 52))

    wave = path("93 50, 84 56.5, 76 58, 68 57, 60 59, 52 57.5, 44 59.5, 36 58, 30 60")
    s.shape(
        lay(
            [
                *smooth(path("30 42, 60 41.5, 82 43.5, 95 50"), False),
                *smooth(path("95 50, 86 59, 70 63, 30 64"), False),
            ]
        ),
        "#d4d5d2",
        shade=1.5,
    )
    s.fill(lay([*smooth(wave, False), *smooth(path("30 64, 70 63, 86 59, 95 50"), False)]), "#eceae3")
    s.line(lay(smooth(wave, False)), 0.25)
    for k in range(4):
        s.line(
            lay(
                smooth(
                    [
                        (34, 45 + k * 2.6),
                        (48, 44 + k * 2.9),
                        (62, 46 + k * 2.5),
                        (80 - k * 2, 46.5 + k * 2.1),
                    ],
                    False,
                )
            ),
            0.22,
            "#9a9c9a",
        )
    s.shape(lay(block(25, 43, 31, 55, 0.8)), mix(t.main, INK, 0.55))
    s.shape(
        lay(smooth(path("26 43.5, 8 43, -2 44.5, -4 49, -2 54.5, 10 55, 26 54.5"))),
        mix(t.main, "#7a5130", 0.5),
        shade=2,
    )
    for y in (46.5, 51):
        s.line(lay(smooth([(0, y), (12, y + 0.8), (24, y)], False)), 0.25)
    s.words(lay([(42, 51)])[0], "一刀", 5)


def _watch(s: Sheet, t: Tone) -> None:
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


def _console(s: Sheet, t: Tone) -> None:
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


def _backpack(s: Sheet, t: Tone) -> None:
    dark = mix(t.main, INK, 0.35)
    s.line(oval(50, 17, 8, 9, start=180, end=360), 2.6)
    s.line(oval(50, 17, 8, 9, start=180, end=360), 1.5, dark)
    for side in (-1, 1):
        s.shape(
            smooth([(50 + side * 25, 46), (50 + side * 34, 54), (50 + side * 34, 76), (50 + side * 26, 82)]),
            dark,
        )
    s.shape(
        smooth(path("30 20, 38 15, 62 15, 70 20, 76 36, 77 70, 74 86, 50 89, 26 86, 23 70, 24 36")),
        t.main,
        shade=5,
    )
    s.shape(
        smooth(path("26 26, 32 17, 50 14.5, 68 17, 74 26, 76 44, 64 48, 50 49, 36 48, 24 44")),
        mix(t.main, "#ffffff", 0.14),
        shade=2.5,
    )
    s.shape(
        smooth(path("32 60, 50 58, 68 60, 70 74, 67 84, 50 86, 33 84, 30 74")),
        mix(t.main, "#ffffff", 0.06),
        shade=3,
    )
    s.line(smooth(path("32 64, 50 62.4, 68 64"), False), 0.4)
    for x in (38, 62):
        s.shape(block(x - 2, 40, x + 2, 62, 0.6), "#8a5c38", 0.45)
        s.shape(block(x - 2.9, 53, x + 2.9, 58, 0.8), t.accent, 0.45)
    s.shape(block(44, 28, 56, 36, 0.8), t.second, 0.4)
    s.words((50, 32), "YAMA", 3.3)
    s.shape(turned(oval(73, 64, 3, 3), 0, (73, 64)), t.accent, 0.4)


def _lipstick(s: Sheet, t: Tone) -> None:
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


Draw = Callable[[Sheet, Tone], None]

# kind: how to draw it, where its detail is, where its flaw is
THINGS: dict[str, tuple[Draw, Point, Point]] = {
    "figure": (_figure, (50, 34), (60, 80)),
    "camera": (_camera, (50, 54), (76, 44)),
    "ceramic": (_ceramic, (60, 50), (34, 60)),
    "fountain-pen": (_pen, (24, 76), (60, 48)),
    "sneaker": (_sneaker, (46, 50), (82, 72)),
    "denim-jacket": (_jacket, (40, 44), (66, 70)),
    "headphones": (_headphones, (76, 64), (30, 36)),
    "cosmetics": (_cosmetics, (38, 60), (38, 26)),
    "tea-tin": (_tin, (50, 56), (62, 32)),
    "snack-box": (_snacks, (40, 46), (74, 56)),
    "album": (_album, (38, 54), (16, 78)),
    "knife": (_knife, (50, 48), (74, 40)),
    "watch": (_watch, (50, 50), (68, 62)),
    "game-console": (_console, (78, 50), (30, 68)),
    "backpack": (_backpack, (50, 44), (34, 76)),
    "lipstick": (_lipstick, (42, 34), (64, 78)),
}
