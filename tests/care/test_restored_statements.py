"""After a restoring no statement or week is issued as the original again, and each says what it may lack."""

import gzip
import json
from datetime import timedelta

import pytest
from sqlmodel import Session

from boxoffice.config import Settings
from boxoffice.kinds import Regime
from boxoffice.models import Venue, table
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.prints.statement_papers import WeekPaper
from boxoffice.sales.statements.door_list import read_doors
from boxoffice.sales.statements.exhibitor_week import find_exhibitor, print_week
from boxoffice.sales.statements.given_out import Given, read_given
from boxoffice.sales.statements.listing import StatementState, list_statements
from tests.sales.conftest import Festival
from tests.sales.credit_life import accepted, asked, customer, sell_to
from tests.sales.test_screening_changes import call_off
from tests.sales.test_statement_copies import AFTERWARDS, give, on_paper

from .restored import SEAT, backed_up, backed_up_between_sales, falsify, make_unreadable, put_back, verdict

_venue = table(Venue)


def over(festival: Festival) -> None:
    """Let the screenings of the day end."""
    with festival.clock.without_nights():
        festival.clock.advance(AFTERWARDS)


def week(festival: Festival, **wish: bool) -> WeekPaper:
    return festival.write(
        lambda session: print_week(
            session,
            festival.posts[0],
            find_exhibitor(session, "").venue_id,
            festival.clock.at.date() - timedelta(days=7),
            operator_number=1,
            clock=festival.clock,
            **wish,
        )
    )


def test_a_statement_that_was_issued_is_a_copy_with_its_own_figures_after_a_restoring(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up_between_sales(festival, settings)
    festival.sell(desk=festival.desks[1])
    over(festival)
    original = give(festival)
    assert give(festival).copy_number == 1
    put_back(festival, settings, kept.path)
    (row,) = [
        row
        for row in festival.read(
            lambda session: list_statements(session, original.showing.starts_at.date(), clock=festival.clock)
        )
        if row.code == "KNEECAP"
    ]
    assert (row.state, row.changed, row.waits) == (StatementState.ON_PAPER, True, False)
    copy = give(festival)
    assert (copy.copy_number, copy.correction, copy.tariffs) == (2, 0, original.tariffs)
    assert (copy.since.issued, copy.since.cents) == (-2, -2 * SEAT)
    said = on_paper(copy)
    assert "DUPLICATA n° 2" in said
    assert "Depuis l'original : 2 billets émis de moins, -17,00 €" in said
    assert "Base remise le" in said
    assert "opération 1-000002 hors de cette base : 8,50 €" in said
    assert "opération 2-000001 hors de cette base : 8,50 €" in said
    corrected = give(festival, correct=True)
    assert (corrected.correction, corrected.sold) == (1, 1)
    assert "Annule et remplace l'original." in on_paper(corrected)
    assert "opération 1-000002 hors de cette base" in on_paper(corrected)
    assert verdict(festival, settings).fault is None


def test_a_correction_and_a_copy_that_were_given_out_give_their_numbers_to_no_other(
    festival: Festival, settings: Settings
) -> None:
    lea = customer(festival)
    waiting = asked(festival, sell_to(festival, lea, festival.seat_line(quantity=3)), [1, 2])
    call_off(festival)
    over(festival)
    give(festival)
    kept = backed_up(festival, settings)
    accepted(festival, waiting)
    lost = give(festival, correct=True)
    assert (give(festival).copy_number, lost.correction) == (1, 1)
    put_back(festival, settings, kept.path)
    again = give(festival)
    assert (again.correction, again.copy_number, again.tariffs) == (1, 2, lost.tariffs)
    corrected = give(festival, correct=True)
    assert (corrected.correction, corrected.sold) == (2, 3)
    assert "Annule et remplace le rectificatif n° 1." in on_paper(corrected)
    assert verdict(festival, settings).fault is None


def test_the_week_of_an_exhibitor_is_not_declared_twice(festival: Festival, settings: Settings) -> None:
    def declare(session: Session) -> None:
        session.execute(_venue.update().values(regime=Regime.CNC_EXHIBITOR))

    festival.write(declare)
    kept = backed_up_between_sales(festival, settings)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=7))
    original = week(festival)
    assert not original.provisional
    put_back(festival, settings, kept.path)
    copy = week(festival)
    assert (copy.copy_number, copy.takings_cents, original.takings_cents) == (1, 2 * SEAT, 2 * SEAT)
    assert "opération 1-000002 hors de cette base : 8,50 €" in on_paper(copy)
    assert week(festival, correct=True).correction == 1
    assert verdict(festival, settings).fault is None


def test_restorings_one_after_another_forget_no_statement(festival: Festival, settings: Settings) -> None:
    kept = backed_up_between_sales(festival, settings)
    over(festival)
    give(festival)
    first = put_back(festival, settings, kept.path)
    assert give(festival, correct=True).correction == 1
    give(festival)
    put_back(festival, settings, kept.path)
    copy = give(festival)
    assert (copy.correction, copy.copy_number) == (1, 2)
    assert verdict(festival, settings).fault is None
    assert first.before is not None
    put_back(festival, settings, first.before.path)
    copy = give(festival)
    assert (copy.correction, copy.copy_number) == (1, 3)
    assert verdict(festival, settings).fault is None


@pytest.mark.parametrize("in_place", ["at fault", "unreadable"])
def test_what_was_issued_is_known_of_a_base_that_is_not_believed(
    festival: Festival, settings: Settings, in_place: str
) -> None:
    """By the entries that were signed one by one; else by a backup, which knows its totals alone."""
    kept = backed_up_between_sales(festival, settings)
    over(festival)
    original = give(festival)
    festival.clock.advance(timedelta(minutes=1))
    backed_up(festival, settings)
    if in_place == "at fault":
        falsify(festival, 2)
    elif festival.database.is_sqlite:
        festival.clock.advance(timedelta(minutes=1))
        backed_up(festival, settings)
        make_unreadable(festival)
    put_back(festival, settings, kept.path, although_wrong_before=in_place == "at fault")
    copy = give(festival)
    assert (copy.copy_number, copy.since.cents) == (1, -SEAT)
    assert copy.tariffs == original.tariffs
    assert verdict(festival, settings).fault is None


def test_a_backup_tells_the_statements_issued_without_their_figures(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    over(festival)
    give(festival)
    give(festival)
    kept = backed_up(festival, settings)
    header = json.loads(gzip.decompress(kept.path.read_bytes()).split(b"\n", 1)[0])
    (told,) = header["statements"]["issued"]
    assert (told["number"], told["correction"], told["takings"], "figures" in told) == (
        "KNEECAP",
        0,
        SEAT,
        False,
    )
    assert header["statements"]["copies"] == [["screening_statement", "KNEECAP", 1]]
    assert Given.retold(header["statements"]).told() == festival.read(read_given).told()
    assert Given.retold({}) == Given()


def test_a_statement_issued_beside_one_told_to_be_left_out_is_a_fault(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    over(festival)
    give(festival)
    put_back(festival, settings, kept.path)
    monkeypatch.setattr("boxoffice.sales.statements.copies.issued", lambda *_of: ())
    give(festival)
    assert "originaux et rectificatifs ne se suivent pas" in str(verdict(festival, settings).fault)


def test_a_copy_that_has_the_number_of_one_left_out_is_a_fault(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    festival.sell()
    over(festival)
    give(festival)
    kept = backed_up(festival, settings)
    give(festival)
    put_back(festival, settings, kept.path)
    monkeypatch.setattr("boxoffice.sales.prints.copies_given.read_left_out", lambda _of: {})
    give(festival)
    assert "duplicata n° 1 a été donné deux fois" in str(verdict(festival, settings).fault)


def test_the_list_at_the_door_says_whose_tickets_may_be_missing(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up_between_sales(festival, settings)
    screening_id = festival.screening_id("KNEECAP")
    put_back(festival, settings, kept.path)
    paper = festival.read(lambda session: read_doors(session, screening_id, at=festival.clock.now()))
    said = " ".join(to_plain(paper, 48).split())
    assert "opération 1-000002 hors de cette base" in said
    assert "n'est pas sur cette liste" in said


def test_a_screening_that_was_over_before_the_backup_lacks_nothing(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    over(festival)
    give(festival)
    kept = backed_up(festival, settings)
    festival.sell(festival.product_line())
    put_back(festival, settings, kept.path)
    copy = give(festival)
    assert (copy.copy_number, copy.restorings) == (1, ())
