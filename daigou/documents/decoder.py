"""Decides what a file is by reading it, in a process of its own with little to spend.

Run as a program: ``decoder.py OUT_FD MEDIA_TYPE…`` reads the upload from standard input and prints one JSON line,
``{"type": …}`` or ``{"refused": code}``. Images are drawn anew into OUT_FD, so nothing but pixels survives. Imports
nothing of ours: a file that breaks a decoder breaks this process only.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import filetype

MAX_PIXELS = 40_000_000
MEMORY = 1536 * 1024 * 1024  # 40 MP in four channels, twice, and the interpreter
CPU_SECONDS = 20
OUTPUT = 128 * 1024 * 1024
IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
MARKUP = (b"<script", b"<!doctype", b"<html", b"<?php", b"<svg", b"<iframe")

# Names in a PDF's dictionaries that make a reader act or carry more than pages.
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/AA", "/EmbeddedFiles", "/EF", "/Launch", "/XFA", "/RichMediaContent"})
ACTIVE_ACTIONS = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition"})
ACTIVE_SUBTYPES = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/Sound", "/3D"})
MAX_PDF_OBJECTS = 200_000


class Refused(Exception):
    """The argument is the code that says why."""


def main(out: int, allowed: list[str]) -> dict[str, str]:
    source = os.fdopen(os.dup(0), "rb")
    source.seek(0)
    media_type = sniff(source, allowed)
    refuse_second_faces(source, media_type)
    source.seek(0)
    if media_type == "application/pdf":
        return {"type": media_type, "pages": str(check_pdf(source))}
    else:
        with os.fdopen(out, "wb") as clean:
            redraw(source, IMAGES[media_type], clean)
    return {"type": media_type}


def sniff(source: BinaryIO, allowed: list[str]) -> str:
    """The media type by the first bytes, when it is one that may stand here."""
    head = source.read(8192)
    if not head:
        raise Refused("empty")
    kind = filetype.guess(head)
    known = kind.mime if kind else ""
    if known not in allowed or known not in (*IMAGES, "application/pdf"):
        raise Refused("type")
    if known == "application/pdf" and not head.startswith(b"%PDF-"):
        raise Refused("ambiguous")
    return str(known)


def refuse_second_faces(source: BinaryIO, media_type: str) -> None:
    """A file that is also something else (an archive, a web page, a PDF in a picture) is meant to deceive somebody."""
    if zipfile.is_zipfile(source):
        raise Refused("ambiguous")
    source.seek(0)
    if media_type != "application/pdf" and b"%PDF-" in source.read(2048):
        raise Refused("ambiguous")
    source.seek(0)
    tail = b""
    while piece := source.read(1 << 20):
        window = (tail + piece).lower()
        if any(mark in window for mark in MARKUP):
            raise Refused("ambiguous")
        tail = piece[-16:]


def redraw(source: BinaryIO, name: str, clean: BinaryIO) -> None:
    """The picture itself and nothing else: no place, no camera, no comments, no second image."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # our own limit stands below, before anything is decoded
    try:
        with Image.open(source, formats=[name]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused("pixels")
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            upright = _plain_colours(upright, name)
            upright.info.clear()
            upright.save(clean, name, **({"quality": 90} if name != "PNG" else {"compress_level": 4}))
    except (OSError, SyntaxError, ValueError, IndexError, Image.DecompressionBombError) as error:
        raise Refused("broken") from error


def _plain_colours(picture: Any, name: str) -> Any:
    """In sRGB, with transparency only where the format and the picture have it."""
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            picture = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode=picture.mode
            )
        except ImageCms.PyCMSError:
            pass  # a broken profile changes the tint only
    transparent = name != "JPEG" and ("A" in picture.mode or "transparency" in picture.info)
    wanted = "RGBA" if transparent else "RGB"
    return picture if picture.mode in (wanted, "L") else picture.convert(wanted)


def check_pdf(source: BinaryIO) -> int:
    """Pages only: no password, no script, no attached file, nothing that starts by itself. How many pages."""
    import pikepdf

    try:
        with pikepdf.open(source, suppress_warnings=True) as document:
            if document.is_encrypted:
                raise Refused("encrypted")
            _refuse_active(document.Root.get("/OpenAction"), pikepdf)
            if not len(document.pages):
                raise Refused("broken")
            for number, thing in enumerate(document.objects):
                if number > MAX_PDF_OBJECTS:
                    raise Refused("broken")
                if any(_is_active(part, pikepdf) for part in _dictionaries(thing, pikepdf)):
                    raise Refused("active")
            return len(document.pages)
    except pikepdf.PasswordError as error:
        raise Refused("encrypted") from error
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError) as error:
        raise Refused("broken") from error


def _refuse_active(action: Any, pikepdf: Any) -> None:
    """On opening, a page may be shown and nothing else: an array is such a place, a dictionary says what it does."""
    if action is None or isinstance(action, pikepdf.Array):
        return
    if not isinstance(action, pikepdf.Dictionary) or action.get("/S") != pikepdf.Name("/GoTo"):
        raise Refused("active")


def _dictionaries(thing: Any, pikepdf: Any) -> Iterator[Any]:
    """This object's own dictionaries; what it refers to is walked as an object of its own."""
    waiting = [thing]
    while waiting:
        now = waiting.pop()
        if isinstance(now, pikepdf.Stream):
            now = now.stream_dict
        if isinstance(now, pikepdf.Dictionary):
            yield now
            waiting += [v for v in now.values() if _is_own(v, pikepdf)]
        elif isinstance(now, pikepdf.Array):
            waiting += [v for v in now if _is_own(v, pikepdf)]


def _is_own(value: Any, pikepdf: Any) -> bool:
    return isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect


def _is_active(part: Any, pikepdf: Any) -> bool:
    if ACTIVE_KEYS & set(part.keys()):
        return True
    return str(part.get("/S", "")) in ACTIVE_ACTIONS or str(part.get("/Subtype", "")) in ACTIVE_SUBTYPES


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit()
    try:
        verdict = main(int(sys.argv[1]), sys.argv[2:])
    except Refused as refusal:
        verdict = {"refused": str(refusal)}
    except MemoryError:
        verdict = {"refused": "pixels"}
    print(json.dumps(verdict))
