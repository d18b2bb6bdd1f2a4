"""Every word a person sees is in every language, with the same placeholders."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from daigou.core.i18n import LOCALES

ROOT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
KEYWORDS = ["-k", "_", "-k", "lazy", "-k", "ngettext:1,2", "-k", "nlazy:1,2"]


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """What the code and the templates say now."""
    pot = tmp_path_factory.mktemp("words") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", *KEYWORDS]
    folders = ["daigou", "blueprints", "compliance", "traceability"]
    subprocess.run([*command, "--no-location", "-o", str(pot), *folders], cwd=ROOT, check=True)
    with pot.open("rb") as file:
        return {m.id for m in read_po(file) if m.id}


@pytest.fixture(params=[code for code in LOCALES if code != "en"])
def catalogue(request):
    with (ROOT / f"translations/{request.param}/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=request.param)


def texts(message):
    return message.string if isinstance(message.string, tuple | list) else [message.string]


def test_every_word_is_translated(extracted, catalogue):
    done = {m.id for m in catalogue if m.id and all(texts(m)) and not m.fuzzy}
    assert sorted(map(str, extracted - done)) == []


def test_a_translation_has_the_placeholders_of_its_source(catalogue):
    wrong = []
    for message in catalogue:
        if not message.id:
            continue
        source = message.id[-1] if isinstance(message.id, tuple) else message.id
        wanted = sorted(PLACEHOLDER.findall(source))
        wrong += [str(message.id) for text in texts(message) if text and sorted(PLACEHOLDER.findall(text)) != wanted]
    assert wrong == []


def test_one_word_stands_for_one_thing(catalogue):
    """The terms of docs/glossary.md."""
    terms = dict(re.findall(r"^\| ([a-z][a-z ]+) \| ([^|、]+) \|", (ROOT / "docs/glossary.md").read_text(), re.M))
    assert terms["shopper"] == "买家"
    for english, chinese in (("Shopper", "买家"), ("Merchant", "商家"), ("Quote", "报价"), ("Service fee", "服务费")):
        found = catalogue.get(english)
        if found is not None:
            assert chinese in found.string
