"""A sneaker, a denim jacket and a backpack."""

from __future__ import annotations

from daigou.demo.drawing import INK, Sheet, block, mix, oval, path, smooth, turned

from .tone import Tone


def sneaker(s: Sheet, t: Tone) -> None:
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


def jacket(s: Sheet, t: Tone) -> None:
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


def backpack(s: Sheet, t: Tone) -> None:
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
