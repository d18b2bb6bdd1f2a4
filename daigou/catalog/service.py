"""The use cases of the catalogue, under one name: other rooms import from here."""

from .listing import (
    Terms,
    add_photos,
    draft,
    edit,
    end,
    make_cover,
    merchant_of,
    own,
    pause,
    pause_all,
    publish,
    remove_photo,
    resume_all,
    view_own,
)
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
