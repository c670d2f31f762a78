"""After a restoring no copy has the number of one that is on paper, whatever the paper is."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.models import JobState, JournalEntry, PrintJob, table
from boxoffice.sales.closings.papers_of_closings import print_closing_again
from boxoffice.sales.holders import badges
from boxoffice.sales.prints import reprinting
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.vouchers.value_papers import last_paper, print_papers
from tests.sales.conftest import Festival

from .restored import backed_up, close_both, insider, put_back, verdict

_entry, _job = table(JournalEntry), table(PrintJob)

Copy = Callable[[], int]


def come_out(festival: Festival) -> None:
    """Let all that was ordered come out."""
    festival.write(lambda session: session.execute(_job.update().values(state=JobState.PRINTED)))


def of_sale(festival: Festival, sale_id: UUID, document: DocumentKind) -> int:
    position = 1 if document is DocumentKind.TICKET else 0
    return festival.write(
        lambda session: reprinting.reprint(
            session, festival.desk, document, sale_id=sale_id, position=position, clock=festival.clock
        )
    )


def of_pass(festival: Festival, pass_id: UUID) -> int:
    return festival.write(
        lambda session: badges.print_badge(session, festival.desk, pass_id, clock=festival.clock, again=True)
    )


def of_card(festival: Festival, value_id: UUID) -> int:
    festival.write(lambda session: print_papers(session, festival.desk, [value_id], clock=festival.clock))
    last = festival.read(lambda session: last_paper(session, value_id))
    assert last is not None
    return last.copy_number


def of_closing(festival: Festival, closing_id: UUID) -> int:
    return festival.write(
        lambda session: print_closing_again(
            session, festival.posts[0], festival.manager, closing_id, clock=festival.clock
        )
    )


def on_paper_twice(festival: Festival) -> dict[str, Copy]:
    """How a copy is had of what was sold, by the kind of paper; of each, the first copy is out."""
    sold, pass_id, card = festival.sell(), festival.sell_pass(), festival.sell_gift()
    festival.write(lambda session: badges.print_badge(session, festival.desk, pass_id, clock=festival.clock))
    festival.write(
        lambda session: reprinting.request_receipt(session, festival.desk, sold.sale_id, clock=festival.clock)
    )
    copies: dict[str, Copy] = {
        "ticket": lambda: of_sale(festival, sold.sale_id, DocumentKind.TICKET),
        "receipt": lambda: of_sale(festival, sold.sale_id, DocumentKind.RECEIPT),
        "badge": lambda: of_pass(festival, pass_id),
        "gift_card": lambda: of_card(festival, card.value_id),
    }
    come_out(festival)
    assert each(festival, copies) == dict.fromkeys(copies, 1)
    return copies


def each(festival: Festival, copies: dict[str, Copy]) -> dict[str, int]:
    """The number of the next copy of each paper, which then comes out."""
    numbers = {kind: copy() for kind, copy in copies.items()}
    come_out(festival)
    return numbers


def test_copies_go_on_after_those_that_are_on_paper(festival: Festival, settings: Settings) -> None:
    copies = on_paper_twice(festival)
    kept = backed_up(festival, settings)
    assert each(festival, copies) == dict.fromkeys(copies, 2)
    put_back(festival, settings, kept.path)
    assert each(festival, copies) == dict.fromkeys(copies, 3)
    assert verdict(festival, settings).fault is None
    put_back(festival, settings, kept.path)
    assert each(festival, copies) == dict.fromkeys(copies, 4)
    assert verdict(festival, settings).fault is None


def test_copies_of_a_closing_go_on_after_those_that_are_on_paper(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    made = close_both(festival)
    kept = backed_up(festival, settings)
    for expected in (1, 2):
        assert of_closing(festival, made.id) == expected
    put_back(festival, settings, kept.path)
    assert of_closing(festival, made.id) == 3
    assert verdict(festival, settings).fault is None


def test_what_was_copied_since_the_backup_is_no_original_again(
    festival: Festival, settings: Settings
) -> None:
    sold, pass_id = festival.sell(), festival.sell_pass()
    come_out(festival)
    kept = backed_up(festival, settings)

    def receipt() -> int:
        return festival.write(
            lambda session: reprinting.request_receipt(
                session, festival.desk, sold.sale_id, clock=festival.clock
            )
        )

    def twice(copy: Copy) -> tuple[int, int]:
        first = copy()
        come_out(festival)
        second = copy()
        come_out(festival)
        return first, second

    assert twice(receipt) == twice(lambda: of_pass(festival, pass_id)) == (0, 1)
    put_back(festival, settings, kept.path)
    assert twice(receipt) == twice(lambda: of_pass(festival, pass_id)) == (2, 3)
    assert verdict(festival, settings).fault is None


def test_a_backup_tells_the_last_copies_where_the_base_is_at_fault(
    festival: Festival, settings: Settings
) -> None:
    copies = on_paper_twice(festival)
    kept = backed_up(festival, settings)
    assert each(festival, copies) == dict.fromkeys(copies, 2)
    festival.clock.advance(timedelta(minutes=1))
    backed_up(festival, settings)
    with insider(festival) as connection:
        connection.execute(_entry.update().values(digest="0" * 64))
    put_back(festival, settings, kept.path, although_wrong_before=True)
    assert each(festival, copies) == dict.fromkeys(copies, 3)
    assert verdict(festival, settings).fault is None


def test_a_copy_that_has_the_number_of_one_left_out_is_a_fault(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = festival.sell()
    come_out(festival)
    kept = backed_up(festival, settings)
    of_sale(festival, sold.sale_id, DocumentKind.TICKET)
    put_back(festival, settings, kept.path)
    monkeypatch.setattr("boxoffice.sales.prints.copies_given.read_left_out", lambda _of: {})
    of_sale(festival, sold.sale_id, DocumentKind.TICKET)
    assert str(verdict(festival, settings).fault) == (
        "Billet 1-000001 : son duplicata n° 1 a été donné deux fois."
    )


@pytest.mark.parametrize(
    "made_of_it",
    [
        """replace(content, '"copy"\\:1', '"copy"\\:"x"')""",
        """replace(content, '"copy"\\:1', '"copy"\\:null')""",
        """replace(content, '"number"', '"nomber"')""",
        """replace(content, '"number"\\:"', '"number"\\:[1],"n"\\:"')""",
        "'[]'",
    ],
    ids=["a copy in words", "no copy", "no number", "a list of numbers", "a list"],
)
def test_a_copy_that_was_made_unreadable_stops_no_restoring(
    festival: Festival, settings: Settings, made_of_it: str
) -> None:
    sold = festival.sell()
    come_out(festival)
    kept = backed_up(festival, settings)
    of_sale(festival, sold.sale_id, DocumentKind.TICKET)
    with insider(festival) as connection:
        told = f"UPDATE journalentry SET content = {made_of_it} WHERE kind = 'document.reprinted'"
        assert connection.execute(sa.text(told)).rowcount == 1
    with pytest.raises(Refusal, match="n'est pas entier"):
        backed_up(festival, settings)
    put_back(festival, settings, kept.path, although_wrong_before=True)
    assert verdict(festival, settings).fault is None
