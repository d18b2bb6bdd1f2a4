"""PDF by typst: a template of ours, data as JSON, pictures as files beside it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

# Noto Sans JP holds Latin too; the others add what it has not. They come as a package, so every machine sets alike.
FAMILIES = ("Noto Sans JP", "Noto Sans SC", "Noto Sans KR")


@cache
def _fonts() -> Any:
    import justmytype_intl_cjk
    import typst

    folder = Path(justmytype_intl_cjk.__file__).parent / "fonts"
    return typst.Fonts(font_paths=[str(folder)], include_system_fonts=False)


def pdf(template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> bytes:
    """Set ``template`` (typst source). It reads data.json (with our ``fonts`` in it) and pictures by name.

    Raises typst's own error for a template that does not compile: a defect.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="typeset-") as folder:
        root = Path(folder)
        (root / "main.typ").write_text(template)
        (root / "data.json").write_text(json.dumps({**data, "fonts": FAMILIES}, ensure_ascii=False))
        for name, content in (pictures or {}).items():
            (root / name).write_bytes(content)
        made: bytes = typst.compile(str(root / "main.typ"), root=str(root), font_paths=_fonts(), format="pdf")
    return made


def picture(content: bytes, longest: int = 1200) -> bytes:
    """A photo as a JPEG small enough for paper, whatever kind it was."""
    import io

    from PIL import Image

    with Image.open(io.BytesIO(content)) as source:
        shrunk = source.convert("RGB")
        shrunk.thumbnail((longest, longest))
        out = io.BytesIO()
        shrunk.save(out, "JPEG", quality=82)
    return out.getvalue()
