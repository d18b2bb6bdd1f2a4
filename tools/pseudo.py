"""Makes the right-to-left pseudo-language: English words between marks, under Arabic's direction.

It shows what a real right-to-left language would break (layout, icons, untranslated words) until Arabic is translated,
and is offered beside the sandbox only. Written to translations/ar as a compiled catalogue, never committed.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1] / "translations"
SOURCE = ROOT / "zh_Hans/LC_MESSAGES/messages.po"
TARGET = ROOT / "ar/LC_MESSAGES/messages.mo"


def marked(text: str) -> str:
    """Wider than the source, as most languages are, and plainly not English."""
    return f"«{text}»" if text.strip() else text


def main() -> None:
    with SOURCE.open("rb") as source:
        known = read_po(source)
    pseudo = Catalog(locale="ar", domain="messages")
    for message in known:
        if not message.id:
            continue
        if isinstance(message.id, tuple):
            pseudo.add(message.id, (marked(message.id[0]), *[marked(message.id[1])] * (pseudo.num_plurals - 1)))
        else:
            pseudo.add(message.id, marked(message.id))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with TARGET.open("wb") as target:
        write_mo(target, pseudo)


if __name__ == "__main__":
    main()
