"""Other scripts in Latin letters: small tables of our own, made for comparing names and not for printing them.

Cyrillic follows the passport spelling (ICAO Doc 9303, part 3, section 6), Greek ELOT 743, Arabic a plain ALA-LC without
marks, kana Hepburn, hangul the Revised Romanisation without assimilation. Han is left as it is: a reading can't be told
from the sign alone, so Han names meet the Han aliases that lists carry.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final


def _pairs(signs: str, spelled: str) -> dict[str, str]:
    """Each sign with its spelling; two spaces in a row are a sign that is not heard."""
    return dict(zip(signs, spelled.split(" "), strict=True))


CYRILLIC: Final = _pairs(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђѓјљњќћџ",
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch  y  e iu ia i i ie g u dj g j lj nj k c dz",
)
GREEK: Final = _pairs("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o")
ARABIC: Final = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ء": "", "ؤ": "u", "ئ": "i", "ى": "a", "ة": "a", "ب": "b",
    "پ": "p",
    "ت": "t", "ث": "th", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "ژ": "zh",
    "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ك": "k",
    "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "w", "ي": "y", "ی": "y", "ـ": "",
}  # fmt: skip
_ROWS: Final = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ", "t": "タチツテト",
    "d": "ダヂヅデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ",
    "r": "ラリルレロ",
}  # fmt: skip
KANA: Final = {
    **{sign: row + vowel for row, signs in _ROWS.items() for sign, vowel in zip(signs, "aiueo", strict=True)},
    "シ": "shi", "ジ": "ji", "チ": "chi", "ヂ": "ji", "ツ": "tsu", "ヅ": "zu", "フ": "fu",
    "ヤ": "ya", "ユ": "yu", "ヨ": "yo",
    "ワ": "wa", "ヲ": "o", "ン": "n", "ヴ": "vu", "ー": "", "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o",
}  # fmt: skip
_SMALL: Final = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}
_INITIALS, _VOWELS, _FINALS = (
    spelled.split(" ")
    for spelled in (
        "g kk n d tt r m b pp s ss  j jj ch k t p h",
        "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
        " k k k n n n t l k m l l l p l m p p t t ng t t k t p t",
    )
)
_HANGUL: Final = range(0xAC00, 0xD7A4)
# As their bearers write them in passports; the rule book would say gim, i, bak.
_SURNAMES: Final = {
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang", "조": "cho",
    "임": "lim", "권": "kwon",
    "류": "ryu", "유": "yoo", "노": "roh", "구": "koo", "신": "shin", "오": "oh", "우": "woo", "문": "moon",
}  # fmt: skip
_WHOLE_HANGUL: Final = re.compile(r"(?<!\S)[가-힣]{2,4}(?!\S)")
# Inside a word waw and yeh are nearly always long vowels; before another vowel they are consonants.
_LONG_VOWELS: Final = ((re.compile(r"(?<=\w)و(?![اوي])"), "u"), (re.compile(r"(?<=\w)[يی](?![اوي])"), "i"))
_ARABIC_ARTICLE: Final = re.compile(r"(?<!\w)ال(?=\w{2})")
_SPECIAL: Final = {
    "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ə": "a",
    "ħ": "h", "ŋ": "n",
}  # fmt: skip
_TABLE: Final = str.maketrans({**CYRILLIC, **GREEK, **ARABIC, **_SPECIAL, "・": " ", "＝": " ", "·": " "})


def latin(text: str) -> str:
    """``text`` in small Latin letters without marks; Han stays. "Зимородок", "ズィモ", "김" become readable."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded
    composed = _ARABIC_ARTICLE.sub("ال ", unicodedata.normalize("NFC", folded))
    for sign, vowel in _LONG_VOWELS:
        composed = sign.sub(vowel, composed)
    if " " not in composed.strip():
        composed = _WHOLE_HANGUL.sub(_surname_first, composed)
    spelled = "".join(map(_syllable, _kana(composed)))
    plain = unicodedata.normalize("NFKD", spelled.translate(_TABLE))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_TABLE)


def _surname_first(found: re.Match[str]) -> str:
    """A Korean name is written without a space: the first sign is the surname, nearly always."""
    name = found[0]
    return f"{_SURNAMES.get(name[0], name[0])} {name[1:]}"


def _syllable(sign: str) -> str:
    """A hangul syllable by its three parts; anything else as it is."""
    if ord(sign) not in _HANGUL:
        return sign
    initial, rest = divmod(ord(sign) - _HANGUL.start, 588)
    vowel, final = divmod(rest, 28)
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]


def _kana(text: str) -> str:
    """Hiragana and katakana read aloud: キョ is kyo, ッ doubles what follows."""
    read, double = "", False
    for sign in text:
        katakana = chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign
        if katakana == "ッ":
            double = True
            continue
        if katakana in _SMALL and read.endswith("i"):
            ending = _SMALL[katakana]
            read = read[:-1] + (ending[1:] if read.endswith(("shi", "chi", "ji")) else ending)
            continue
        heard = KANA.get(katakana, sign)
        read += heard[:1] + heard if double and heard != sign else heard
        double = False
    return read
