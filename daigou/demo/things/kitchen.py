"""Pottery, a tin of tea, a box of snacks and a knife."""

from __future__ import annotations

from collections.abc import Sequence

from daigou.demo.drawing import INK, Point, Sheet, block, mix, oval, path, smooth, turned

from .tone import Tone


def ceramic(s: Sheet, t: Tone) -> None:
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


def tin(s: Sheet, t: Tone) -> None:
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


def snacks(s: Sheet, t: Tone) -> None:
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


def knife(s: Sheet, t: Tone) -> None:
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
