"""Samples of statements and door lists, from the festival of the other samples."""

from datetime import UTC, date, datetime

from boxoffice.kinds import Regime
from boxoffice.sales.prints.paper_parts import Letterhead
from boxoffice.sales.prints.statement_papers import (
    DoorListPaper,
    DoorPass,
    DoorReservation,
    DoorTicket,
    LeftTonightPaper,
    PaperLeft,
    PaperNumbers,
    PaperPassSeats,
    PaperShowing,
    PaperTariff,
    StatementPaper,
    WeekFilm,
    WeekPaper,
    WeekScreening,
)

_AFTERWARDS = datetime(2026, 1, 21, 20, 58, 12, tzinfo=UTC)
_SHOWING = PaperShowing(
    code="S0142",
    event_title="L'Œuvre inachevée : été, façade & cœur d'hiver à Saint-Élier",
    event_version="VOSTFR",
    starts_at=datetime(2026, 1, 21, 18, 45, tzinfo=UTC),
    ends_at=datetime(2026, 1, 21, 20, 40, tzinfo=UTC),
    venue="Centre de Congrès",
    hall="Amphi Jardin",
)
_TARIFFS = (
    PaperTariff("PLEIN", "Plein", 850, 550, issued=164, cancelled=3, credited=2, used=151),
    PaperTariff("REDUIT_JEUNE", "Réduit jeune", 600, 550, issued=41, cancelled=1, used=38),
    PaperTariff("SUPPL", "Place supplémentaire d'un détenteur de pass", 450, 550, issued=7, used=7),
    PaperTariff("INVIT", "Invitation", 0, 550, issued=12, used=9),
)
_NUMBERS = (
    PaperNumbers(1, "1-000312", "1-000498", 96),
    PaperNumbers(2, "2-000401", "2-000571", 128),
)


def statement(letterhead: Letterhead) -> StatementPaper:
    """The final statement of a screening under the law of live shows."""
    return StatementPaper(
        letterhead=letterhead,
        at=_AFTERWARDS,
        provisional=False,
        regime=Regime.CGI_290Q,
        showing=_SHOWING,
        capacity=400,
        tariffs=_TARIFFS,
        passes=(
            PaperPassSeats("Pass individuel 20 places", False, 88, 80),
            PaperPassSeats("Accrédité presse", True, 14, 11),
        ),
        reserved=3,
        numbers=_NUMBERS,
    )


def door_list(letterhead: Letterhead) -> DoorListPaper:
    """A list with something of each kind."""
    return DoorListPaper(
        letterhead=letterhead,
        at=datetime(2026, 1, 21, 18, 20, 5, tzinfo=UTC),
        showing=_SHOWING,
        capacity=400,
        tickets=(
            *(DoorTicket(f"2-{number:06d}", "Plein", used=number < 459) for number in range(456, 467)),
            DoorTicket("2-000467", "Réduit jeune", "Zoé Lefèvre-Ibáñez"),
            DoorTicket("2-000468", "Réduit jeune", "Anouk Łódź"),
        ),
        passes=(
            DoorPass("2-0000017-40392", "LEFÈVRE-IBÁÑEZ Zoé", 1, used=1),
            DoorPass("1-0000004-11873", "MOREL Luc", 3),
            DoorPass("W-100005", "NGUYỄN Thị", 1, blocked=True),
        ),
        reservations=(DoorReservation("48 21 53", "BENALI Mehdi", 2, 1700),),
    )


def week(letterhead: Letterhead) -> WeekPaper:
    """A week of two films."""
    showing = PaperShowing(
        code="S0163",
        event_title="Noël à Łódź",
        event_version="VF",
        starts_at=datetime(2026, 1, 22, 13, 0, tzinfo=UTC),
        ends_at=datetime(2026, 1, 22, 14, 35, tzinfo=UTC),
        venue="Les 400 Coups",
        hall="Salle 5",
    )
    few = (
        PaperTariff("PLEIN", "Plein", 850, 550, issued=31, cancelled=1),
        PaperTariff("REDUIT_JEUNE", "Réduit jeune", 600, 550, issued=22),
    )
    return WeekPaper(
        letterhead=letterhead,
        at=datetime(2026, 1, 28, 8, 30, tzinfo=UTC),
        provisional=False,
        venue_code="400",
        venue="Les 400 Coups, Angers",
        first_day=date(2026, 1, 21),
        last_day=date(2026, 1, 27),
        films=(
            WeekFilm(_SHOWING.event_title, "VOSTFR", (WeekScreening(_SHOWING, _TARIFFS, 102, _NUMBERS),)),
            WeekFilm(
                showing.event_title,
                "VF",
                (WeekScreening(showing, few, 6, (PaperNumbers(1, "1-000520", "1-000572", 53),)),),
            ),
        ),
    )


def left_tonight(letterhead: Letterhead) -> LeftTonightPaper:
    """An evening with a hall that is nearly full and one that is not."""
    return LeftTonightPaper(
        letterhead=letterhead,
        at=datetime(2026, 1, 21, 17, 42, 7, tzinfo=UTC),
        screenings=(
            PaperLeft(
                _SHOWING.event_title,
                "VOSTFR",
                datetime(2026, 1, 21, 18, 45, tzinfo=UTC),
                "Centre de Congrès Jean Monnier, Amphi Jardin",
                3,
            ),
            PaperLeft(
                "Noël à Łódź",
                "VF",
                datetime(2026, 1, 21, 19, 0, tzinfo=UTC),
                "Les 400 Coups, Salle 5",
                1,
            ),
            PaperLeft(
                "Cœurs d'été",
                "",
                datetime(2026, 1, 21, 23, 15, tzinfo=UTC),
                "Grand Théâtre, Grande salle",
                1121,
            ),
        ),
    )
