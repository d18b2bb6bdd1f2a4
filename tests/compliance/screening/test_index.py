"""The index finds what a full scan finds, and names are known again however they are written."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.screening import scoring
from compliance.screening.index import Index, Listed
from compliance.screening.names import forms, parts
from compliance.screening.scoring import Claim

SOUNDS = "ba ko ri sha mu ze li dan vor kim an jo pe ta ru el ge no fi schu tik mir ovi sel"
SYLLABLES = SOUNDS.split()


def person(*names, entry_id="1", **more):
    return Listed(("test", entry_id), "person", names, **more)


def hits(name, *entries, threshold=80, **claim):
    return Index(entries).search(Claim(name, **claim), threshold)


def scan(name, entries, threshold):
    """Every name against every name, without any index."""
    found = set()
    for entry in entries:
        for listed in (form for each in entry.names for form in forms(each)):
            for asked in forms(name):
                weights = [[p.weight for p in side] for side in (asked, listed)]
                if not asked or not listed:
                    continue
                value = scoring.score(*weights, scoring.found(asked, listed), entry.kind != "person")
                if scoring.adjust(value, (), Claim(name), (), ()).score >= threshold:
                    found.add(entry.key)
    return found


SAME = [
    ("Ivan Petrovich Zimorodkin", "Zimorodkin Ivan"),
    ("Ivan Petrovich Zimorodkin", "Иван Зимородкин"),
    ("Sergei Shcherbatin", "Сергей Щербатин"),
    ("Sergei Shcherbatin", "Sergey Schtscherbatin"),
    ("Muhammad al-Zafiri", "محمد الظافري"),
    ("Muhammad al-Zafiri", "Mohamed Zafiry"),
    ("Abd al-Rahman Quluni", "Abdurrahman Kuluni"),
    ("Abd al-Rahman Quluni", "عبد الرحمن القلوني"),
    ("Kim Jong Bak", "김종박"),
    ("Kim Jong Bak", "Kim Jongbak"),
    ("Hoshizora Taro", "ホシゾラ タロウ"),
    ("Hoshizora Taro", "ほしぞら たろう"),
    ("Georgios Papalexandris", "Γεώργιος Παπαλεξανδρής"),
    ("Li Wu", "WU, Li"),
    ("Jürgen Straßfelder", "Jurgen Strassfelder"),
]
OTHER = [
    ("Li Wu", "Li Wei"),
    ("Ivan Zimorodkin", "Ivan Sokolnikov"),
    ("Muhammad Zafiri", "Muhammad"),
    ("Anna Berg", "Anne-Marie Bergström"),
    ("Kim Jong Bak", "Kim"),
]


@pytest.mark.parametrize(("listed", "asked"), SAME)
def test_a_name_is_known_again_in_another_script_order_or_spelling(listed, asked):
    assert [hit.name for hit in hits(asked, person(listed))] == [listed]


@pytest.mark.parametrize(("listed", "asked"), OTHER)
def test_another_name_is_no_hit(listed, asked):
    assert not hits(asked, person(listed))


def test_an_alias_in_han_is_found_as_it_is_written():
    (hit,) = hits("星空太郎", person("Hoshizora Taro", "星空太郎"))
    assert hit.why == ("exact:alias",)
    assert hit.score == 100


def test_a_score_says_what_agreed():
    (hit,) = hits("Zimorodkyn Ivan", person("Ivan Petrovich Zimorodkin"))
    assert hit.why == ("name", "part:exact:ivan", "part:spelling:zimorodkin", "missing:1")


def test_country_and_birth_year_weigh():
    entry = person("Ivan Petrovich Zimorodkin", countries=("RU",), years=(1961,))
    plain = hits("Ivan Zimorodkin", entry)[0].score
    assert hits("Ivan Zimorodkin", entry, country="RU")[0].score > plain
    assert hits("Ivan Zimorodkin", entry, country="RU")[0].why[-1] == "country:agrees"
    assert hits("Ivan Zimorodkin", entry, born=1961)[0].score > plain
    assert not hits("Ivan Zimorodkin", entry, born=1999)


def test_a_company_is_found_by_its_one_telling_word():
    entry = Listed(("test", "2"), "entity", ("Zvezdolin Shipping Co. Ltd.",))
    assert hits("ZVEZDOLIN", entry)
    assert hits("Zvezdolin Shipping LLC", entry)


def test_what_nobody_can_be_called_is_no_hit_and_no_error():
    for name in ("", "   ", "—", "😀😀", "a" * 10_000, "\0", "ـــ", "of the"):
        assert hits(name, person("Ivan Zimorodkin")) == []


def invented(random):
    def word():
        return "".join(random.choice(SYLLABLES) for _ in range(random.choice([1, 2, 2, 3, 4])))

    given_names = [word() for _ in range(30)]
    return lambda: " ".join([*random.choices(given_names, k=random.choice([1, 1, 2])), word()])


def spoiled(random, name):
    """The name with its parts swapped, one left out, or a letter or two different."""
    words = name.split()
    random.shuffle(words)
    if len(words) > 2 and random.random() < 0.3:
        words.pop()
    letters = list(" ".join(words))
    for _ in range(random.choice([0, 1, 2])):
        letters[random.randrange(len(letters))] = random.choice("aeioustr")
    return "".join(letters)


@pytest.mark.parametrize("seed", range(4))
def test_the_index_misses_nothing_that_a_full_scan_finds(seed):
    chance = random.Random(seed)
    name = invented(chance)
    entries = [
        Listed(
            ("test", str(n)), chance.choice(["person", "entity"]), tuple(name() for _ in range(chance.choice([1, 2])))
        )
        for n in range(250)
    ]
    index = Index(entries)
    found = 0
    for entry in chance.sample(entries, 25):
        asked = spoiled(chance, entry.names[0])
        ours = {hit.entry.key for hit in index.search(Claim(asked), 78)}
        assert ours == scan(asked, entries, 78), asked
        found += len(ours)
    assert found > 10


@given(st.text("abdehiklmnorstuyz", min_size=1, max_size=14), st.text("abdehiklmnorstuyz", min_size=1, max_size=14))
def test_two_words_agree_in_the_index_exactly_when_they_agree(asked, listed):
    (one,), (other,) = parts(asked)[:1], parts(listed)[:1]
    known = Index([person(f"{listed}")])._agreeing(one)
    assert bool(known) == (scoring.agreement(one, other) is not None)
    assert (scoring.agreement(one, other) is None) == (scoring.agreement(other, one) is None)
