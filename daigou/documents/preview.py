"""A picture of a file's first page, drawn by a process of its own: what an officer looks at is never the file itself.

Run as a program: ``preview.py MEDIA_TYPE`` reads the file from standard input and writes a PNG to standard output.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

WIDTH = 1200  # pixels


def draw(content: bytes, media_type: str) -> bytes:
    """A PNG at most WIDTH pixels wide."""
    return _page(content) if media_type == "application/pdf" else _picture(content)


def _picture(content: bytes) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as picture:
        picture.thumbnail((WIDTH, WIDTH * 2))
        picture.save(out, "PNG")
    return out.getvalue()


def _page(content: bytes) -> bytes:
    import typst

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "paper.pdf").write_bytes(content)
        frame = Path(folder, "frame.typ")
        frame.write_text(
            '#set page(width: 600pt, height: auto, margin: 0pt)\n#image("paper.pdf", page: 1, width: 100%)\n'
        )
        drawn = typst.compile(str(frame), root=folder, format="png", ppi=72 * WIDTH / 600)
    return drawn if isinstance(drawn, bytes) else drawn[0]


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (15, 15))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read(), sys.argv[1]))
