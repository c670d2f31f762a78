"""The slip of a reservation: what it says, who it names, when it is refused."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.models import PrintJob, ReservationSource
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.codes import CodeKind, new_code
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.outbox_listing import list_outbox
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import Paper, ReservationPaper
from boxoffice.sales.reserving.held_seats import spoken_reference
from boxoffice.sales.reserving.reservation_slip import print_slip
from boxoffice.sales.reserving.reservations import Reserve, write_down

from .conftest import Festival
from .test_reservations import LEA, give_up, take_seats, wanted


def ordered(festival: Festival, reference: str) -> ReservationPaper:
    """The paper of a slip that is ordered now."""
    festival.write(lambda session: print_slip(session, festival.desk, reference, clock=festival.clock))
    job_id = festival.rows(PrintJob)[-1].id
    assert job_id is not None

    def load(session: Session) -> Paper:
        job = outbox.find_job(session, job_id)
        assert job is not None
        return load_paper(session, job, clock=festival.clock)

    paper = festival.read(load)
    assert isinstance(paper, ReservationPaper)
    return paper


def test_a_slip_says_what_is_held_until_when_and_what_is_to_be_paid(festival: Festival) -> None:
    reserved = take_seats(festival)
    paper = ordered(festival, reserved.reference)
    assert paper.reference.replace(" ", "") == reserved.reference
    assert paper.code.startswith("R")
    assert sum(places.seats for places in paper.places) == reserved.seats
    assert {places.expires_at for places in paper.places} == {reserved.expires_at}
    assert paper.total_cents == sum(places.seats * places.price_cents for places in paper.places) > 0


def test_a_slip_names_nobody(festival: Festival) -> None:
    reserved = take_seats(festival)
    plain = to_plain(ordered(festival, reserved.reference), 42)
    assert "Dupont" not in plain
    assert "06 " not in plain


def test_a_slip_can_be_asked_for_as_often_as_one_likes(festival: Festival) -> None:
    reserved = take_seats(festival)
    for _again in range(3):
        ordered(festival, reserved.reference)
    assert [job.copy_number for job in festival.rows(PrintJob)] == [0, 0, 0]


def test_a_reservation_given_up_has_no_slip(festival: Festival) -> None:
    reserved = take_seats(festival)
    paper = ordered(festival, reserved.reference)
    give_up(festival, reserved)
    with pytest.raises(Refusal, match="ne retient plus de place"):
        ordered(festival, reserved.reference)
    said = to_plain(replace(paper, places=()), 42)
    assert "Aucune place n'est plus retenue." in said


def test_a_reservation_taken_elsewhere_has_its_paper_from_there(festival: Festival) -> None:
    command = Reserve(uuid4(), wanted(festival, ("KNEECAP", "PLEIN", 2)), LEA)
    festival.write(
        lambda session: write_down(
            session,
            command,
            festival.posts[0],
            source=ReservationSource.IMPORTED,
            reference="WEB-17",
            code=new_code(CodeKind.RESERVATION),
            at=festival.clock.now(),
        )
    )
    with pytest.raises(Refusal, match="prise ailleurs, sous la référence WEB-17"):
        ordered(festival, "WEB-17")


def test_the_outbox_tells_a_slip_by_its_reference(festival: Festival) -> None:
    reserved = take_seats(festival)
    ordered(festival, reserved.reference)
    till_id = festival.desk.post.till_id
    (line,) = festival.read(lambda session: list_outbox(session, till_id))
    assert line.title == f"Réservation {spoken_reference(reserved.reference)}"
    assert not line.can_be_copied
