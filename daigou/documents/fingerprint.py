"""What a file says and what it looks like, read by a process of its own: the text layer's words and a perceptual hash.

Run as a program: ``fingerprint.py MEDIA_TYPE`` reads the file from standard input and writes one JSON line,
``{"text": "…", "dhash": 1234 | null}``. The text is of the first pages; a scan has none.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

PAGES, CHARACTERS = 5, 100_000
SIDE = 8
PLAIN = 6  # fewer edges than this in the whole picture: an empty page, which looks like every other one


def read(content: bytes, media_type: str) -> dict[str, Any]:
    return _of_pdf(content) if media_type == "application/pdf" else {"text": "", "dhash": _of_picture(content)}


def dhash(picture: Any) -> int | None:
    """The difference hash of 64 bits: whether each of 8 by 8 places is darker than its right neighbour. None for a
    picture with hardly any edges. As a signed number, for that is what a BIGINT holds."""
    grey = picture.convert("L").resize((SIDE + 1, SIDE))
    pixels = list(grey.tobytes())
    bits = 0
    for row in range(SIDE):
        for column in range(SIDE):
            at = row * (SIDE + 1) + column
            bits = bits << 1 | (pixels[at] < pixels[at + 1])
    ones = bits.bit_count()
    if ones < PLAIN or ones > SIDE * SIDE - PLAIN:
        return None
    return bits - (1 << 64) if bits >> 63 else bits


def _of_picture(content: bytes) -> int | None:
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as picture:
        return dhash(picture)


def _of_pdf(content: bytes) -> dict[str, Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        texts = [document[number].get_textpage().get_text_range() for number in range(min(PAGES, len(document)))]
        page = document[0]
        picture = page.render(scale=min(400 / page.get_width(), 4), may_draw_forms=False).to_pil()
        return {"text": "\n".join(texts)[:CHARACTERS], "dhash": dhash(picture)}
    finally:
        document.close()


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (15, 15))
    sys.stdout.write(json.dumps(read(sys.stdin.buffer.read(), sys.argv[1])))
