"""The things of the demo market, each drawn on a page of 100 by 100."""

from __future__ import annotations

from collections.abc import Callable

from daigou.demo.drawing import Point, Sheet

from . import clothing, desk, devices, figures, kitchen, vanity
from .tone import Tone

Draw = Callable[[Sheet, Tone], None]

# kind: how to draw it, where its detail is, where its flaw is
THINGS: dict[str, tuple[Draw, Point, Point]] = {
    "figure": (figures.figure, (50, 34), (60, 80)),
    "camera": (devices.camera, (50, 54), (76, 44)),
    "ceramic": (kitchen.ceramic, (60, 50), (34, 60)),
    "fountain-pen": (desk.pen, (24, 76), (60, 48)),
    "sneaker": (clothing.sneaker, (46, 50), (82, 72)),
    "denim-jacket": (clothing.jacket, (40, 44), (66, 70)),
    "headphones": (devices.headphones, (76, 64), (30, 36)),
    "cosmetics": (vanity.cosmetics, (38, 60), (38, 26)),
    "tea-tin": (kitchen.tin, (50, 56), (62, 32)),
    "snack-box": (kitchen.snacks, (40, 46), (74, 56)),
    "album": (desk.album, (38, 54), (16, 78)),
    "knife": (kitchen.knife, (50, 48), (74, 40)),
    "watch": (devices.watch, (50, 50), (68, 62)),
    "game-console": (devices.console, (78, 50), (30, 68)),
    "backpack": (clothing.backpack, (50, 44), (34, 76)),
    "lipstick": (vanity.lipstick, (42, 34), (64, 78)),
}
