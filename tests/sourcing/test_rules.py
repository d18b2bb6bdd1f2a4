import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.sourcing.rules import link_problem


@pytest.mark.parametrize(
    "url",
    [
        "https://www.amiami.jp/top/detail/detail?gcode=FIGURE-1",
        "https://item.taobao.com/item.htm?id=1&spm=a",
        "https://xn--fiqs8s.xn--fiqs8s/x",
        "https://shop.example:443/",
    ],
)
def test_web_pages_are_kept(url):
    assert link_problem(url) == ""


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://shop.example/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("data:text/html,x", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://shop.example", "scheme"),
        ("shop.example/rin", "scheme"),
        ("", "scheme"),
        ("https://", "host"),
        ("https://localhost/", "host"),
        ("https://127.0.0.1/", "host"),
        ("https://[::1]/", "host"),
        ("https://2130706433/", "host"),
        ("https://169.254.169.254/latest", "host"),
        ("https://user:pw@shop.example/", "host"),
        ("https://shop.example:8443/", "host"),
        ("https://shop.example:99999/", "host"),
        ("https://shop.internal.\u202e/", "host"),
        ("https://[bad/", "host"),
        ("https://shop.example/" + "x" * 2000, "long"),
    ],
)
def test_anything_else_is_refused(url, problem):
    assert link_problem(url) == problem


@given(st.text(max_size=300))
def test_no_text_makes_it_fall_over(text):
    assert link_problem(text) in ("", "scheme", "host", "long")
    assert link_problem("https://" + text) in ("", "scheme", "host", "long")
