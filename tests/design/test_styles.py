"""Rules about the look that a machine can keep: weight, direction, contrast, no style inside templates."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "blueprints"
SHEETS = sorted((ROOT / "static/css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COLOUR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
TOKENS = {name: (light, dark) for name, light, dark in COLOUR.findall((ROOT / "static/css/tokens.css").read_text())}
SYMBOLS = {
    name: set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / f"static/{name}.svg").read_text()))
    for name in ("icons", "seals")
}

PHYSICAL = re.compile(
    r"""(?<![\w-])(
        (margin|padding|border|scroll-margin|scroll-padding)-(left|right|top|bottom)
        | (left|right|top|bottom)\s*: | (min-|max-)?(width|height)\s*:
        | border-(top|bottom)-(left|right)-radius
        | text-align:\s*(left|right) | float:\s*(left|right)
    )""",
    re.VERBOSE,
)


def without_queries(css):
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"@(media|container)[^{]*\{", "{", css)


def luminance(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a, b):
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def test_all_styles_together_stay_under_thirty_kilobytes():
    whole = b"".join(sheet.read_bytes() for sheet in SHEETS)
    assert len(gzip.compress(whole)) < 30_000
    assert sum(len(gzip.compress(sheet.read_bytes())) for sheet in SHEETS) < 30_000


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_styles_know_no_left_and_right(sheet):
    assert not [match.group() for match in PHYSICAL.finditer(without_queries(sheet.read_text()))]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_styles_use_only_tokens_that_exist(sheet):
    everything = "".join(each.read_text() for each in SHEETS)
    known = set(re.findall(r"--([\w-]+):", everything))
    bare = set(re.findall(r"var\(--([\w-]+)\)", sheet.read_text()))
    assert bare <= known


@pytest.mark.parametrize(
    "sheet", [s for s in SHEETS if s.name not in ("tokens.css", "print.css")], ids=lambda sheet: sheet.name
)
def test_colours_stand_in_the_tokens_only(sheet):
    without_masks = re.sub(r"mask:.*?;", "", sheet.read_text(), flags=re.DOTALL)
    stray = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", without_masks)) - {"#e2d5b8", "#5a4d38"}
    assert not stray


@pytest.mark.parametrize("ground", ["paper", "card", "sunk"])
@pytest.mark.parametrize("words", ["ink", "ink-2", "ink-3", "seal", "success", "info", "warning", "error"])
def test_words_can_be_read_on_every_ground(words, ground):
    for theme in (0, 1):
        assert contrast(TOKENS[words][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("tone", ["success", "info", "warning", "error", "seal"])
def test_tones_and_ink_can_be_read_on_their_own_wash(tone):
    for theme, words in product((0, 1), (tone, "ink", "ink-2")):
        assert contrast(TOKENS[words][theme], TOKENS[f"{tone}-wash"][theme]) >= 4.5


@pytest.mark.parametrize("ground", ["paper", "card", "sunk"])
@pytest.mark.parametrize("mark", ["edge", "seal-fill", "focus"])
def test_edges_of_controls_seals_and_the_focus_ring_can_be_seen(mark, ground):
    for theme in (0, 1):
        assert contrast(TOKENS[mark][theme], TOKENS[ground][theme]) >= 3


def test_the_seal_is_no_error():
    for theme in (0, 1):
        assert TOKENS["seal"][theme] != TOKENS["error"][theme]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_errors_do_not_wear_the_seal(sheet):
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet.read_text()):
        if "var(--seal" in body:
            assert "error" not in selector
            assert "btn" not in selector


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_carry_no_style_and_no_script_of_their_own(template):
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert "javascript:" not in text
    assert all("src=" in tag and "nonce=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_icon_and_seal_named_in_a_template_is_drawn(template):
    text = template.read_text()
    assert set(re.findall(r"""\bicon\(['"]([\w-]+)['"]""", text)) <= SYMBOLS["icons"]
    assert set(re.findall(r"""icon_name=['"]([\w-]+)['"]""", text)) <= SYMBOLS["icons"]
    assert set(re.findall(r"""\b(?:seal|sealed)\(['"]([\w-]+)['"]""", text)) <= SYMBOLS["seals"]


def test_every_event_kind_has_its_stamp():
    from blueprints.design import ICONS, KINDS, SEALS

    assert set(ICONS) == SYMBOLS["icons"]
    assert {f"{kind}-ink" for kind in KINDS} <= SYMBOLS["seals"]
    assert set(SEALS) <= SYMBOLS["seals"]
    assert {f"{seal}-ink" for seal in SEALS} <= SYMBOLS["seals"]
