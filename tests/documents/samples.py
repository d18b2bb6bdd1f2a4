"""Files as people send them, and as people with bad intentions do."""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image


def image(kind="JPEG", size=(60, 40), **save):
    out = io.BytesIO()
    Image.new("RGB", size, (180, 60, 40)).save(out, kind, **save)
    return out.getvalue()


def photo_with_place():
    exif = Image.Exif()
    exif[0x010F] = "SecretCameraMaker"
    exif.get_ifd(0x8825)[1] = "N"
    return image(exif=exif, comment=b"meet me at the harbour")


def png_of(width, height):
    """A few bytes that claim to be a very large picture."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def pdf(change=None, **save):
    document = pikepdf.new()
    document.add_blank_page()
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def with_script(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS=pikepdf.String("app.alert(1)"))


def with_nested_script(document):
    document.pages[0].obj.Foo = pikepdf.Array([pikepdf.Dictionary(Deep=pikepdf.Dictionary(JS=pikepdf.String("x")))])


def with_launch(document):
    action = pikepdf.Dictionary(S=pikepdf.Name("/Launch"), F=pikepdf.String("cmd.exe"))
    document.Root.OpenAction = document.make_indirect(action)


def with_attachment(document):
    document.attachments["payload.exe"] = b"MZ"


def opening_at_a_page(document):
    document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name("/Fit")])


def locked_pdf():
    return pdf(encryption=pikepdf.Encryption(owner="owner", user="user"))


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("index.html", "<h1>hello</h1>")
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
