"""The words of all customers, searched at one go: what is found is what looking into each would find."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from boxoffice.sales.people.customer_index import CustomerIndex

WORDS = st.lists(st.text("abé1@", min_size=1, max_size=3), min_size=1, max_size=3)
TEXTS = st.lists(WORDS.map(" ".join), max_size=12, unique=True).map(sorted)


def index_of(texts: list[str]) -> CustomerIndex:
    starts = [0, *accumulate(len(text) + 1 for text in texts)][: len(texts)]
    return CustomerIndex(texts, {}, {}, "\n".join(texts), starts)


@given(TEXTS, WORDS)
def test_every_text_that_has_all_words_is_found_and_no_other(texts: list[str], words: list[str]) -> None:
    found = index_of(texts).having(words, 100)
    assert sorted(found) == [text for text in texts if all(word in text for word in words)]


@given(TEXTS, WORDS, st.integers(1, 4))
def test_those_that_begin_so_come_first_then_those_with_a_word_that_does(
    texts: list[str], words: list[str], limit: int
) -> None:
    first = words[0]

    def rank(text: str) -> int:
        return 0 if text.startswith(first) else 1 if f" {first}" in text else 2

    wanted = [text for text in texts if all(word in text for word in words)]
    assert index_of(texts).having(words, limit) == sorted(wanted, key=lambda text: (rank(text), text))[:limit]
