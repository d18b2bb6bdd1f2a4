"""A picture of one page of a file, drawn by a process of its own: what an officer looks at is never the file itself.

Run as a program: ``preview.py MEDIA_TYPE PAGE WIDTH`` reads the file from standard input and writes a PNG to standard
output.
"""

from __future__ import annotations

import io
import sys
from typing import Any

WIDTH = 1200  # pixels
TALLEST = 4000


def draw(content: bytes, media_type: str, page: int = 1, width: int = WIDTH) -> bytes:
    """A PNG at most ``width`` pixels wide. Pages are counted from one."""
    return _page(content, page, width) if media_type == "application/pdf" else _picture(content, width)


def _picture(content: bytes, width: int) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as picture:
        picture.thumbnail((width, width * 2))
        return _png(picture)


def _page(content: bytes, number: int, width: int) -> bytes:
    """Scripts and forms are not run: PDFium is asked for the page's drawing alone."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        page = document[number - 1]
        scale = min(width / page.get_width(), TALLEST / page.get_height())
        return _png(page.render(scale=scale, may_draw_forms=False).to_pil())
    finally:
        document.close()


def _png(picture: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (15, 15))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read(), sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
