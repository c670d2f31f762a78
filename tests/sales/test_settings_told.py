"""Settings changed at any till: kept, told once, refused in one sentence, and the books still verify."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import Session

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import JournalKind, PrinterKind, VatStatus
from boxoffice.models import Establishment, JournalEntry, Operator, Printer, Role, Till
from boxoffice.sales.books.verification import verify
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.equipment import AddPrinter, add_printer, change_printer, printer_as_added
from boxoffice.sales.staff.establishment import Identity, change_identity, read_identity
from boxoffice.sales.staff.setup import AddTill, add_till, open_post
from boxoffice.sales.staff.staff_changes import change_role
from boxoffice.sales.staff.till_changes import rename_till

from .conftest import Festival


def tell(of: Festival, post: Post | None = None, **changes: object) -> Identity:
    """Change what the establishment says, at a till."""
    wanted = replace(of.read(read_identity), **changes)  # type: ignore[arg-type]
    return of.write(
        lambda session: change_identity(
            session, post or of.desk.post, wanted, clock=of.clock, manager=of.manager
        )
    )


def entries(festival: Festival, kind: JournalKind) -> int:
    return len([row for row in festival.rows(JournalEntry) if row.kind == kind])


def test_papers_say_who_sells_as_soon_as_it_is_changed(festival: Festival) -> None:
    tell(festival, festival="Premiers Plans\n2027", town="Trélazé")
    letterhead = festival.read(read_letterhead)
    assert (letterhead.festival, letterhead.town) == ("Premiers Plans 2027", "Trélazé")
    festival.sell()
    festival.stands()


def test_two_tills_change_who_sells_in_turn_and_back(festival: Festival) -> None:
    """Chains are read one after the other: the first till's last word is not the last one."""
    first, second = festival.posts
    name = festival.read(read_identity).festival
    for post, festival_name in ((second, "A"), (first, "B"), (second, "C"), (first, name), (second, "D")):
        tell(festival, post, festival=festival_name)
        festival.stands()
    with festival.database.write() as session:
        session.get_one(Establishment, 1).festival = "B"
    assert "établissement" in str(festival.read(verify).fault)


def test_a_status_of_vat_is_that_of_the_till_once_it_is_opened_again(festival: Festival) -> None:
    tell(festival, vat_status=VatStatus.EXEMPT)
    assert festival.read(read_identity).vat_number == ""
    festival.sell()
    post = festival.read(lambda session: open_post(session, 1, festival.desk.post.signer))
    assert not post.charges_vat
    festival.sell(desk=replace(festival.desk, post=post))
    festival.stands()


def test_nothing_is_told_of_what_stays_as_it_is(festival: Festival) -> None:
    before = entries(festival, JournalKind.ESTABLISHMENT_TOLD)
    tell(festival)
    assert entries(festival, JournalKind.ESTABLISHMENT_TOLD) == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"festival": " "}, "Il manque le nom du festival."),
        ({"siret": "123"}, "Le SIRET compte quatorze chiffres"),
        ({"postcode": "4900"}, "Le code postal compte cinq chiffres"),
        ({"vat_number": "FR00123456789"}, "ne va pas avec le SIREN"),
    ],
)
def test_an_establishment_that_cannot_be_is_refused(
    festival: Festival, changes: dict[str, str], said: str
) -> None:
    before = festival.read(read_identity)
    with pytest.raises(Refusal, match=said):
        tell(festival, **changes)
    assert festival.read(read_identity) == before


def give_role(festival: Festival, number: int, role: Role, till: int = 0) -> str:
    return festival.write(
        lambda session: change_role(
            session, festival.posts[till], number, role, clock=festival.clock, manager=festival.manager
        )
    )


def test_a_role_goes_back_and_forth_at_two_tills(festival: Festival) -> None:
    for till, role in ((1, Role.MANAGER), (0, Role.BADGES), (1, Role.CASHIER), (0, Role.MANAGER)):
        give_role(festival, festival.cashier.number, role, till)
        festival.stands()
    karim = next(row for row in festival.rows(Operator) if row.id == festival.cashier.id)
    assert karim.role is Role.MANAGER
    give_role(festival, festival.manager.number, Role.CASHIER)
    with pytest.raises(ManagerNeeded):
        give_role(festival, festival.cashier.number, Role.CASHIER)


def test_the_last_manager_stays_one(festival: Festival) -> None:
    with pytest.raises(Refusal, match="est le dernier responsable en service"):
        give_role(festival, festival.manager.number, Role.CASHIER)


def test_a_role_written_behind_the_journal_is_found(festival: Festival) -> None:
    give_role(festival, festival.cashier.number, Role.BADGES)
    with festival.database.write() as session:
        session.get_one(Operator, festival.cashier.id).role = Role.MANAGER
    assert "role" in str(festival.read(verify).fault)


def test_a_till_is_renamed_from_another_one(festival: Festival) -> None:
    def rename(session: Session, post: Post, name: str) -> None:
        rename_till(session, post, 1, name, clock=festival.clock, manager=festival.manager)

    for post, name in ((festival.posts[1], "Hall"), (festival.posts[0], "Parvis")):
        festival.write(lambda session, post=post, name=name: rename(session, post, name))
        festival.stands()
    with pytest.raises(Refusal, match="Il manque le nom"):
        festival.write(lambda session: rename(session, festival.desk.post, " "))
    with festival.database.write() as session:
        session.get_one(Till, festival.desk.post.till_id).name = "Hall"
    assert "name" in str(festival.read(verify).fault)


def test_a_till_is_added_during_the_festival(festival: Festival, keys: Path) -> None:
    festival.write(
        lambda session: add_till(
            session,
            AddTill(3, "Renfort"),
            key_path=keys / "till-3.pem",
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    assert (keys / "till-3.pem").exists()
    festival.stands()


def test_a_printer_is_changed_and_what_it_cannot_be_is_refused(festival: Festival) -> None:
    def do(work: object, *words: object) -> None:
        festival.write(
            lambda session: work(  # type: ignore[operator]
                session, festival.desk.post, *words, clock=festival.clock, manager=festival.manager
            )
        )

    do(add_printer, AddPrinter("Rouleau", PrinterKind.NETWORK, "10.0.0.1:9100"))
    row = next(row for row in festival.rows(Printer) if row.name == "Rouleau")
    stands = festival.read(lambda session: printer_as_added(session, row.id))
    do(change_printer, row.id, replace(stands, name="Rouleau 2", columns=48))
    changed = next(each for each in festival.rows(Printer) if each.id == row.id)
    assert (changed.name, changed.columns, changed.dots) == ("Rouleau 2", 48, 576)
    for wrong, said in (
        ({"name": "Imprimante virtuelle"}, "existe déjà"),
        ({"columns": 50}, "32, 42 ou 48 colonnes"),
        ({"address": "pas là"}, "n'est pas l'adresse"),
        ({"code_page": 300}, "de 0 à 255"),
    ):
        with pytest.raises(Refusal, match=said):
            do(change_printer, row.id, replace(stands, **wrong))
    assert entries(festival, JournalKind.PRINTER_CHANGED) == 1
    festival.stands()
