"""A sheet of paper and an ink pen: flat colours, printed a hair beside their outlines, as in a woodcut.

Coordinates run from 0 to 100 on both axes. All chance comes from the seed: the same call, the same picture.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 960
_OVER = 2  # drawn at twice the size, then reduced: that smooths the edges
INK = "#26211d"

Point = tuple[float, float]


def mix(a: str, b: str, share: float) -> str:
    """``share`` of b in a."""
    pairs = zip(ImageColor.getrgb(a)[:3], ImageColor.getrgb(b)[:3], strict=True)
    return "#{:02x}{:02x}{:02x}".format(*(round(x + (y - x) * share) for x, y in pairs))


def path(text: str) -> list[Point]:
    """``"41 26, 28 30"`` as points."""
    pairs = (pair.split() for pair in text.split(","))
    return [(float(x), float(y)) for x, y in pairs]


def oval(
    cx: float, cy: float, rx: float, ry: float, turn: float = 0, start: float = 0, end: float = 360
) -> list[Point]:
    steps = max(8, int(abs(end - start) / 4))
    around = (math.radians(start + (end - start) * i / steps) for i in range(steps + 1))
    return turned([(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in around], turn, (cx, cy))


def turned(points: Sequence[Point], degrees: float, centre: Point) -> list[Point]:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        (
            centre[0] + (x - centre[0]) * c - (y - centre[1]) * s,
            centre[1] + (x - centre[0]) * s + (y - centre[1]) * c,
        )
        for x, y in points
    ]


def block(x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> list[Point]:
    r = min(radius, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
    if r <= 0:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    corners = ((x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180))
    return [p for cx, cy, a in corners for p in oval(cx, cy, r, r, start=a, end=a + 90)]


def smooth(points: Sequence[Point], closed: bool = True) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    n = len(points)
    at = (lambda i: points[i % n]) if closed else (lambda i: points[max(0, min(n - 1, i))])
    out: list[Point] = []
    for i in range(n if closed else n - 1):
        p0, p1, p2, p3 = at(i - 1), at(i), at(i + 1), at(i + 2)
        out += [_between(p0, p1, p2, p3, t / 10) for t in range(10)]
    return out if closed else [*out, points[-1]]


def _between(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    a, b = (
        0.5 * (2 * q1 + (q2 - q0) * t + (2 * q0 - 5 * q1 + 4 * q2 - q3) * t * t + (3 * q1 - q0 - 3 * q2 + q3) * t**3)
        for q0, q1, q2, q3 in zip(p0, p1, p2, p3, strict=True)
    )
    return a, b


class Sheet:
    def __init__(self, ground: str, seed: int, width: int = SIZE, height: int = SIZE) -> None:
        self.size = (width, height)
        self.random = random.Random(seed)  # noqa: S311 - chance for ink, not for secrets
        self.image = Image.new("RGB", (width * _OVER, height * _OVER), ground)
        self.pen = ImageDraw.Draw(self.image)
        self.unit = width * _OVER / 100
        self._zoom, self._turn, self._from, self._to = 1.0, 0.0, (50.0, 50.0), (50.0, 50.0)
        self.slip = (self.random.choice((-1, 1)) * 0.45, 0.35)

    @contextmanager
    def view(self, zoom: float = 1, turn: float = 0, look: Point = (50, 50), at: Point = (50, 50)) -> Iterator[None]:
        """Draw larger, turned, with the point ``look`` placed at ``at``."""
        before = self._zoom, self._turn, self._from, self._to
        self._zoom, self._turn, self._from, self._to = zoom, turn, look, at
        yield
        self._zoom, self._turn, self._from, self._to = before

    def _place(self, points: Sequence[Point], slip: Point = (0, 0)) -> list[Point]:
        (fx, fy), (tx, ty), u, z = self._from, self._to, self.unit, self._zoom
        flat = turned(points, self._turn, self._from) if self._turn else points
        return [((tx + (x - fx) * z + slip[0]) * u, (ty + (y - fy) * z + slip[1]) * u) for x, y in flat]

    def _wide(self, w: float) -> int:
        return max(2, round(w * self.unit * (0.55 + 0.45 * self._zoom)))

    def fill(self, points: Sequence[Point], colour: str, shade: float = 0, slip: bool = True) -> None:
        """A flat colour; ``shade`` darkens a crescent along the lower right edge, that many units wide."""
        placed = self._place(points, self.slip if slip else (0, 0))
        if not shade:
            self.pen.polygon(placed, fill=colour)
            return
        left, top = (math.floor(min(p[i] for p in placed)) for i in (0, 1))
        width, height = (math.ceil(max(p[i] for p in placed)) - low + 1 for i, low in ((0, left), (1, top)))
        if width < 1 or height < 1 or width > 9000 or height > 9000:
            return
        whole, lit = Image.new("1", (width, height)), Image.new("1", (width, height))
        move = shade * self.unit * self._zoom
        ImageDraw.Draw(whole).polygon([(x - left, y - top) for x, y in placed], fill=1)
        ImageDraw.Draw(lit).polygon([(x - left - move, y - top - move * 0.6) for x, y in placed], fill=1)
        self.image.paste(colour, (left, top), whole)
        self.image.paste(mix(colour, INK, 0.2), (left, top), ImageChops.logical_and(whole, ImageChops.invert(lit)))

    def line(self, points: Sequence[Point], w: float = 0.55, colour: str = INK) -> None:
        placed, wide = self._place(points), self._wide(w)
        self.pen.line(placed, fill=colour, width=wide, joint="curve")
        r = wide / 2
        for x, y in (placed[0], placed[-1]):
            self.pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def shape(self, points: Sequence[Point], colour: str, w: float = 0.55, shade: float = 0) -> None:
        """Colour and outline."""
        self.fill(points, colour, shade)
        if w:
            self.line([*points, points[0]], w)

    def words(self, at: Point, text: str, size: float, colour: str = INK, anchor: str = "mm") -> None:
        (place,) = self._place([at])
        self.pen.text(place, text, fill=colour, font=face(size * self.unit * self._zoom, text), anchor=anchor)

    def finished(self, quality: int = 82) -> bytes:
        picture = self.image.resize(self.size, Image.Resampling.BOX)
        picture = ImageChops.multiply(picture, _grain(*self.size))
        out = BytesIO()
        picture.save(out, "WEBP", quality=quality, method=2)
        return out.getvalue()


@cache
def _grain(width: int, height: int) -> Image.Image:
    """The tooth of the paper: soft cloud and a few fibres, always the same."""
    dice = random.Random(26)  # noqa: S311
    small = Image.frombytes(
        "L", (width // 6, height // 6), bytes(dice.choices(range(245, 256), k=(width // 6) * (height // 6)))
    )
    cloud = small.resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(cloud)
    for _ in range(width * height // 14000):
        x, y, a = dice.uniform(0, width), dice.uniform(0, height), dice.uniform(0, math.pi)
        d = dice.uniform(4, 14)
        pen.line((x, y, x + d * math.cos(a), y + d * math.sin(a)), fill=dice.choice((238, 244)), width=1)
    return Image.merge("RGB", (cloud, cloud, cloud))


_WIDE_FACES = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)


@cache
def face(pixels: float, text: str = "") -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own face; for other scripts the first of the system's that can write them."""
    if any(ord(letter) > 0x24F for letter in text):
        for path in _WIDE_FACES:
            try:
                return ImageFont.truetype(path, round(pixels))
            except OSError:
                continue
    return ImageFont.load_default(max(8, round(pixels)))
