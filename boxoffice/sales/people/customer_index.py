"""The words of all customers, kept at hand while one types: those that have what is typed, or nearly."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice

from sqlalchemy import and_, select
from sqlmodel import Session

from boxoffice.models import Customer, table

_customer = table(Customer)

NEAR = 72.0
"""From which likeness, of 100, a misspelt word is taken for another."""

CLOSE = 82.0
"""From which likeness it is surely that word with a slip of the hand; below, it may well be another name."""

_AFTER_ALL = "\U0010ffff"
_BETWEEN = "\n"
"""What stands between two texts, and in none."""

SHORTEST_MISSPELT = 3
MOST_MISSPELT = 40

STANDING = and_(_customer.c.merged_into_id.is_(None), _customer.c.erased_at.is_(None))
"""Customers who are themselves, and whom nobody has erased."""


@dataclass(frozen=True, slots=True)
class CustomerIndex:
    """What customers are found by, as it was when it was read: their searched texts, in order, and those in
    which each word of a name or each e-mail stands. `whole` is all texts in one, which `starts` tell apart.
    """

    texts: Sequence[str]
    names: Mapping[str, Sequence[str]]
    emails: Mapping[str, Sequence[str]]
    whole: str
    starts: Sequence[int]

    def having(self, words: Sequence[str], limit: int) -> list[str]:
        """The texts that have every word somewhere; those whose words begin with the first come first."""
        first, *others = words
        begin = bisect_left(self.texts, first)
        end = bisect_left(self.texts, first + _AFTER_ALL, begin)
        likeliest_first = chain(self.texts[begin:end], self._having(f" {first}"), self._having(first))
        found = dict.fromkeys(
            islice((text for text in likeliest_first if all(word in text for word in others)), 3 * limit)
        )
        return list(found)[:limit]

    def _having(self, part: str) -> Iterator[str]:
        """The texts with this in them, in order. One search through all of them beats one in each."""
        at = self.whole.find(part)
        while at >= 0:
            place = bisect_right(self.starts, at) - 1
            yield self.texts[place]
            after = place + 1
            at = self.whole.find(part, self.starts[after]) if after < len(self.starts) else -1

    def nearest(self, words: Iterable[str], limit: int) -> dict[str, bool]:
        """The texts that have a word like each of `words`, the likest first; whether all are close."""
        found: dict[str, tuple[float, float]] | None = None
        for word in words:
            near = self._like(word)
            if found is None:
                found = {text: (likeness, likeness) for text, likeness in near.items()}
            else:
                found = {
                    text: (found[text][0] + near[text], min(found[text][1], near[text]))
                    for text in found.keys() & near.keys()
                }
        best = sorted((found or {}).items(), key=lambda item: (-item[1][0], item[0]))
        return {text: least >= CLOSE for text, (_total, least) in best[:limit]}

    def _like(self, word: str) -> dict[str, float]:
        from rapidfuzz import fuzz, process  # 70 ms, which no start has to pay

        texts_of = self.emails if "@" in word else self.names
        if len(word) < SHORTEST_MISSPELT:
            near = [(known, 100.0) for known in texts_of if known.startswith(word)]
        else:
            compared = process.extract(
                word, texts_of.keys(), scorer=fuzz.ratio, score_cutoff=NEAR, limit=MOST_MISSPELT
            )
            near = [(known, score) for known, score, _place in compared]
        likeness: dict[str, float] = {}
        for known, score in near:
            for text in texts_of[known]:
                likeness[text] = max(score, likeness.get(text, 0.0))
        return likeness


def read_index(session: Session) -> CustomerIndex:
    """The words of all customers as they are now."""
    names: dict[str, list[str]] = defaultdict(list)
    emails: dict[str, list[str]] = defaultdict(list)
    texts = sorted(session.connection().execute(select(_customer.c.search).where(STANDING)).scalars())
    for text in texts:
        for word in text.split():
            if "@" in word:
                emails[word].append(text)
            elif not word.isdecimal():
                names[word].append(text)
    starts = [0, *accumulate(len(text) + len(_BETWEEN) for text in texts)][: len(texts)]
    return CustomerIndex(texts, dict(names), dict(emails), _BETWEEN.join(texts), starts)
