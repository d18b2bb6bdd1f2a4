"""All listed names in memory, so that one name is looked up in well under two milliseconds.

The words of the lists are few beside the names. A word that differs in at most k letters from the asked one shares with
it one of k + 1 pieces, almost in place (the pigeonhole of Pass-Join, Li et al., VLDB 2012). So only words that share a
piece, the folded spelling or the consonants are compared, and none that agrees is missed: what is found is what a full
scan finds, and a test holds them against each other. Only names that share two words with the asked one are scored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from . import scoring
from .names import Part, forms, is_han
from .scoring import Agreement, Claim


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a list as it is looked up. ``names`` begins with the primary one; ``key`` is (list, entry_id)."""

    key: tuple[str, str]
    kind: str  # person, entity, vessel, aircraft
    names: tuple[str, ...]
    countries: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that agrees, by its best name. ``why`` holds codes with what they are about: ``part:close:sidorov``."""

    entry: Listed
    name: str
    score: float
    why: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        code, entry_id = self.entry.key
        return {"entry_id": entry_id, "list": code, "name": self.name, "score": self.score, "why": list(self.why)}


class Index:
    """Immutable once built; threads share it. A *form* is one way to write one name of one entry, as word numbers.

    Forms stand in parallel lists of plain numbers: hundreds of thousands of objects would make every collection of the
    garbage collector slow.
    """

    def __init__(self, entries: Iterable[Listed]) -> None:
        self.entries: list[Listed] = []
        self._words: list[Part] = []
        self._weights: list[int] = []
        self._number: dict[str, int] = {}
        self._entry_of: list[int] = []
        self._name_of: list[int] = []
        self._words_of: list[tuple[int, ...]] = []
        self._weight_of: list[int] = []
        self._of_word: list[set[int]] = []
        self._alone: dict[int, list[int]] = defaultdict(list)  # word -> forms of just it, of companies and ships
        self._folds: dict[str, list[int]] = defaultdict(list)
        self._bones: dict[str, list[int]] = defaultdict(list)
        self._pieces: dict[tuple[int, int, str], list[str]] = defaultdict(list)
        for entry in entries:
            self._add(entry)

    def __len__(self) -> int:
        return len(self.entries)

    def _add(self, entry: Listed) -> None:
        number = len(self.entries)
        self.entries.append(entry)
        for place, name in enumerate(entry.names):
            for form in forms(name):
                if form:
                    self._add_form(number, place, tuple(map(self._word, form)))

    def _add_form(self, entry: int, name: int, words: tuple[int, ...]) -> None:
        number = len(self._words_of)
        self._entry_of.append(entry)
        self._name_of.append(name)
        self._words_of.append(words)
        self._weight_of.append(sum(self._weights[word] for word in words))
        for word in words:
            self._of_word[word].add(number)
        if len(words) == 1 and self.entries[entry].kind != "person":
            self._alone[words[0]].append(number)

    def _word(self, part: Part) -> int:
        number = self._number.get(part.text)
        if number is None:
            number = self._number[part.text] = len(self._words)
            self._words.append(part)
            self._weights.append(part.weight)
            self._of_word.append(set())
            self._spell(number, part)
        return number

    def _spell(self, number: int, part: Part) -> None:
        if is_han(part.text):
            return
        if len(part.bones) >= 3:
            self._bones[part.bones].append(number)
        if part.fold not in self._folds:
            for key in _pieces(part.fold):
                self._pieces[key].append(part.fold)
        self._folds[part.fold].append(number)

    def search(self, claim: Claim, threshold: float) -> list[Hit]:
        """Every entry that reaches ``threshold`` (at least scoring.LOWEST), the best first, each once."""
        threshold = max(threshold, scoring.LOWEST)
        found: dict[int, Hit] = {}
        for form in forms(claim.name):
            for number, value, pairs in self._reaching(form, threshold - scoring.MOST_ADDED):
                hit = self._hit(number, value, pairs, claim)
                entry = self._entry_of[number]
                if hit.score >= threshold and (entry not in found or found[entry].score < hit.score):
                    found[entry] = hit
        return sorted(found.values(), key=lambda hit: (-hit.score, hit.entry.key))

    def _reaching(self, asked: Sequence[Part], least: float) -> Iterator[tuple[int, float, scoring.Found]]:
        """Forms whose names alone reach ``least``."""
        agreeing = [self._agreeing(part) for part in asked]
        weights = [part.weight for part in asked]
        whole = sum(weights)
        best_of: dict[int, int] = {}  # word -> the most weight it can bring to either name
        for weight, known in zip(weights, agreeing, strict=True):
            for word in known:
                best_of[word] = max(best_of.get(word, 0), weight, self._weights[word])
        for number in self._candidates(agreeing):
            words = self._words_of[number]
            # No score is above this; most of those who share two words are gone after it.
            if 100 * sum(best_of.get(word, 0) for word in words) < least * min(whole, self._weight_of[number]):
                continue
            places = [(j, word) for j, word in enumerate(words) if word in best_of]
            pairs = {(i, j): known[word] for j, word in places for i, known in enumerate(agreeing) if word in known}
            is_thing = self.entries[self._entry_of[number]].kind != "person"
            value = scoring.score(weights, [self._weights[word] for word in words], pairs, is_thing)
            if value >= least:
                yield number, value, pairs

    def _hit(self, form: int, value: float, pairs: scoring.Found, claim: Claim) -> Hit:
        entry, place, words = self.entries[self._entry_of[form]], self._name_of[form], self._words_of[form]
        which = "name" if place == 0 else "alias"
        chosen = sorted(scoring.best(pairs), key=lambda pair: pair[0][1])
        if value > 99.9 and all(how.way == "exact" for _, how in chosen):
            said = [f"exact:{which}"]
        else:
            said = [which, *(f"part:{how.way}:{self._words[words[j]].text}" for (_, j), how in chosen)]
            said += [f"missing:{len(words) - len(chosen)}"] if len(words) > len(chosen) else []
        made = scoring.adjust(value, said, claim, entry.countries, entry.years)
        return Hit(entry, entry.names[place], made.score, made.why)

    def _candidates(self, agreeing: Sequence[dict[int, Agreement]]) -> set[int]:
        """Forms with two agreeing words; where a name is one word only, also those with one."""
        if len(agreeing) == 1:
            seen = set().union(*(self._of_word[word] for word in agreeing[0]))
            return {n for n in seen if len(self._words_of[n]) == 1 or self._is_thing(n)}
        twice = {number for known in agreeing for word in known for number in self._alone.get(word, ())}
        sets = sorted((self._having(known) for known in agreeing if known), key=len)
        seen = set(sets[0]) if sets else set()
        for number, having in enumerate(sets[1:], start=2):
            twice |= seen & having
            if number < len(sets):  # the largest is only compared with
                seen |= having
        return twice

    def _having(self, known: dict[int, Agreement]) -> set[int]:
        """Forms with one of these words. Not copied where there is one word: it may be a very common one."""
        sets = [self._of_word[word] for word in known]
        return sets[0] if len(sets) == 1 else set().union(*sets)

    def _is_thing(self, form: int) -> bool:
        return self.entries[self._entry_of[form]].kind != "person"

    def _agreeing(self, part: Part) -> dict[int, Agreement]:
        """Every word of the lists that agrees with this one."""
        same = self._number.get(part.text)
        near = set() if same is None else {same}
        if not is_han(part.text):
            near.update(self._folds.get(part.fold, ()), self._bones.get(part.bones, ()), self._near(part.fold))
        found = {number: scoring.agreement(part, self._words[number]) for number in near}
        return {number: how for number, how in found.items() if how is not None}

    def _near(self, fold: str) -> list[int]:
        """Words whose fold is within reach, by shared pieces, checked in one call of C."""
        shared: set[str] = set()
        for key in _probes(fold):
            shared.update(self._pieces.get(key, ()))
        most = scoring.allowed(len(fold))
        hits = process.extract(fold, list(shared), scorer=Levenshtein.distance, score_cutoff=most, limit=None)
        return [number for other, _, _ in hits for number in self._folds[other]]


def _pieces(fold: str) -> Iterator[tuple[int, int, str]]:
    """The pieces of a listed word: one more than letters may differ, as even as can be."""
    for place, (start, end) in enumerate(_cuts(len(fold))):
        yield len(fold), place, fold[start:end]


def _cuts(length: int) -> list[tuple[int, int]]:
    count = scoring.allowed(length) + 1
    if count == 1:
        return []
    edges = [length * i // count for i in range(count + 1)]
    return list(pairwise(edges))


def _probes(fold: str) -> Iterator[tuple[int, int, str]]:
    """Where the pieces of a listed word, of any length within reach, may lie in the asked one."""
    size = len(fold)
    reach = scoring.allowed(size)
    for length in range(size - reach, size + reach + 1):
        cuts = _cuts(length)
        shift = size - length
        for place, (start, end) in enumerate(cuts):
            after = len(cuts) - 1 - place
            first = max(0, start - place, start + shift - after)
            last = min(size - (end - start), start + place, start + shift + after)
            for at in range(first, last + 1):
                yield length, place, fold[at : at + end - start]
