"""What is not real says so wherever an archive speaks; names stand only where its leaflet says."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.care.archiving import archive_period
from boxoffice.clock import SettableClock
from boxoffice.errors import Refusal
from boxoffice.kinds import CashKind, VatStatus
from boxoffice.models import (
    Customer,
    Establishment,
    GiftCard,
    GiftMessage,
    Pass,
    PlaceCard,
    PromoCode,
    Sale,
    Ticket,
    TicketHolder,
    guards,
    table,
)
from boxoffice.sales.archives.leaflet import ABOUT, LEAFLET
from boxoffice.sales.archives.making import CreateArchive
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.setup import FoundFestival, found_festival
from tests.sales.archived import archived, files_in
from tests.sales.closed_books import carry, close_an_empty_day
from tests.sales.closing_life import close_everything
from tests.sales.conftest import Festival
from tests.sales.small_festival import NOON
from tests.sales.value_life import add_kind, give_card

SECRETS = {
    Customer: ("surname", "first_name", "organisation", "phone", "email"),
    TicketHolder: ("name",),
    GiftMessage: ("giver", "recipient", "message"),
    Ticket: ("code",),
    Pass: ("code",),
    GiftCard: ("code", "typed_code"),
    PlaceCard: ("code", "number"),
    PromoCode: ("code",),
}
SHORT = 4
"""So few letters may stand in any signature by chance."""
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MARK = "SPÉCIMEN – FORMATION"


def mark(session: Session, specimen: str) -> None:
    """Whether anything is real, as only somebody tells it who takes the guards away."""
    guards.remove(session.connection())
    session.execute(table(Establishment).update().values(specimen=specimen))


def close_and_go_on(festival: Festival) -> None:
    """Close the day, and stand on the next."""
    close_everything(festival)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))


@ON_SQLITE
def test_an_archive_of_training_says_so_in_its_name_its_leaflet_and_when_verified(
    festival: Festival, tmp_path: Path
) -> None:
    festival.write(lambda session: mark(session, MARK))
    festival.sell()
    close_and_go_on(festival)
    made = archived(festival, tmp_path / "archive.zip")
    assert made.path.name == "SPECIMEN-archive.zip"
    files = files_in(made.path)
    assert MARK in files[LEAFLET].decode().splitlines()[1]
    assert "où rien n'est vrai" in files[LEAFLET].decode()
    assert json.loads(files[ABOUT])["specimen"] == MARK
    assert verify_archive(made.path).specimen == MARK


@ON_SQLITE
def test_an_archive_that_is_real_is_marked_nowhere(festival: Festival, tmp_path: Path) -> None:
    festival.write(lambda session: mark(session, ""))
    festival.sell()
    close_and_go_on(festival)
    made = archived(festival, tmp_path / "archive.zip")
    assert made.path.name == "archive.zip"
    assert files_in(made.path)[LEAFLET].decode().startswith("ARCHIVE DE CAISSE")
    assert verify_archive(made.path).specimen == ""


def test_a_mark_taken_off_is_missed(tmp_path: Path, sqlite_template: Path) -> None:
    """Whoever clears it before the archive is made is given away by the entries that tell who sells."""
    path = tmp_path / "training.sqlite"
    shutil.copy(sqlite_template, path)
    database = databases.connect(f"sqlite:///{path}")
    clock = SettableClock(NOON)
    with database.write() as session:
        founding = FoundFestival(
            festival="Festival",
            operator_name="Association",
            address="9 rue Claveau",
            postcode="49100",
            town="Angers",
            siret="73282932000074",
            vat_status=VatStatus.LIABLE,
            manager_name="Formateur",
            manager_pin="1234",
            specimen=MARK,
        )
        post = found_festival(session, founding, key_path=tmp_path / "till-1.pem", clock=clock)
        (manager,) = staff(session)
    close_an_empty_day(database, post, manager, clock)
    clock.advance(timedelta(days=1))

    def made(name: str) -> Path:
        command = CreateArchive(NOON.date(), NOON.date(), tmp_path / name)
        return archive_period(database, command, post, clock=clock, manager=manager).path

    marked = made("marked.zip")
    assert marked.name == "SPECIMEN-marked.zip"
    assert verify_archive(marked).specimen == MARK
    with database.write() as session:
        mark(session, "")
    with pytest.raises(Refusal, match=ABOUT):
        made("cleared.zip")
    database.close()


@ON_SQLITE
def test_names_of_the_staff_are_there_as_the_leaflet_says_and_those_of_customers_are_not(
    festival: Festival, tmp_path: Path
) -> None:
    holder = CustomerDetails("Zorglub", "Herménégilde", phone="0600000000", email="zorglub@example.fr")
    festival.sell_pass(holder)
    carry(festival, CashKind.IN, 5_000, carrier="Zébulon Martin", reason="Monnaie de la banque")
    close_and_go_on(festival)
    files = files_in(archived(festival, tmp_path / "archive.zip").path)
    leaflet = files.pop(LEAFLET).decode()

    def holding(words: str) -> set[str]:
        return {
            name.removeprefix("donnees/").removesuffix(".json")
            for name, content in files.items()
            if words in content.decode(errors="replace") and not name.endswith(".csv")
        }

    assert not holding("Zorglub") | holding("zorglub@example.fr") | holding("Herm")
    assert holding("Zébulon Martin") == {"especes-mouvements", "journal"}
    assert {"operateurs", "clotures"} <= holding("Karim D.") <= {"operateurs", "clotures", "journal"}
    named = leaflet[leaflet.index("LES NOMS QUI Y SONT") : leaflet.index("VÉRIFIER")]
    for file in ("operateurs", "clotures", "especes-mouvements", "journal"):
        assert f"donnees/{file}" in named


def test_no_customer_and_nothing_that_opens_a_door_or_pays_is_in_an_archive(
    festival: Festival, full_books: CompletedSale, tmp_path: Path
) -> None:
    sold = festival.count(Sale)
    give_card(festival, add_kind(festival), number="4970ZORGLUB77", surname="Zorglub")
    festival.sell_gift(recipient="Herménégilde", giver="Fantasio")
    festival.clock.advance(timedelta(days=1))
    yesterday = festival.clock.at.date() - timedelta(days=1)
    made = archived(festival, tmp_path / "archive.zip", NOON.date(), yesterday)
    everything = b"\n".join(files_in(made.path).values()).decode(errors="replace")
    assert verify_archive(made.path).sales == sold + 1
    assert str(full_books.sale_id) in everything
    secret = {
        str(value)
        for model, columns in SECRETS.items()
        for row in festival.rows(model)
        for column in columns
        if len(value := getattr(row, column) or "") > SHORT
    }
    assert len(secret) > 10
    assert {value for value in secret if value in everything} == set()
