"""COVER.pdf: one page in the officer's language that says what the bundle is and how to check it."""

import json
from pathlib import Path
from typing import Final

from compliance.audit import bundle
from compliance.audit.bundle import Filter

_TEMPLATE: Final = Path(__file__).with_name("cover.typ")
_COMMAND: Final = "daigou audit verify trail.zip --vkey log.vkey --witness older.checkpoint"
# Kept here and not in the catalogues: a legal text that belongs to the format, whole in each language.
_WORDS: Final = {
    "en": {
        "title": "Audit trail",
        "paragraphs": [
            "This bundle holds a range of a transparency log. Anybody can check it by public standards "
            "(RFC 9162, C2SP tlog-checkpoint and signed-note), with or without the program below.",
            "Take the log's verifier key, and a checkpoint that somebody outside has kept, from elsewhere: "
            "from the log's own address, a witness, or an earlier letter. A key that comes with the bundle "
            "proves nothing about who made it; the one printed here is for comparison only.",
            "Entries name people by reference only. leaves.bin holds a hash for every entry of the range, "
            "so what the filter left out is counted, and cannot be hidden.",
        ],
        "rows": ("Format", "Log", "Key", "Filter"),
    },
    "zh_Hans": {
        "title": "审计记录",
        "paragraphs": [
            "本文件包收录透明日志的一段范围。任何人都可以按公开标准（RFC 9162、C2SP tlog-checkpoint "
            "与 signed-note）自行核验，使用或不使用下面的程序均可。",
            "请从别处取得日志的验证公钥以及由外部保存的检查点：日志自身的网址、见证方或以往的信函。"
            "随文件包一同交付的公钥不能证明文件由谁制作；此处所印仅供比对。",
            "条目仅以代号指称个人。leaves.bin 含有该范围内每一条目的哈希，因此被筛选条件略去的条目仍被计数，无法隐藏。",
        ],
        "rows": ("格式", "日志", "公钥", "筛选条件"),
    },
}


def render(origin: str, vkey: str, chosen: Filter, locale: str) -> bytes:
    """The page as PDF. A language that has no text here gets English."""
    import typst  # only who sets pages loads it

    lang = "zh_Hans" if locale.startswith("zh") else "en"
    words = _WORDS[lang]
    values = (bundle.FORMAT, origin, vkey, json.dumps(chosen.to_json(), ensure_ascii=False))
    data = {
        "lang": lang[:2],
        "fonts": ["Libertinus Serif", "Noto Sans CJK SC", "Noto Sans SC"],
        "title": words["title"],
        "paragraphs": words["paragraphs"],
        "rows": list(zip(words["rows"], values, strict=True)),
        "command": _COMMAND,
    }
    inputs = {"data": json.dumps(data)}
    page: bytes = typst.compile(_TEMPLATE.read_bytes(), sys_inputs=inputs, font_paths=_fonts())  # type: ignore[misc]
    return page


def _fonts() -> list[str]:
    """Where the font packages lie that the application brings; the system's are found by typst itself."""
    import justmytype_intl_cjk

    return [str(Path(justmytype_intl_cjk.__file__).parent)]
