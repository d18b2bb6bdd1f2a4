"""The use cases of the catalogue, under one name: other rooms import from here."""

from .listing import Terms, draft, edit
from .own import merchant_of, own, view_own
from .photos import add_photos, make_cover, remove_photo
from .publishing import end, pause, pause_all, publish, resume_all
from .window import Face, Place, Window, faces, glance, item, window

__all__ = [
    "Face",
    "Place",
    "Terms",
    "Window",
    "add_photos",
    "draft",
    "edit",
    "end",
    "faces",
    "glance",
    "item",
    "make_cover",
    "merchant_of",
    "own",
    "pause",
    "pause_all",
    "publish",
    "remove_photo",
    "resume_all",
    "view_own",
    "window",
]
