"""How a reservation is told on one line of the list."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from rich.cells import cell_len

from boxoffice.kinds import ReservationSource, ReservedSeatState
from boxoffice.sales.reserving.reservation_listing import KeptReservation, ReservedLine
from boxoffice.screens.reservation_words import reservation_row

NOON = datetime(2026, 1, 21, 11, 0, tzinfo=UTC)


def seats(state: ReservedSeatState, *positions: int) -> ReservedLine:
    return ReservedLine(
        screening_id=1,
        event_title="Kneecap",
        starts_at=NOON,
        hall="Auditorium",
        cancelled=False,
        nominative=False,
        tariff_code="PLEIN",
        tariff_id=1,
        tariff_label="Plein",
        price_cents=850,
        proof="",
        minimum_group=1,
        state=state,
        expires_at=NOON,
        positions=positions,
    )


def reservation(*lines: ReservedLine, name: str = "Léa Dupont") -> KeptReservation:
    return KeptReservation(
        id=UUID(int=1),
        reference="385576",
        code="R" + "B" * 30,
        customer_id=UUID(int=2),
        name=name,
        phone="",
        source=ReservationSource.COUNTER,
        made_at=NOON,
        lines=lines,
    )


def test_of_a_reservation_half_collected_only_what_was_is_counted() -> None:
    kept = reservation(seats(ReservedSeatState.CANCELLED, 1, 2), seats(ReservedSeatState.COLLECTED, 3))
    row = str(reservation_row(kept, NOON, 78))
    assert "  1 mer. 21" in row
    assert row.endswith("encaissée")


@pytest.mark.parametrize("name", ["Ana Ngô Đình 😀 [/] de la Tour du Pin", "Ôé", "試写会の長い長い名前の人"])
def test_whatever_its_name_a_reservation_takes_one_line(name: str) -> None:
    row = reservation_row(reservation(seats(ReservedSeatState.EXPIRED, 1), name=name), NOON, 78)
    assert cell_len(str(row)) == 78
