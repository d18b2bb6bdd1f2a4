"""The Security Council's consolidated list in XML, read as it streams in.

A document type is refused: entities could lie in it, and the list has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, Final
from xml.etree.ElementTree import Element, TreeBuilder  # nosec B405: built by the parser below, which takes no entities
from xml.parsers import expat  # nosec B407: a document type is refused before anything could expand

from .entry import Damaged, Read, codes, unique, years_in

_CHUNK: Final = 1 << 16
_ENTRIES: Final = {"INDIVIDUAL": "person", "ENTITY": "entity"}
_NAMES: Final = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def read(file: IO[bytes]) -> Iterator[Read]:
    """Every individual and entity. Damaged when the XML ends early, is malformed, or is another list."""
    reader = _Reader()
    try:
        while chunk := file.read(_CHUNK):
            reader.parser.Parse(chunk, False)
            yield from map(_entry, reader.take())
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Damaged(f"UN list, line {error.lineno}: {expat.ErrorString(error.code)}") from error
    yield from map(_entry, reader.take())


class _Reader:
    """Builds one entry at a time, so that memory does not grow with the file."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._builder: TreeBuilder | None = None
        self._depth = 0
        self._done: list[Element] = []

    def take(self) -> list[Element]:
        done, self._done = self._done, []
        return done

    def _refuse(self, *_: Any) -> None:
        raise Damaged("UN list: a document type stands in it, which the list does not have")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and tag != "CONSOLIDATED_LIST":
            raise Damaged(f"UN list: it begins with {tag[:40]!r}, not with CONSOLIDATED_LIST")
        self._depth += 1
        if self._builder is None and tag in _ENTRIES:
            self._builder = TreeBuilder()
        if self._builder is not None:
            self._builder.start(tag, attributes)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._builder is None:
            return
        self._builder.end(tag)
        if tag in _ENTRIES:
            self._done.append(self._builder.close())
            self._builder = None

    def _text(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)


def _entry(element: Element) -> Read:
    number = _text(element, "DATAID")
    if not number:
        raise Damaged("UN list: an entry has no DATAID")
    what = element.tag
    name = " ".join(_text(element, tag) for tag in _NAMES)
    born = " ".join(text for part in element.findall(f"{what}_DATE_OF_BIRTH") for text in part.itertext())
    nations = [value.text or "" for value in element.findall("NATIONALITY/VALUE")]
    places = [_text(part, "COUNTRY") for part in element.findall(f"{what}_ADDRESS")]
    aliases = [_text(part, "ALIAS_NAME") for part in element.findall(f"{what}_ALIAS")]
    return Read(
        entry_id=number,
        kind=_ENTRIES[what],
        names=unique([name, _text(element, "NAME_ORIGINAL_SCRIPT"), *_split(aliases)]),
        countries=codes([*nations, *places]),
        years=years_in(born),
        programme=_text(element, "UN_LIST_TYPE"),
        remarks=_text(element, "REFERENCE_NUMBER"),
    )


def _split(aliases: list[str]) -> list[str]:
    """Some entries carry several aliases in one field."""
    return [name for alias in aliases for name in alias.split(";")]


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()
