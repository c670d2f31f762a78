"""Two managers change settings at once: neither puts back what the other changed, nor meets an incident."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import Action, PrinterKind, Role
from boxoffice.models import Printer, Setting, Till, VatStatus
from boxoffice.sales.importing.editing import EDITABLE, empty_row, list_rows, write_row
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.staff.accounts import change_account, read_accounts
from boxoffice.sales.staff.equipment import AddPrinter, add_printer, change_printer, printer_as_added
from boxoffice.sales.staff.establishment import change_identity, read_identity
from boxoffice.sales.staff.meanwhile import ChangedMeanwhile
from boxoffice.sales.staff.permission_changes import change_permission
from boxoffice.sales.staff.permissions import allowed_roles
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.staff_changes import change_role, list_operators
from boxoffice.sales.staff.till_changes import rename_till

from .conftest import Festival
from .meanwhile import meanwhile
from .test_editing import add_place_card, change, standing

READ_AGAIN = "Relisez, puis recommencez s'il le faut."


def typed(festival: Festival, kind: Kind, seen: dict[str, str], **texts: str) -> None:
    """What a manager leaves in a form that was opened on `seen`, once they have typed these cells anew."""
    festival.write(
        lambda session: write_row(
            session,
            kind,
            {**seen, **texts},
            festival.posts[1],
            clock=festival.clock,
            manager=festival.manager,
            seen=seen,
        )
    )


def test_a_label_that_is_corrected_leaves_the_price_that_somebody_else_has_set(festival: Festival) -> None:
    seen = standing(festival, Kind.TARIFF, "FILMS", "PLEIN")
    change(festival, Kind.TARIFF, "FILMS", "PLEIN", price_cents="9,20")
    typed(festival, Kind.TARIFF, seen, label="Plein tarif")
    row = standing(festival, Kind.TARIFF, "FILMS", "PLEIN")
    assert (row["label"], row["price_cents"]) == ("Plein tarif", "9,20")
    assert festival.sell().total_cents == 920
    festival.stands()


def test_a_price_that_somebody_else_has_set_is_shown_before_it_is_set_again(festival: Festival) -> None:
    seen = standing(festival, Kind.TARIFF, "FILMS", "PLEIN")
    change(festival, Kind.TARIFF, "FILMS", "PLEIN", price_cents="9,20", label="Plein tarif")
    with pytest.raises(ChangedMeanwhile) as caught:
        typed(festival, Kind.TARIFF, seen, price_cents="9,00", proof="aucun")
    assert caught.value.message == "Entre-temps, quelqu'un d'autre a changé : Prix 9,20."
    assert caught.value.remedy == READ_AGAIN
    assert caught.value.names == ("price_cents",)
    shown = caught.value.stands
    assert (shown["price_cents"], shown["label"], shown["proof"]) == ("9,20", "Plein tarif", "")
    typed(festival, Kind.TARIFF, dict(shown), price_cents="9,00", proof="aucun")
    row = standing(festival, Kind.TARIFF, "FILMS", "PLEIN")
    assert (row["label"], row["price_cents"], row["proof"]) == ("Plein tarif", "9,00", "aucun")


def test_what_two_managers_set_alike_is_refused_to_neither(festival: Festival) -> None:
    seen = standing(festival, Kind.HALL, "AUD")
    change(festival, Kind.HALL, "AUD", name="Grand auditorium")
    typed(festival, Kind.HALL, seen, name="Grand auditorium")
    assert standing(festival, Kind.HALL, "AUD")["name"] == "Grand auditorium"


@pytest.mark.parametrize("kind", EDITABLE)
def test_a_form_left_as_it_was_opened_changes_and_tells_nothing(festival: Festival, kind: Kind) -> None:
    add_place_card(festival)
    row = festival.read(lambda session: list_rows(session, kind))[0]
    before = festival.as_stored()
    typed(festival, kind, {cell.field: cell.text for cell in row.cells})
    assert festival.as_stored() == before


OF = {
    Kind.VENUE: ("CC",),
    Kind.HALL: ("AUD",),
    Kind.EVENT: ("KNEECAP",),
    Kind.PRICE_LIST: ("FILMS",),
    Kind.TARIFF: ("FILMS", "PLEIN"),
    Kind.PRODUCT: ("TOUR",),
    Kind.PASS: ("PASS20",),
    Kind.GIFT_CARD: ("CADEAU",),
    Kind.PLACE_CARD: ("CINE3",),
    Kind.SCREENING: ("KNEECAP",),
}
OTHER = {
    Kind.VENUE: ("town", "Trélazé", "name", "Palais"),
    Kind.HALL: ("short_name", "Audi", "name", "Auditorium neuf"),
    Kind.EVENT: ("director", "R. Peppiatt", "title", "Kneecap !"),
    Kind.PRICE_LIST: ("supplement_cents", "1,00", "name", "Films et débats"),
    Kind.TARIFF: ("price_cents", "9,20", "label", "Plein tarif"),
    Kind.PRODUCT: ("price_cents", "4,20", "label", "Tour neuf"),
    Kind.PASS: ("price_cents", "99,00", "label", "Pass de vingt"),
    Kind.GIFT_CARD: ("valid_days", "100", "label", "Carte à offrir"),
    Kind.PLACE_CARD: ("price_cents", "24,00", "label", "Carte de trois"),
    Kind.SCREENING: ("sale_ends_minutes", "7", "cancelling_ends_minutes", "90"),
}


@pytest.mark.parametrize("kind", EDITABLE)
def test_of_any_row_only_what_was_typed_is_changed(festival: Festival, kind: Kind) -> None:
    add_place_card(festival)
    row = next(row for row in festival.read(lambda session: list_rows(session, kind)) if row.key == OF[kind])
    seen = {cell.field: cell.text for cell in row.cells}
    theirs, set_to, mine, text = OTHER[kind]
    change(festival, kind, *row.key, **{theirs: set_to})
    typed(festival, kind, seen, **{mine: text})
    after = standing(festival, kind, *row.key)
    assert (after[theirs], after[mine]) == (set_to, text)
    with pytest.raises(ChangedMeanwhile):
        typed(festival, kind, seen, **{mine: f"{text}0"})
    assert standing(festival, kind, *row.key) == after
    festival.stands()


def test_of_a_printer_only_what_was_typed_is_changed(festival: Festival) -> None:
    by = {"clock": festival.clock, "manager": festival.manager}
    here, there = festival.posts
    virtual = next(row.id for row in festival.rows(Printer))
    seen = festival.read(lambda session: printer_as_added(session, virtual))
    theirs = replace(seen, columns=48, drawer=True)
    festival.write(lambda session: change_printer(session, here, virtual, theirs, seen=seen, **by))
    mine = replace(seen, name="Rouleau")
    festival.write(lambda session: change_printer(session, there, virtual, mine, seen=seen, **by))
    after = festival.read(lambda session: printer_as_added(session, virtual))
    assert after == replace(theirs, name="Rouleau")
    late = replace(seen, columns=32, drawer=True)
    with pytest.raises(ChangedMeanwhile) as caught:
        festival.write(lambda session: change_printer(session, there, virtual, late, seen=seen, **by))
    assert caught.value.message == "Entre-temps, quelqu'un d'autre a changé : Colonnes 48."
    festival.stands()


def test_of_who_sells_only_what_was_typed_is_changed(festival: Festival) -> None:
    by = {"clock": festival.clock, "manager": festival.manager}
    here, there = festival.posts
    seen = festival.read(read_identity)
    theirs = replace(seen, address="2 rue Neuve", vat_status=VatStatus.EXEMPT)
    festival.write(lambda session: change_identity(session, here, theirs, seen=seen, **by))
    mine = replace(seen, festival="Premiers Plans 2027")
    festival.write(lambda session: change_identity(session, there, mine, seen=seen, **by))
    after = festival.read(read_identity)
    assert (after.festival, after.address) == ("Premiers Plans 2027", "2 rue Neuve")
    assert after.vat_status is VatStatus.EXEMPT
    late = replace(seen, address="3 rue Vieille")
    with pytest.raises(ChangedMeanwhile, match="a changé : Adresse 2 rue Neuve"):
        festival.write(lambda session: change_identity(session, there, late, seen=seen, **by))
    festival.stands()


def test_a_value_is_set_on_what_was_seen(festival: Festival) -> None:
    by = {"clock": festival.clock, "manager": festival.manager}
    here, there = festival.posts
    festival.write(lambda session: change_rule(session, here, "grace", "15", seen="10", **by))
    with pytest.raises(ChangedMeanwhile) as caught:
        festival.write(lambda session: change_rule(session, there, "grace", "20", seen="10", **by))
    assert caught.value.message == "Entre-temps, quelqu'un d'autre a changé : 15."
    festival.write(lambda session: change_rule(session, there, "grace", "15", seen="10", **by))
    festival.write(lambda session: change_account(session, here, "cash", "531", seen="530", **by))
    with pytest.raises(ChangedMeanwhile):
        festival.write(lambda session: change_account(session, there, "cash", "532", seen="530", **by))
    name = festival.rows(Till)[0].name
    festival.write(lambda session: rename_till(session, here, 1, "Hall", seen=name, **by))
    with pytest.raises(ChangedMeanwhile):
        festival.write(lambda session: rename_till(session, there, 1, "Bar", seen=name, **by))
    festival.stands()


def test_rights_and_roles_are_given_on_what_was_seen(festival: Festival) -> None:
    by = {"clock": festival.clock, "manager": festival.manager}
    here, there = festival.posts
    act = Action.CASH_OUT
    seen = festival.read(lambda session: allowed_roles(session, act))
    cashiers, badges = frozenset({Role.CASHIER}), frozenset({Role.BADGES})
    festival.write(lambda session: change_permission(session, here, act, cashiers, seen=seen, **by))
    with pytest.raises(Refusal, match="quelqu'un d'autre a changé qui peut sortir des espèces du tiroir"):
        festival.write(lambda session: change_permission(session, there, act, badges, seen=seen, **by))
    number = festival.cashier.number
    festival.write(lambda session: change_role(session, here, number, Role.BADGES, seen=Role.CASHIER, **by))
    with pytest.raises(Refusal, match="quelqu'un d'autre a changé le rôle de"):
        festival.write(
            lambda session: change_role(session, there, number, Role.MANAGER, seen=Role.CASHIER, **by)
        )
    assert next(row.role for row in festival.read(list_operators) if row.number == number) is Role.BADGES
    festival.stands()


def _account(festival: Festival, till: int) -> Callable[[Session], object]:
    return partial(change_account, post=festival.posts[till], name="cash", text=f"53{till}1", **_by(festival))


def _rule(festival: Festival, till: int) -> Callable[[Session], object]:
    return partial(change_rule, post=festival.posts[till], name="grace", text=f"1{till}", **_by(festival))


def _permission(festival: Festival, till: int) -> Callable[[Session], object]:
    roles = frozenset({(Role.CASHIER, Role.BADGES)[till]})
    return partial(
        change_permission, post=festival.posts[till], action=Action.CASH_OUT, roles=roles, **_by(festival)
    )


def _printer(festival: Festival, till: int) -> Callable[[Session], object]:
    command = AddPrinter("Rouleau", PrinterKind.VIRTUAL)
    return partial(add_printer, post=festival.posts[till], command=command, **_by(festival))


def _venue(festival: Festival, till: int) -> Callable[[Session], object]:
    texts = {cell.field: cell.text for cell in empty_row(Kind.VENUE).cells}
    texts |= {"code": "NEUF", "name": f"Neuf {till}"}
    return partial(write_row, kind=Kind.VENUE, texts=texts, post=festival.posts[till], **_by(festival))


def _by(festival: Festival) -> dict[str, object]:
    return {"clock": festival.clock, "manager": festival.manager}


@pytest.mark.parametrize("setting", [_account, _rule, _permission, _printer, _venue])
def test_two_settings_changed_at_once_wait_for_each_other(
    festival: Festival, setting: Callable[[Festival, int], Callable[[Session], object]]
) -> None:
    outcome = meanwhile(festival, setting(festival, 0), lambda: festival.write(setting(festival, 1)))
    assert isinstance(outcome, Refusal) == (setting is _printer), outcome
    festival.stands()
    if setting is _account:
        assert festival.read(read_accounts).cash == "5311"
        assert len([row for row in festival.rows(Setting) if row.name == "account.cash"]) == 1


def test_a_row_is_not_added_over_one_that_somebody_else_has_just_added(festival: Festival) -> None:
    texts = {cell.field: cell.text for cell in empty_row(Kind.VENUE).cells}

    def put(session: Session, till: int) -> None:
        wanted = texts | {"code": "NEUF", "name": f"Neuf {till}"}
        write_row(
            session,
            Kind.VENUE,
            wanted,
            festival.posts[till],
            clock=festival.clock,
            manager=festival.manager,
            new=True,
        )

    outcome = meanwhile(
        festival, lambda session: put(session, 0), lambda: festival.write(lambda session: put(session, 1))
    )
    assert isinstance(outcome, Refusal)
    assert outcome.message.startswith("« NEUF » existe déjà : Neuf 0")
    assert standing(festival, Kind.VENUE, "NEUF")["name"] == "Neuf 0"


def test_rows_changed_at_once_keep_what_each_has_typed(festival: Festival) -> None:
    seen = standing(festival, Kind.TARIFF, "FILMS", "PLEIN")

    def put(session: Session, till: int, **texts: str) -> None:
        write_row(
            session,
            Kind.TARIFF,
            {**seen, **texts},
            festival.posts[till],
            clock=festival.clock,
            manager=festival.manager,
            seen=seen,
        )

    meanwhile(
        festival,
        lambda session: put(session, 0, price_cents="9,20"),
        lambda: festival.write(lambda session: put(session, 1, label="Plein tarif")),
    )
    row = standing(festival, Kind.TARIFF, "FILMS", "PLEIN")
    assert (row["label"], row["price_cents"]) == ("Plein tarif", "9,20")
    festival.stands()
