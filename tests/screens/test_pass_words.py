"""What the cockpit says of a booking: its limit, and what the festival changed."""

from datetime import timedelta
from uuid import UUID

import pytest

from boxoffice.sales.holders.cockpit import read_cockpit
from boxoffice.screens.pass_words import fate_of, outing_detail, outings
from tests.sales.conftest import Festival
from tests.sales.pass_life import book
from tests.sales.test_screening_changes import move

GRACE_IS_OVER = timedelta(minutes=11)


def said(festival: Festival, pass_id: UUID) -> tuple[str, str]:
    """What is said of the one booking of a pass: in its row, and under the list."""
    now, post = festival.clock.now(), festival.desk.post
    shown = festival.read(lambda session: read_cockpit(session, pass_id, post.rules, post))
    (outing,) = outings(shown)
    return fate_of(outing.first, now)[0], outing_detail(outing, now)


@pytest.mark.parametrize(
    ("change", "fate", "told"),
    [
        ({"later": timedelta(hours=1)}, "séance déplacée", "Réservée pour le mer. 21 janv. à 15 h 00."),
        ({"hall": "AUD"}, "autre salle", "Réservée à : Centre de Congrès, Amphi Jardin."),
    ],
    ids=["hour", "hall"],
)
def test_a_moved_screening_is_said_to_be_given_back_without_limit(
    festival: Festival, change: dict[str, object], fate: str, told: str
) -> None:
    pass_id = festival.sell_pass()
    book(festival, pass_id, "ETERNAL")
    festival.clock.advance(GRACE_IS_OVER)
    assert said(festival, pass_id)[0] == "ne s'annule plus"
    move(festival, "ETERNAL", **change)  # type: ignore[arg-type]
    assert said(festival, pass_id) == (fate, f"{told} Se rend sans limite.")


def test_the_limit_of_a_booking_is_said_before_and_after_it(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    book(festival, pass_id)
    assert said(festival, pass_id) == ("annulable 2 h 00", "S'annule jusqu'au mer. 21 janv. à 14 h 00.")
    festival.clock.advance(timedelta(hours=2, seconds=1))
    assert said(festival, pass_id) == (
        "ne s'annule plus",
        "Ne s'annule plus depuis le mer. 21 janv. à 14 h 00.",
    )
