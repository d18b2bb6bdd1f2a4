"""The papers and pictures that the journey's people hold in their hands: drawn, and marked as specimens."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image

from daigou.demo import pictures

from .browser import File

VIEWS = ("whole", "detail", "accessories", "serial", "flaw")


@cache
def photo(kind: str, seed: int, view: str) -> File:
    return f"{kind}-{view}.webp", pictures.draw(kind, seed, view), "image/webp"


def photos(kind: str, seed: int, count: int = 5) -> list[File]:
    return [photo(kind, seed, view) for view in VIEWS[:count]]


@cache
def paper(title: str, number: str) -> File:
    lines = ["SPECIMEN, made for a test of this software", f"Number {number}"]
    return f"{title.lower().replace(' ', '-')}.webp", pictures.document(title, lines), "image/webp"


@cache
def receipt(amount: str) -> File:
    """As PNG, one of the forms in which receipts are taken."""
    drawn = pictures.receipt(["Mandarake Nakano", "1 piece", f"JPY {amount}", "SPECIMEN"])
    as_png = io.BytesIO()
    Image.open(io.BytesIO(drawn)).save(as_png, "PNG")
    return "receipt.png", as_png.getvalue(), "image/png"
