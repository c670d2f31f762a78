"""What is played once on each engine, in a small festival that tests then copy: it takes a second to tell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TypeVar

from boxoffice.database import Database
from boxoffice.kinds import CashKind
from boxoffice.models import Ticket
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.settlement import Tender
from tests.models.rows_of_the_books import write_rows_of_the_books
from tests.sales.archived import archived
from tests.sales.closed_books import carry, close_books, open_the_tills
from tests.sales.closing_life import close_everything
from tests.sales.conftest import Festival, open_festival
from tests.sales.credit_life import credited, customer, live_with_codes, live_with_credits, sell_to
from tests.sales.pass_life import live_with_passes
from tests.sales.value_life import add_kind, give_card

Outcome = TypeVar("Outcome")


def live(festival: Festival) -> None:
    """Passes, bookings, reservations and changed screenings, and nothing else."""
    live_with_passes(festival)


def fill_books(festival: Festival) -> CompletedSale:
    """A little of everything in the books of two tills; the sale returned has one row of each kind."""
    festival.sell(festival.seat_line(quantity=2), festival.product_line(quantity=2))
    festival.clock.advance(timedelta(minutes=1))
    sale = festival.sell(
        festival.seat_line(), festival.product_line(), tenders=(Tender("card", 1150, None, "77"),)
    )
    festival.clock.advance(timedelta(minutes=1))
    other = festival.sell(festival.seat_line("ETERNAL", "UFR", 2), desk=festival.desks[1])
    festival.reverse(other, 2, desk=festival.desks[1], reason="Erreur")
    festival.sell(festival.seat_line("KNEECAP2", "INVIT"))
    festival.clock.advance(timedelta(minutes=1))
    live_with_credits(festival)
    live_with_codes(festival)
    live_with_passes(festival)
    for door, wanted in (("Porte A", sale.sale_id), ("Porte B", other.sale_id)):
        code = next(row.code for row in festival.rows(Ticket) if (row.sale_id, row.position) == (wanted, 1))
        festival.write(
            lambda session, code=code, door=door: admit(
                session, festival.posts[0], code, door, clock=festival.clock
            )
        )
    festival.sell(desk=festival.desks[1])
    festival.sell()
    return sale


def archive_a_day(festival: Festival) -> bytes:
    """A day with sales at two tills, cards, a credit note and cash carried, closed; its archive of later."""
    sale = festival.sell(festival.seat_line(quantity=2), festival.product_line())
    festival.sell(festival.seat_line("ETERNAL"), desk=festival.desks[1])
    festival.reverse(sale, 1)
    carry(festival, CashKind.IN, 5_000)
    festival.sell_gift()
    give_card(festival, add_kind(festival))
    lea = customer(festival)
    credited(festival, sell_to(festival, lea, festival.seat_line("RENCONTRE", holders=("Léa",))))
    close_everything(festival)
    with festival.clock.without_nights():
        festival.clock.at = festival.clock.at.replace(day=23)
    with TemporaryDirectory() as folder:
        made = archived(festival, Path(folder) / "archive.zip").path.read_bytes()
    open_the_tills(festival)
    return made


def stands_after(scene: Callable[[Festival], Outcome]) -> Callable[[Festival], Outcome]:
    """The scene, once it is known that its books verify."""

    def played(festival: Festival) -> Outcome:
        outcome = scene(festival)
        festival.stands()
        return outcome

    return played


SCENES: Mapping[str, Callable[[Festival], object]] = MappingProxyType(
    {
        "life": stands_after(live),
        "full_books": stands_after(fill_books),
        "closed_books": stands_after(close_books),
        "rows_of_the_books": write_rows_of_the_books,
        "archived_day": archive_a_day,
    }
)
"""By the name of the fixture that a test asks for."""


@dataclass(frozen=True)
class Played:
    """What a scene came to, and the moment at which it ended."""

    outcome: object
    ended_at: datetime


def play(name: str, database: Database, keys: Path) -> Played:
    """Play a scene in a database with the small festival in it."""
    festival = open_festival(database, keys)
    outcome = SCENES[name](festival)
    return Played(outcome, festival.clock.now())
