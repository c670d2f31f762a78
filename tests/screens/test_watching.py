"""What the upper edge of the counter says of the printers and of the database."""

import pytest

from boxoffice.sales.prints.outbox_listing import OutboxCount
from boxoffice.screens.watching import printing_of, trouble_of


@pytest.mark.parametrize(
    ("outbox", "printers", "lost", "said"),
    [
        (OutboxCount(0, 0, 0, ""), "", False, ""),
        (OutboxCount(3, 0, 0, ""), "", False, ""),
        (OutboxCount(2, 2, 0, "Plus de papier."), "EPSON : Capot ouvert.", False, "Plus de papier."),
        (OutboxCount(1, 1, 0, ""), "", False, "Imprimante arrêtée"),
        (OutboxCount(1, 1, 0, ""), "EPSON : Capot ouvert.", False, "EPSON : Capot ouvert."),
        (OutboxCount(0, 0, 0, ""), "EPSON : Capot ouvert.", False, "EPSON : Capot ouvert."),
        (OutboxCount(2, 2, 1, "Plus de papier."), "", False, "1 impression à vérifier (F12)"),
        (OutboxCount(0, 0, 4, ""), "EPSON : Capot ouvert.", False, "4 impressions à vérifier (F12)"),
        (OutboxCount(2, 2, 4, "Plus de papier."), "", True, "Base de données injoignable"),
    ],
)
def test_the_worst_is_told_first(outbox: OutboxCount, printers: str, lost: bool, said: str) -> None:
    assert trouble_of(outbox, printers, lost=lost) == said


def test_what_is_being_printed_is_counted() -> None:
    assert printing_of(OutboxCount(0, 0, 0, "")) == "Imprimante prête"
    assert printing_of(OutboxCount(1, 0, 0, "")) == "1 impression en cours"
    assert printing_of(OutboxCount(2, 0, 0, "")) == "2 impressions en cours"
