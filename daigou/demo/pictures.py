import io

from PIL import Image

KINDS = ("figure", "camera", "ceramic", "fountain-pen")
VIEWS = ("whole", "detail", "accessories", "serial", "flaw")


def draw(kind, seed, view):
    b = io.BytesIO()
    Image.new("RGB", (960, 960), "#d9cdb4").save(b, "WEBP")
    return b.getvalue()
