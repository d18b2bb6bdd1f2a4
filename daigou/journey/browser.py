"""A browser without a screen.

Pages, forms as they stand in them, cookies. It sends what a person's browser would send.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node

File = tuple[str, bytes, str]  # name, content, media type


class Astray(Exception):
    """The page is not the one that the journey needs; says what was expected and what was seen."""


@dataclass
class Form:
    """A form as it was found: where it goes and what it holds."""

    action: str
    method: str
    values: dict[str, list[str]]
    files: set[str] = field(default_factory=set)
    buttons: set[tuple[str, str]] = field(default_factory=set)

    def fill(self, name: str, value: Any) -> bool:
        """Type into a field, or press the button of that name and value; False when the form has neither."""
        values = [str(v) for v in value] if isinstance(value, list) else [str(value)]
        if name not in self.values and (name, values[0]) not in self.buttons:
            return False
        self.values[name] = values
        return True


class Browser:
    """One person's browser. ``page`` is what is shown now."""

    def __init__(self, base_url: str, who: str, language: str = "en") -> None:
        self.who = who
        self.base_url = base_url
        headers = {"Accept-Language": language, "Accept": "text/html,*/*"}
        self.client = httpx.Client(follow_redirects=True, timeout=60, headers=headers)
        self.response: httpx.Response | None = None
        self.page = HTMLParser("")

    def open(self, address: str, status: int = 200) -> Browser:
        """Go to an address; Astray unless it answers with ``status``."""
        return self._show(self.client.get(urljoin(self.base_url, address)), status)

    @property
    def address(self) -> str:
        """Where we are, with the query."""
        return str(self._answer().url)

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @property
    def text(self) -> str:
        body = self.page.body
        return re.sub(r"\s+", " ", body.text(separator=" ")) if body else ""

    def sees(self, *words: str) -> Browser:
        """Astray unless all these words stand on the page."""
        for word in words:
            if word not in self.text:
                raise Astray(f"{self.who} expected “{word}” at {self.path}, and reads: {self.text[:600]}")
        return self

    def rows(self, word: str) -> list[str]:
        """The text of every table row that holds this word."""
        texts = (node.text(separator=" ") for node in self.page.css("tbody tr"))
        return [text for text in texts if word in text]

    def link(self, pattern: str) -> str:
        """The first link whose address matches."""
        for node in self.page.css("a[href]"):
            if re.search(pattern, node.attributes["href"] or ""):
                return str(node.attributes["href"])
        raise Astray(f"{self.who} finds no link like {pattern} at {self.path}: {self.text[:400]}")

    def link_named(self, pattern: str, words: str) -> str:
        """The first link whose address matches and whose own text holds these words."""
        for node in self.page.css("a[href]"):
            if words in node.text() and re.search(pattern, node.attributes["href"] or ""):
                return str(node.attributes["href"])
        raise Astray(f"{self.who} finds no link “{words}” like {pattern} at {self.path}: {self.text[:400]}")

    def links(self, pattern: str) -> list[str]:
        hrefs = (str(node.attributes["href"]) for node in self.page.css("a[href]"))
        return [href for href in hrefs if re.search(pattern, href)]

    def has_form(self, pattern: str) -> bool:
        return any(re.search(pattern, self._action(node)) for node in self.page.css("form"))

    def form(self, pattern: str) -> Form:
        """The first form whose action matches, with all it holds."""
        for node in self.page.css("form"):
            if re.search(pattern, self._action(node)):
                return self._read(node)
        actions = [self._action(node) for node in self.page.css("form")]
        raise Astray(f"{self.who} finds no form to {pattern} at {self.path}; there are {actions}: {self.text[:400]}")

    def send(
        self,
        pattern: str,
        values: Mapping[str, Any] | None = None,
        files: Mapping[str, File | list[File]] | None = None,
        status: int = 200,
    ) -> Browser:
        """Fill in the form and send it.

        Fields that the form does not have are refused: a person could not fill them.
        """
        form = self.form(pattern)
        for name, value in (values or {}).items():
            if not form.fill(name, value):
                raise Astray(f"{self.who}: the form to {form.action} has no field {name}; it has {sorted(form.values)}")
        return self.submit(form, files, status)

    def submit(self, form: Form, files: Mapping[str, File | list[File]] | None = None, status: int = 200) -> Browser:
        if form.method == "get":
            return self._show(self.client.get(form.action, params=form.values), status)
        sent = [
            (name, one) for name, many in (files or {}).items() for one in (many if isinstance(many, list) else [many])
        ]
        headers = {"Referer": self.address}
        answer = self.client.post(form.action, data=form.values, files=sent or None, headers=headers)
        return self._show(answer, status)

    def _show(self, response: httpx.Response, status: int) -> Browser:
        self.response = response
        kind = response.headers.get("content-type", "")
        self.page = HTMLParser(response.text if "html" in kind else "")
        if response.status_code != status:
            where = f"{response.request.method} {urlsplit(str(response.url)).path}"
            raise Astray(f"{self.who}: {where} answers {response.status_code}, not {status}: {self.text[:600]}")
        return self

    def _answer(self) -> httpx.Response:
        if self.response is None:
            raise Astray(f"{self.who} has not opened a page yet")
        return self.response

    def _action(self, node: Node) -> str:
        return urljoin(self.address, node.attributes.get("action") or self.address)

    def _read(self, node: Node) -> Form:
        form = Form(self._action(node), (node.attributes.get("method") or "get").lower(), {})
        for element in node.css("button[name]"):
            form.buttons.add((element.attributes["name"] or "", element.attributes.get("value") or ""))
        for element in [*node.css("input, select, textarea"), *self._fields_elsewhere(node)]:
            name = element.attributes.get("name")
            if name and "disabled" not in element.attributes:
                _read_field(form, element, name)
        return form

    def _fields_elsewhere(self, node: Node) -> list[Node]:
        """Fields that stand outside of their form and name it."""
        key = node.attributes.get("id")
        return self.page.css(f'input[form="{key}"], select[form="{key}"], textarea[form="{key}"]') if key else []


def _read_field(form: Form, element: Node, name: str) -> None:
    kind = (element.attributes.get("type") or "text").lower()
    if kind == "file":
        form.files.add(name)
    elif element.tag == "select":
        form.values.setdefault(name, []).append(_chosen(element))
    elif element.tag == "textarea":
        form.values.setdefault(name, []).append(element.text())
    elif kind in ("checkbox", "radio"):
        form.values.setdefault(name, [])
        if "checked" in element.attributes:
            form.values[name].append(element.attributes.get("value") or "on")
    elif kind not in ("submit", "button", "image", "reset"):
        form.values.setdefault(name, []).append(element.attributes.get("value") or "")


def _chosen(select: Node) -> str:
    options = select.css("option")
    for option in options:
        if "selected" in option.attributes:
            return _value(option)
    return _value(options[0]) if options else ""


def _value(option: Node) -> str:
    value = option.attributes.get("value")
    return option.text() if value is None else value
