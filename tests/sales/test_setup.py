"""Setting up a festival: who sells, its tills and their keys, its staff."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from boxoffice.clock import SettableClock
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.models import Establishment, PrinterRole, Role, Till, TillPrinter, VatStatus
from boxoffice.sales.books.signing import create_key, load_key
from boxoffice.sales.books.verification import verify
from boxoffice.sales.staff.establishment import read_postcode, read_siret
from boxoffice.sales.staff.operators import check_pin, staff
from boxoffice.sales.staff.setup import (
    AddTill,
    FoundFestival,
    add_till,
    found_festival,
    list_tills,
    open_post,
)
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator, change_pin, list_operators

CLOCK = SettableClock(datetime(2026, 1, 17, 8, tzinfo=UTC))
FESTIVAL = FoundFestival(
    festival="Festival Premiers Plans",
    operator_name="Association Premiers Plans",
    address="9 rue Claveau",
    postcode="49100",
    town="Angers",
    siret="732 829 320 00074",
    vat_status=VatStatus.LIABLE,
    manager_name="Lisa B.",
    manager_pin="1234",
)


def test_a_new_festival_is_ready_to_sign_to_print_and_to_log_in(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        post = found_festival(session, FESTIVAL, key_path=tmp_path / "keys" / "till-1.pem", clock=CLOCK)
    with database.write() as session:
        establishment = session.get_one(Establishment, 1)
        (lisa,) = staff(session)
        roles = session.exec(select(TillPrinter.role).where(TillPrinter.till_id == post.till_id)).all()
        logged_in = check_pin(session, post, lisa.id, "1234", clock=CLOCK)
        verdict = verify(session)
    assert (establishment.siret, establishment.vat_number) == ("73282932000074", "FR44732829320")
    assert logged_in.is_manager
    assert set(roles) == set(PrinterRole)
    assert verdict.fault is None
    assert verdict.entries == 3


def test_a_database_holds_one_festival(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        found_festival(session, FESTIVAL, key_path=tmp_path / "till-1.pem", clock=CLOCK)
    with database.write() as session, pytest.raises(Refusal, match="contient déjà un festival"):
        found_festival(session, FESTIVAL, key_path=tmp_path / "till-2.pem", clock=CLOCK)


def test_an_exempt_establishment_has_no_vat_number(database: Database, tmp_path: Path) -> None:
    command = replace(FESTIVAL, vat_status=VatStatus.EXEMPT, vat_number="FR44732829320")
    with database.write() as session:
        found_festival(session, command, key_path=tmp_path / "till-1.pem", clock=CLOCK)
        assert session.get_one(Establishment, 1).vat_number == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"festival": " "}, "Il manque le nom du festival"),
        ({"siret": "73282932000075"}, "clé de contrôle est fausse"),
        ({"postcode": "4910"}, "cinq chiffres"),
        ({"vat_number": "FR44552100554"}, "ne va pas avec le SIREN"),
        ({"manager_pin": "12"}, "code PIN"),
        ({"till_number": 0}, "va de 1 à 999"),
    ],
)
def test_a_festival_that_cannot_be_is_refused_whole(
    database: Database, tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    with pytest.raises(Refusal, match=reason), database.write() as session:
        found_festival(session, replace(FESTIVAL, **change), key_path=tmp_path / "till-1.pem", clock=CLOCK)
    with database.read() as session:
        assert session.get(Establishment, 1) is None


def test_a_try_that_did_not_end_leaves_a_key_for_the_next(database: Database, tmp_path: Path) -> None:
    key = tmp_path / "till-1.pem"
    with pytest.raises(Refusal), database.write() as session:
        found_festival(session, replace(FESTIVAL, manager_pin=""), key_path=key, clock=CLOCK)
    made = load_key(key).fingerprint
    with database.write() as session:
        assert found_festival(session, FESTIVAL, key_path=key, clock=CLOCK).signer.fingerprint == made


def test_a_second_till_has_a_key_and_a_chain_of_its_own(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        first = found_festival(session, FESTIVAL, key_path=tmp_path / "till-1.pem", clock=CLOCK)
        second = add_till(session, AddTill(2, "Grand Théâtre"), key_path=tmp_path / "till-2.pem", clock=CLOCK)
    with database.read() as session:
        tills = list_tills(session)
        verdict = verify(session)
    assert [(till.number, till.name) for till in tills] == [(1, "Caisse 1"), (2, "Grand Théâtre")]
    assert [till.keys for till in tills] == [(first.signer.fingerprint,), (second.signer.fingerprint,)]
    assert (verdict.fault, verdict.entries) == (None, 4)


def test_a_till_number_is_taken_once(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        found_festival(session, FESTIVAL, key_path=tmp_path / "till-1.pem", clock=CLOCK)
    with pytest.raises(Refusal, match="existe déjà"), database.write() as session:
        add_till(session, AddTill(1), key_path=tmp_path / "autre.pem", clock=CLOCK)


def test_a_till_needs_a_festival(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="pas encore de festival"), database.write() as session:
        add_till(session, AddTill(1), key_path=tmp_path / "till-1.pem", clock=CLOCK)
    with database.read() as session:
        assert session.exec(select(Till)).all() == []


def test_a_post_opens_only_with_the_key_of_its_till(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        post = found_festival(session, FESTIVAL, key_path=tmp_path / "till-1.pem", clock=CLOCK)
    with database.read() as session:
        assert open_post(session, 1, load_key(tmp_path / "till-1.pem")).till_id == post.till_id
        with pytest.raises(Refusal, match="n'est pas celle de la caisse 1"):
            open_post(session, 1, create_key(tmp_path / "foreign.pem"))
        with pytest.raises(Refusal, match="La caisse 7 n'existe pas"):
            open_post(session, 7, load_key(tmp_path / "till-1.pem"))


def test_operators_are_numbered_and_their_pins_changed(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        post = found_festival(session, FESTIVAL, key_path=tmp_path / "till-1.pem", clock=CLOCK)
        assert add_operator(session, post, AddOperator("Karim D.", Role.CASHIER, "2345"), clock=CLOCK) == 2
        assert add_operator(session, post, AddOperator("Zoé", Role.BADGES, "3456", 9), clock=CLOCK) == 9
        with pytest.raises(Refusal, match="n° 9 existe déjà"):
            add_operator(session, post, AddOperator("Un autre", Role.CASHIER, "4567", 9), clock=CLOCK)
        change_pin(session, post, 2, "9876", clock=CLOCK)
        with pytest.raises(Refusal, match="n° 3 n'existe pas"):
            change_pin(session, post, 3, "9876", clock=CLOCK)
    with database.write() as session:
        karim = staff(session)[1]
        assert check_pin(session, post, karim.id, "9876", clock=CLOCK) == karim
        assert [(row.number, row.role) for row in list_operators(session)] == [
            (1, Role.MANAGER),
            (2, Role.CASHIER),
            (9, Role.BADGES),
        ]


def test_the_siret_of_la_poste_has_a_rule_of_its_own() -> None:
    assert read_siret("356 000 000 00006") == "35600000000006"


@pytest.mark.parametrize("text", ["", "7328293200007", "7328293200007A", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"])
def test_a_siret_is_fourteen_digits(text: str) -> None:
    with pytest.raises(Refusal, match="quatorze chiffres"):
        read_siret(text)


def test_a_postcode_may_be_written_with_a_space() -> None:
    assert read_postcode("49 100") == "49100"
