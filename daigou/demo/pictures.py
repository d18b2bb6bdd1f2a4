"""Drawn pictures for the demo market: no photographs, nobody's rights, the same picture for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from .drawing import INK, Point, Sheet, block, mix, oval, path, smooth, turned
from .things import THINGS, Tone

VIEWS = ("whole", "detail", "accessories", "serial", "flaw")

# ground, disc behind the thing, main colour, second colour, accent
_PALETTES = (
    ("#efe6d3", "#dcc9a3", "#35506f", "#c9d3d6", "#d6a545"),
    ("#ece7dc", "#c8d0bd", "#6f7f45", "#efe3c6", "#8a4f5d"),
    ("#f1e7da", "#e3c4b0", "#7b4660", "#e9d9d2", "#d9a441"),
    ("#e9e8e0", "#b9cbd0", "#3f7273", "#f0e6cf", "#c77f4e"),
    ("#f2ead9", "#ead48f", "#4a4540", "#e6d8bb", "#4f7d8c"),
    ("#efe5dc", "#d8bcc0", "#b06f74", "#f3e4d8", "#47627c"),
    ("#eae6da", "#c3bfa8", "#8a5f3c", "#ead9b8", "#566b4e"),
    ("#ebe9e6", "#c5c4d4", "#575a86", "#e4dfe8", "#c99a4b"),
)


KINDS = tuple(THINGS)
_NAMES = {"sunscreen": "cosmetics", "k-pop-album": "album", "kpop-album": "album", "pen": "fountain-pen"}


def draw(kind: str, seed: int, view: str = "whole") -> bytes:
    """A WebP of 960 by 960 pixels, under 60 KB. KeyError for a kind or view that there is not."""
    kind = _NAMES.get(kind, kind)
    paint, detail, flaw = THINGS[kind]
    tone = _tone(kind, seed)
    sheet = Sheet(tone.ground, seed)
    _STAGES[view](sheet, tone, lambda: paint(sheet, _tone(kind, seed)), (detail, flaw))
    return sheet.finished()


def _tone(kind: str, seed: int) -> Tone:
    start = KINDS.index(kind) * 3
    return Tone(*_PALETTES[(start + seed * 5) % len(_PALETTES)], dice=random.Random(f"{kind}:{seed}"))  # noqa: S311


def _stage_whole(s: Sheet, t: Tone, paint: Callable[[], None], _: tuple[Point, Point]) -> None:
    _backdrop(s, t)
    s.fill(oval(51, 86.5, 34, 3.6), mix(t.ground, INK, 0.16), slip=False)
    with s.view(zoom=0.86, at=(50, 49)):
        paint()


def _backdrop(s: Sheet, t: Tone) -> None:
    kind = t.dice.randrange(3)
    if kind == 0:
        s.fill(oval(50, 46, 37, 37), t.disc, slip=False)
    elif kind == 1:
        s.fill([*oval(50, 44, 33, 33, start=180, end=360), (83, 84), (17, 84)], t.disc, slip=False)
    else:
        s.fill(oval(66, 34, 22, 22), t.disc, slip=False)
        s.fill(
            smooth(path("-2 70, 16 58, 30 66, 48 54, 70 68, 102 56, 102 90, -2 90")),
            mix(t.disc, t.ground, 0.45),
            slip=False,
        )
    s.fill(block(0, 84, 100, 100), mix(t.ground, INK, 0.07), slip=False)
    s.line([(0, 84), (100, 84)], 0.22, mix(t.ground, INK, 0.4))


def _stage_detail(s: Sheet, t: Tone, paint: Callable[[], None], points: tuple[Point, Point]) -> None:
    s.fill(block(0, 0, 100, 100), t.disc, slip=False)
    with s.view(zoom=1.95 + 0.2 * t.dice.random(), look=points[0]):  # no two photos are taken from one place
        paint()


def _stage_accessories(s: Sheet, t: Tone, paint: Callable[[], None], _: tuple[Point, Point]) -> None:
    s.fill(block(6, 6, 94, 94, 2), mix(t.disc, t.ground, 0.4), slip=False)
    for k in range(1, 8):
        s.line([(6, 6 + k * 11), (94, 6 + k * 11)], 0.12, mix(t.disc, INK, 0.18))
        s.line([(6 + k * 11, 6), (6 + k * 11, 94)], 0.12, mix(t.disc, INK, 0.18))
    s.shape(block(60, 12, 90, 46, 0.8), t.main, shade=2.5)
    s.shape(block(64, 17, 86, 34, 0.6), t.second, 0.4)
    with s.view(zoom=0.17, at=(75, 25.5)):
        paint()
    s.words((75, 40), f"daigou demo {t.dice.randrange(10_000):04}", 2.6, t.second)
    s.shape(turned(block(62, 54, 78, 76, 0.5), -7, (70, 65)), "#fbf7ec", shade=0.8)
    for k in range(6):
        s.line(turned([(65, 59 + k * 2.6), (75 - (k % 3) * 2, 59 + k * 2.6)], -7, (70, 65)), 0.28)
    s.shape(smooth(path("80 66, 88 64, 91 72, 90 86, 82 88, 76 84, 77 72")), t.accent, shade=2)
    s.line(smooth(path("79 68, 84 70, 90 67"), False), 0.6)
    with s.view(zoom=0.58, at=(33, 52)):
        paint()


def _stage_serial(s: Sheet, t: Tone, paint: Callable[[], None], points: tuple[Point, Point]) -> None:
    s.fill(block(0, 0, 100, 100), mix(t.disc, t.ground, 0.3), slip=False)
    with s.view(zoom=2.6, look=(points[1][0], points[1][1] - 12), at=(50, 20)):
        paint()
    s.fill(turned(block(13, 37, 91, 84, 2), -3, (51, 60)), mix(t.ground, INK, 0.3), slip=False)
    with s.view(turn=-3, look=(50, 59), at=(50, 59)):
        s.shape(block(11, 35, 89, 82, 2), "#f8f3e6", 0.5)
        s.line([*block(13.5, 37.5, 86.5, 79.5, 1), (86.5, 38.5)], 0.25)
        letters = "".join(t.dice.choice("ABCDEFHKMNPRTX") for _ in range(2))
        s.words((18, 44), "MADE IN " + t.dice.choice(("JAPAN", "KOREA", "CHINA")), 3.6, anchor="lm")
        s.words(
            (18, 55),
            f"SN {letters}-{t.dice.randrange(2019, 2026)}-{t.dice.randrange(1, 99_999):05}",
            7,
            anchor="lm",
        )
        x = 18.0
        while x < 70:
            w = t.dice.choice((0.35, 0.35, 0.7, 1.1))
            s.fill(block(x, 63, x + w, 75), INK, slip=False)
            x += w + t.dice.choice((0.45, 0.8, 1.2))
        s.shape(oval(79, 69, 5, 5), "#f8f3e6", 0.4)
        s.words((79, 69), "OK", 3.6)


def _stage_flaw(s: Sheet, t: Tone, paint: Callable[[], None], points: tuple[Point, Point]) -> None:
    s.fill(block(0, 0, 100, 100), mix(t.disc, t.ground, 0.3), slip=False)
    with s.view(zoom=2.3, look=points[1]):
        paint()
    x, y = 46.0, 47.0
    scratch = [(x, y)]
    for _ in range(5):
        x, y = x + t.dice.uniform(0.8, 2.6), y + t.dice.uniform(-0.6, 2.4)
        scratch.append((x, y))
    s.line(scratch, 0.7, "#fbf7ec")
    s.line([(a + 0.4, b + 0.4) for a, b in scratch], 0.25)
    for k in range(0, 360, 20):
        s.line(oval(50, 50, 15, 15, start=k, end=k + 12), 1.3, "#fbf7ec")
        s.line(oval(50, 50, 15, 15, start=k, end=k + 12), 0.6)
    s.fill(block(0, 90, 100, 100), "#f4e7bd", slip=False)
    s.line([(0, 90), (100, 90)], 0.3)
    for k in range(51):
        s.line([(k * 2, 90), (k * 2, 95 if k % 5 == 0 else 92.5)], 0.25)
        if k % 5 == 0 and k < 50:
            s.words((k * 2 + 1, 97), str(k // 5), 2.2, anchor="lm")


_STAGES = {
    "whole": _stage_whole,
    "detail": _stage_detail,
    "accessories": _stage_accessories,
    "serial": _stage_serial,
    "flaw": _stage_flaw,
}


def receipt(lines: Sequence[str]) -> bytes:
    """A till receipt on a table, from lines; the first names the shop.

    ``Tea bowl|¥9,800`` puts the amount at the far side, ``-`` rules off.
    """
    s = Sheet("#cdbfa6", 5, 720, 960)
    top, bottom = 8.0, min(126.0, 30.0 + 6.2 * len(lines))
    teeth = [(86 - k * 2.4, bottom + (1.6 if k % 2 else 0)) for k in range(31)]
    s.fill(block(16, top + 2, 89, bottom + 3), "#a99b82", slip=False)
    s.fill([(14, top), (86, top), *teeth], "#fbf8ef", slip=False)
    y = top + 9
    for k, line in enumerate(lines):
        name, _, amount = line.partition("|")
        if line == "-":
            s.line([(19, y), (81, y)], 0.2)
        elif k == 0:
            s.words((50, y), name, 5)
        else:
            s.words((19, y), name, 3.2, anchor="lm")
            s.words((81, y), amount, 3.2, anchor="rm")
        y += 8 if k == 0 else 6.2
    s.line(oval(70, bottom - 8, 7, 7), 0.5, "#8a5a55")
    s.words((70, bottom - 8), "SAMPLE", 2.6, "#8a5a55")
    return s.finished()


def document(title: str, lines: Sequence[str]) -> bytes:
    """A page like a business licence, marked SPECIMEN. A line ``Name|Value`` becomes a row."""
    s = Sheet("#f7f1e1", 9, 760, 1080)
    for inset, w in ((4, 0.9), (5.6, 0.25)):
        s.line([*block(inset, inset, 100 - inset, 142 - inset), (inset, inset)], w, "#6b5f45")
    for k in range(14):
        s.line(oval(50, 71, 12 + k * 2, 12 + k * 2), 0.12, "#e2d8bd")
    s.words((50, 74), "SPECIMEN", 15, "#e6dcc2")
    for k in range(12):
        s.line([(50, 22), oval(50, 22, 6, 6, start=k * 30, end=k * 30 + 1)[0]], 0.3, "#8c7c58")
    s.shape(oval(50, 22, 3.6, 3.6), "#d9c99d", 0.4)
    s.words((50, 36), title, 5.4)
    s.line([(30, 42), (70, 42)], 0.3)
    y = 53.0
    for line in lines:
        name, _, value = line.partition("|")
        s.words((14, y), name, 2.8, "#5f563f", anchor="lm")
        s.words((40, y), value, 3.1, anchor="lm")
        s.line([(40, y + 3), (87, y + 3)], 0.12, "#a99c7c")
        y += 8.2
    s.line(oval(76, 114, 8.5, 8.5), 0.5, "#5f563f")
    s.line(oval(76, 114, 7, 7), 0.2, "#5f563f")
    s.words((76, 114), "SPECIMEN", 2.4, "#5f563f")
    s.words((14, 126), "Drawn for the daigou demo. Not a document of any authority.", 2.1, "#5f563f", anchor="lm")
    return s.finished()
