"""A name as its parts, each in the spellings that different people give it.

Two people write one Arabic or Russian name in ten ways. A part is therefore kept three times: as written in Latin
letters, folded (what transcriptions do differently made equal), and as its skeleton of consonants (all that scripts
without vowels tell).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .scripts import latin

LONGEST: Final = 300
"""Characters of a name that are looked at; nobody's is longer, and work must stay bounded."""
MOST_PARTS: Final = 12
_SPLIT: Final = re.compile(r"[^\w]+|_")
_KEPT_TOGETHER: Final = re.compile(r"(?<=\w)['’ʼ`ʻʿʾ.](?=\w\b|\w\w)")
_ARTICLES_TEXT: Final = "al el ul ad ar as at az ash an the de la le von van der den da di do dos du"
_ARTICLES: Final = frozenset(_ARTICLES_TEXT.split())
_KIN_TEXT: Final = "bin ibn ben bint binti wa and und et of for"
_KIN: Final = frozenset(_KIN_TEXT.split())
_FORMS_TEXT: Final = (
    "co ltd limited llc llp lp inc corp corporation company gmbh ag kg sa sarl sas srl spa bv nv oy ab as plc pjsc "
    "ojsc jsc cjsc ooo zao oao pao ao pte pty fze fzc fzco kk sdn bhd doo"
)
_FORMS: Final = frozenset(_FORMS_TEXT.split())
_SERVANT: Final = re.compile(r"^abd(?:[aeou](?:l|r|s|sh|z|n|d|t)|al)?(?=\w{3})")
_SERVANTS: Final = frozenset(("abd", "abdul", "abdel", "abdal", "abdur", "abdoul"))
# Applied in this order; each makes one difference between transcriptions disappear.
_FOLDS: Final = tuple(
    (re.compile(wanted), put)
    for wanted, put in (
        (r"shch|sch|tsch|sh|ch|tch|cz", "s"), (r"zh|dzh|dj|dsch|dz", "j"), (r"kh|gh|kg", "h"), (r"ph", "f"),
        (r"th", "t"),
        (r"dh", "d"), (r"ts|tz", "s"), (r"ck|cq|q", "k"), (r"x", "ks"), (r"c(?=[eiy])", "s"), (r"c", "k"), (r"w", "v"),
        (r"eo|oo|ou|oy|u", "o"), (r"ee|ie|ei|ey|ay|ai|ij|iy|ii|yi|y", "i"), (r"z", "s"), (r"e", "a"),
        (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
_MUTE_H: Final = re.compile(r"(?<=[aio])h(?=[^aio]|$)")


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name: as written, folded, and its consonants. ``weight`` is what it tells, 1 to 8."""

    text: str
    fold: str
    bones: str
    weight: int


Parts = tuple[Part, ...]


def parts(name: str) -> Parts:
    """The words of a name that tell something. Forms of companies and articles count only if all else lacks."""
    words = _words(name)
    telling = [word for word in words if word not in _ARTICLES | _KIN | _FORMS]
    return tuple(part(word) for word in _servants(telling or words)[:MOST_PARTS])


def forms(name: str) -> tuple[Parts, ...]:
    """The name itself, and with two neighbouring short parts written as one: Jong Bak and Jongbak."""
    whole = parts(name)
    joined = [
        (*whole[:at], part(whole[at].text + whole[at + 1].text), *whole[at + 2 :])
        for at in range(len(whole) - 1)
        if len(whole[at].text) <= SHORT and len(whole[at + 1].text) <= SHORT
    ]
    return (whole, *joined)


SHORT: Final = 5
"""Letters up to which two neighbouring parts are also tried as one word."""


def _words(name: str) -> list[str]:
    text = _KEPT_TOGETHER.sub("", latin(name[:LONGEST]))
    return [word for word in _SPLIT.split(text) if word]


def _servants(words: list[str]) -> list[str]:
    """Abd al-Rahman, Abdul Rahman and Abdurrahman are one name."""
    found: list[str] = []
    for word in words:
        if found and found[-1] in _SERVANTS:
            found[-1] = "abd" + word
        else:
            found.append(_SERVANT.sub("abd", word))
    return found


@lru_cache(maxsize=50_000)
def part(word: str) -> Part:
    """A word with its spellings. Han signs say more than letters, so a Han word weighs as much as a long one."""
    loose = _loose(word)
    weight = 8 if is_han(word) else min(len(word), 8)
    return Part(word, _MUTE_H.sub("", loose), bones(loose), weight)


def is_han(word: str) -> bool:
    return "\u3400" <= word[:1] <= "\u9fff"


def _loose(word: str) -> str:
    text = word
    for wanted, put in _FOLDS:
        text = wanted.sub(put, text)
    return text or word


def bones(loose: str) -> str:
    """Consonants, with a mark where it begins with a vowel: "mohamad" and "mhmd" are both "mhmd"."""
    consonants = re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiou]", "", loose))
    return ("a" if loose[:1] in "aeiou" else "") + consonants
